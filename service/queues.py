"""What moderators read: queues, searches, counts, the questions that they keep, and whose look at a comment runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.errors import CommentNotFound, FieldError, InvalidSubmission
from service.domain.queue import QueueName, Sort, Wanted, as_query, cursor_text, paced, read_cursor
from service.domain.risk import is_grim
from service.domain.roles import Power
from service.people import Moderator
from service.store import claims, desk, items, journal, queues, views
from service.store.database import Database
from service.store.items import QueueItem
from service.store.sites import SiteBook
from service.store.views import ViewRow

CLAIM = timedelta(minutes=2)
VIEWS_MAX = 100
# Up to so many are counted anew each time.
EXACT = 1_000
KEPT = timedelta(seconds=10)
# Where comments wait to be worked off, grim ones are spread out.
_PACED = frozenset(
    {QueueName.HELD, QueueName.REPORTED, QueueName.ESCALATED, QueueName.APPEALS, QueueName.SPOT}
)


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page may be short and yet lead on by ``next_cursor``: ``looked_at`` comments were looked at for it."""

    items: list[QueueItem]
    next_cursor: str | None
    looked_at: int


@dataclass(frozen=True, slots=True)
class Held:
    """Whose claim on a comment runs, and whether it is the asker's."""

    moderator: str
    until: datetime
    mine: bool


@dataclass(frozen=True)
class Queues:
    """Reading of queues, and what goes with it."""

    database: Database
    sites: SiteBook
    now: Callable[[], datetime]
    # Counts of large queues by queue and sites, with the moment of counting.
    _kept: dict[tuple[QueueName, tuple[str, ...]], tuple[datetime, queues.Count]] = field(
        default_factory=dict, repr=False
    )

    def page(self, moderator: Moderator, wanted: Wanted, *, cursor: str | None, limit: int) -> QueuePage:
        """A page of what is wanted, at those sites that the moderator may see.

        What waits is oldest first, everything else newest first; sorted by risk, three grim ones come before each
        milder one. Raises ``Forbidden``, ``SiteUnknown``, and ``InvalidSubmission`` for a cursor of another question.
        """
        moderator.must(Power.READ)
        begin = read_cursor(cursor, wanted)
        asked = replace(wanted, sites=self._sites(moderator, wanted.sites))
        now = self.now()
        with self.database.read() as connection:
            found = queues.page(connection, asked, begin, limit=limit, now=now)
            listed = items.by_ids(connection, found.ids, now=now)
        if wanted.queue in _PACED and wanted.sort is Sort.AGE and not wanted.words:
            listed = paced(listed, lambda item: is_grim(item.risk))
        following = cursor_text(found.cursor, wanted) if found.cursor else None
        return QueuePage(listed, following, found.looked_at)

    def of_status(
        self, moderator: Moderator, *, status: Status, site: str | None, after: UUID | None, limit: int
    ) -> list[QueueItem]:
        """A page of what is in a status; what waits is oldest first, everything else newest first."""
        moderator.must(Power.READ)
        with self.database.read() as connection:
            rows = desk.queue(
                connection,
                status=status.value,
                site=moderator.narrowed(site),
                after=after,
                limit=limit,
                oldest_first=status.value in desk.WAITING,
            )
            return items.items_of(connection, rows, now=self.now())

    def one(self, moderator: Moderator, comment_id: UUID) -> QueueItem:
        """A comment as a queue shows it. Raises ``Forbidden`` and ``CommentNotFound``."""
        moderator.must(Power.READ)
        with self.database.read() as connection:
            row = moderator.seen(desk.get(connection, comment_id), CommentNotFound)
            return items.items_of(connection, [row], now=self.now())[0]

    def counts(self, moderator: Moderator, site: str | None) -> list[queues.Count]:
        """Every queue with how many are in it, counted to a bound, and since when the oldest is there.

        Of a queue with more than ``EXACT`` the number may be ``KEPT`` old: nobody sees it change by one, and each page
        of the desk shows nine of them. Raises ``Forbidden`` and ``SiteUnknown``.
        """
        moderator.must(Power.READ)
        sites = self._sites(moderator, (site,) if site is not None else ())
        with self.database.read() as connection:
            found = queues.counts(connection, sites, most=EXACT)
            return [self._large(connection, one, sites) if one.more else one for one in found]

    def _large(self, connection: sa.Connection, fresh: queues.Count, sites: tuple[str, ...]) -> queues.Count:
        now, key = self.now(), (fresh.queue, sites)
        at, counted = self._kept.get(key, (now - 2 * KEPT, fresh))
        if not now - KEPT < at <= now:
            counted = queues.count(connection, fresh.queue, sites)
            self._kept[key] = now, counted
        return replace(fresh, count=counted.count, more=counted.more, about=True)

    def _sites(self, moderator: Moderator, asked: tuple[str, ...]) -> tuple[str, ...]:
        if not asked:
            seen = [site.key for site in self.sites.everyone() if moderator.may_see(site.key)]
            return tuple(sorted(seen))
        for site in asked:
            self.sites.get(site)
            moderator.must_at(site, Power.READ)
        return asked

    # --- questions that are kept ---------------------------------------------------------------------------------

    def views(self, moderator: Moderator) -> list[ViewRow]:
        """The moderator's own, by name."""
        moderator.must(Power.READ)
        with self.database.read() as connection:
            return views.of(connection, moderator.name)

    def save_view(self, moderator: Moderator, name: str, wanted: Wanted) -> list[ViewRow]:
        """Keep a question under a name, in place of what was kept under it; all views.

        Raises ``Forbidden``, and ``InvalidSubmission`` when there are too many.
        """
        moderator.must(Power.READ)
        now = self.now()
        with self.database.write() as connection:
            view_id = views.save(connection, moderator.name, name, as_query(wanted), now=now)
            kept = views.of(connection, moderator.name)
            if len(kept) > VIEWS_MAX:
                many = f"There are {VIEWS_MAX} views already. Please delete one first."
                raise InvalidSubmission([FieldError("/name", many)])
            self._noted(connection, moderator, "view.save", f"view {view_id}", now)
        return kept

    def delete_view(self, moderator: Moderator, view_id: UUID | None) -> list[ViewRow]:
        """The views without this one, whether there was one or not."""
        moderator.must(Power.READ)
        with self.database.write() as connection:
            if view_id is not None and views.delete(connection, moderator.name, view_id):
                self._noted(connection, moderator, "view.delete", f"view {view_id}", self.now())
            return views.of(connection, moderator.name)

    @staticmethod
    def _noted(connection: sa.Connection, moderator: Moderator, act: str, what: str, at: datetime) -> None:
        journal.append(connection, at=at, actor=moderator.name, act=act, subject=what, site=moderator.site)

    # --- claims --------------------------------------------------------------------------------------------------

    def claim(self, moderator: Moderator, comment_id: UUID) -> Held:
        """Say that one looks at a comment, for two minutes, or renew that; where another does, that one's claim.

        Not an act for the journal: it changes nothing but what colleagues see for two minutes. Raises ``Forbidden``
        and ``CommentNotFound``.
        """
        moderator.must(Power.DECIDE)
        now = self.now()
        with self.database.write() as connection:
            moderator.seen(desk.get(connection, comment_id), CommentNotFound)
            held = claims.take(connection, comment_id, moderator.name, now=now, until=now + CLAIM)
        return Held(held.moderator, held.until, held.moderator == moderator.name)

    def give_up(self, moderator: Moderator, comment_id: UUID) -> Held | None:
        """End one's own claim; another's that runs. Raises ``Forbidden`` and ``CommentNotFound``."""
        moderator.must(Power.DECIDE)
        with self.database.write() as connection:
            moderator.seen(desk.get(connection, comment_id), CommentNotFound)
            claims.give_up(connection, comment_id, moderator.name)
            other = claims.running(connection, [comment_id], now=self.now()).get(comment_id)
        return Held(other.moderator, other.until, mine=False) if other else None
