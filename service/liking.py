"""A reader likes a comment that everybody sees, or takes that back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.adapters.cipher import Cipher
from service.adapters.limiter import Limiter
from service.domain.errors import CommentNotFound
from service.domain.origin import prefix_of, wide_prefix_of
from service.domain.site import Site
from service.store import flags, likes
from service.store.database import Database
from service.store.sites import SiteBook


@dataclass(frozen=True)
class Liking:
    """Readers' likes: one for each origin and comment. The public hears how many there are, and nothing of whose."""

    database: Database
    sites: SiteBook
    cipher: Cipher
    limiter: Limiter
    now: Callable[[], datetime]

    def site_of(self, comment_id: UUID) -> Site:
        """The site of a comment on stage. Raises ``CommentNotFound`` for every other comment, there or not."""
        with self.database.read() as connection:
            site = flags.site_on_stage(connection, comment_id)
        if site is None:
            raise CommentNotFound
        return self.sites.get(site)

    def like(self, comment_id: UUID, remote: str | None) -> int:
        """Keep a like; another of the same origin changes nothing. How many there are.

        Raises ``CommentNotFound`` and ``RateLimited``.
        """
        liker = self._liker(comment_id, remote)
        with self.database.write() as connection:
            counted = likes.add(connection, comment_id, liker=liker, now=self.now())
        return _known(counted)

    def take_back(self, comment_id: UUID, remote: str | None) -> int:
        """Drop this origin's like; without one nothing changes. How many there are. Raises as ``like``."""
        liker = self._liker(comment_id, remote)
        with self.database.write() as connection:
            counted = likes.take_back(connection, comment_id, liker=liker)
        return _known(counted)

    def _liker(self, comment_id: UUID, remote: str | None) -> bytes:
        site = self.site_of(comment_id)
        origin = prefix_of(remote)
        wide = self.cipher.origin_index(site.key, wide_prefix_of(remote)) if ":" in (remote or "") else None
        self.limiter.check_origin(self.cipher.origin_index(site.key, origin), wide)
        # With the comment in it, so that it joins neither with the vault nor with a like of another comment.
        return self.cipher.mac("liker", f"{comment_id}\0{origin}".encode())


def _known(counted: int | None) -> int:
    if counted is None:
        raise CommentNotFound
    return counted
