"""Rows of comments on their way through screening: claiming them under a lease, and giving them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Signals
from service.store.database import locking
from service.store.tables import comments, threads

# Literal rather than bound, so that both databases can use the partial index.
PENDING = "comments.awaiting = 'pending'"


@dataclass(frozen=True, slots=True)
class Claim:
    """A comment taken for screening, with the fence (revision, attempt) that its verdict must still meet.

    ``storm`` is that of its thread.
    """

    comment_id: UUID
    site: str
    thread_id: UUID
    url: str
    parent_id: UUID | None
    author_name: str
    text: str
    revision: int
    attempt: int
    signals: Signals
    created_at: datetime
    storm: bool = False


def claim(
    connection: sa.Connection,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    ids: list[UUID] | None = None,
    alone: bool = False,
) -> list[Claim]:
    """Take up to ``limit`` comments that wait for screening and are nobody's at ``now``.

    ``ids`` narrows to those of a job. A comment whose screening died before is only taken on its own
    (``alone``), so that one poisonous text cannot take its neighbours along again and again.
    """
    free = _nobodys(now, lease)
    chosen = sa.select(comments.c.id).where(sa.text(PENDING), free)
    if ids is not None:
        chosen = chosen.where(comments.c.id.in_(ids))
    chosen = chosen.where(comments.c.attempt > 0 if alone else comments.c.attempt == 0)
    chosen = chosen.order_by(comments.c.id).limit(1 if alone else limit)
    taken = list(connection.scalars(locking(connection, chosen, skip_locked=True)))
    if not taken:
        return []
    connection.execute(_LEASE, {"ids": taken, "until": now + lease})
    rows = connection.execute(_CLAIMED, {"ids": taken}).all()
    return [Claim(*row[:9], Signals(**row[9]), *row[10:]) for row in rows]


_TAKEN = comments.c.id.in_(sa.bindparam("ids", expanding=True))
_LEASE = (
    sa.update(comments)
    .where(_TAKEN)
    .values(lease_until=sa.bindparam("until"), attempt=comments.c.attempt + 1)
)
_CLAIMED = (
    sa.select(
        comments.c.id,
        comments.c.site,
        comments.c.thread_id,
        threads.c.url,
        comments.c.parent_id,
        comments.c.author_name,
        sa.func.coalesce(comments.c.edit_source, comments.c.source),
        comments.c.revision,
        comments.c.attempt,
        comments.c.signals,
        comments.c.created_at,
        threads.c.storm,
    )
    .join(threads, threads.c.id == comments.c.thread_id)
    .where(_TAKEN)
    .order_by(comments.c.id)
)


def give_back(connection: sa.Connection, claims: list[Claim]) -> None:
    """Undo claims that nothing came of. A comment that another has taken since stays that one's."""
    if claims:
        connection.execute(
            _GIVE_BACK, [{"comment": one.comment_id, "attempted": one.attempt} for one in claims]
        )


_GIVE_BACK = (
    sa.update(comments)
    .where(comments.c.id == sa.bindparam("comment"), comments.c.attempt == sa.bindparam("attempted"))
    .values(lease_until=None, attempt=comments.c.attempt - 1)
)


def overdue(connection: sa.Connection, *, now: datetime, lease: timedelta, before: datetime) -> bool:
    """Whether a comment waits that is nobody's at ``now`` and arrived, or was edited, before ``before``.

    What arrived after ``now`` did so by a clock that was set back since, and nobody knows how long it waits.
    """
    arrived = sa.func.coalesce(comments.c.edit_at, comments.c.edited_at, comments.c.created_at)
    query = (
        sa.select(comments.c.id)
        .where(sa.text(PENDING), _nobodys(now, lease))
        .where(sa.or_(arrived < before, arrived > now))
        .limit(1)
    )
    return connection.execute(query).first() is not None


def _nobodys(now: datetime, lease: timedelta) -> sa.ColumnElement[bool]:
    # A lease that ends later than two from now was granted by a clock that was set back since. Two, because the
    # clocks of two machines differ a little.
    until = comments.c.lease_until
    return sa.or_(until.is_(None), until < now, until > now + 2 * lease)
