"""The publisher's sites, kept in memory for a moment: every request asks for one."""

from __future__ import annotations

import time
from collections.abc import Callable

from service.domain.errors import SiteUnknown
from service.domain.site import Site
from service.store import threads
from service.store.database import Database

SITES_FRESH_SECONDS = 2.0


class SiteBook:
    """The sites, re-read when older than two seconds."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._sites: dict[str, Site] = {}
        self._read_at = float("-inf")

    def get(self, key: str) -> Site:
        """Raises ``SiteUnknown``."""
        now = self._monotonic()
        if now - self._read_at > SITES_FRESH_SECONDS:
            with self._database.read() as connection:
                self._sites = threads.load_sites(connection)
            self._read_at = now
        try:
            return self._sites[key]
        except KeyError:
            raise SiteUnknown from None

    def everyone(self) -> list[Site]:
        with self._database.read() as connection:
            return list(threads.load_sites(connection).values())
