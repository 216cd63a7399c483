"""Readers' likes of comments on stage. Who liked is a keyed index that differs from comment to comment."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Place
from service.store import threads
from service.store.database import locking
from service.store.tables import comments, likes


def add(connection: sa.Connection, comment_id: UUID, *, liker: bytes, now: datetime) -> int | None:
    """Keep a like of a comment on stage, once for each liker; how many it has now. ``None`` for every other comment."""
    row = _on_stage(connection, comment_id)
    if row is None:
        return None
    added = connection.execute(_ADD, {"comment": comment_id, "liker": liker, "at": now}).rowcount
    return _counted(connection, comment_id, row, added)


def take_back(connection: sa.Connection, comment_id: UUID, *, liker: bytes) -> int | None:
    """Drop a liker's like of a comment on stage, if there is one; how many it has now. ``None`` as ``add``."""
    row = _on_stage(connection, comment_id)
    if row is None:
        return None
    gone = connection.execute(
        sa.delete(likes).where(likes.c.comment_id == comment_id, likes.c.liker == liker)
    ).rowcount
    return _counted(connection, comment_id, row, -gone)


def _on_stage(connection: sa.Connection, comment_id: UUID) -> sa.Row[UUID, int] | None:
    """(thread, likes) of a comment that everybody sees, which stays as it is until the transaction ends."""
    asked = sa.select(comments.c.thread_id, comments.c.likes).where(
        comments.c.id == comment_id, comments.c.place == Place.SHOWN.value
    )
    return connection.execute(locking(connection, asked)).first()


def _counted(connection: sa.Connection, comment_id: UUID, row: sa.Row[UUID, int], change: int) -> int:
    counted: int = row.likes + change
    if not change:
        return counted
    connection.execute(
        sa.update(comments).where(comments.c.id == comment_id).values(likes=counted, rank=-counted)
    )
    threads.changed(connection, row.thread_id)
    return counted


_ADD = sa.text(
    "INSERT INTO likes (comment_id, liker, created_at) VALUES (:comment, :liker, :at)"
    " ON CONFLICT (comment_id, liker) DO NOTHING"
).bindparams(
    sa.bindparam("comment", type_=sa.Uuid),
    sa.bindparam("liker", type_=sa.LargeBinary),
    sa.bindparam("at", type_=likes.c.created_at.type),
)


def forget_before(connection: sa.Connection, *, before: datetime) -> None:
    """Drop likes older than ``before``, with the indexes of who liked; how many there were stays."""
    connection.execute(sa.delete(likes).where(likes.c.created_at < before))
