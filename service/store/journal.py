"""The journal: what people did, one entry after the other, each sealed with the hash of the one before.

An entry is added in the transaction of the act itself, so that none is missing and none is there for nothing. It
names comments by their ids alone: an erased comment leaves no word of it here. Whoever changes, drops or puts in an
entry afterwards breaks the chain from there on (``verify``), unless they make all later hashes anew; who keeps the
last hash elsewhere sees that, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from service.store.desk_tables import journal

# Any constant will do; it names "the journal is added to" among PostgreSQL's advisory locks.
_ADVISORY_LOCK = 0x6772656F
BEGINNING = bytes(32)
PAGE = 500
# Beyond it, a database may give another number back than it was given.
EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Entry:
    """``subject`` names what was acted on, such as "comment 01a2…"; ``detail`` is a flat JSON document."""

    number: int
    at: datetime
    actor: str
    act: str
    site: str | None
    subject: str
    detail: dict[str, Any]
    hash: bytes


def append(
    connection: sa.Connection,
    *,
    at: datetime,
    actor: str,
    act: str,
    subject: str,
    site: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Add an entry within the caller's transaction. Until that ends, nobody else can add one: so the entry comes last,
    after whatever else the transaction locks. Raises ``ValueError`` for a number in ``detail`` that is no exact one.
    """
    if any(isinstance(value, int | float) and not abs(value) <= EXACT for value in (detail or {}).values()):
        raise ValueError("a number too large to come back as it was stored")
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
    last = connection.execute(_LAST).first()
    number, before = (last.number + 1, last.hash) if last else (1, BEGINNING)
    entry = Entry(number, at.astimezone(UTC), actor, act, site, subject, detail or {}, b"")
    connection.execute(
        sa.insert(journal).values(
            number=number,
            at=entry.at,
            actor=actor,
            act=act,
            site=site,
            subject=subject,
            detail=entry.detail,
            hash=sealed(before, entry),
        )
    )


_LAST = sa.select(journal.c.number, journal.c.hash).order_by(journal.c.number.desc()).limit(1)


def sealed(before: bytes, entry: Entry) -> bytes:
    """SHA-256 over the hash of the entry before and this entry as JSON with sorted keys (``told``)."""
    document = json.dumps(told(entry), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(before + document.encode()).digest()


def told(entry: Entry) -> dict[str, Any]:
    """All that an entry says, as it is sealed and exported; the time in ISO 8601, UTC, as exact as it is kept."""
    return {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor,
        "act": entry.act,
        "site": entry.site,
        "subject": entry.subject,
        "detail": _plain(entry.detail),
    }


def _plain(value: Any) -> Any:
    """``value`` with whole numbers as integers: PostgreSQL may give 1e15 back as one, and a hash must not tell them
    apart."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def entries(
    connection: sa.Connection, *, site: str | None = None, before: int | None = None, limit: int = PAGE
) -> list[Entry]:
    """Entries, newest first; those of one ``site`` alone, or of all and those of none."""
    query = sa.select(journal).order_by(journal.c.number.desc()).limit(limit)
    if site is not None:
        query = query.where(journal.c.site == site)
    if before is not None:
        query = query.where(journal.c.number < before)
    return [Entry(*row) for row in connection.execute(query)]


def following(connection: sa.Connection, after: int, *, site: str | None = None) -> list[Entry]:
    """A page of entries after the one of this number, oldest first; those of one ``site`` alone, or all."""
    query = sa.select(journal).where(journal.c.number > after).order_by(journal.c.number).limit(PAGE)
    if site is not None:
        query = query.where(journal.c.site == site)
    return [Entry(*row) for row in connection.execute(query)]


def everything(connection: sa.Connection) -> Iterator[Entry]:
    """All entries, oldest first, a page at a time."""
    # Whatever number somebody gave an entry that they put in, it is looked at.
    after = -(2**63)
    while page := following(connection, after):
        yield from page
        after = page[-1].number


def verify(connection: sa.Connection) -> tuple[int, bytes, int | None]:
    """(how many entries hold, the hash of the last of them, the number of the first that does not, or None)."""
    count, before = 0, BEGINNING
    for entry in everything(connection):
        if entry.number != count + 1 or entry.hash != sealed(before, entry):
            return count, before, count + 1
        count, before = entry.number, entry.hash
    return count, before, None
