"""The policy in force at each site, with what its moderators taught: for all that judge."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from service.domain.policy import Policy
from service.domain.policy_document import DEFAULT_DOCUMENT, read_policy
from service.domain.site import Site
from service.scoring.learner import Correction, Taught
from service.store import lessons, threads
from service.store.database import Database

POLICIES_FRESH_SECONDS = 5.0


class PolicyBook:
    """Sites with the policy in force, re-read when older than five seconds."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._sites: dict[str, Site] = {}
        self._policies: dict[tuple[str, int, int], Policy] = {}
        self._learned: dict[str, lessons.LearnedRow] = {}
        self._taught: dict[str, Taught | None] = {}
        self._read_at = float("-inf")

    def get(self, key: str) -> tuple[Site, Policy]:
        """A site and its policy (the built-in one, version 0, where none was set)."""
        now = self._monotonic()
        if now - self._read_at > POLICIES_FRESH_SECONDS or key not in self._sites:
            with self._database.read() as connection:
                self._sites = threads.load_sites(connection)
                learned = lessons.load(connection)
            for name, row in learned.items():
                if name not in self._learned or self._learned[name].version != row.version:
                    self._taught[name] = _taught(row)
            self._learned = learned
            self._read_at = now
        site = self._sites[key]
        learned_here = self._learned.get(key)
        wanted = (key, site.policy_version, learned_here.version if learned_here else 0)
        policy = self._policies.get(wanted)
        if policy is None:
            document: dict[str, Any] | None = DEFAULT_DOCUMENT
            if site.policy_version:
                with self._database.read() as connection:
                    document = threads.load_policy_document(connection, key, site.policy_version)
            thresholds = learned_here.thresholds if learned_here else {}
            learned_version = learned_here.version if learned_here else None
            if document is None:
                document = DEFAULT_DOCUMENT
            policy = read_policy(document, site.policy_version, thresholds, learned_version)
            # One a site: what was in force before is not asked for again.
            others = {known: one for known, one in self._policies.items() if known[0] != key}
            self._policies = {**others, wanted: policy}
        return site, policy

    def taught(self, key: str) -> Taught | None:
        """What the site's moderators taught, as of the last ``get``."""
        return self._taught.get(key)


def _taught(row: lessons.LearnedRow) -> Taught | None:
    if row.correction is None and not row.calibration:
        return None
    correction = Correction.from_bytes(row.correction) if row.correction else None
    return Taught(
        row.version, correction, {label: (pair[0], pair[1]) for label, pair in row.calibration.items()}
    )
