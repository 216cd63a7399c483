"""What moderators of other systems told us through the doors, and how much each key asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

import sqlalchemy as sa

from service.store.ids import new_id
from service.store.tables import door_usage, reports

# A site's newest; older ones are forgotten, so that what a key can fill is bounded.
WINDOW = 3_000


@dataclass(frozen=True, slots=True)
class Report:
    """``about``: a keyed hash of what it is about. ``seen``: what the learner makes of the text.

    ``spam`` and ``toxic`` are what was said, or None where nothing was. ``scores``: the models' own, by label.
    """

    site: str
    about: bytes
    spam: bool | None
    toxic: bool | None
    seen: bytes
    scores: dict[str, float]
    actor: str
    reported_at: datetime


_COLUMNS = tuple(reports.c[one.name] for one in fields(Report))


def keep(connection: sa.Connection, report: Report) -> None:
    """Store it in the place of an earlier one about the same; what it doesn't speak of stays as it was."""
    mine = sa.and_(reports.c.site == report.site, reports.c.about == report.about)
    before = connection.execute(sa.select(*_COLUMNS).where(mine)).first()
    values = {one.name: getattr(report, one.name) for one in fields(Report)}
    if before is None:
        connection.execute(sa.insert(reports).values(id=new_id(), **values))
        return
    for said in ("spam", "toxic"):
        if values[said] is None:
            values[said] = getattr(before, said)
    connection.execute(sa.update(reports).where(mine).values(values))


def newest(connection: sa.Connection, site: str, limit: int = WINDOW) -> list[Report]:
    """Those of a site, newest first."""
    rows = connection.execute(
        sa.select(*_COLUMNS).where(reports.c.site == site).order_by(reports.c.reported_at.desc()).limit(limit)
    )
    return [Report(*row) for row in rows]


def newest_moment(connection: sa.Connection, site: str) -> datetime | None:
    """When the site's newest report came."""
    found: datetime | None = connection.scalar(
        sa.select(sa.func.max(reports.c.reported_at)).where(reports.c.site == site)
    )
    return found


def forget(connection: sa.Connection, site: str, *, beyond: int = WINDOW) -> int:
    """Drop all but the newest ``beyond`` of a site; the number dropped."""
    last = connection.scalar(
        sa.select(reports.c.reported_at)
        .where(reports.c.site == site)
        .order_by(reports.c.reported_at.desc())
        .offset(beyond)
        .limit(1)
    )
    if last is None:
        return 0
    old = sa.and_(reports.c.site == site, reports.c.reported_at <= last)
    return connection.execute(sa.delete(reports).where(old)).rowcount


def forget_before(connection: sa.Connection, *, before: datetime) -> int:
    """Drop those older than ``before``; the number dropped."""
    return connection.execute(sa.delete(reports).where(reports.c.reported_at < before)).rowcount


# --- how much was asked ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Usage:
    """Counts of one key in one month. ``missed_spam`` and ``false_positives`` are what was reported back."""

    calls: int = 0
    spam: int = 0
    ham: int = 0
    missed_spam: int = 0
    false_positives: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, name) + getattr(other, name) for name in COUNTS))


COUNTS = tuple(one.name for one in fields(Usage))


def add_usage(connection: sa.Connection, counted: Iterable[tuple[str, str, Usage]]) -> None:
    """Add counts to those of (token, month)."""
    for token, month, usage in counted:
        mine = sa.and_(door_usage.c.token == token, door_usage.c.month == month)
        more = {name: door_usage.c[name] + getattr(usage, name) for name in COUNTS}
        if connection.execute(sa.update(door_usage).where(mine).values(more)).rowcount == 0:
            first = {name: getattr(usage, name) for name in COUNTS}
            connection.execute(sa.insert(door_usage).values(token=token, month=month, **first))


def usage(connection: sa.Connection, token: str, month: str) -> Usage:
    """What a key asked in a month."""
    columns = [door_usage.c[name] for name in COUNTS]
    mine = sa.and_(door_usage.c.token == token, door_usage.c.month == month)
    row = connection.execute(sa.select(*columns).where(mine)).first()
    return Usage(*row) if row else Usage()
