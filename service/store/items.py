"""Comments of a queue with all that a moderator sees of each at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.store import appeals, claims, desk, flags
from service.store.tables import comments


@dataclass(frozen=True, slots=True)
class Called:
    """Readers' calls since a person last decided: how many, and how often for each reason (of the first 500)."""

    count: int = 0
    reasons: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """``decisions`` are all, oldest first. ``claim`` is whose look at it runs, ``appeal`` its author's latest."""

    comment: desk.CommentRow
    findings: list[dict[str, Any]]
    decisions: list[desk.DecisionRow]
    risk: float = 0.0
    ground: str = ""
    escalated: bool = False
    called: Called = Called()
    claim: claims.Claim | None = None
    appeal: appeals.AppealRow | None = None


_STANDING = sa.select(
    comments.c.id, comments.c.risk, comments.c.ground, comments.c.escalated, comments.c.flags
).where(comments.c.id.in_(sa.bindparam("ids", expanding=True)))


def items_of(connection: sa.Connection, rows: list[desk.CommentRow], *, now: datetime) -> list[QueueItem]:
    """These comments as items, in the same order."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    findings = desk.findings_of(connection, ids)
    past = desk.decisions_of(connection, ids)
    standing = {row.id: row for row in connection.execute(_STANDING, {"ids": ids})}
    called = [comment_id for comment_id, row in standing.items() if row.flags]
    reasons = flags.reasons_of(connection, called) if called else {}
    looking = claims.running(connection, ids, now=now)
    asked = appeals.of(connection, ids)
    return [
        QueueItem(
            row,
            findings.get(row.id, []),
            past.get(row.id, []),
            standing[row.id].risk,
            standing[row.id].ground,
            standing[row.id].escalated,
            Called(standing[row.id].flags, reasons.get(row.id, {})),
            looking.get(row.id),
            asked[row.id][-1] if row.id in asked else None,
        )
        for row in rows
        if row.id in standing
    ]


def by_ids(connection: sa.Connection, ids: list[UUID], *, now: datetime) -> list[QueueItem]:
    """The items of these comments, in the order of their ids."""
    found = {row.id: row for row in desk.many(connection, ids)} if ids else {}
    return items_of(connection, [found[one] for one in ids if one in found], now=now)
