"""Editors' picks among the comments on stage."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Place
from service.domain.errors import CommentNotFound, NotOnStage
from service.store import threads
from service.store.database import locking
from service.store.tables import comments


def pick(connection: sa.Connection, comment_id: UUID, *, on: bool) -> bool:
    """Make a comment on stage a pick, or one no longer; whether that changed anything.

    Raises ``CommentNotFound`` and ``NotOnStage``.
    """
    asked = sa.select(comments.c.thread_id, comments.c.place, comments.c.picked)
    row = connection.execute(locking(connection, asked.where(comments.c.id == comment_id))).first()
    if row is None:
        raise CommentNotFound
    if row.place != Place.SHOWN.value:
        raise NotOnStage
    if row.picked is on:
        return False
    connection.execute(sa.update(comments).where(comments.c.id == comment_id).values(picked=on))
    threads.changed(connection, row.thread_id)
    return True
