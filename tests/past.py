"""A past that is told step by step: comments that came and decisions that were made at moments of the test's choice."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.policy import GroundedReason
from service.store import decisions, desk, threads
from service.store.database import Database
from service.store.ids import first_id
from service.store.tables import decisions as log
from tests.people import STORY, arrival, store

STATUS_AFTER = {
    "approve": Status.APPROVED,
    "hold": Status.HELD,
    "reject": Status.REJECTED,
    "discard": Status.REJECTED,
    "withdraw": Status.WITHDRAWN,
}


@dataclass
class Past:
    """Everything goes through the product's own doors; then the ids are made those of the moment that is told."""

    database: Database
    _chance: random.Random = field(default_factory=lambda: random.Random(7))

    def id_at(self, at: datetime) -> UUID:
        """A UUIDv7 as it would have been made at that moment."""
        return UUID(int=first_id(at).int | 7 << 76 | 2 << 62 | self._chance.getrandbits(62))

    def came(self, at: datetime, story: threads.Story = STORY) -> UUID:
        comment_id = self.id_at(at)
        [stored] = store(
            self.database,
            arrival(
                "What about the bridge?",
                id=comment_id,
                created_at=at,
                story=story,
                vault={"comment_id": comment_id},
            ),
        )
        assert stored == comment_id
        return comment_id

    def screened(
        self, comment_id: UUID, action: str, at: datetime, *found: tuple[str, str], risk: float = 0.0
    ) -> UUID:
        """A machine's decision; ``found`` are (check, reason code)."""
        reasons = tuple(GroundedReason(code, check, 0.9) for check, code in found)
        with self.database.write() as connection:
            [recorded] = decisions.record(
                connection,
                [
                    decisions.Verdict(
                        comment_id=comment_id,
                        revision=self._revision(connection, comment_id),
                        action=action,
                        status=STATUS_AFTER[action],
                        actor="policy 0",
                        automated=True,
                        decided_at=at,
                        reasons=reasons,
                        findings=[],
                        risk=risk,
                    )
                ],
            )
            return self._dated(connection, recorded.decision_id, at)

    def decided(
        self, comment_id: UUID, action: str, at: datetime, by: str, *, bulk_id: UUID | None = None
    ) -> UUID:
        """A person's decision."""
        with self.database.write() as connection:
            recorded = decisions.record_one(
                connection,
                decisions.Verdict(
                    comment_id=comment_id,
                    revision=self._revision(connection, comment_id),
                    action=action,
                    status=STATUS_AFTER[action],
                    actor=by,
                    automated=False,
                    decided_at=at,
                    bulk_id=bulk_id,
                ),
            )
            return self._dated(connection, recorded.decision_id, at)

    def took_back(self, decision_id: UUID, at: datetime, by: str) -> UUID:
        with self.database.write() as connection:
            undone = connection.execute(sa.select(log).where(log.c.id == decision_id)).one()
            recorded = decisions.record_one(
                connection,
                decisions.Verdict(
                    comment_id=undone.comment_id,
                    revision=self._revision(connection, undone.comment_id),
                    action="undo",
                    status=Status(undone.status_before),
                    actor=by,
                    automated=False,
                    decided_at=at,
                    undoes=decision_id,
                    restored=undone.replaced,
                ),
            )
            return self._dated(connection, recorded.decision_id, at)

    def rewritten(self, comment_id: UUID, at: datetime) -> None:
        with self.database.write() as connection:
            decisions.change_text(
                connection,
                comment_id,
                revision=self._revision(connection, comment_id),
                source="What about the ferry?",
                html="<p>What about the ferry?</p>",
                now=at,
            )

    def approved_at_once(self, count: int, start: datetime, *, every: timedelta) -> list[tuple[UUID, UUID]]:
        """(comment, decision) of so many that came one after the other, each approved two seconds later."""
        found = []
        for n in range(count):
            comment_id = self.came(start + n * every)
            end = self.screened(comment_id, "approve", start + n * every + timedelta(seconds=2))
            found.append((comment_id, end))
        return found

    def _revision(self, connection: sa.Connection, comment_id: UUID) -> int:
        row = desk.get(connection, comment_id)
        assert row is not None
        return row.revision

    def _dated(self, connection: sa.Connection, decision_id: UUID, at: datetime) -> UUID:
        dated = self.id_at(at)
        connection.execute(sa.update(log).where(log.c.id == decision_id).values(id=dated))
        return dated
