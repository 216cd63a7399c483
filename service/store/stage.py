"""What the public may read: shown comments and tombstones of one thread, a site's latest, and nothing else.

Every query here asks for ``place <> 'hidden'``; the columns are a whitelist. Nothing here may ever read
``source`` of a comment that is not shown, ``edit_*`` (an edit that waits must not show, not even as a time), or
the vault.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Place, Status
from service.domain.errors import FieldError, InvalidSubmission
from service.domain.thread import Cursor, Sort
from service.store.tables import comments, threads


@dataclass(frozen=True, slots=True)
class StageRow:
    """A public comment; a tombstone has neither name nor html nor likes."""

    id: UUID
    parent_id: UUID | None
    root_id: UUID | None
    depth: int
    shown: bool
    author_name: str
    html: str
    created_at: datetime
    edited_at: datetime | None
    likes: int
    picked: bool
    staff: bool
    shown_at: datetime | None


_COLUMNS = (
    comments.c.id,
    comments.c.parent_id,
    comments.c.root_id,
    comments.c.depth,
    comments.c.place,
    comments.c.author_name,
    comments.c.html,
    comments.c.created_at,
    comments.c.edited_at,
    comments.c.likes,
    comments.c.picked,
    comments.c.staff,
    comments.c.shown_at,
)
_ON_STAGE = sa.text("place <> 'hidden'")


def _read(row: sa.Row[*tuple[Any, ...]]) -> StageRow:
    shown = row[4] == Place.SHOWN.value
    return StageRow(
        row[0],
        row[1],
        row[2],
        row[3],
        shown,
        row[5] if shown else "",
        row[6] if shown else "",
        row[7],
        row[8] if shown else None,
        row[9] if shown else 0,
        shown and row[10],
        shown and row[11],
        row[12] if shown else None,
    )


def roots(
    connection: sa.Connection, thread_id: UUID, *, sort: Sort, after: Cursor | None, limit: int
) -> list[StageRow]:
    """Top-level comments beyond ``after`` in the asked order."""
    query = sa.select(*_COLUMNS).where(
        comments.c.thread_id == thread_id, comments.c.parent_id.is_(None), _ON_STAGE
    )
    return _page(connection, query, sort, after, limit)


def all_in_order(
    connection: sa.Connection, thread_id: UUID, *, sort: Sort, after: Cursor | None, limit: int
) -> list[StageRow]:
    """All shown comments of a thread, flat, beyond ``after``; tombstones are left out."""
    query = sa.select(*_COLUMNS).where(
        comments.c.thread_id == thread_id, comments.c.place == Place.SHOWN.value, _ON_STAGE
    )
    return _page(connection, query, sort, after, limit)


def _page(
    connection: sa.Connection,
    query: sa.Select[*tuple[Any, ...]],
    sort: Sort,
    after: Cursor | None,
    limit: int,
) -> list[StageRow]:
    if after is not None:
        query = query.where(_beyond(sort, after))
    return [_read(row) for row in connection.execute(query.order_by(*_ORDERS[sort]).limit(limit))]


_ORDERS: dict[Sort, tuple[sa.ColumnElement[Any], ...]] = {
    "oldest": (comments.c.id,),
    "newest": (comments.c.id.desc(),),
    "most_liked": (comments.c.rank, comments.c.id),
}


def _beyond(sort: Sort, after: Cursor) -> sa.ColumnElement[bool]:
    if sort == "newest":
        return comments.c.id < after.id
    if sort == "oldest":
        return comments.c.id > after.id
    # Both at once, so that an index is entered at that place: many comments have the same number of likes.
    ended = sa.tuple_(sa.literal(-(after.likes or 0)), sa.literal(after.id, sa.Uuid))
    return sa.tuple_(comments.c.rank, comments.c.id) > ended


def replies(connection: sa.Connection, root_ids: list[UUID], *, sort: Sort, limit: int) -> list[StageRow]:
    """What stands below these top-level comments, which come in the asked order, at most ``limit``: one after the other
    in that order, and below each of them oldest first."""
    if not root_ids:
        return []
    below = (comments.c.root_id.in_(root_ids), _ON_STAGE, sa.text("root_id IS NOT NULL"))
    if sort == "most_liked":
        return _replies_in_order_of(connection, root_ids, below, limit)
    query = (
        sa.select(*_COLUMNS)
        .where(*below)
        .order_by(comments.c.root_id.desc() if sort == "newest" else comments.c.root_id, comments.c.id)
        .limit(limit)
    )
    return [_read(row) for row in connection.execute(query)]


def _replies_in_order_of(
    connection: sa.Connection,
    root_ids: list[UUID],
    below: tuple[sa.ColumnElement[bool] | sa.TextClause, ...],
    limit: int,
) -> list[StageRow]:
    """No index has the roots in this order: which replies are told is found out from an index alone, and their rows are
    read afterwards."""
    places = {root_id: place for place, root_id in enumerate(root_ids)}
    place = sa.case(places, value=comments.c.root_id)
    chosen = sa.select(comments.c.id).where(*below).order_by(place, comments.c.id).limit(limit)
    rows = connection.execute(sa.select(*_COLUMNS).where(comments.c.id.in_(chosen)))
    return sorted((_read(row) for row in rows), key=lambda row: (places[row.root_id or row.id], row.id))


@dataclass(frozen=True, slots=True)
class LatestRow:
    """A shown comment, and the address and the title of the story that it stands under."""

    comment: StageRow
    url: str
    title: str | None


def latest(connection: sa.Connection, site: str, *, limit: int) -> list[LatestRow]:
    """The comments of a site that came on stage last, the latest first."""
    rows = connection.execute(_latest(comments.c.site == site, limit)).all()
    of_stories = sa.select(threads.c.id, threads.c.url, threads.c.title).where(
        threads.c.id.in_({row.thread_id for row in rows})
    )
    stories = {thread_id: (url, title) for thread_id, url, title in connection.execute(of_stories)}
    return [LatestRow(_read(row), *stories[row.thread_id]) for row in rows]


def latest_here(connection: sa.Connection, thread_id: UUID, *, limit: int) -> list[StageRow]:
    """The comments of a thread that came on stage last, the latest first."""
    return [_read(row) for row in connection.execute(_latest(comments.c.thread_id == thread_id, limit))]


def _latest(where: sa.ColumnElement[bool], limit: int) -> sa.Select[*tuple[Any, ...]]:
    # Spelled out, so that a database sees that an index holds these in this order. A worker of an earlier release that
    # still ran when the database was brought to this one leaves no moment: its comment must not stay on top.
    return (
        sa.select(*_COLUMNS, comments.c.thread_id)
        .where(where, comments.c.shown_at.is_not(None), sa.text("place = 'shown'"), _ON_STAGE)
        .order_by(comments.c.shown_at.desc(), comments.c.id.desc())
        .limit(limit)
    )


TOO_DEEP = "Answers do not go deeper here. Please answer a comment further up."


@dataclass(frozen=True, slots=True)
class ParentRow:
    """What answering a comment needs to know of it."""

    id: UUID
    thread_id: UUID
    root_id: UUID | None
    depth: int
    author_name: str

    def below(self, max_depth: int, pointer: str) -> dict[str, Any]:
        """Where an answer stands, as columns. Raises ``InvalidSubmission`` where answers do not go deeper."""
        if self.depth >= max_depth:
            raise InvalidSubmission([FieldError(pointer, TOO_DEEP)])
        return {"parent_id": self.id, "root_id": self.root_id or self.id, "depth": self.depth + 1}


def parent(connection: sa.Connection, comment_id: UUID) -> ParentRow | None:
    """A comment that may be answered: it is on stage and approved."""
    row = connection.execute(
        sa.select(
            comments.c.id, comments.c.thread_id, comments.c.root_id, comments.c.depth, comments.c.author_name
        ).where(
            comments.c.id == comment_id,
            comments.c.place == Place.SHOWN.value,
            comments.c.status == Status.APPROVED.value,
        )
    ).first()
    return ParentRow(*row) if row else None
