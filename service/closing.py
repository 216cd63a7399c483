"""When a thread closes by its age: the one thing of a policy that the web process must know with each request.

Kept apart from ``service.policies``, which also holds what a site learned: that takes numpy, and no web process shall.
The policy's number comes with the site, which is re-read every two seconds; its document is read once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from service.domain.policy import Policy
from service.domain.policy_document import DEFAULT_DOCUMENT, read_policy
from service.domain.site import Site
from service.store import threads
from service.store.database import Database


class Closing:
    """Tells when threads close. ``now`` is the clock that it is measured by."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self.now = now
        # One a site: what was in force before is not asked for again.
        self._policies: dict[str, Policy] = {}

    def policy(self, site: Site) -> Policy:
        """The policy in force, for the days after which it closes threads and for nothing else: its thresholds are
        not the site's."""
        kept = self._policies.get(site.key)
        if kept is not None and kept.version == site.policy_version:
            return kept
        try:
            document: dict[str, Any] | None = DEFAULT_DOCUMENT
            if site.policy_version:
                with self._database.read() as connection:
                    document = threads.load_policy_document(connection, site.key, site.policy_version)
        except SQLAlchemyError:
            # While the database is away nothing is stored, but a form must come back with its text.
            if kept is None:
                raise
            return kept
        policy = self._policies[site.key] = read_policy(
            document if document is not None else DEFAULT_DOCUMENT, site.policy_version
        )
        return policy

    def closes_at(self, site: Site, thread: threads.ThreadRow) -> datetime | None:
        """The moment at which a thread is closed by its age, in the past too; None where it never is."""
        return self.policy(site).closes_at(thread.url, thread.created_at)

    def is_closed(self, site: Site, thread: threads.ThreadRow) -> bool:
        """Whether a thread takes no comments now, closed by a person or by its age."""
        at = self.closes_at(site, thread)
        return thread.closed_at is not None or (at is not None and at <= self.now())
