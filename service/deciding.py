"""A person decides about one comment, or takes a decision back. Each leaves an entry in the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.decision import Choice
from service.domain.errors import CommentNotFound
from service.domain.roles import Power
from service.people import Moderator
from service.store import decisions, desk, journal, undoing
from service.store.database import Database
from service.store.outcomes import chosen


@dataclass(frozen=True, slots=True)
class Ruled:
    """A decision that took effect, and what it made of the comment."""

    recorded: decisions.Recorded
    decision: desk.DecisionRow


@dataclass(frozen=True)
class Deciding:
    """``announce`` tells workers of a comment that waits to be screened again."""

    database: Database
    announce: Callable[[list[UUID]], None]
    now: Callable[[], datetime]

    def decide(self, moderator: Moderator, comment_id: UUID, choice: Choice, *, revision: int) -> Ruled:
        """Record a person's decision about the text of ``revision``.

        Raises ``CommentNotFound``, ``InvalidSubmission``, ``RevisionConflict``, ``IllegalMove``, ``Forbidden``.
        """
        moderator.must(Power.DECIDE)
        choice.check()
        verdict = chosen(choice, comment_id, revision=revision, actor=moderator.name, at=self.now())
        with self.database.write() as connection:
            site = moderator.seen(desk.get(connection, comment_id), CommentNotFound).site
            recorded = decisions.record_one(connection, verdict)
            return self._entered(connection, moderator, site, recorded)

    def undo(self, moderator: Moderator, comment_id: UUID, decision_id: UUID, *, revision: int) -> Ruled:
        """Take back a person's decision, the last one about this comment: what it had replaced stands again.

        Raises ``CommentNotFound``, ``RevisionConflict``, ``CannotBeUndone``, ``Forbidden``.
        """
        moderator.must(Power.DECIDE)
        with self.database.write() as connection:
            site = moderator.seen(desk.get(connection, comment_id), CommentNotFound).site
            recorded = undoing.undo_one(
                connection,
                comment_id,
                decision_id,
                revision=revision,
                actor=moderator.name,
                at=self.now(),
            )
            ruled = self._entered(connection, moderator, site, recorded)
        if recorded.awaiting == Status.PENDING.value:
            self.announce([comment_id])
        return ruled

    def _entered(
        self, connection: sa.Connection, moderator: Moderator, site: str, recorded: decisions.Recorded
    ) -> Ruled:
        decision = next(
            one
            for one in desk.decisions_of(connection, [recorded.comment_id])[recorded.comment_id]
            if one.id == recorded.decision_id
        )
        detail = {
            "reasons": [reason["code"] for reason in decision.reasons],
            "revision": decision.revision,
            "decision": str(decision.id),
        }
        if decision.undoes is not None:
            detail["undoes"] = str(decision.undoes)
        journal.append(
            connection,
            at=decision.decided_at,
            actor=moderator.name,
            act=f"comment.{decision.action}",
            subject=f"comment {recorded.comment_id}",
            site=site,
            detail=detail,
        )
        return Ruled(recorded, decision)
