"""Rows of tokens. A token itself is never stored: only its SHA-256, which suffices for 256 random bits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.store.database import locking
from service.store.ids import new_id
from service.store.tables import tokens


@dataclass(frozen=True, slots=True)
class TokenRow:
    """Who a token speaks for. ``site`` narrows it to one site; ``None`` means all."""

    id: UUID
    name: str
    role: str
    site: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


_COLUMNS = (
    tokens.c.id,
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


def everyone(connection: sa.Connection, site: str | None = None) -> list[TokenRow]:
    """All tokens, oldest first; with a ``site`` those that are narrowed to it."""
    query = sa.select(*_COLUMNS).order_by(tokens.c.created_at, tokens.c.id)
    if site is not None:
        query = query.where(tokens.c.site == site)
    return [_read(row) for row in connection.execute(query)]


def of_id(connection: sa.Connection, token_id: UUID) -> TokenRow | None:
    row = connection.execute(sa.select(*_COLUMNS).where(tokens.c.id == token_id)).first()
    return _read(row) if row else None


def named(connection: sa.Connection, name: str) -> TokenRow | None:
    """The token of this name, also when revoked; nobody else changes it before the transaction ends."""
    row = connection.execute(locking(connection, sa.select(*_COLUMNS).where(tokens.c.name == name))).first()
    return _read(row) if row else None


def working_everywhere(connection: sa.Connection, role: str) -> list[str]:
    """Names of the tokens of a role that work and are narrowed to no site. Two transactions that ask for them come
    one after the other, so that the second sees what the first left."""
    query = (
        sa.select(tokens.c.name)
        .where(tokens.c.role == role, tokens.c.site.is_(None), tokens.c.revoked_at.is_(None))
        .order_by(tokens.c.id)
    )
    return list(connection.scalars(locking(connection, query)))


def set_role(connection: sa.Connection, name: str, role: str) -> None:
    connection.execute(sa.update(tokens).where(tokens.c.name == name).values(role=role))


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
