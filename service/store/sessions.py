"""Rows of moderators' sessions. The secret in the cookie is never stored, only its SHA-256."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from service.store.desk_tables import sessions
from service.store.ids import new_id

# What the setting allows at most: whoever was not seen for longer is signed out.
IDLE_MAX = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: UUID
    token_id: UUID
    created_at: datetime
    seen_at: datetime
    ended_at: datetime | None


_COLUMNS = (
    sessions.c.id,
    sessions.c.token_id,
    sessions.c.created_at,
    sessions.c.seen_at,
    sessions.c.ended_at,
)


def add(connection: sa.Connection, token_id: UUID, secret_hash: bytes, *, now: datetime) -> SessionRow:
    """Store a new session."""
    row = SessionRow(new_id(), token_id, now, now, None)
    connection.execute(
        sa.insert(sessions).values(
            id=row.id, token_id=token_id, secret_hash=secret_hash, created_at=now, seen_at=now
        )
    )
    return row


def find(connection: sa.Connection, secret_hash: bytes) -> SessionRow | None:
    """The session of this secret, also when it is over."""
    row = connection.execute(sa.select(*_COLUMNS).where(sessions.c.secret_hash == secret_hash)).first()
    return SessionRow(*row) if row else None


def seen(connection: sa.Connection, session_id: UUID, *, now: datetime) -> None:
    connection.execute(sa.update(sessions).where(sessions.c.id == session_id).values(seen_at=now))


def end(connection: sa.Connection, session_id: UUID, *, now: datetime) -> bool:
    """End a session; whether it had not ended before."""
    query = sa.update(sessions).where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
    return connection.execute(query.values(ended_at=now)).rowcount > 0


def end_all(connection: sa.Connection, token_id: UUID, *, now: datetime) -> None:
    """End all sessions of a token."""
    query = sa.update(sessions).where(sessions.c.token_id == token_id, sessions.c.ended_at.is_(None))
    connection.execute(query.values(ended_at=now))


def running(
    connection: sa.Connection, token_ids: Iterable[UUID], *, created_after: datetime, seen_after: datetime
) -> dict[UUID, int]:
    """How many sessions of each token began and were last seen after these moments, and were not ended."""
    query = (
        sa.select(sessions.c.token_id, sa.func.count())
        .where(sessions.c.token_id.in_(list(token_ids)), sessions.c.ended_at.is_(None))
        .where(sessions.c.created_at > created_after, sessions.c.seen_at > seen_after)
        .group_by(sessions.c.token_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def forget_ended(connection: sa.Connection, *, before: datetime) -> None:
    """Drop sessions that ended before this moment, also those that ran out because nobody came any more."""
    connection.execute(
        sa.delete(sessions).where(
            sa.or_(sessions.c.ended_at < before, sessions.c.seen_at < before - IDLE_MAX)
        )
    )
