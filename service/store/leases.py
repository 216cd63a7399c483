"""Leases under which only one of many processes does a thing, and the workers' signs of life."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from service.store.database import locking
from service.store.tables import leases, workers


def take(connection: sa.Connection, name: str, holder: str, *, now: datetime, span: timedelta) -> bool:
    """Whether ``holder`` has the lease ``name`` now: it was free, over, or its own already."""
    query = sa.select(leases.c.holder, leases.c.until).where(leases.c.name == name)
    row = connection.execute(locking(connection, query)).first()
    if row is None:
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(leases).values(name=name, holder=holder, until=now + span))
        except sa.exc.IntegrityError:
            return False
        return True
    # A holder whose clock ran far ahead must not keep the lease for as long: more than a span is never granted.
    if row.holder != holder and now < row.until <= now + span:
        return False
    connection.execute(sa.update(leases).where(leases.c.name == name).values(holder=holder, until=now + span))
    return True


def give_up(connection: sa.Connection, holder: str) -> None:
    """End all leases of a holder that stops in order, and its sign of life."""
    connection.execute(sa.delete(leases).where(leases.c.holder == holder))
    connection.execute(sa.delete(workers).where(workers.c.name == holder))


def beat(connection: sa.Connection, name: str, *, now: datetime, redis_reachable: bool) -> None:
    """A worker's sign of life; those silent for an hour are forgotten."""
    values = {"seen_at": now, "redis_reachable": redis_reachable}
    if connection.execute(sa.update(workers).where(workers.c.name == name).values(values)).rowcount == 0:
        connection.execute(sa.insert(workers).values(name=name, **values))
        connection.execute(sa.delete(workers).where(workers.c.seen_at < now - timedelta(hours=1)))


def alive(connection: sa.Connection, *, since: datetime) -> tuple[int, int]:
    """How many workers were seen since, and how many of them reach Redis."""
    rows = connection.execute(sa.select(workers.c.redis_reachable).where(workers.c.seen_at >= since)).all()
    return len(rows), sum(1 for row in rows if row.redis_reachable)
