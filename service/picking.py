"""An editor points out a comment to readers. That decides nothing about it, and leaves an entry in the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.domain.errors import CommentNotFound
from service.domain.roles import Power
from service.people import Moderator
from service.store import desk, journal, picks
from service.store.database import Database


@dataclass(frozen=True)
class Picking:
    database: Database
    now: Callable[[], datetime]

    def pick(self, moderator: Moderator, comment_id: UUID, *, on: bool) -> None:
        """Make a comment that readers see a pick, or one no longer; what it is already changes nothing.

        Raises ``CommentNotFound``, ``NotOnStage``, ``Forbidden``.
        """
        moderator.must(Power.RULE)
        with self.database.write() as connection:
            site = moderator.seen(desk.get(connection, comment_id), CommentNotFound).site
            if picks.pick(connection, comment_id, on=on):
                journal.append(
                    connection,
                    at=self.now(),
                    actor=moderator.name,
                    act="pick.on" if on else "pick.off",
                    subject=f"comment {comment_id}",
                    site=site,
                )
