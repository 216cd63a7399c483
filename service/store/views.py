"""Questions that a moderator keeps under a name of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.store.desk_tables import views
from service.store.ids import new_id


@dataclass(frozen=True, slots=True)
class ViewRow:
    """``query`` is a canonical query string (``service.domain.queue.as_query``)."""

    id: UUID
    name: str
    query: str


def of(connection: sa.Connection, moderator: str) -> list[ViewRow]:
    """A moderator's views, by name."""
    asked = sa.select(views.c.id, views.c.name, views.c.query).where(views.c.moderator == moderator)
    return [ViewRow(*row) for row in connection.execute(asked.order_by(views.c.name))]


def save(connection: sa.Connection, moderator: str, name: str, query: str, *, now: datetime) -> UUID:
    """Keep a question, in place of one of the same name; its id."""
    row = {"id": new_id(), "moderator": moderator, "name": name, "asked": query, "now": now}
    saved: UUID = connection.execute(_SAVE, row).scalar_one()
    return saved


_SAVE = (
    sa.text(
        "INSERT INTO views (id, moderator, name, query, created_at) VALUES (:id, :moderator, :name, :asked, :now)"
        " ON CONFLICT (moderator, name) DO UPDATE SET query = excluded.query RETURNING id"
    )
    .bindparams(sa.bindparam("id", type_=sa.Uuid), sa.bindparam("now", type_=views.c.created_at.type))
    .columns(views.c.id)
)


def delete(connection: sa.Connection, moderator: str, view_id: UUID) -> bool:
    """Whether this moderator had such a view."""
    gone = connection.execute(sa.delete(views).where(views.c.moderator == moderator, views.c.id == view_id))
    return bool(gone.rowcount)
