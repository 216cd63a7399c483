"""Bans and trust: made from a comment, tried beforehand, and lifted in one step for good.

Whoever asks names a comment. By what its author is known again stays in the store: what comes back is the name that
stood there, which a moderator has seen anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from service.domain.errors import (
    AlreadyStanding,
    CommentNotFound,
    FieldError,
    InvalidSubmission,
    StandingImpossible,
    StandingNotFound,
    StandingOver,
)
from service.domain.policy import Reason
from service.domain.roles import Power
from service.domain.standing import OF_KIND, Kind, Of
from service.people import Moderator
from service.store import desk, journal, standings
from service.store.database import Database
from service.store.ids import new_id

PREVIEW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ban or a trust of the author of ``comment_id``; without ``until`` it runs until it is lifted."""

    comment_id: UUID
    kind: Kind
    of: Of
    cause: Reason
    note: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What it would have caught of the last ``days`` days, and until when it would run."""

    caught: standings.Caught
    days: int
    until: datetime | None


@dataclass(frozen=True)
class Standings:
    """``origin_days``: for how long a network origin is known after a comment came from it."""

    database: Database
    now: Callable[[], datetime]
    origin_days: int

    def create(self, moderator: Moderator, wanted: Wanted) -> standings.StandingRow:
        """Raises ``Forbidden``, ``CommentNotFound``, ``InvalidSubmission``, ``StandingImpossible`` and
        ``AlreadyStanding``."""
        moderator.must(Power.STAND)
        now = self.now()
        with self.database.write() as connection:
            row = moderator.seen(desk.get(connection, wanted.comment_id), CommentNotFound)
            until = self._end(connection, row, wanted, now)
            made = new_id()
            # First of all: whoever else adds an entry waits for this one, and so two cannot make the same ban at once.
            journal.append(
                connection,
                at=now,
                actor=moderator.name,
                act=f"{wanted.kind.value}.create",
                subject=f"standing {made}",
                site=row.site,
                detail={
                    "of": wanted.of.value,
                    "comment": str(row.id),
                    "cause": wanted.cause.value,
                    "until": until.isoformat() if until else None,
                },
            )
            stands = standings.add(
                connection,
                made,
                comment_id=row.id,
                kind=wanted.kind,
                of=wanted.of,
                cause=wanted.cause.value,
                note=wanted.note,
                moderator=moderator.name,
                until=until,
                now=now,
            )
            found = standings.get(connection, made, now=now) if stands else None
            if found is None:
                raise AlreadyStanding
        return found

    def preview(self, moderator: Moderator, wanted: Wanted) -> Preview:
        """What ``create`` would have caught lately; changes nothing. Raises as ``create``, save ``AlreadyStanding``."""
        moderator.must(Power.STAND)
        now = self.now()
        with self.database.read() as connection:
            row = moderator.seen(desk.get(connection, wanted.comment_id), CommentNotFound)
            until = self._end(connection, row, wanted, now)
            since = now - timedelta(days=PREVIEW_DAYS)
            caught = standings.caught_since(connection, row.id, row.site, wanted.of, since)
        return Preview(caught, PREVIEW_DAYS, until)

    def page(
        self,
        moderator: Moderator,
        *,
        site: str | None,
        kind: Kind | None = None,
        before: UUID | None = None,
        limit: int = 50,
    ) -> list[standings.StandingRow]:
        """Running and past ones, newest first. Raises ``Forbidden``."""
        moderator.must(Power.STAND)
        with self.database.read() as connection:
            return standings.page(
                connection,
                site=moderator.narrowed(site),
                kind=kind,
                before=before,
                limit=limit,
                now=self.now(),
            )

    def lift(self, moderator: Moderator, standing_id: UUID) -> standings.StandingRow:
        """End a ban or a trust for good. Raises ``Forbidden``, ``StandingNotFound`` and ``StandingOver``."""
        moderator.must(Power.STAND)
        now = self.now()
        with self.database.write() as connection:
            row = moderator.seen(standings.get(connection, standing_id, now=now), StandingNotFound)
            if not standings.lift(connection, standing_id, by=moderator.name, now=now):
                raise StandingOver
            journal.append(
                connection,
                at=now,
                actor=moderator.name,
                act=f"{row.kind}.lift",
                subject=f"standing {standing_id}",
                site=row.site,
                detail={"of": row.of, "comment": str(row.comment_id)},
            )
            lifted = standings.get(connection, standing_id, now=now)
        assert lifted is not None
        return lifted

    def _end(
        self, connection: sa.Connection, row: desk.CommentRow, wanted: Wanted, now: datetime
    ) -> datetime | None:
        """When it will end. A ban of an origin lives no longer than what we promised to forget."""
        if wanted.of not in OF_KIND[wanted.kind]:
            raise InvalidSubmission([FieldError("/of", "Trust is of an address alone.")])
        if wanted.until is not None and wanted.until <= now:
            raise InvalidSubmission([FieldError("/until", "This has to be in the future.")])
        standings.hold_known(connection, row.id, wanted.of)
        if wanted.of is not Of.ORIGIN:
            return wanted.until
        forgotten = row.created_at + timedelta(days=self.origin_days)
        if forgotten <= now:
            raise StandingImpossible
        return min(wanted.until or forgotten, forgotten)
