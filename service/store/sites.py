"""The publisher's sites, kept in memory for a moment: every request asks for one."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from service.domain.errors import SiteUnknown
from service.domain.site import Site
from service.store import threads
from service.store.database import Database

SITES_FRESH_SECONDS = 2.0


class SiteBook:
    """The sites, re-read when older than two seconds; as last read while the database is away."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._sites: dict[str, Site] = {}
        self._origins: frozenset[str] = frozenset()
        self._read_at = float("-inf")

    def get(self, key: str) -> Site:
        """Raises ``SiteUnknown``."""
        self._refresh()
        try:
            return self._sites[key]
        except KeyError:
            raise SiteUnknown from None

    def everyone(self) -> list[Site]:
        self._refresh()
        return list(self._sites.values())

    def known_origins(self) -> frozenset[str]:
        """The origins of all sites as last read, also while the database is away."""
        return self._origins

    def _refresh(self) -> None:
        now = self._monotonic()
        if now - self._read_at > SITES_FRESH_SECONDS:
            try:
                with self._database.read() as connection:
                    self._sites = threads.load_sites(connection)
            except SQLAlchemyError:
                # While the database is away nothing can be stored or shown, but a form must come back with its
                # text, and for that its site has to be known.
                if not self._sites:
                    raise
            self._origins = frozenset(origin for site in self._sites.values() for origin in site.origins)
            self._read_at = now
