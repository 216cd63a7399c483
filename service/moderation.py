"""A person decides: opening a case, and deciding about it. Reading the queues is ``service.queues``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.domain.comment import Record, Status
from service.domain.errors import CommentNotFound
from service.domain.policy import Action, GroundedReason, Reason
from service.domain.roles import Power
from service.people import Moderator
from service.store import context, decisions, desk
from service.store.database import Database
from service.store.items import QueueItem, items_of

__all__ = ["CaseFile", "Desk", "QueueItem"]

STATUS_AFTER = {
    Action.APPROVE: Status.APPROVED,
    Action.HOLD: Status.HELD,
    Action.REJECT: Status.REJECTED,
}
NEIGHBOURS = 3


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

    def open(self, moderator: Moderator, comment_id: UUID) -> CaseFile:
        """Raises ``CommentNotFound``, also for comments of a site that is not the moderator's."""
        moderator.must(Power.READ)
        with self.database.read() as connection:
            row = self._visible(desk.get(connection, comment_id), moderator)
            [item] = items_of(connection, [row], now=self.now())
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
        moderator.must(Power.DECIDE)
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
