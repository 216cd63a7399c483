"""What a person reads before they decide: the queues, and one comment's case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from service.domain.comment import Record, Status
from service.domain.errors import CommentNotFound
from service.domain.roles import Power
from service.people import Moderator
from service.store import context, desk
from service.store.database import Database

NEIGHBOURS = 3


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
    """What a moderator reads."""

    database: Database
    now: Callable[[], datetime]

    def queue(
        self, moderator: Moderator, *, status: Status, site: str | None, after: UUID | None, limit: int
    ) -> list[QueueItem]:
        """A page of a queue; what waits is oldest first, everything else newest first."""
        moderator.must(Power.READ)
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
        moderator.must(Power.READ)
        with self.database.read() as connection:
            return desk.summary(connection, moderator.narrowed(site))

    def open(self, moderator: Moderator, comment_id: UUID) -> CaseFile:
        """Raises ``CommentNotFound``, also for comments of a site that is not the moderator's."""
        moderator.must(Power.READ)
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

    def _visible(self, row: desk.CommentRow | None, moderator: Moderator) -> desk.CommentRow:
        if row is None or not moderator.may_see(row.site):
            raise CommentNotFound
        return row
