"""A reader calls for a moderator about a comment that everybody sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from service.adapters.cipher import Cipher
from service.adapters.limiter import Limiter
from service.domain.errors import CommentNotFound
from service.domain.origin import prefix_of, wide_prefix_of
from service.domain.site import Site
from service.store import flags
from service.store.database import Database
from service.store.sites import SiteBook


class FlagReason(StrEnum):
    SPAM = "spam"
    OFFENSIVE = "offensive"
    INSULT = "insult"
    THREAT = "threat"
    HATE = "hate"
    SEXUAL = "sexual"
    PERSONAL_DATA = "personal_data"
    OFF_TOPIC = "off_topic"
    ILLEGAL = "illegal"
    OTHER = "other"


@dataclass(frozen=True)
class Flagging:
    """Readers' calls: one for each origin and comment, of which the public hears nothing."""

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

    def on_stage(self, comment_id: UUID) -> flags.OnStage:
        """A comment as everybody sees it. Raises ``CommentNotFound`` for every other comment, there or not."""
        with self.database.read() as connection:
            found = flags.on_stage(connection, comment_id)
        if found is None:
            raise CommentNotFound
        return found

    def flag(self, comment_id: UUID, reason: FlagReason, remote: str | None) -> None:
        """Keep the call; another of the same origin changes nothing. Raises ``CommentNotFound`` and ``RateLimited``."""
        site = self.site_of(comment_id)
        origin = prefix_of(remote)
        wide = self.cipher.origin_index(site.key, wide_prefix_of(remote)) if ":" in (remote or "") else None
        self.limiter.check_origin(self.cipher.origin_index(site.key, origin), wide)
        # With the comment in it, so that it joins neither with the vault nor with a call about another comment.
        flagger = self.cipher.mac("flagger", f"{comment_id}\0{origin}".encode())
        with self.database.write() as connection:
            if not flags.add(connection, comment_id, flagger=flagger, reason=reason.value, now=self.now()):
                raise CommentNotFound
