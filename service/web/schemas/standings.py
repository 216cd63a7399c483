"""The forms of bans and trust."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from service.web.schemas.base import AuthorName, Given, Identity, ReasonCode, Taken, Time


class StandingTaken(Taken):
    """A ban or a trust of the author of a comment."""

    comment: Annotated[str, Field(max_length=40, description="Id of the comment.")]
    kind: Literal["ban", "trust"]
    of: Literal["name", "address", "origin"] = Field(
        description="By what the author is known again. Trust is of an address alone."
    )
    cause: ReasonCode = "other"
    note: Annotated[str, Field(max_length=2_000)] = ""
    until: Annotated[str, Field(max_length=40)] | None = Field(
        default=None,
        description="When it ends (RFC 3339), or null. Of an origin it ends at the latest when that is forgotten.",
    )


class StandingShown(Given):
    """Of whom it is, is told by the author's name at the comment that it came from."""

    id: Identity
    site: str
    kind: str
    of: str
    comment_id: Identity
    author: AuthorName
    cause: str
    note: str
    moderator: str
    created_at: Time
    until: Time | None
    lifted_at: Time | None
    lifted_by: str | None
    running: bool


class StandingsShown(Given):
    standings: list[StandingShown]
    next_cursor: str | None


class StatusCount(Given):
    status: str
    count: int


class StandingPreview(Given):
    """What it would have caught of the last ``days`` days."""

    days: int
    counts: list[StatusCount]
    more: bool = Field(description="Whether there may be more than were counted.")
    examples: list[Identity]
    until: Time | None
