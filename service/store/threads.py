"""Rows of sites and threads: finding a conversation, making it on its first comment, closing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.site import Site
from service.store.database import adding, locking
from service.store.ids import new_id
from service.store.tables import policies, sites, threads


@dataclass(frozen=True, slots=True)
class Story:
    """What a submission says of the story it belongs to: the publisher's id and title are optional."""

    site: str
    url: str
    external_id: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A thread as the writer needs it. ``url`` is where its first comment was written."""

    id: UUID
    closed: bool
    url: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ThreadRow:
    id: UUID
    site: str
    url: str
    external_id: str | None
    title: str | None
    closed_at: datetime | None
    revision: int
    approved_count: int
    created_at: datetime
    storm: bool = False
    storm_by: str | None = None
    storm_at: datetime | None = None
    closed_by: str | None = None


# --- sites ---------------------------------------------------------------------------------------------------


def load_sites(connection: sa.Connection) -> dict[str, Site]:
    """All sites by key (a publisher has a handful)."""
    rows = connection.execute(sa.select(sites)).mappings()
    return {row["site"]: Site.from_row(dict(row)) for row in rows}


def locked_site(connection: sa.Connection, site: str) -> Site | None:
    """A site, which stays as it is until the caller's transaction ends."""
    query = sa.select(sites).where(sites.c.site == site)
    row = connection.execute(locking(connection, query)).mappings().first()
    return Site.from_row(dict(row)) if row else None


def save_site(connection: sa.Connection, site: Site, *, now: datetime) -> None:
    """Insert the site or update its name, origins and settings."""
    row = {"name": site.name, "origins": list(site.origins), "settings": site.settings_document()}
    changed = connection.execute(sa.update(sites).where(sites.c.site == site.key).values(row))
    if changed.rowcount == 0:
        connection.execute(sa.insert(sites).values(site=site.key, created_at=now, **row))


def save_origins(connection: sa.Connection, site: str, origins: tuple[str, ...]) -> None:
    connection.execute(sa.update(sites).where(sites.c.site == site).values(origins=list(origins)))


def save_policy(
    connection: sa.Connection, site: str, document: dict[str, Any], *, now: datetime, by: str
) -> int:
    """Store a new version of a site's policy, switch it on and return its number."""
    latest = connection.scalar(sa.select(sa.func.max(policies.c.version)).where(policies.c.site == site)) or 0
    version = latest + 1
    connection.execute(
        sa.insert(policies).values(
            site=site, version=version, document=document, created_at=now, created_by=by
        )
    )
    connection.execute(sa.update(sites).where(sites.c.site == site).values(policy_version=version))
    return version


def load_policy_document(connection: sa.Connection, site: str, version: int) -> dict[str, Any] | None:
    document: dict[str, Any] | None = connection.scalar(
        sa.select(policies.c.document).where(policies.c.site == site, policies.c.version == version)
    )
    return document


# --- threads -------------------------------------------------------------------------------------------------

_COLUMNS = (
    threads.c.id,
    threads.c.site,
    threads.c.url,
    threads.c.external_id,
    threads.c.title,
    threads.c.closed_at,
    threads.c.revision,
    threads.c.approved_count,
    threads.c.created_at,
    threads.c.storm,
    threads.c.storm_by,
    threads.c.storm_at,
    threads.c.closed_by,
)
_BY_URL = sa.select(*_COLUMNS).where(
    threads.c.site == sa.bindparam("site"), threads.c.url == sa.bindparam("url")
)
_BY_EXTERNAL_ID = sa.select(*_COLUMNS).where(
    threads.c.site == sa.bindparam("site"), threads.c.external_id == sa.bindparam("external_id")
)


_CLOSED = sa.select(threads.c.closed_at, threads.c.url, threads.c.created_at).where(
    threads.c.id == sa.bindparam("thread_id")
)


def find(
    connection: sa.Connection, site: str, *, url: str | None = None, external_id: str | None = None
) -> ThreadRow | None:
    """The thread of a story, by the publisher's id where given, else by its canonical URL."""
    if external_id is not None:
        row = connection.execute(_BY_EXTERNAL_ID, {"site": site, "external_id": external_id}).first()
    else:
        row = connection.execute(_BY_URL, {"site": site, "url": url}).first()
    return ThreadRow(*row) if row else None


def conversation(
    connection: sa.Connection, site: str, *, url: str | None, external_id: str | None
) -> ThreadRow | None:
    """The conversation that readers of a story see: by its address, as the writer finds it, else by the publisher's id.

    A thread with nothing on stage is only taken where there is no other. It may have been made by somebody whose
    comment was never approved, and must not lead readers away from what they could read before.
    """
    found = find(connection, site, url=url) if url is not None else None
    if external_id is not None and (found is None or not found.approved_count):
        by_id = find(connection, site, external_id=external_id)
        if by_id is not None and (found is None or by_id.approved_count):
            return by_id
    return found


def get(connection: sa.Connection, thread_id: UUID) -> ThreadRow | None:
    row = connection.execute(sa.select(*_COLUMNS).where(threads.c.id == thread_id)).first()
    return ThreadRow(*row) if row else None


def counts(connection: sa.Connection, site: str, urls: list[str]) -> dict[str, int]:
    """Approved comments by canonical URL; URLs without a thread are left out."""
    rows = connection.execute(
        sa.select(threads.c.url, threads.c.approved_count).where(
            threads.c.site == site, threads.c.url.in_(urls)
        )
    )
    return dict(rows.all())


def changed(connection: sa.Connection, thread_id: UUID) -> None:
    """Have every answer about a thread that is kept somewhere made anew: the public sees something else."""
    connection.execute(
        sa.update(threads).where(threads.c.id == thread_id).values(revision=threads.c.revision + 1)
    )


def close(
    connection: sa.Connection, site: str, url: str, *, now: datetime | None, by: str | None = None
) -> bool:
    """Close (or with ``now=None`` open) a thread; the public sees it, so its revision grows."""
    changed = connection.execute(
        sa.update(threads)
        .where(threads.c.site == site, threads.c.url == url)
        .values(closed_at=now, closed_by=by if now else None, revision=threads.c.revision + 1)
    )
    return changed.rowcount > 0


def locked(connection: sa.Connection, thread_id: UUID) -> ThreadRow | None:
    """A thread, which stays as it is until the caller's transaction ends."""
    query = sa.select(*_COLUMNS).where(threads.c.id == thread_id)
    row = connection.execute(locking(connection, query)).first()
    return ThreadRow(*row) if row else None


def set_storm(connection: sa.Connection, thread_id: UUID, *, now: datetime | None, by: str) -> None:
    """Have all that comes in a thread held from ``now`` on, or with ``now=None`` no longer."""
    values = {"storm": now is not None, "storm_at": now, "storm_by": by if now else None}
    connection.execute(sa.update(threads).where(threads.c.id == thread_id).values(values))


def find_or_make(
    connection: sa.Connection,
    stories: list[Story],
    known: dict[tuple[str, str], UUID],
    now: datetime | None = None,
) -> dict[tuple[str, str], Place]:
    """The place of every story, making threads that do not exist yet, as of ``now``.

    ``known`` maps (site, url) to ids seen before and is filled here; ids of threads never change, so only
    whether a thread is closed is read each time.
    """
    unknown = [story for story in stories if (story.site, story.url) not in known]
    now = now or datetime.now(UTC)
    for story in unknown:
        _remember(connection, story, known, now)
    if len(known) > 50_000:
        known.clear()
        for story in stories:
            _remember(connection, story, known, now)
    return {key: _place(connection, known[key]) for key in ((story.site, story.url) for story in stories)}


def _place(connection: sa.Connection, thread_id: UUID) -> Place:
    # One fixed statement for each thread: comments that arrive together are mostly on one story, and a list of
    # ids would be compiled anew for every length that it has.
    closed_at, url, created_at = connection.execute(_CLOSED, {"thread_id": thread_id}).one()
    return Place(thread_id, closed_at is not None, url, created_at)


def _remember(
    connection: sa.Connection, story: Story, known: dict[tuple[str, str], UUID], now: datetime
) -> None:
    found = find(connection, story.site, url=story.url)
    if found is None and story.external_id is not None:
        # The publisher moved the story: its own id keeps the conversation together.
        found = find(connection, story.site, external_id=story.external_id)
    if found is None:
        connection.execute(
            adding(connection, threads).values(
                id=new_id(),
                site=story.site,
                url=story.url,
                external_id=story.external_id,
                title=story.title,
                created_at=now,
            )
        )
        found = find(connection, story.site, url=story.url)
        if found is None and story.external_id is not None:
            found = find(connection, story.site, external_id=story.external_id)
        if found is None:
            raise LookupError("a thread just made is not there")
    known[(story.site, story.url)] = found.id
