"""Rows of notes: what moderators tell each other about a comment. No author ever reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.store.desk_tables import notes
from service.store.ids import new_id

# The newest that a case shows.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class NoteRow:
    id: UUID
    comment_id: UUID
    text: str
    moderator: str
    created_at: datetime


_COLUMNS = (notes.c.id, notes.c.comment_id, notes.c.text, notes.c.moderator, notes.c.created_at)


def add(connection: sa.Connection, comment_id: UUID, text: str, *, by: str, now: datetime) -> NoteRow:
    row = NoteRow(new_id(), comment_id, text, by, now)
    connection.execute(
        sa.insert(notes).values(
            id=row.id, comment_id=comment_id, text=text, moderator=by, created_at=row.created_at
        )
    )
    return row


def about(connection: sa.Connection, comments: list[UUID], limit: int) -> list[NoteRow]:
    """The newest notes about any of these comments, newest first."""
    query = sa.select(*_COLUMNS).where(notes.c.comment_id.in_(comments)).order_by(notes.c.id.desc())
    return [NoteRow(*row) for row in connection.execute(query.limit(limit))]
