"""What a reader may do about a comment that everybody sees, and who counts as one reader: a network origin."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from service.adapters.cipher import Cipher
from service.adapters.limiter import Limiter
from service.domain.errors import CommentNotFound
from service.domain.origin import prefix_of
from service.domain.site import Site
from service.store import flags
from service.store.database import Database
from service.store.sites import SiteBook


@dataclass(frozen=True)
class OnStage:
    """The comments that readers like and report."""

    database: Database
    sites: SiteBook
    cipher: Cipher
    limiter: Limiter

    def shown(self, comment_id: UUID) -> flags.Shown:
        """A comment as everybody sees it. Raises ``CommentNotFound`` for every other comment, there or not."""
        with self.database.read() as connection:
            found = flags.shown(connection, comment_id)
        if found is None:
            raise CommentNotFound
        return found

    def site_of(self, comment_id: UUID) -> Site:
        """The site of a comment on stage. Raises ``CommentNotFound`` for every other comment, there or not."""
        return self.sites.get(self.shown(comment_id).site)

    def reader(self, purpose: str, comment_id: UUID, site: Site, remote: str | None) -> bytes:
        """Count a deed of whoever asks, and 32 bytes that tell them from others. Raises ``RateLimited``.

        The comment is in it, so that it joins neither with the vault nor with what was done about another comment.
        """
        self.limiter.check_reader(*self.cipher.origin_indexes(site.key, remote))
        return self.cipher.mac(purpose, f"{comment_id}\0{prefix_of(remote)}".encode())
