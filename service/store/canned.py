"""Rows of canned reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.store.desk_tables import canned_reasons

# More than anybody reads through; a bound for what a list costs.
MOST = 200


@dataclass(frozen=True, slots=True)
class CannedReasonRow:
    """``id`` is ``None`` for one of those that every site has until it has some of its own."""

    id: UUID | None
    site: str
    reason: str
    title: str
    message: str


_COLUMNS = (
    canned_reasons.c.id,
    canned_reasons.c.site,
    canned_reasons.c.reason,
    canned_reasons.c.title,
    canned_reasons.c.message,
)


def of_site(connection: sa.Connection, site: str) -> list[CannedReasonRow]:
    """Those of a site in the order of their titles."""
    query = sa.select(*_COLUMNS).where(canned_reasons.c.site == site).order_by(canned_reasons.c.title)
    return [CannedReasonRow(*row) for row in connection.execute(query.limit(MOST))]


def get(connection: sa.Connection, canned_id: UUID) -> CannedReasonRow | None:
    row = connection.execute(sa.select(*_COLUMNS).where(canned_reasons.c.id == canned_id)).first()
    return CannedReasonRow(*row) if row else None


def add(connection: sa.Connection, row: CannedReasonRow, *, now: datetime) -> None:
    """Raises ``sqlalchemy.exc.IntegrityError`` for a title that the site has already."""
    connection.execute(
        sa.insert(canned_reasons).values(
            id=row.id,
            site=row.site,
            reason=row.reason,
            title=row.title,
            message=row.message,
            created_at=now,
        )
    )


def change(connection: sa.Connection, row: CannedReasonRow) -> None:
    """Raises as ``add``."""
    connection.execute(
        sa.update(canned_reasons)
        .where(canned_reasons.c.id == row.id)
        .values(reason=row.reason, title=row.title, message=row.message)
    )


def remove(connection: sa.Connection, canned_id: UUID) -> None:
    connection.execute(sa.delete(canned_reasons).where(canned_reasons.c.id == canned_id))
