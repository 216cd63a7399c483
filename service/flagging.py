"""A reader calls for a moderator about a comment that everybody sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from service.domain.errors import CommentNotFound
from service.domain.site import Site
from service.on_stage import OnStage
from service.store import flags


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

    on_stage: OnStage
    now: Callable[[], datetime]

    def flag(self, comment_id: UUID, site: Site, reason: FlagReason, remote: str | None) -> None:
        """Keep the call about a comment of the site; another of the same origin changes nothing.

        Raises ``CommentNotFound`` and ``RateLimited``.
        """
        flagger = self.on_stage.reader("flagger", comment_id, site, remote)
        with self.on_stage.database.write() as connection:
            if not flags.add(connection, comment_id, flagger=flagger, reason=reason.value, now=self.now()):
                raise CommentNotFound
