"""What an editor does with a conversation as a whole: close it, open it again, or have all that comes in it held.

The last is called a storm. It may be over a whole site as well, takes effect within seconds, and no policy can let a
comment through it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.closing import Closing
from service.domain.errors import SiteUnknown, ThreadNotFound
from service.domain.roles import Power
from service.domain.site import Site
from service.people import Moderator
from service.store import journal, threads
from service.store.database import Database
from service.store.sites import SiteBook


@dataclass(frozen=True, slots=True)
class Storm:
    """Whether all that comes is held, and since when at whose wish."""

    on: bool
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ThreadShown:
    """A conversation as an editor sees it. ``closed``: it takes no comments, for whatever cause: a person closed it
    (``closed_at``, ``closed_by``), or it was closed by its age at ``closes_at``."""

    id: UUID
    site: str
    url: str
    title: str | None
    approved_count: int
    created_at: datetime
    closed: bool
    closed_at: datetime | None
    closed_by: str | None
    closes_at: datetime | None
    storm: Storm
    site_storm: Storm


def storm_at(site: Site) -> Storm:
    return Storm(site.storm, site.storm_by, site.storm_at)


@dataclass(frozen=True)
class Threads:
    """Storms, and threads as a whole."""

    database: Database
    sites: SiteBook
    closing: Closing
    now: Callable[[], datetime]

    def show(self, moderator: Moderator, thread_id: UUID) -> ThreadShown:
        """Raises ``ThreadNotFound``, also for threads of a site that is not the moderator's."""
        moderator.must(Power.READ)
        with self.database.read() as connection:
            row = moderator.seen(threads.get(connection, thread_id), ThreadNotFound)
        return self._shown(row)

    def change(
        self,
        moderator: Moderator,
        thread_id: UUID,
        *,
        closed: bool | None = None,
        storm: bool | None = None,
    ) -> ThreadShown:
        """Close a thread or open it again, have all in it held or no longer; ``None`` leaves it as it is.

        What its policy closes by its age stays closed. Raises ``ThreadNotFound``.
        """
        moderator.must(Power.RULE)
        with self.database.write() as connection:
            row = moderator.seen(threads.locked(connection, thread_id), ThreadNotFound)
            now, by = self.now(), moderator.name
            if closed is not None and closed is not (row.closed_at is not None):
                threads.close(connection, row.site, row.url, now=now if closed else None, by=by)
                act = "thread.close" if closed else "thread.reopen"
                _note(connection, moderator, now, act, row.site, f"thread {row.id}")
            if storm is not None and storm is not row.storm:
                threads.set_storm(connection, row.id, now=now if storm else None, by=by)
                _note(connection, moderator, now, _act(storm), row.site, f"thread {row.id}")
            after = threads.get(connection, thread_id)
        assert after is not None
        return self._shown(after)

    def site_storm(self, moderator: Moderator, site: str) -> Storm:
        """Whether all that comes to a site is held. Raises ``SiteUnknown``."""
        moderator.must_at(site, Power.READ)
        # Not from memory: whoever switched it a moment ago looks whether it is on.
        with self.database.read() as connection:
            found = threads.load_sites(connection).get(site)
        if found is None:
            raise SiteUnknown
        return storm_at(found)

    def set_site_storm(self, moderator: Moderator, site: str, *, on: bool) -> Storm:
        """Have all that comes to a site held, or no longer. Raises ``SiteUnknown``."""
        moderator.must_at(site, Power.RULE)
        with self.database.write() as connection:
            found = threads.locked_site(connection, site)
            if found is None:
                raise SiteUnknown
            if found.storm is not on:
                now = self.now()
                by, at = (moderator.name, now) if on else (None, None)
                found = replace(found, storm=on, storm_by=by, storm_at=at)
                threads.save_site(connection, found, now=now)
                _note(connection, moderator, now, _act(on), site, f"site {site}")
        return storm_at(found)

    def _shown(self, row: threads.ThreadRow) -> ThreadShown:
        site = self.sites.get(row.site)
        return ThreadShown(
            id=row.id,
            site=row.site,
            url=row.url,
            title=row.title,
            approved_count=row.approved_count,
            created_at=row.created_at,
            closed=self.closing.is_closed(site, row),
            closed_at=row.closed_at,
            closed_by=row.closed_by,
            closes_at=self.closing.closes_at(site, row),
            storm=Storm(row.storm, row.storm_by, row.storm_at),
            site_storm=storm_at(site),
        )


def _act(on: bool) -> str:
    return "storm.on" if on else "storm.off"


def _note(
    connection: sa.Connection, moderator: Moderator, now: datetime, act: str, site: str, subject: str
) -> None:
    journal.append(connection, at=now, actor=moderator.name, act=act, subject=subject, site=site)
