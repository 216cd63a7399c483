"""A person decides about a comment. Reading the queues is ``service.queues``, opening a case ``service.case``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.domain.comment import Status
from service.domain.errors import CommentNotFound
from service.domain.policy import Action, GroundedReason, Reason
from service.domain.roles import Power
from service.people import Moderator
from service.store import decisions, desk
from service.store.database import Database

STATUS_AFTER = {
    Action.APPROVE: Status.APPROVED,
    Action.HOLD: Status.HELD,
    Action.REJECT: Status.REJECTED,
}


@dataclass(frozen=True)
class Desk:
    """What a moderator reads and does."""

    database: Database
    now: Callable[[], datetime]

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
