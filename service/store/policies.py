"""Rows of policies, version by version, and what was screened under them, for replay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.store.desk_tables import learned_thresholds
from service.store.ids import first_id
from service.store.tables import comments, decisions, policies, screenings, threads
from service.store.threads import locked_site

PAGE = 500


@dataclass(frozen=True, slots=True)
class PolicyRow:
    version: int
    document: dict[str, Any]
    created_at: datetime
    created_by: str


_POLICY = sa.select(
    policies.c.version, policies.c.document, policies.c.created_at, policies.c.created_by
).where(policies.c.site == sa.bindparam("site"))


def get(connection: sa.Connection, site: str, version: int) -> PolicyRow | None:
    row = connection.execute(_POLICY.where(policies.c.version == version), {"site": site}).first()
    return PolicyRow(*row) if row else None


def history(connection: sa.Connection, site: str, *, before: int | None, limit: int) -> list[PolicyRow]:
    """A site's versions below ``before``, newest first."""
    query = _POLICY.order_by(policies.c.version.desc()).limit(limit)
    if before is not None:
        query = query.where(policies.c.version < before)
    return [PolicyRow(*row) for row in connection.execute(query, {"site": site})]


def locked_version(connection: sa.Connection, site: str) -> int | None:
    """The version in force, which stays so until the caller's transaction ends; None where there is no such site."""
    found = locked_site(connection, site)
    return found.policy_version if found else None


# --- replay --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScreenedRow:
    """What the last screening of a comment found, with what a machine decided on it. ``url`` is the thread's.

    ``decided_version`` is None where no policy was asked, because the comment could not be screened.
    """

    comment_id: UUID
    url: str
    policy_version: int
    learned_version: int | None
    findings: list[dict[str, Any]]
    action: str
    reasons: list[dict[str, Any]]
    decided_version: int | None


def screened(connection: sa.Connection, site: str, *, since: datetime) -> Iterator[ScreenedRow]:
    """The comments that a site got since a moment and a machine decided about, newest first, a page at a time."""
    first, before = first_id(since), None
    while True:
        page = sa.select(comments.c.id, threads.c.url).join(threads, threads.c.id == comments.c.thread_id)
        page = page.where(comments.c.site == site, comments.c.id >= first)
        if before is not None:
            page = page.where(comments.c.id < before)
        urls = dict(connection.execute(page.order_by(comments.c.id.desc()).limit(PAGE)).all())
        if not urls:
            return
        found = _screened(connection, urls)
        yield from (found[comment_id] for comment_id in urls if comment_id in found)
        before = min(urls)


def _screened(connection: sa.Connection, urls: dict[UUID, str]) -> dict[UUID, ScreenedRow]:
    last: dict[UUID, Any] = {}
    looked = sa.select(
        screenings.c.id,
        screenings.c.comment_id,
        screenings.c.policy_version,
        screenings.c.learned_version,
        screenings.c.findings,
    ).where(screenings.c.comment_id.in_(urls))
    for row in connection.execute(looked.order_by(screenings.c.id)):
        last[row.comment_id] = row
    made = sa.select(
        decisions.c.screening_id, decisions.c.action, decisions.c.reasons, decisions.c.policy_version
    ).where(decisions.c.comment_id.in_(urls), decisions.c.screening_id.is_not(None))
    decided = {row.screening_id: row for row in connection.execute(made)}
    return {
        comment_id: ScreenedRow(
            comment_id,
            urls[comment_id],
            row.policy_version,
            row.learned_version,
            row.findings,
            decided[row.id].action,
            decided[row.id].reasons,
            decided[row.id].policy_version,
        )
        for comment_id, row in last.items()
        if row.id in decided
    }


def thresholds_of(connection: sa.Connection, site: str, version: int | None) -> dict[str, float]:
    """The thresholds that held with one version; none where nothing was learned."""
    query = sa.select(learned_thresholds.c.thresholds).where(
        learned_thresholds.c.site == site, learned_thresholds.c.version == version
    )
    return connection.scalar(query) or {}
