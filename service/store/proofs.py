"""Proofs of work that were taken, for as long as they could be shown again. Nothing in them tells who did the work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.store.database import adding
from service.store.tables import proofs


def spend(connection: sa.Connection, marks: Mapping[UUID, tuple[bytes, datetime]]) -> set[UUID]:
    """Take the proofs (mark, end) of these comments, and tell for which of them that was the first time."""
    rows = [
        {"mark": mark, "expires_at": expires_at, "comment_id": comment_id}
        # In one order everywhere, so that two processes never wait for each other in a circle.
        for comment_id, (mark, expires_at) in sorted(marks.items(), key=lambda one: one[1])
    ]
    connection.execute(adding(connection, proofs), rows)
    query = sa.select(proofs.c.comment_id).where(proofs.c.mark.in_([row["mark"] for row in rows]))
    return set(connection.scalars(query)) & set(marks)


def forget_expired(connection: sa.Connection, *, now: datetime) -> None:
    """Drop those that nobody could use any more."""
    connection.execute(sa.delete(proofs).where(proofs.c.expires_at < now))
