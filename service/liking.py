"""A reader likes a comment that everybody sees, or takes that back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.domain.errors import CommentNotFound
from service.domain.site import Site
from service.on_stage import OnStage
from service.store import likes


@dataclass(frozen=True)
class Liking:
    """Readers' likes: one for each origin and comment. The public hears how many there are, and nothing of whose."""

    on_stage: OnStage
    now: Callable[[], datetime]

    def like(self, comment_id: UUID, site: Site, remote: str | None) -> int:
        """Keep a like of a comment of the site; another of the same origin changes nothing. How many there are.

        Raises ``CommentNotFound`` and ``RateLimited``.
        """
        liker = self.on_stage.reader("liker", comment_id, site, remote)
        with self.on_stage.database.write() as connection:
            counted = likes.add(connection, comment_id, liker=liker, now=self.now())
        return _known(counted)

    def take_back(self, comment_id: UUID, site: Site, remote: str | None) -> int:
        """Drop this origin's like; without one nothing changes. How many there are. Raises as ``like``."""
        liker = self.on_stage.reader("liker", comment_id, site, remote)
        with self.on_stage.database.write() as connection:
            counted = likes.take_back(connection, comment_id, liker=liker)
        return _known(counted)


def _known(counted: int | None) -> int:
    if counted is None:
        raise CommentNotFound
    return counted
