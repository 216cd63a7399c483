"""A person decides: reading the queue, deciding, and managing the tokens that say who may."""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from service.domain.comment import Record, Status
from service.domain.door import AKISMET
from service.domain.errors import CommentNotFound, Forbidden, GreenroomError, SiteUnknown, TokenInvalid
from service.domain.policy import Action, GroundedReason, Mode, Reason, decide, from_stored, read_policy
from service.store import context, decisions, desk, lessons, threads, tokens
from service.store.database import Database

READ, MODERATE, METRICS = "read", "moderate", "metrics"
SCOPES = (READ, MODERATE, METRICS)
KEY_ALPHABET, KEY_LENGTH = string.ascii_lowercase + string.digits, 12
STATUS_AFTER = {
    Action.APPROVE: Status.APPROVED,
    Action.HOLD: Status.HELD,
    Action.REJECT: Status.REJECTED,
}
NEIGHBOURS = 3


class NameTaken(GreenroomError):
    detail = "A token with this name exists already."


@dataclass(frozen=True, slots=True)
class Moderator:
    """Who asks: a token's name, what it may do, and the one site that it is narrowed to, if any."""

    name: str
    scopes: tuple[str, ...]
    site: str | None

    def must(self, scope: str, *, everywhere: bool = False) -> None:
        """Raises ``Forbidden``. ``everywhere``: for what concerns all sites, a token for one does not do."""
        if scope not in self.scopes or (everywhere and self.site is not None):
            raise Forbidden

    def may_see(self, site: str) -> bool:
        return self.site is None or self.site == site

    def narrowed(self, site: str | None) -> str | None:
        """The site to ask for when the caller asked for ``site``. Raises ``Forbidden``."""
        if self.site is None or site == self.site:
            return site
        if site is None:
            return self.site
        raise Forbidden


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True)
class Tokens:
    """Bearer tokens of moderators and scrapers: 256 random bits, stored as a hash, revocable."""

    database: Database
    now: Callable[[], datetime]

    def create(self, name: str, scopes: tuple[str, ...], site: str | None = None) -> str:
        """Make a token and return it, for the only time. Raises ``NameTaken`` and ``SiteUnknown``."""
        return self._keep(name, "grt_" + secrets.token_urlsafe(32), scopes, site)

    def _keep(self, name: str, token: str, scopes: tuple[str, ...], site: str | None) -> str:
        try:
            with self.database.write() as connection:
                if site is not None and site not in threads.load_sites(connection):
                    raise SiteUnknown
                tokens.add(
                    connection, name=name, token_hash=_hash(token), scopes=scopes, site=site, now=self.now()
                )
        except IntegrityError:
            raise NameTaken from None
        return token

    def create_key(self, name: str, door: str, site: str) -> str:
        """Make a key of a door and return it, for the only time. Raises ``NameTaken`` and ``SiteUnknown``."""
        # WordPress takes keys of just twelve characters, and older clients of that protocol make them part of a host
        # name: small letters and digits, 62 bits, of which wrong ones are counted.
        short = "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))
        key = short if door == AKISMET else "grk_" + secrets.token_urlsafe(24)
        return self._keep(name, key, (door,), site)

    def revoke(self, name: str) -> bool:
        """Whether there was such a token to revoke. It takes effect with the next request."""
        with self.database.write() as connection:
            return tokens.revoke(connection, name, now=self.now())

    def everyone(self) -> list[tokens.TokenRow]:
        with self.database.read() as connection:
            return tokens.everyone(connection)

    def recognise(self, token: str) -> Moderator:
        """Who this token speaks for. Raises ``TokenInvalid``."""
        row = self.find(token)
        return Moderator(row.name, row.scopes, row.site)

    def find(self, token: str) -> tokens.TokenRow:
        """The row of a token or a key that works. Raises ``TokenInvalid``."""
        with self.database.read() as connection:
            row = tokens.find(connection, _hash(token))
        if row is None or row.revoked_at is not None:
            raise TokenInvalid
        now = self.now()
        if row.last_used_at is None or now - row.last_used_at > timedelta(minutes=1):
            with self.database.write() as connection:
                tokens.used(connection, row.name, now=now)
        return row


@dataclass(frozen=True, slots=True)
class QueueItem:
    comment: desk.CommentRow
    findings: list[dict[str, Any]]
    decisions: list[desk.DecisionRow]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One comment with everything a moderator needs to decide."""

    item: QueueItem
    parent: desk.CommentRow | None
    before: list[desk.NeighbourRow]
    after: list[desk.NeighbourRow]
    author_record: Record | None


@dataclass(frozen=True)
class Desk:
    """What a moderator reads and does."""

    database: Database
    now: Callable[[], datetime]

    def queue(
        self, moderator: Moderator, *, status: Status, site: str | None, after: UUID | None, limit: int
    ) -> list[QueueItem]:
        """A page of a queue; what waits is oldest first, everything else newest first."""
        moderator.must(READ)
        with self.database.read() as connection:
            rows = desk.queue(
                connection,
                status=status.value,
                site=moderator.narrowed(site),
                after=after,
                limit=limit,
                oldest_first=status.value in desk.WAITING,
            )
            ids = [row.id for row in rows]
            findings = desk.findings_of(connection, ids) if ids else {}
            past = desk.decisions_of(connection, ids) if ids else {}
        return [QueueItem(row, findings.get(row.id, []), past.get(row.id, [])) for row in rows]

    def summary(self, moderator: Moderator, site: str | None) -> dict[str, tuple[int, datetime | None]]:
        moderator.must(READ)
        with self.database.read() as connection:
            return desk.summary(connection, moderator.narrowed(site))

    def open(self, moderator: Moderator, comment_id: UUID) -> CaseFile:
        """Raises ``CommentNotFound``, also for comments of a site that is not the moderator's."""
        moderator.must(READ)
        with self.database.read() as connection:
            row = self._visible(desk.get(connection, comment_id), moderator)
            item = QueueItem(
                row,
                desk.findings_of(connection, [row.id]).get(row.id, []),
                desk.decisions_of(connection, [row.id]).get(row.id, []),
            )
            parent = desk.get(connection, row.parent_id) if row.parent_id else None
            before, after = desk.neighbours(connection, row.thread_id, row.id, NEIGHBOURS)
            record = context.author_records(connection, [row.id]).get(row.id)
        return CaseFile(item, parent, before, after, record)

    def decide(
        self,
        moderator: Moderator,
        comment_id: UUID,
        *,
        action: Action,
        reasons: tuple[Reason, ...],
        note: str,
        revision: int,
    ) -> tuple[decisions.Recorded, desk.DecisionRow]:
        """Record a person's decision about the text of ``revision``.

        Raises ``CommentNotFound``, ``RevisionConflict``, ``IllegalMove``, ``Forbidden``.
        """
        moderator.must(MODERATE)
        verdict = decisions.Verdict(
            comment_id=comment_id,
            revision=revision,
            action=action.value,
            status=STATUS_AFTER[action],
            actor=moderator.name,
            automated=False,
            decided_at=self.now(),
            reasons=tuple(GroundedReason(reason.value) for reason in reasons),
            note=note,
        )
        with self.database.write() as connection:
            self._visible(desk.get(connection, comment_id), moderator)
            recorded = decisions.record_one(connection, verdict)
            past = desk.decisions_of(connection, [comment_id])[comment_id]
        return recorded, past[-1]

    def _visible(self, row: desk.CommentRow | None, moderator: Moderator) -> desk.CommentRow:
        if row is None or not moderator.may_see(row.site):
            raise CommentNotFound
        return row


@dataclass(frozen=True, slots=True)
class Difference:
    """A comment that another policy would have treated differently."""

    comment_id: UUID
    was: Action
    would_be: Action
    reasons: tuple[GroundedReason, ...]


def try_policy(
    database: Database, site: str, document: dict[str, Any], *, since: datetime
) -> tuple[int, list[Difference]]:
    """Replay a policy over the stored findings of a site; (how many were looked at, what would differ).

    Findings are taken as they were; the modes are the new document's. Raises ``InvalidPolicy``.
    """
    with database.read() as connection:
        known = lessons.load(connection).get(site)
        stored = desk.screened_since(connection, site, since)
        past = desk.decisions_of(connection, [row[0] for row in stored])
    policy = read_policy(document, 0, known.thresholds if known else None)
    differences = []
    for comment_id, _version, findings in stored:
        first = next((d for d in past.get(comment_id, []) if d.automated), None)
        if first is None:
            continue
        replayed = tuple(
            replace(finding, mode=policy.mode(finding.check))
            for finding in map(from_stored, findings)
            if policy.mode(finding.check) is not Mode.OFF
        )
        decision = decide(policy, replayed)
        was = Action(first.action)
        if decision.action is not was:
            differences.append(Difference(comment_id, was, decision.action, decision.reasons))
    return len(stored), differences
