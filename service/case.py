"""One comment with everything that a moderator needs to decide about it, and what moderators note about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.domain.diff import Piece, difference
from service.domain.errors import CommentNotFound
from service.domain.roles import Power
from service.people import Moderator
from service.store import case, desk, journal, notes, standings
from service.store.database import Database
from service.store.items import QueueItem, items_of

NEIGHBOURS = 3


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a comment answers, and what stands beside it on stage: ``before`` and ``after`` anywhere in the thread, the
    siblings under the same parent. All oldest first; ``root`` and ``parent`` are there off stage, too."""

    root: desk.CommentRow | None
    parent: desk.CommentRow | None
    before: list[desk.NeighbourRow]
    after: list[desk.NeighbourRow]
    siblings_before: list[desk.NeighbourRow]
    siblings_after: list[desk.NeighbourRow]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """``edit`` is what the waiting text changes, word by word; the item's findings are those of ``screening``, the last
    one. ``standings`` are the running bans and trust that hold for the author. Newest first: ``notes``, ``alike`` and
    ``standings``."""

    item: QueueItem
    edit: tuple[Piece, ...] | None
    around: Surroundings
    author: case.AuthorRow
    standings: list[standings.StandingRow]
    screening: case.ScreeningRow | None
    notes: list[notes.NoteRow]
    alike: list[case.AlikeRow]


@dataclass(frozen=True)
class Cases:
    database: Database
    now: Callable[[], datetime]

    def open(self, moderator: Moderator, comment_id: UUID) -> CaseFile:
        """Raises ``Forbidden``, and ``CommentNotFound`` also for comments of a site that is not the moderator's."""
        moderator.must(Power.READ)
        with self.database.read() as connection:
            row = moderator.seen(desk.get(connection, comment_id), CommentNotFound)
            [item] = items_of(connection, [row], now=self.now())
            found = CaseFile(
                item=item,
                edit=difference(row.source, row.edit_source) if row.edit_source is not None else None,
                around=_around(connection, row),
                author=case.author(connection, row.id),
                standings=standings.running_for(connection, row.site, row.id, now=self.now()),
                screening=case.last_screening(connection, row.id),
                notes=notes.about(connection, [row.id], notes.SHOWN),
                alike=case.alike(connection, row.site, row.id),
            )
        return found

    def glimpse(self, moderator: Moderator, ids: list[UUID]) -> dict[UUID, desk.CommentRow]:
        """The comments themselves, by id, without all that a case gathers; those that are not there, or are of a site
        that is not the moderator's, are left out. Raises ``Forbidden``."""
        moderator.must(Power.READ)
        with self.database.read() as connection:
            rows = desk.many(connection, ids) if ids else []
        return {row.id: row for row in rows if moderator.may_see(row.site)}

    def note(self, moderator: Moderator, comment_id: UUID, text: str) -> notes.NoteRow:
        """Tell other moderators something about a comment; no author reads it. Raises as ``open``."""
        moderator.must(Power.DECIDE)
        now = self.now()
        with self.database.write() as connection:
            row = moderator.seen(desk.get(connection, comment_id), CommentNotFound)
            made = notes.add(connection, comment_id, text, by=moderator.name, now=now)
            # Not what it says: the entry stays when the note goes.
            journal.append(
                connection,
                at=now,
                actor=moderator.name,
                act="note.add",
                subject=f"comment {comment_id}",
                site=row.site,
                detail={"note": str(made.id)},
            )
        return made


def _around(connection: sa.Connection, row: desk.CommentRow) -> Surroundings:
    parent = desk.get(connection, row.parent_id) if row.parent_id else None
    root_id = case.root_of(connection, row.id)
    root = parent if root_id == row.parent_id else desk.get(connection, root_id) if root_id else None
    before, after = desk.neighbours(connection, row.thread_id, row.id, NEIGHBOURS)
    beside = case.siblings(connection, row.thread_id, row.parent_id, row.id, NEIGHBOURS)
    return Surroundings(root, parent, before, after, *beside)
