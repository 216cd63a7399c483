"""What moderators read: queues, one comment with its history and surroundings. Never anything of the vault."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Place, Status
from service.store.tables import comments, decisions, screenings, threads

WAITING = (Status.PENDING.value, Status.HELD.value)


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment as a moderator sees it. ``edit_source`` is the new text of an approved comment that waits.

    ``edited_at`` is when its author last wrote, on stage or not.
    """

    id: UUID
    site: str
    thread_id: UUID
    thread_url: str
    thread_title: str | None
    parent_id: UUID | None
    author_name: str
    source: str
    html: str
    edit_source: str | None
    edit_html: str | None
    status: str
    awaiting: str | None
    revision: int
    created_at: datetime
    edited_at: datetime | None
    edit_token_hash: bytes
    likes: int
    picked: bool
    staff: bool
    appealed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    id: UUID
    comment_id: UUID
    action: str
    status: str
    revision: int
    reasons: list[dict[str, Any]]
    note: str
    actor: str
    automated: bool
    policy_version: int | None
    decided_at: datetime
    message: str = ""
    undoes: UUID | None = None
    bulk_id: UUID | None = None


_COLUMNS = (
    comments.c.id,
    comments.c.site,
    comments.c.thread_id,
    threads.c.url,
    threads.c.title,
    comments.c.parent_id,
    comments.c.author_name,
    comments.c.source,
    comments.c.html,
    comments.c.edit_source,
    comments.c.edit_html,
    comments.c.status,
    comments.c.awaiting,
    comments.c.revision,
    comments.c.created_at,
    sa.func.coalesce(comments.c.edit_at, comments.c.edited_at),
    comments.c.edit_token_hash,
    comments.c.likes,
    comments.c.picked,
    comments.c.staff,
    comments.c.appealed_at,
)
_COMMENT: sa.Select[*tuple[Any, ...]] = sa.select(*_COLUMNS).join(
    threads, threads.c.id == comments.c.thread_id
)

_DECISION: sa.Select[*tuple[Any, ...]] = sa.select(
    decisions.c.id,
    decisions.c.comment_id,
    decisions.c.action,
    decisions.c.status,
    decisions.c.revision,
    decisions.c.reasons,
    decisions.c.note,
    decisions.c.actor,
    decisions.c.automated,
    decisions.c.policy_version,
    decisions.c.decided_at,
    decisions.c.message,
    decisions.c.undoes,
    decisions.c.bulk_id,
)


def get(connection: sa.Connection, comment_id: UUID) -> CommentRow | None:
    row = connection.execute(_COMMENT.where(comments.c.id == comment_id)).first()
    return CommentRow(*row) if row else None


def many(connection: sa.Connection, ids: list[UUID]) -> list[CommentRow]:
    """These comments, in no order."""
    return [CommentRow(*row) for row in connection.execute(_COMMENT.where(comments.c.id.in_(ids)))]


def queue(
    connection: sa.Connection,
    *,
    status: str,
    site: str | None,
    after: UUID | None,
    limit: int,
    oldest_first: bool,
) -> list[CommentRow]:
    """Comments in a status beyond ``after``. What waits includes edits of approved comments that wait."""
    if status in WAITING:
        # Literal, so that both databases can use the partial index.
        query = _COMMENT.where(sa.text(f"comments.awaiting = '{status}'"))
    else:
        query = _COMMENT.where(comments.c.status == status)
    if site is not None:
        query = query.where(comments.c.site == site)
    if after is not None:
        query = query.where(comments.c.id > after if oldest_first else comments.c.id < after)
    order = comments.c.id if oldest_first else comments.c.id.desc()
    return [CommentRow(*row) for row in connection.execute(query.order_by(order).limit(limit))]


def summary(connection: sa.Connection, site: str | None) -> dict[str, tuple[int, datetime | None]]:
    """For each status how many comments are in it, and since when the oldest waits (waiting ones only)."""
    here = [comments.c.site == site] if site is not None else []
    counted: dict[str, tuple[int, datetime | None]] = {}
    by_status = sa.select(comments.c.status, sa.func.count()).where(*here).group_by(comments.c.status)
    for status, count in connection.execute(by_status):
        counted[status] = (count, None)
    for status in WAITING:
        oldest = sa.select(sa.func.count(), sa.func.min(comments.c.created_at)).where(
            sa.text(f"comments.awaiting = '{status}'"), *here
        )
        count, since = connection.execute(oldest).one()
        counted[status] = (count, since)
    return counted


def decisions_of(connection: sa.Connection, ids: list[UUID]) -> dict[UUID, list[DecisionRow]]:
    """All decisions about these comments, oldest first."""
    found: dict[UUID, list[DecisionRow]] = defaultdict(list)
    query = _DECISION.where(decisions.c.comment_id.in_(ids)).order_by(decisions.c.id)
    for row in connection.execute(query):
        found[row[1]].append(DecisionRow(*row))
    return found


def findings_of(connection: sa.Connection, ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The findings of the last screening of each comment."""
    query = (
        sa.select(screenings.c.comment_id, screenings.c.findings)
        .where(screenings.c.comment_id.in_(ids))
        .order_by(screenings.c.id)
    )
    return dict(connection.execute(query).all())


def screened_since(
    connection: sa.Connection, site: str, since: datetime
) -> list[tuple[UUID, int, list[dict[str, Any]]]]:
    """(comment, policy version, findings) of a site's screenings since a moment, oldest first; for replay."""
    query = (
        sa.select(screenings.c.comment_id, screenings.c.policy_version, screenings.c.findings)
        .join(comments, comments.c.id == screenings.c.comment_id)
        .where(comments.c.site == site, screenings.c.created_at >= since)
        .order_by(screenings.c.id)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class NeighbourRow:
    id: UUID
    author_name: str
    source: str
    status: str
    created_at: datetime


def neighbours(
    connection: sa.Connection, thread_id: UUID, comment_id: UUID, count: int
) -> tuple[list[NeighbourRow], list[NeighbourRow]]:
    """The shown comments of the thread just before and just after one, both oldest first."""
    base = sa.select(
        comments.c.id, comments.c.author_name, comments.c.source, comments.c.status, comments.c.created_at
    ).where(
        comments.c.thread_id == thread_id, comments.c.place == Place.SHOWN.value, sa.text("place <> 'hidden'")
    )
    before = connection.execute(
        base.where(comments.c.id < comment_id).order_by(comments.c.id.desc()).limit(count)
    ).all()
    after = connection.execute(
        base.where(comments.c.id > comment_id).order_by(comments.c.id).limit(count)
    ).all()
    return [NeighbourRow(*row) for row in reversed(before)], [NeighbourRow(*row) for row in after]


def everything(connection: sa.Connection, site: str, *, after: UUID | None, limit: int) -> list[CommentRow]:
    """All comments of a site beyond ``after`` in order of arrival, for export."""
    query = _COMMENT.where(comments.c.site == site)
    if after is not None:
        query = query.where(comments.c.id > after)
    return [CommentRow(*row) for row in connection.execute(query.order_by(comments.c.id).limit(limit))]
