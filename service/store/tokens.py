"""Rows of admin tokens. A token itself is never stored: only its SHA-256, which suffices for 256 random bits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from service.store.ids import new_id
from service.store.tables import tokens


@dataclass(frozen=True, slots=True)
class TokenRow:
    """Who a token speaks for. ``site`` narrows it to one site; ``None`` means all."""

    name: str
    role: str
    site: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


_COLUMNS = (
    tokens.c.name,
    tokens.c.role,
    tokens.c.site,
    tokens.c.created_at,
    tokens.c.last_used_at,
    tokens.c.revoked_at,
)


def _read(row: sa.Row[*tuple[Any, ...]]) -> TokenRow:
    return TokenRow(*row)


def add(
    connection: sa.Connection,
    *,
    name: str,
    token_hash: bytes,
    role: str,
    site: str | None,
    now: datetime,
) -> None:
    """Store a new token. Raises ``sqlalchemy.exc.IntegrityError`` when the name is taken."""
    connection.execute(
        sa.insert(tokens).values(
            id=new_id(), name=name, token_hash=token_hash, role=role, site=site, created_at=now
        )
    )


def find(connection: sa.Connection, token_hash: bytes) -> TokenRow | None:
    """The token with this hash, also when revoked."""
    row = connection.execute(sa.select(*_COLUMNS).where(tokens.c.token_hash == token_hash)).first()
    return _read(row) if row else None


def everyone(connection: sa.Connection) -> list[TokenRow]:
    return [_read(row) for row in connection.execute(sa.select(*_COLUMNS).order_by(tokens.c.created_at))]


def revoke(connection: sa.Connection, name: str, *, now: datetime) -> bool:
    changed = connection.execute(
        sa.update(tokens).where(tokens.c.name == name, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return changed.rowcount > 0


def used(connection: sa.Connection, name: str, *, now: datetime) -> None:
    """Note the use, to the minute: a busy moderator must not cost a write for every click."""
    connection.execute(
        sa.update(tokens)
        .where(tokens.c.name == name)
        .where(sa.or_(tokens.c.last_used_at.is_(None), tokens.c.last_used_at < now - timedelta(minutes=1)))
        .values(last_used_at=now)
    )
