"""Bans and trust: who stands how, found by keys that never leave this file.

A key is an index of an address or an origin, as the vault holds it, or what a name sounds like. It is dropped when the
standing ends, so that none outlives its purpose; a row without a key catches nobody.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.errors import StandingImpossible
from service.domain.standing import NEUTRAL, Ban, Kind, Of, Standing, name_key
from service.store.database import locking
from service.store.desk_tables import standings
from service.store.tables import comments, sites, vault

FRESH_SECONDS = 5.0
# How many comments a preview counts, and among how many of a site's newest it looks for a name: names have no index.
PREVIEWED = 1_000
NAMES_LOOKED_AT = 10_000
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A ban or a trust as moderators see it. ``author_name`` is the name at the comment that it came from, empty once
    that was erased; ``running``: whether it catches anybody now."""

    id: UUID
    site: str
    kind: str
    of: str
    comment_id: UUID
    author_name: str
    cause: str
    note: str
    moderator: str
    created_at: datetime
    until: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None
    running: bool


_COLUMNS = (
    standings.c.id,
    standings.c.site,
    standings.c.kind,
    standings.c.of,
    standings.c.comment_id,
    standings.c.author_name,
    standings.c.cause,
    standings.c.note,
    standings.c.moderator,
    standings.c.created_at,
    standings.c.until,
    standings.c.lifted_at,
    standings.c.lifted_by,
)


def _running(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    return sa.and_(
        standings.c.key.is_not(None),
        standings.c.lifted_at.is_(None),
        sa.or_(standings.c.until.is_(None), standings.c.until > now),
    )


def _rows(now: datetime) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*_COLUMNS, _running(now).label("running"))


def _row(row: sa.Row[*tuple[Any, ...]]) -> StandingRow:
    return StandingRow(*row)


# --- of one author ---------------------------------------------------------------------------------------------------


def _keys_of(connection: sa.Connection, comment_id: UUID) -> dict[Of, bytes]:
    """By what the author of a comment can be known again."""
    row = connection.execute(
        sa.select(comments.c.author_name, vault.c.address_index, vault.c.origin_index)
        .outerjoin(vault, vault.c.comment_id == comments.c.id)
        .where(comments.c.id == comment_id)
    ).first()
    if row is None:
        return {}
    keys = {
        Of.NAME: name_key(row.author_name) if row.author_name else None,
        Of.ADDRESS: row.address_index,
        Of.ORIGIN: row.origin_index,
    }
    return {of: key for of, key in keys.items() if key is not None}


def hold_known(connection: sa.Connection, comment_id: UUID, of: Of) -> None:
    """Raises ``StandingImpossible`` where a comment has no name, address or origin, or has none any more."""
    _key_of(connection, comment_id, of)


def _key_of(connection: sa.Connection, comment_id: UUID, of: Of) -> bytes:
    key = _keys_of(connection, comment_id).get(of)
    if key is None:
        raise StandingImpossible
    return key


def add(
    connection: sa.Connection,
    standing_id: UUID,
    *,
    comment_id: UUID,
    kind: Kind,
    of: Of,
    cause: str,
    note: str,
    moderator: str,
    until: datetime | None,
    now: datetime,
) -> bool:
    """Make a standing of a comment's author; false where the same runs already. Raises ``StandingImpossible``."""
    about = sa.select(comments.c.site, comments.c.author_name).where(comments.c.id == comment_id)
    # Whoever erases the comment meanwhile waits, and finds what is to be forgotten; or was first, and nothing is left.
    site, author_name = connection.execute(locking(connection, about)).one()
    key = _key_of(connection, comment_id, of)
    same = sa.select(standings.c.id).where(
        standings.c.site == site,
        standings.c.key == key,
        standings.c.kind == kind.value,
        standings.c.of == of.value,
        _running(now),
    )
    if connection.execute(same.limit(1)).first() is not None:
        return False
    connection.execute(
        sa.insert(standings).values(
            id=standing_id,
            site=site,
            kind=kind.value,
            of=of.value,
            key=key,
            comment_id=comment_id,
            author_name=author_name,
            cause=cause,
            note=note,
            moderator=moderator,
            created_at=now,
            until=until,
        )
    )
    return True


def running_for(
    connection: sa.Connection, site: str, comment_id: UUID, *, now: datetime
) -> list[StandingRow]:
    """The running bans and trust that hold for a comment's author, newest first."""
    keys = _keys_of(connection, comment_id)
    if not keys:
        return []
    ours = sa.or_(*(sa.and_(standings.c.of == of.value, standings.c.key == key) for of, key in keys.items()))
    query = (
        _rows(now)
        .where(standings.c.site == site, standings.c.key.in_(list(keys.values())), ours, _running(now))
        .order_by(standings.c.id.desc())
    )
    return [_row(row) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class Caught:
    """What a standing would have caught: counts by status, and whether there are ``more`` than were counted."""

    by_status: dict[str, int]
    more: bool
    examples: tuple[UUID, ...]


def caught_since(connection: sa.Connection, comment_id: UUID, site: str, of: Of, since: datetime) -> Caught:
    """What a standing of this comment's author would have caught since a moment, the newest thousand at most."""
    key = _key_of(connection, comment_id, of)
    query = sa.select(comments.c.id, comments.c.status, comments.c.created_at, comments.c.author_name)
    if of is Of.NAME:
        query = query.where(comments.c.site == site).limit(NAMES_LOOKED_AT)
    else:
        index = vault.c.address_index if of is Of.ADDRESS else vault.c.origin_index
        window = sa.select(vault.c.comment_id).where(index == key).order_by(vault.c.comment_id.desc())
        query = query.where(comments.c.id.in_(window.limit(PREVIEWED + 1)))
    found = connection.execute(query.order_by(comments.c.id.desc())).all()
    unseen = False
    if of is Of.NAME:
        unseen = len(found) == NAMES_LOOKED_AT and found[-1].created_at >= since
        found = [row for row in found if row.author_name and name_key(row.author_name) == key]
    # Filtered here: a database would look through all that somebody ever wrote for what they wrote of late.
    found = [row for row in found if row.created_at >= since]
    counted = found[:PREVIEWED]
    return Caught(
        by_status=dict(Counter(row.status for row in counted)),
        more=unseen or len(found) > PREVIEWED,
        examples=tuple(row.id for row in counted[:EXAMPLES]),
    )


# --- by themselves ---------------------------------------------------------------------------------------------------


def get(connection: sa.Connection, standing_id: UUID, *, now: datetime) -> StandingRow | None:
    row = connection.execute(_rows(now).where(standings.c.id == standing_id)).first()
    return _row(row) if row else None


def page(
    connection: sa.Connection,
    *,
    site: str | None,
    kind: Kind | None,
    before: UUID | None,
    limit: int,
    now: datetime,
) -> list[StandingRow]:
    """Running and past ones, newest first."""
    query = _rows(now).order_by(standings.c.id.desc()).limit(limit)
    if site is not None:
        query = query.where(standings.c.site == site)
    if kind is not None:
        query = query.where(standings.c.kind == kind.value)
    if before is not None:
        query = query.where(standings.c.id < before)
    return [_row(row) for row in connection.execute(query)]


def lift(connection: sa.Connection, standing_id: UUID, *, by: str, now: datetime) -> bool:
    """End a running one for good and drop its key; whether it was running."""
    changed = connection.execute(
        sa.update(standings)
        .where(standings.c.id == standing_id, _running(now))
        .values(lifted_at=now, lifted_by=by, key=None)
    )
    return changed.rowcount > 0


def forget_ended(connection: sa.Connection, *, now: datetime) -> int:
    """Drop the keys of those whose end has come; the number dropped."""
    changed = connection.execute(
        sa.update(standings).where(standings.c.key.is_not(None), standings.c.until <= now).values(key=None)
    )
    return changed.rowcount


# --- for screening ---------------------------------------------------------------------------------------------------


class StandingBook:
    """Which sites have any ban or trust at all, re-read when older than five seconds: most have none, and for them
    nothing more is asked."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._sites: frozenset[str] = frozenset()
        self._read_at = float("-inf")

    def of(
        self, connection: sa.Connection, authors: dict[UUID, tuple[str, str]], *, now: datetime
    ) -> dict[UUID, Standing]:
        """How the authors of these comments stand; who stands in no way is left out. ``authors`` are (site, name) of
        each. One statement for a batch, and none where no site of it knows a ban or a trust."""
        known = self._known(connection)
        return standing_of(
            connection, {c: author for c, author in authors.items() if author[0] in known}, now
        )

    def _known(self, connection: sa.Connection) -> frozenset[str]:
        if (at := self._monotonic()) - self._read_at > FRESH_SECONDS:
            self._sites = frozenset(connection.scalars(_SITES))
            self._read_at = at
        return self._sites


_SITES = sa.select(sites.c.site).where(
    sa.exists().where(standings.c.site == sites.c.site, standings.c.key.is_not(None))
)


def standing_of(
    connection: sa.Connection, authors: dict[UUID, tuple[str, str]], now: datetime
) -> dict[UUID, Standing]:
    """As ``StandingBook.of``, for sites that have any."""
    if not authors:
        return {}
    keys = {comment_id: name_key(name) for comment_id, (_, name) in authors.items()}
    asked = {
        "ids": list(authors),
        "names": list(set(keys.values())),
        "sites": list({site for site, _ in authors.values()}),
        "now": now,
    }
    by_name: dict[tuple[str, bytes], list[sa.Row[Any]]] = {}
    found: dict[UUID, list[sa.Row[Any]]] = {}
    for row in connection.execute(_STANDING, asked):
        if row.comment_id is None:
            by_name.setdefault((row.site, row.key), []).append(row)
        else:
            found.setdefault(row.comment_id, []).append(row)
    for comment_id, (site, _) in authors.items():
        if rows := by_name.get((site, keys[comment_id])):
            found.setdefault(comment_id, []).extend(rows)
    return {comment_id: _standing(rows) for comment_id, rows in found.items()}


def _standing(rows: list[sa.Row[Any]]) -> Standing:
    bans = sorted((row for row in rows if row.kind == Kind.BAN.value), key=lambda row: row.id)
    if bans:
        return Standing(banned=Ban(Of(bans[0].of), bans[0].cause, bans[0].created_at))
    return Standing(trusted=True) if rows else NEUTRAL


def _by_index(of: Of, index: str) -> sa.Select[Any]:
    return (
        sa.select(vault.c.comment_id, *_WHAT, sa.null().label("key"))
        .join(standings, sa.and_(standings.c.site == vault.c.site, standings.c.key == vault.c[index]))
        .where(vault.c.comment_id.in_(sa.bindparam("ids", expanding=True)), standings.c.of == of.value, _NOW)
    )


_NOW = _running(sa.bindparam("now", type_=standings.c.until.type))
_WHAT = (
    standings.c.id,
    standings.c.site,
    standings.c.kind,
    standings.c.of,
    standings.c.cause,
    standings.c.created_at,
)
_STANDING = sa.union_all(
    sa.select(sa.type_coerce(sa.null(), sa.Uuid()).label("comment_id"), *_WHAT, standings.c.key).where(
        standings.c.site.in_(sa.bindparam("sites", expanding=True)),
        standings.c.key.in_(sa.bindparam("names", expanding=True)),
        standings.c.of == Of.NAME.value,
        _NOW,
    ),
    _by_index(Of.ADDRESS, "address_index"),
    _by_index(Of.ORIGIN, "origin_index"),
)
