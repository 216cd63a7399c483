"""Readers' calls for a moderator. Who called is a keyed index that differs from comment to comment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Place
from service.store.database import locking
from service.store.desk_tables import flags
from service.store.tables import comments, threads

# Of so many calls about one comment, the newest, the reasons are told; the number of all stands with the comment.
TOLD = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """What everybody sees of a comment, and where."""

    site: str
    url: str
    author_name: str
    html: str


def shown(connection: sa.Connection, comment_id: UUID) -> Shown | None:
    """A comment that everybody sees; ``None`` for every other."""
    row = connection.execute(
        sa.select(comments.c.site, threads.c.url, comments.c.author_name, comments.c.html)
        .join(threads, threads.c.id == comments.c.thread_id)
        .where(
            comments.c.id == comment_id, comments.c.place == Place.SHOWN.value, sa.text("place <> 'hidden'")
        )
    ).first()
    return Shown(*row) if row else None


def add(connection: sa.Connection, comment_id: UUID, *, flagger: bytes, reason: str, now: datetime) -> bool:
    """Keep a call about a comment on stage, once for each caller; whether the comment is on stage."""
    asked = sa.select(comments.c.id).where(comments.c.id == comment_id, comments.c.place == Place.SHOWN.value)
    # Before a decision or an erasure, or after it, and not in between.
    if connection.scalar(locking(connection, asked)) is None:
        return False
    row = {"comment": comment_id, "flagger": flagger, "reason": reason, "at": now}
    if connection.execute(_ADD, row).rowcount == 1:
        connection.execute(
            sa.update(comments).where(comments.c.id == comment_id).values(flags=comments.c.flags + 1)
        )
    return True


_ADD = sa.text(
    "INSERT INTO flags (comment_id, flagger, reason, created_at) VALUES (:comment, :flagger, :reason, :at)"
    " ON CONFLICT (comment_id, flagger) DO NOTHING"
).bindparams(
    sa.bindparam("comment", type_=sa.Uuid),
    sa.bindparam("flagger", type_=sa.LargeBinary),
    sa.bindparam("at", type_=flags.c.created_at.type),
)


def reasons_of(connection: sa.Connection, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How often each reason was called of the calls that stand with a comment, by comment; the most frequent first."""
    rows = connection.execute(_REASONS, {"ids": list(ids)})
    return {row[0]: dict(Counter(row[1].split(",")).most_common()) for row in rows if row[1]}


# As many of the newest calls as the comment counts. Moments of decisions would not do: one that was taken back answers
# nothing any more, and answers again once that is taken back in turn; the count follows all of it.
_NEWEST = (
    sa.select(
        flags.c.reason,
        sa.func.row_number().over(order_by=(flags.c.created_at.desc(), flags.c.flagger)).label("place"),
    )
    .where(flags.c.comment_id == comments.c.id)
    .order_by(sa.text("place"))
    .limit(TOLD)
    .correlate(comments)
    .subquery()
)
_TOLD = sa.select(sa.func.aggregate_strings(_NEWEST.c.reason, ",")).where(_NEWEST.c.place <= comments.c.flags)
_REASONS = sa.select(comments.c.id, _TOLD.correlate(comments).scalar_subquery()).where(
    comments.c.id.in_(sa.bindparam("ids", expanding=True)), comments.c.flags > 0
)


def forget_before(connection: sa.Connection, *, before: datetime) -> None:
    """Drop calls older than ``before``, with the indexes of who called; how many there were stays."""
    connection.execute(sa.delete(flags).where(flags.c.created_at < before))
