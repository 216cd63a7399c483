"""One decision about many comments: made by a moderator, carried out by a worker, and taken back as a whole.

A bulk is drafted first: which comments are meant, by hand or by a query, is settled at one moment and kept with the
revision of each, so that a person says yes to the very comments that were counted and shown. What has moved on until
its turn comes is passed over. It may be interrupted anywhere and goes on where its last whole batch ended.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import sqlalchemy as sa

from service.domain.decision import UNDO, Choice, DeskAction
from service.domain.errors import BulkNotFound, CannotBeUndone, FieldError, InvalidSubmission
from service.domain.policy import Reason
from service.domain.queue import Wanted, as_query
from service.domain.roles import Power
from service.people import Moderator
from service.store import bulks, decisions, journal, undoing
from service.store.bulks import BulkRow
from service.store.database import Database
from service.store.ids import new_id
from service.store.outcomes import chosen

__all__ = ["BulkRow", "Bulks", "CarryOut", "Draft", "Meant"]

log = logging.getLogger("greenroom.bulks")

ITEMS_MAX = 50_000
CHOSEN_MAX = 5_000
FAULTS_MAX = 10
BATCH = 200
# Long enough for a batch that meets a busy database, and short enough that a dead worker's bulk goes on soon.
LEASE = timedelta(seconds=30)
# For how long a worker stays with a bulk before it looks at what else waits.
TURN_SECONDS = 5.0
# Between two batches: SQLite has one writer at a time, and readers who comment must not wait for a whole bulk.
BREATH_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Meant:
    """Which comments are meant: those ``chosen`` by hand (revision by id), or what a ``query`` finds at this moment."""

    chosen: dict[UUID, int] | None = None
    query: Wanted | None = None

    @property
    def about(self) -> str:
        """For people, which they were."""
        if self.query is None:
            return "chosen by hand"
        asked = parse_qsl(as_query(replace(self.query, sites=())))
        return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in asked)


@dataclass(frozen=True, slots=True)
class Draft:
    """A bulk that nobody has said yes to, and some of its comments."""

    bulk: BulkRow
    examples: list[UUID]


@dataclass(frozen=True)
class Bulks:
    """What a moderator does with bulks. ``announce`` tells workers of a new one; it returns at once, and may fail."""

    database: Database
    announce: Callable[[UUID], None]
    now: Callable[[], datetime]

    def draft(self, moderator: Moderator, site: str, choice: Choice, meant: Meant) -> Draft:
        """Settle which comments are meant, without deciding about any. Raises ``InvalidSubmission``, ``Forbidden``."""
        moderator.must_at(site, Power.DECIDE)
        choice.check()
        bulk_id, now = new_id(), self.now()
        # Before the write: a search may look through much of a site, and the one writer must not wait for it.
        with self.database.read() as connection:
            seen = self._settled(connection, site, meant)
        with self.database.write() as connection:
            bulks.add(
                connection,
                id=bulk_id,
                site=site,
                action=choice.action.value,
                reasons=[reason.value for reason in choice.grounds],
                message=choice.message,
                note=choice.note,
                about=meant.about,
                moderator=moderator.name,
                total=len(seen),
                created_at=now,
            )
            bulks.choose(connection, bulk_id, seen)
            made = bulks.get(connection, bulk_id)
            assert made is not None
            return Draft(made, bulks.examples(connection, bulk_id))

    def _settled(self, connection: sa.Connection, site: str, meant: Meant) -> dict[UUID, int]:
        if meant.query is None:
            seen = _known(connection, site, meant.chosen or {})
        else:
            asked = replace(meant.query, sites=(site,))
            seen, unseen = bulks.matching(connection, asked, now=self.now(), most=ITEMS_MAX)
            if unseen:
                much = "Too much has to be looked through for this. Please narrow it."
                raise InvalidSubmission([FieldError("/query", much)])
        _bounded(len(seen))
        if not seen:
            raise InvalidSubmission([FieldError("/query", "No comment is like this just now.")])
        return seen

    def start(self, moderator: Moderator, bulk_id: UUID) -> BulkRow:
        """Have the comments of a draft decided about; nothing more happens to one that was started already.

        Raises ``BulkNotFound``, also where a draft is too old, and ``Forbidden``.
        """
        moderator.must(Power.DECIDE)
        now = self.now()
        with self.database.write() as connection:
            found = moderator.seen(bulks.hold(connection, bulk_id), BulkNotFound)
            if found.started_at is not None:
                return found
            if now - found.created_at > bulks.DRAFT_KEPT:
                raise BulkNotFound
            bulks.start(connection, bulk_id, moderator=moderator.name, now=now)
            made = self._entered(connection, bulk_id, "bulk.create", {})
        self.announce(bulk_id)
        return made

    def create(self, moderator: Moderator, site: str, choice: Choice, meant: Meant) -> BulkRow:
        """A draft that is started at once. Raises ``InvalidSubmission``, ``Forbidden``."""
        return self.start(moderator, self.draft(moderator, site, choice, meant).bulk.id)

    def undo(self, moderator: Moderator, bulk_id: UUID) -> BulkRow:
        """A new bulk that takes this one's decisions back, each that is still the last of its comment. What of this
        one still waits is passed over.

        Raises ``BulkNotFound``, ``CannotBeUndone`` the second time, ``Forbidden``.
        """
        moderator.must(Power.DECIDE)
        undo_id, now = new_id(), self.now()
        with self.database.write() as connection:
            first = _seen(bulks.hold(connection, bulk_id), moderator)
            if first.undone_by is not None:
                raise CannotBeUndone("This bulk was taken back already.")
            stopped = bulks.stop(connection, first, now=now) if first.finished_at is None else 0
            bulks.add(
                connection,
                id=undo_id,
                site=first.site,
                action=UNDO,
                reasons=[],
                message="",
                note="",
                about=first.about,
                moderator=moderator.name,
                undoes=bulk_id,
                total=0,
                created_at=now,
                started_at=now,
            )
            if not bulks.take_back(connection, undo_id, bulk_id):
                bulks.stop(connection, _seen(bulks.get(connection, undo_id), moderator), now=now)
            detail = {"undoes": str(bulk_id), "stopped": stopped}
            made = self._entered(connection, undo_id, "bulk.undo", detail)
        self.announce(undo_id)
        return made

    def look(self, moderator: Moderator, bulk_id: UUID) -> BulkRow:
        """How far a bulk has come. Raises ``BulkNotFound``, also for one of a site that is not the moderator's."""
        moderator.must(Power.READ)
        with self.database.read() as connection:
            return _seen(bulks.get(connection, bulk_id), moderator)

    def latest(self, moderator: Moderator, site: str | None) -> list[BulkRow]:
        """The newest fifty, newest first. Raises ``Forbidden``."""
        moderator.must(Power.READ)
        with self.database.read() as connection:
            return bulks.latest(connection, moderator.narrowed(site))

    def _entered(self, connection: sa.Connection, bulk_id: UUID, act: str, detail: dict[str, Any]) -> BulkRow:
        made = bulks.get(connection, bulk_id)
        assert made is not None
        assert made.started_at is not None
        journal.append(
            connection,
            at=made.started_at,
            actor=made.moderator,
            act=act,
            subject=f"bulk {bulk_id}",
            site=made.site,
            detail={"action": made.action, "reasons": made.reasons, "total": made.total, **detail},
        )
        return made


def _seen(row: BulkRow | None, moderator: Moderator) -> BulkRow:
    found = moderator.seen(row, BulkNotFound)
    if found.started_at is None:
        raise BulkNotFound
    return found


def _bounded(total: int) -> None:
    if total > ITEMS_MAX:
        many = f"This is about more than {ITEMS_MAX:,} comments. Please narrow it."
        raise InvalidSubmission([FieldError("/query", many)])


def _known(connection: sa.Connection, site: str, chosen: dict[UUID, int]) -> dict[UUID, int]:
    strange = bulks.unknown(connection, list(chosen), site)
    faults = [
        FieldError(f"/comments/{place}/id", "There is no such comment at this site.")
        for place, comment_id in enumerate(chosen)
        if comment_id in strange
    ]
    if faults:
        raise InvalidSubmission(faults[:FAULTS_MAX])
    return chosen


@dataclass(frozen=True)
class CarryOut:
    """What a worker does with bulks. Safe to run twice, at once too, and to die anywhere."""

    database: Database
    now: Callable[[], datetime]
    stopping: Callable[[], bool] = field(default=lambda: False)
    batch: int = BATCH

    def waiting(self, limit: int = 20) -> list[UUID]:
        """Bulks with work left that no worker is at."""
        with self.database.read() as connection:
            return bulks.unfinished(connection, now=self.now(), lease=LEASE, limit=limit)

    def __call__(self, bulk_id: UUID, *, seconds: float = TURN_SECONDS) -> bool:
        """Work at a bulk for so long; whether nothing is left to do for whoever asked (it is finished, or another is
        at it)."""
        end = time.monotonic() + seconds
        until = self._one_batch(bulk_id, None)
        while until is not None:
            if time.monotonic() >= end or self.stopping():
                with self.database.write() as connection:
                    bulks.rest(connection, bulk_id, until)
                return False
            time.sleep(BREATH_SECONDS)
            until = self._one_batch(bulk_id, until)
        return True

    def _one_batch(self, bulk_id: UUID, held_until: datetime | None) -> datetime | None:
        """Decide about the next comments; until when the bulk is ours then, or None when it is not, or finished.

        ``held_until`` is the end of the lease as the last batch left it: another end means another worker.
        """
        with self.database.write() as connection:
            now = self.now()
            bulk = bulks.hold(connection, bulk_id)
            if bulk is None or bulk.started_at is None or bulk.finished_at is not None:
                return None
            if held_until is None:
                if not bulks.is_free(bulk.lease_until, now=now, lease=LEASE):
                    return None
            elif bulk.lease_until != held_until:
                return None
            items = bulks.next_items(connection, bulk, self.batch)
            recorded = self._decided(connection, bulk, items, now) if items else []
            done = {one.comment_id: one.decision_id for one in recorded}
            passed_over = [item.comment_id for item in items if item.comment_id not in done]
            finished = len(items) < self.batch
            until = None if finished else now + LEASE
            bulks.settle(
                connection,
                bulk,
                done=done,
                passed_over=passed_over,
                lease_until=until,
                finished_at=now if finished else None,
            )
            if done:
                self._enter(connection, bulk, done, now)
        log.info("bulk=%s done=%d passed_over=%d", bulk_id, len(done), len(passed_over))
        return until

    def _decided(
        self, connection: sa.Connection, bulk: BulkRow, items: list[bulks.ItemRow], now: datetime
    ) -> list[decisions.Recorded]:
        if bulk.action == UNDO:
            pairs = {item.comment_id: item.undoes for item in items if item.undoes is not None}
            return undoing.undo_each(connection, pairs, actor=bulk.moderator, at=now, bulk_id=bulk.id)
        choice = Choice(DeskAction(bulk.action), tuple(map(Reason, bulk.reasons)), bulk.message, bulk.note)
        verdicts = [
            chosen(
                choice,
                item.comment_id,
                revision=item.revision,
                actor=bulk.moderator,
                at=now,
                bulk_id=bulk.id,
            )
            for item in items
        ]
        return decisions.record_each(connection, verdicts)

    @staticmethod
    def _enter(connection: sa.Connection, bulk: BulkRow, done: dict[UUID, UUID], now: datetime) -> None:
        journal.append(
            connection,
            at=now,
            actor=bulk.moderator,
            act="bulk.decide",
            subject=f"bulk {bulk.id}",
            site=bulk.site,
            detail={
                "action": bulk.action,
                "comments": [str(comment_id) for comment_id in done],
                "decisions": [str(decision_id) for decision_id in done.values()],
            },
        )
