"""Who is looking at a comment just now, so that two people do not work on the same one. Advice, and no lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.store.desk_tables import claims


@dataclass(frozen=True, slots=True)
class Claim:
    moderator: str
    until: datetime


def running(connection: sa.Connection, ids: Sequence[UUID], *, now: datetime) -> dict[UUID, Claim]:
    """The claims that have not run out, by comment."""
    asked = sa.select(claims.c.comment_id, claims.c.moderator, claims.c.until)
    rows = connection.execute(asked.where(claims.c.comment_id.in_(ids), claims.c.until > now))
    return {row[0]: Claim(row[1], row[2]) for row in rows}


def take(
    connection: sa.Connection, comment_id: UUID, moderator: str, *, now: datetime, until: datetime
) -> Claim:
    """Take or renew a claim; the claim that runs afterwards, which may be another's.

    One statement, so that of two who come at once one gets it.
    """
    connection.execute(_TAKE, {"comment": comment_id, "moderator": moderator, "ending": until, "now": now})
    row = connection.execute(
        sa.select(claims.c.moderator, claims.c.until).where(claims.c.comment_id == comment_id)
    ).one()
    return Claim(*row)


_TAKE = sa.text(
    "INSERT INTO claims (comment_id, moderator, until) VALUES (:comment, :moderator, :ending)"
    " ON CONFLICT (comment_id) DO UPDATE SET moderator = excluded.moderator, until = excluded.until"
    " WHERE claims.moderator = excluded.moderator OR claims.until <= :now"
).bindparams(
    sa.bindparam("comment", type_=sa.Uuid),
    sa.bindparam("ending", type_=claims.c.until.type),
    sa.bindparam("now", type_=claims.c.until.type),
)


def give_up(connection: sa.Connection, comment_id: UUID, moderator: str) -> None:
    """End this moderator's claim, if there is one."""
    connection.execute(
        sa.delete(claims).where(claims.c.comment_id == comment_id, claims.c.moderator == moderator)
    )


def end(connection: sa.Connection, ids: Sequence[UUID]) -> None:
    """End whoever's claims on these comments."""
    connection.execute(sa.delete(claims).where(claims.c.comment_id.in_(ids)))


def forget_expired(connection: sa.Connection, *, now: datetime) -> None:
    connection.execute(sa.delete(claims).where(claims.c.until <= now))
