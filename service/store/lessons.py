"""What people decided, as lessons for the models of their site; and what was learned from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.decision import in_force
from service.store.desk_tables import learned_thresholds
from service.store.tables import comments, decisions, learned, screenings

# How many of a site's newest decisions are looked at: lessons are bounded, and an old habit fades.
WINDOW = 3_000
# As the partial index has it: "IS 0" would be another condition to SQLite, and the index of no use.
_BY_PEOPLE = decisions.c.automated == sa.false()


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """A comment with the last decision of a person that was not undone, and what screening had found. ``reasons`` are
    codes."""

    comment_id: UUID
    text: str
    author_name: str
    action: str
    reasons: tuple[str, ...]
    actor: str
    decided_at: datetime
    findings: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class LearnedRow:
    """``correction`` is what ``scoring.learner`` made, or None where it is not to be used; ``why`` says so."""

    site: str
    version: int
    correction: bytes | None
    thresholds: dict[str, float]
    lessons: int
    why: str
    seen: UUID | None
    learned_at: datetime
    calibration: dict[str, list[float]] = field(default_factory=dict)
    reported_at: datetime | None = None


def newest_by_people(connection: sa.Connection, site: str) -> UUID | None:
    """The newest decision that a person made at this site."""
    newest = sa.select(decisions.c.id).where(decisions.c.site == site, _BY_PEOPLE)
    found: UUID | None = connection.scalar(newest.order_by(decisions.c.id.desc()).limit(1))
    return found


def decided(connection: sa.Connection, site: str) -> list[DecidedRow]:
    """Comments that stand as a person last decided, newest first; an edited or erased one is none of them, nor is what
    staff wrote, and what was undone counts as never decided."""
    rows = connection.execute(
        sa.select(
            decisions.c.id,
            decisions.c.undoes,
            decisions.c.comment_id,
            decisions.c.action,
            decisions.c.reasons,
            decisions.c.actor,
            decisions.c.decided_at,
        )
        .where(decisions.c.site == site, _BY_PEOPLE)
        .order_by(decisions.c.id.desc())
        .limit(WINDOW)
    ).all()
    past: dict[UUID, list[Any]] = {}
    for row in rows:
        past.setdefault(row.comment_id, []).append(row)
    stands = {"approve": "approved", "reject": "rejected"}
    standing = {comment_id: in_force(newest_first) for comment_id, newest_first in past.items()}
    last = {comment_id: row for comment_id, row in standing.items() if row and row.action in stands}
    wanted = list(last)
    found: list[DecidedRow] = []
    for begin in range(0, len(wanted), 500):
        part = wanted[begin : begin + 500]
        texts = {
            row.id: row
            for row in connection.execute(
                sa.select(comments.c.id, comments.c.source, comments.c.author_name, comments.c.status).where(
                    comments.c.id.in_(part), comments.c.staff.is_(False)
                )
            )
        }
        findings: dict[UUID, list[dict[str, Any]]] = {}
        for comment_id, seen in connection.execute(
            sa.select(screenings.c.comment_id, screenings.c.findings)
            .where(screenings.c.comment_id.in_(part))
            .order_by(screenings.c.id)
        ):
            findings[comment_id] = seen
        for comment_id in part:
            row, text = last[comment_id], texts.get(comment_id)
            if text is None or text.status != stands[row.action]:
                continue
            found.append(
                DecidedRow(
                    comment_id,
                    text.source,
                    text.author_name,
                    row.action,
                    tuple(reason["code"] for reason in row.reasons),
                    row.actor,
                    row.decided_at,
                    findings.get(comment_id, []),
                )
            )
    return found


def load(connection: sa.Connection) -> dict[str, LearnedRow]:
    """What each site has learned."""
    return {row.site: LearnedRow(*row) for row in connection.execute(sa.select(learned))}


def save(connection: sa.Connection, row: LearnedRow) -> None:
    """Replace what a site has learned; the thresholds of each version stay, for replay."""
    values = {
        "version": row.version,
        "correction": row.correction,
        "thresholds": row.thresholds,
        "lessons": row.lessons,
        "why": row.why,
        "seen": row.seen,
        "learned_at": row.learned_at,
        "calibration": row.calibration,
        "reported_at": row.reported_at,
    }
    changed = connection.execute(sa.update(learned).where(learned.c.site == row.site).values(values))
    if changed.rowcount == 0:
        connection.execute(sa.insert(learned).values(site=row.site, **values))
    connection.execute(
        sa.insert(learned_thresholds).values(site=row.site, version=row.version, thresholds=row.thresholds)
    )
