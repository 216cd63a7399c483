"""A site's rules: read, changed version by version, and tried on what was found before they are switched on."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from service.adapters import toml
from service.checks.catalogue import CATALOGUE, catalogue_faults
from service.domain.errors import FieldError, InvalidPolicy, PolicyConflict, SiteUnknown
from service.domain.policy import Action, GroundedReason, Mode, Policy, replay
from service.domain.policy_document import DEFAULT_DOCUMENT, read_policy, storable_faults
from service.domain.roles import Power
from service.people import Moderator
from service.store import journal, policies, threads
from service.store.database import Database
from service.store.policies import ScreenedRow

# A replay of so many takes a few seconds; what is older says less about today.
REPLAYED_MOST = 20_000
LISTED_MOST = 500
HISTORY_PAGE = 50


@dataclass(frozen=True, slots=True)
class PolicyShown:
    """A version of a site's policy in both forms; the built-in one, version 0, is nobody's."""

    site: str
    version: int
    in_force: bool
    document: dict[str, Any]
    toml: str
    set_at: datetime | None
    set_by: str | None


@dataclass(frozen=True, slots=True)
class Version:
    version: int
    set_at: datetime
    set_by: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a document as TOML: in both (" "), only in the one before ("-"), or only in the one after ("+")."""

    sign: Literal[" ", "-", "+"]
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A comment that another policy would have treated differently, with the reasons that it would have had."""

    comment_id: UUID
    was: Action
    would_be: Action
    reasons: tuple[GroundedReason, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a policy would have done. ``looked`` comments were looked at, the newest; ``more``: there were others.

    ``counts`` has a row for each pair of (was, would be) of all that were looked at, alike ones too; ``differences``
    are the newest that differ, and ``differ`` says how many do. Of ``unseen`` checks a replay cannot tell: their
    options are others, or they were off, and what they would find takes a new screening.
    """

    looked: int
    more: bool
    counts: tuple[tuple[Action, Action, int], ...]
    differ: int
    differences: tuple[Difference, ...]
    unseen: tuple[str, ...]


def faults_of(document: Any) -> list[FieldError]:
    """Everything that is wrong with a policy document; nothing where it can be set."""
    if faults := storable_faults(document):
        return faults
    try:
        read_policy(document, 0)
    except InvalidPolicy as error:
        faults += error.errors
    return faults + (catalogue_faults(document) if isinstance(document, dict) else [])


def _must_be_valid(document: Any) -> None:
    if faults := faults_of(document):
        raise InvalidPolicy(faults)


@dataclass(frozen=True)
class Ruling:
    """What an editor reads and does about a site's policy."""

    database: Database
    now: Callable[[], datetime]

    def show(self, moderator: Moderator, site: str, version: int | None = None) -> PolicyShown | None:
        """The policy in force, or an earlier version (None where there is none). Raises ``SiteUnknown``."""
        moderator.must_at(site, Power.READ)
        with self.database.read() as connection:
            present = _present(connection, site)
            wanted = present if version is None else version
            row = policies.get(connection, site, wanted) if wanted else None
        if wanted and row is None:
            return None
        document = row.document if row else DEFAULT_DOCUMENT
        at, by = (row.created_at, row.created_by) if row else (None, None)
        return PolicyShown(site, wanted, wanted == present, document, toml.write(document), at, by)

    def history(self, moderator: Moderator, site: str, *, before: int | None = None) -> list[Version]:
        """A site's versions, newest first, fifty at a time; ``before`` is the last version of the page before."""
        moderator.must_at(site, Power.READ)
        with self.database.read() as connection:
            _present(connection, site)
            rows = policies.history(connection, site, before=before, limit=HISTORY_PAGE)
        return [Version(row.version, row.created_at, row.created_by) for row in rows]

    def check(self, moderator: Moderator, document: Any) -> list[FieldError]:
        """Everything that is wrong with a document, each with a JSON pointer into it."""
        moderator.must(Power.READ)
        return faults_of(document)

    def difference(self, moderator: Moderator, site: str, document: dict[str, Any]) -> list[Line]:
        """The policy in force and another one, line by line as TOML. Raises ``InvalidPolicy``, ``SiteUnknown``."""
        shown = self.show(moderator, site)
        assert shown is not None
        _must_be_valid(document)
        return _lines(toml.lines(shown.document), toml.lines(document))

    def set(self, moderator: Moderator, site: str, document: dict[str, Any], base_version: int) -> int:
        """Switch a site to a new version of its policy, made from ``base_version``; its number.

        Raises ``InvalidPolicy``, ``SiteUnknown``, and ``PolicyConflict`` where another version came in between.
        """
        moderator.must_at(site, Power.RULE)
        _must_be_valid(document)
        with self.database.write() as connection:
            present = policies.locked_version(connection, site)
            if present is None:
                raise SiteUnknown
            if present != base_version:
                raise PolicyConflict(present)
            now = self.now()
            version = threads.save_policy(connection, site, document, now=now, by=moderator.name)
            journal.append(
                connection,
                at=now,
                actor=moderator.name,
                act="policy.set",
                subject=f"site {site}",
                site=site,
                detail={"version": version, "before": present},
            )
        return version

    def try_out(
        self,
        moderator: Moderator,
        site: str,
        document: dict[str, Any],
        *,
        since: datetime,
        limit: int = LISTED_MOST,
    ) -> Replayed:
        """Replay a policy over what was found in the comments that came since a moment, each with the thresholds
        that held when it was screened; at most ``limit`` differences are listed.

        Of an edited comment its last text counts. Raises ``InvalidPolicy``, ``SiteUnknown``.
        """
        moderator.must_at(site, Power.READ)
        _must_be_valid(document)
        looked, more, differ = 0, False, 0
        counts: Counter[tuple[Action, Action]] = Counter()
        differences: list[Difference] = []
        unseen: dict[tuple[int, int], frozenset[str]] = {}
        with self.database.read() as connection:
            _present(connection, site)
            book = _Book(connection, site, document)
            for row in islice(policies.screened(connection, site, since=since), REPLAYED_MOST + 1):
                if looked == REPLAYED_MOST:
                    more = True
                    break
                looked += 1
                then, tried = book.then(row), book.tried(row)
                pair = (id(then), id(tried))
                if pair not in unseen and row.decided_version is not None:
                    unseen[pair] = _unseen(then, tried)
                was, decision = Action(row.action), replay(tried, row.findings)
                counts[was, decision.action] += 1
                if decision.action is not was:
                    differ += 1
                    if len(differences) < limit:
                        one = Difference(row.comment_id, was, decision.action, decision.reasons)
                        differences.append(one)
        missing = frozenset[str]().union(*unseen.values())
        return Replayed(
            looked=looked,
            more=more,
            counts=tuple((was, would_be, count) for (was, would_be), count in sorted(counts.items())),
            differ=differ,
            differences=tuple(differences),
            unseen=tuple(name for name in CATALOGUE if name in missing),
        )


def _present(connection: sa.Connection, site: str) -> int:
    found = threads.load_sites(connection).get(site)
    if found is None:
        raise SiteUnknown
    return found.policy_version


class _Book:
    """The policies of then, and the one that is tried, with the thresholds of then; each is read once."""

    def __init__(self, connection: sa.Connection, site: str, document: dict[str, Any]) -> None:
        self._connection = connection
        self._site = site
        self._document = document
        self._policies: dict[tuple[int | None, int | None], Policy] = {}
        self._thresholds: dict[int | None, dict[str, float]] = {None: {}}

    def then(self, row: ScreenedRow) -> Policy:
        """The policy by which this was decided."""
        return self._read(row.policy_version, row.learned_version).for_story(row.url)

    def tried(self, row: ScreenedRow) -> Policy:
        return self._read(None, row.learned_version).for_story(row.url)

    def _read(self, version: int | None, learned: int | None) -> Policy:
        kept = self._policies.get((version, learned))
        if kept is None:
            if learned not in self._thresholds:
                found = policies.thresholds_of(self._connection, self._site, learned)
                self._thresholds[learned] = found
            document = self._document
            if version is not None:
                stored = policies.get(self._connection, self._site, version) if version else None
                document = stored.document if stored else DEFAULT_DOCUMENT
            kept = read_policy(document, version or 0, self._thresholds[learned], learned)
            self._policies[version, learned] = kept
        return kept


def _unseen(then: Policy, tried: Policy) -> frozenset[str]:
    return frozenset(
        name
        for name in CATALOGUE
        if tried.mode(name) is not Mode.OFF
        and (then.mode(name) is Mode.OFF or then.options.get(name, {}) != tried.options.get(name, {}))
    )


def _lines(before: list[str], after: list[str]) -> list[Line]:
    found: list[Line] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            found += [Line(" ", text) for text in before[a:b]]
        else:
            found += [Line("-", text) for text in before[a:b]]
            found += [Line("+", text) for text in after[c:d]]
    return found
