"""What stands around one comment: its thread, its author's other comments, and texts like it.

Comments of one author are joined here by the vault's index of their address, which does not leave this file. All of
it is bounded, so that the case of a busy author, or in a long thread, opens as fast as any.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Place
from service.domain.fingerprint import distance
from service.store import notes
from service.store.context import NEAR
from service.store.desk import NeighbourRow
from service.store.tables import comments, fingerprints, screenings, vault

# How many of an author's comments are counted, the newest; and how many names and notes are shown.
RECORD_MOST = 1_000
NAMES_SHOWN = 5
AUTHOR_NOTES = 10
# How many look-alikes are shown; and how many are compared for each band of the fingerprint, the newest.
ALIKE_SHOWN = 20
ALIKE_PER_BAND = 200


# --- the author ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AuthorRow:
    """An author's comments at a site, counted by status: the newest thousand, and whether there are ``more``.

    ``known``: whether they gave an address; of one who gave none, only the one comment is counted. ``names`` are those
    under which they wrote, the latest first.
    """

    known: bool
    by_status: dict[str, int]
    more: bool
    first_seen: datetime
    names: tuple[str, ...]
    notes: tuple[notes.NoteRow, ...]


def author(connection: sa.Connection, comment_id: UUID) -> AuthorRow:
    """The author of a comment that is there, with this comment among theirs."""
    index = connection.scalar(sa.select(vault.c.address_index).where(vault.c.comment_id == comment_id))
    theirs = sa.select(vault.c.comment_id).where(vault.c.address_index == index)
    ids = [comment_id]
    if index is not None:
        newest = theirs.order_by(vault.c.comment_id.desc()).limit(RECORD_MOST + 1)
        ids = list(connection.scalars(newest))
    counted, more = ids[:RECORD_MOST], len(ids) > RECORD_MOST
    rows = connection.execute(
        sa.select(comments.c.id, comments.c.status, comments.c.author_name, comments.c.created_at)
        .where(comments.c.id.in_(counted))
        .order_by(comments.c.id.desc())
    ).all()
    first_seen = rows[-1].created_at
    if more:
        oldest = theirs.order_by(vault.c.comment_id).limit(1).scalar_subquery()
        first_seen = connection.scalar(sa.select(comments.c.created_at).where(comments.c.id == oldest))
    names = dict.fromkeys(row.author_name for row in rows if row.author_name)
    return AuthorRow(
        known=index is not None,
        by_status=dict(Counter(row.status for row in rows)),
        more=more,
        first_seen=first_seen,
        names=tuple(names)[:NAMES_SHOWN],
        notes=tuple(notes.about(connection, counted, AUTHOR_NOTES)),
    )


# --- the thread ------------------------------------------------------------------------------------------------------


def siblings(
    connection: sa.Connection, thread_id: UUID, parent_id: UUID | None, comment_id: UUID, count: int
) -> tuple[list[NeighbourRow], list[NeighbourRow]]:
    """The shown answers to the same comment (or beginnings of the thread) just before and just after one, both oldest
    first."""
    base = sa.select(
        comments.c.id, comments.c.author_name, comments.c.source, comments.c.status, comments.c.created_at
    ).where(
        comments.c.thread_id == thread_id,
        comments.c.parent_id.is_(None) if parent_id is None else comments.c.parent_id == parent_id,
        comments.c.place == Place.SHOWN.value,
        sa.text("place <> 'hidden'"),
    )
    before = connection.execute(
        base.where(comments.c.id < comment_id).order_by(comments.c.id.desc()).limit(count)
    ).all()
    after = connection.execute(
        base.where(comments.c.id > comment_id).order_by(comments.c.id).limit(count)
    ).all()
    return [NeighbourRow(*row) for row in reversed(before)], [NeighbourRow(*row) for row in after]


def root_of(connection: sa.Connection, comment_id: UUID) -> UUID | None:
    """The comment that began the conversation which this one is part of."""
    found: UUID | None = connection.scalar(sa.select(comments.c.root_id).where(comments.c.id == comment_id))
    return found


@dataclass(frozen=True, slots=True)
class ScreeningRow:
    """When a comment was last screened, what its text was then, and by which policy."""

    revision: int
    policy_version: int
    learned_version: int | None
    created_at: datetime


def last_screening(connection: sa.Connection, comment_id: UUID) -> ScreeningRow | None:
    row = connection.execute(
        sa.select(
            screenings.c.revision,
            screenings.c.policy_version,
            screenings.c.learned_version,
            screenings.c.created_at,
        )
        .where(screenings.c.comment_id == comment_id)
        .order_by(screenings.c.id.desc())
        .limit(1)
    ).first()
    return ScreeningRow(*row) if row else None


@dataclass(frozen=True, slots=True)
class AlikeRow:
    """Another comment of the site with the same or nearly the same text. ``distance`` is in bits of 64."""

    id: UUID
    author_name: str
    source: str
    status: str
    awaiting: str | None
    revision: int
    created_at: datetime
    distance: int
    same_text: bool
    same_author: bool


def alike(connection: sa.Connection, site: str, comment_id: UUID) -> list[AlikeRow]:
    """Comments that resemble this one, earlier and later ones, newest first; none before it was screened."""
    mine = connection.execute(sa.select(fingerprints).where(fingerprints.c.comment_id == comment_id)).first()
    if mine is None:
        return []
    near = {
        row.comment_id: (distance(mine.simhash, row.simhash), row.text_hash == mine.text_hash)
        for row in connection.execute(_beside(mine))
        if row.comment_id != comment_id and row.site == site
    }
    chosen = sorted((one for one, (apart, same) in near.items() if same or apart <= NEAR), reverse=True)
    described = _described(connection, [comment_id, *chosen[:ALIKE_SHOWN]])
    author = described[comment_id].address_index if comment_id in described else None
    return [
        AlikeRow(
            id=one,
            author_name=row.author_name,
            source=row.source,
            status=row.status,
            awaiting=row.awaiting,
            revision=row.revision,
            created_at=row.created_at,
            distance=near[one][0],
            same_text=near[one][1],
            same_author=author is not None and row.address_index == author,
        )
        for one in chosen[:ALIKE_SHOWN]
        if (row := described.get(one)) is not None
    ]


def _beside(mine: sa.Row[Any]) -> sa.CompoundSelect[Any]:
    """The newest of all whose text is the same, or that share a band with it."""
    columns = (
        fingerprints.c.comment_id,
        fingerprints.c.site,
        fingerprints.c.text_hash,
        fingerprints.c.simhash,
    )
    parts = []
    for name in ("text_hash", "band0", "band1", "band2", "band3"):
        newest = (
            sa.select(*columns)
            .where(fingerprints.c[name] == getattr(mine, name))
            .order_by(fingerprints.c.comment_id.desc())
            .limit(ALIKE_PER_BAND)
            .subquery()
        )
        parts.append(sa.select(newest))
    return sa.union_all(*parts)


def _described(connection: sa.Connection, ids: list[UUID]) -> dict[UUID, sa.Row[*tuple[Any, ...]]]:
    query = (
        sa.select(
            comments.c.id,
            comments.c.author_name,
            comments.c.source,
            comments.c.status,
            comments.c.awaiting,
            comments.c.revision,
            comments.c.created_at,
            vault.c.address_index,
        )
        .outerjoin(vault, vault.c.comment_id == comments.c.id)
        .where(comments.c.id.in_(ids))
    )
    return {row.id: row for row in connection.execute(query)}
