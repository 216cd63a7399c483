"""Reading the journal of what people did, and holding it against its own hashes. It is written where they act."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.domain.roles import Power
from service.people import Moderator
from service.store import journal
from service.store.database import Database
from service.store.journal import Entry


@dataclass(frozen=True, slots=True)
class Verified:
    """``holds``: how many entries hold, from the first on; ``last_hash`` of the last of them; ``broken``: number of
    the first that does not hold, or is missing, or ``None``."""

    holds: int
    last_hash: bytes
    broken: int | None


@dataclass(frozen=True)
class Journal:
    database: Database

    def page(self, moderator: Moderator, *, site: str | None, before: int | None, limit: int) -> list[Entry]:
        """Entries before a number, newest first: of one site, or all. An administrator of one site sees those of
        theirs. Raises ``Forbidden``."""
        moderator.must(Power.GOVERN)
        with self.database.read() as connection:
            return journal.entries(connection, site=moderator.narrowed(site), before=before, limit=limit)

    def export(self, moderator: Moderator | None) -> Iterator[Entry]:
        """All entries, oldest first, or those of the moderator's site; ``None`` is the operator.

        Raises ``Forbidden``, before the first is taken.
        """
        if moderator is not None:
            moderator.must(Power.GOVERN)
        return self._following(moderator.site if moderator is not None else None)

    def _following(self, site: str | None) -> Iterator[Entry]:
        # A connection for each page: whoever reads slowly must not keep one from others.
        after = 0
        while True:
            with self.database.read() as connection:
                page = journal.following(connection, after, site=site)
            if not page:
                return
            yield from page
            after = page[-1].number

    def verify(self) -> Verified:
        """Hold every entry against the hash of the one before it."""
        with self.database.read() as connection:
            return Verified(*journal.verify(connection))


def line_of(entry: Entry) -> dict[str, object]:
    """An entry as it is exported: all that was sealed, and its hash in hexadecimal."""
    return {**journal.told(entry), "hash": entry.hash.hex()}
