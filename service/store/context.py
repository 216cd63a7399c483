"""What screening may know of a comment besides its text: records of author and origin, and look-alikes.

All of it is gathered for a whole batch at once and bounded, so that a busy author or a popular phrase costs
no more than a quiet one. Addresses stay in the vault: only counts and "the same author" leave this file.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Lookalike, Record
from service.domain.fingerprint import Fingerprint, distance
from service.store.tables import comments, fingerprints, vault

# How many earlier comments an author's or origin's record looks back.
RECORD_WINDOW = 30
# How many earlier comments are compared for each of the four bands of a fingerprint, newest first.
LOOKALIKES_PER_BAND = 5
NEAR = 6


@dataclass(frozen=True, slots=True)
class Owner:
    """Keyed indexes of a comment's author and origin, for comparing only."""

    address_index: bytes | None
    origin_index: bytes | None


def owners(connection: sa.Connection, ids: list[UUID]) -> dict[UUID, Owner]:
    rows = connection.execute(
        sa.select(vault.c.comment_id, vault.c.address_index, vault.c.origin_index).where(
            vault.c.comment_id.in_(ids)
        )
    )
    return {row[0]: Owner(row[1], row[2]) for row in rows}


def author_records(connection: sa.Connection, ids: list[UUID]) -> dict[UUID, Record]:
    """What became of the last comments of each comment's author; comments without an address are left out."""
    return _records(connection, vault.c.address_index, ids)


def origin_records(connection: sa.Connection, ids: list[UUID]) -> dict[UUID, Record]:
    """What became of the last comments from each comment's network origin, as far as that is still kept."""
    return _records(connection, vault.c.origin_index, ids)


def _records(connection: sa.Connection, column: sa.Column[Any], ids: list[UUID]) -> dict[UUID, Record]:
    owned = connection.execute(
        sa.select(column, vault.c.comment_id).where(vault.c.comment_id.in_(ids), column.is_not(None))
    )
    members: dict[bytes, list[UUID]] = defaultdict(list)
    for owner, comment_id in owned:
        members[owner].append(comment_id)
    found: dict[UUID, Record] = {}
    for owner, of_one in members.items():
        earlier: list[tuple[UUID, str]] = []
        complete = False
        for comment_id in sorted(of_one, reverse=True):
            earlier = [row for row in earlier if row[0] < comment_id]
            if len(earlier) < RECORD_WINDOW and not complete:
                # Those of one owner mostly arrived together: what is read for the newest serves all of them.
                limit = RECORD_WINDOW + len(of_one)
                earlier = _earlier(connection, column, owner, comment_id, limit)
                complete = len(earlier) < limit
            counts = Counter(status for _, status in earlier[:RECORD_WINDOW])
            if counts:
                found[comment_id] = Record(**{name: counts[name] for name in _COUNTED})
    return found


_COUNTED = ("approved", "rejected", "held", "pending")


def _earlier(
    connection: sa.Connection, column: sa.Column[Any], owner: bytes, before: UUID, limit: int
) -> list[tuple[UUID, str]]:
    """Comments of one author or origin before this one, with their status, newest first."""
    # Chosen before they are joined, so that an owner of a hundred thousand comments costs as little as one of ten.
    newest = (
        sa.select(vault.c.comment_id)
        .where(column == owner, vault.c.comment_id < before)
        .order_by(vault.c.comment_id.desc())
        .limit(limit)
        .subquery()
    )
    rows = connection.execute(
        sa.select(comments.c.id, comments.c.status).join(newest, newest.c.comment_id == comments.c.id)
    )
    return sorted(((row[0], row[1]) for row in rows), reverse=True)


def _recent(where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    newest = (
        sa.select(
            fingerprints.c.comment_id,
            fingerprints.c.thread_id,
            fingerprints.c.text_hash,
            fingerprints.c.simhash,
        )
        .where(where, fingerprints.c.comment_id < sa.bindparam("before"))
        .order_by(fingerprints.c.comment_id.desc())
        .limit(LOOKALIKES_PER_BAND)
        .subquery()
    )
    return sa.select(newest)


_NEAR = sa.union_all(
    _recent(fingerprints.c.text_hash == sa.bindparam("text_hash")),
    *(_recent(fingerprints.c[f"band{n}"] == sa.bindparam(f"value{n}")) for n in range(4)),
)


@dataclass(frozen=True, slots=True)
class Printed:
    """A comment of the batch with its fingerprint."""

    comment_id: UUID
    thread_id: UUID
    fingerprint: Fingerprint


def lookalikes(
    connection: sa.Connection, batch: list[Printed], owned: dict[UUID, Owner]
) -> dict[UUID, tuple[Lookalike, ...]]:
    """Earlier comments that resemble each one of the batch, newest first; members of the batch count too."""
    near: dict[UUID, dict[UUID, tuple[int, bool, bool]]] = {}
    for place, printed in enumerate(batch):
        mine = printed.fingerprint
        bands = {f"value{n}": band for n, band in enumerate(mine.bands)}
        rows = connection.execute(
            _NEAR, {"before": printed.comment_id, "text_hash": mine.text_hash, **bands}
        ).all()
        found = near[printed.comment_id] = {}
        for comment_id, thread_id, text_hash, simhash in rows:
            if (apart := distance(mine.simhash, simhash)) <= NEAR or text_hash == mine.text_hash:
                found[comment_id] = (apart, text_hash == mine.text_hash, thread_id == printed.thread_id)
        for other in batch[:place]:
            theirs = other.fingerprint
            same_text = theirs.text_hash == mine.text_hash
            if same_text or (distance(mine.simhash, theirs.simhash)) <= NEAR:
                apart = distance(mine.simhash, theirs.simhash)
                found[other.comment_id] = (apart, same_text, other.thread_id == printed.thread_id)
    return _described(connection, near, owned)


def _described(
    connection: sa.Connection,
    near: dict[UUID, dict[UUID, tuple[int, bool, bool]]],
    owned: dict[UUID, Owner],
) -> dict[UUID, tuple[Lookalike, ...]]:
    wanted = list({other for found in near.values() for other in found})
    if not wanted:
        return {}
    about = {
        row[0]: (row[1], row[2])
        for row in connection.execute(
            sa.select(comments.c.id, comments.c.status, vault.c.address_index)
            .join(vault, vault.c.comment_id == comments.c.id)
            .where(comments.c.id.in_(wanted))
        )
    }
    described: dict[UUID, tuple[Lookalike, ...]] = {}
    for comment_id, found in near.items():
        author = owned[comment_id].address_index if comment_id in owned else None
        described[comment_id] = tuple(
            Lookalike(
                comment_id=other,
                distance=apart,
                same_text=same_text,
                same_author=author is not None and about[other][1] == author,
                same_thread=same_thread,
                status=about[other][0],
            )
            for other, (apart, same_text, same_thread) in sorted(found.items(), reverse=True)
            if other in about
        )
    return described


def keep_fingerprints(connection: sa.Connection, site_of: dict[UUID, str], batch: list[Printed]) -> None:
    """Store the batch's fingerprints, replacing those of edited comments."""
    if not batch:
        return
    connection.execute(
        sa.delete(fingerprints).where(fingerprints.c.comment_id.in_([p.comment_id for p in batch]))
    )
    connection.execute(
        sa.insert(fingerprints),
        [
            {
                "comment_id": printed.comment_id,
                "site": site_of[printed.comment_id],
                "thread_id": printed.thread_id,
                "text_hash": printed.fingerprint.text_hash,
                "simhash": printed.fingerprint.simhash,
                **{f"band{n}": band for n, band in enumerate(printed.fingerprint.bands)},
            }
            for printed in batch
        ],
    )
