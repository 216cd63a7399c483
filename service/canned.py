"""Canned reasons: sentences for authors that a site's moderators use again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from service.domain.canned import DEFAULTS, Canned
from service.domain.errors import CannedReasonNotFound, FieldError, InvalidSubmission, TitleTaken
from service.domain.roles import Power
from service.people import Moderator
from service.store import canned, journal
from service.store.canned import CannedReasonRow
from service.store.database import Database
from service.store.ids import new_id


@dataclass(frozen=True)
class CannedReasons:
    database: Database
    now: Callable[[], datetime]

    def of_site(self, moderator: Moderator, site: str) -> list[CannedReasonRow]:
        """A site's own by title, or those that every site begins with. Raises ``Forbidden``."""
        moderator.must_at(site, Power.READ)
        with self.database.read() as connection:
            own = canned.of_site(connection, site)
        return own or [
            CannedReasonRow(None, site, one.reason.value, one.title, one.message) for one in DEFAULTS
        ]

    def add(self, moderator: Moderator, site: str, wanted: Canned) -> CannedReasonRow:
        """Raises ``Forbidden``, ``TitleTaken``, and ``InvalidSubmission`` where a site has 200 already."""
        moderator.must_at(site, Power.RULE)
        row = CannedReasonRow(new_id(), site, wanted.reason.value, wanted.title, wanted.message)
        with _one_title(), self.database.write() as connection:
            if len(canned.of_site(connection, site)) >= canned.MOST:
                raise InvalidSubmission([FieldError("", f"A site has {canned.MOST} canned reasons at most.")])
            canned.add(connection, row, now=self.now())
            self._note(connection, moderator, "canned.add", row)
        return row

    def change(self, moderator: Moderator, canned_id: UUID, wanted: Canned) -> CannedReasonRow:
        """Raises ``Forbidden``, ``CannedReasonNotFound`` and ``TitleTaken``."""
        moderator.must(Power.RULE)
        with _one_title(), self.database.write() as connection:
            row = replace(
                moderator.seen(canned.get(connection, canned_id), CannedReasonNotFound),
                reason=wanted.reason.value,
                title=wanted.title,
                message=wanted.message,
            )
            canned.change(connection, row)
            self._note(connection, moderator, "canned.change", row)
        return row

    def remove(self, moderator: Moderator, canned_id: UUID) -> None:
        """Raises ``Forbidden`` and ``CannedReasonNotFound``."""
        moderator.must(Power.RULE)
        with self.database.write() as connection:
            row = moderator.seen(canned.get(connection, canned_id), CannedReasonNotFound)
            canned.remove(connection, canned_id)
            self._note(connection, moderator, "canned.remove", row)

    def _note(self, connection: sa.Connection, moderator: Moderator, act: str, row: CannedReasonRow) -> None:
        journal.append(
            connection,
            at=self.now(),
            actor=moderator.name,
            act=act,
            subject=f"canned reason {row.id}",
            site=row.site,
            detail={"reason": row.reason},
        )


@contextmanager
def _one_title() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise TitleTaken from None
