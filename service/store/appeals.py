"""Rows of appeals: an author's word to a person about a decision. That one waits stands with the comment itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.store.decisions import forget_replaced
from service.store.desk_tables import appeals
from service.store.ids import new_id
from service.store.tables import comments


@dataclass(frozen=True, slots=True)
class AppealRow:
    """``revision`` is the comment's before the appeal raised it; ``text`` may be empty."""

    id: UUID
    comment_id: UUID
    decision_id: UUID
    revision: int
    text: str
    created_at: datetime


_COLUMNS = (
    appeals.c.id,
    appeals.c.comment_id,
    appeals.c.decision_id,
    appeals.c.revision,
    appeals.c.text,
    appeals.c.created_at,
)


def of(connection: sa.Connection, ids: Sequence[UUID]) -> dict[UUID, list[AppealRow]]:
    """All appeals about these comments, oldest first."""
    found: dict[UUID, list[AppealRow]] = defaultdict(list)
    query = sa.select(*_COLUMNS).where(appeals.c.comment_id.in_(ids)).order_by(appeals.c.id)
    for row in connection.execute(query):
        found[row[1]].append(AppealRow(*row))
    return found


def add(
    connection: sa.Connection, comment_id: UUID, decision_id: UUID, *, revision: int, text: str, now: datetime
) -> None:
    """Keep an appeal about a comment that the caller has locked at ``revision``, and have it wait for a person.

    It raises the revision: whoever looked before has not read it, and must not answer it unknowingly.
    """
    connection.execute(
        sa.insert(appeals).values(
            id=new_id(),
            comment_id=comment_id,
            decision_id=decision_id,
            revision=revision,
            text=text,
            created_at=now,
        )
    )
    connection.execute(
        sa.update(comments)
        .where(comments.c.id == comment_id)
        .values(appealed_at=now, revision=comments.c.revision + 1)
    )
    forget_replaced(connection, [comment_id])
