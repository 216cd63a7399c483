"""The forms of decisions about many comments."""

from __future__ import annotations

from pydantic import Field

from service.bulks import CHOSEN_MAX
from service.web.schemas.base import Given, Identity, OwnLinks, Short, Taken, Text, Time
from service.web.schemas.queue import ChoiceTaken


class CommentSeen(Taken):
    id: Short
    revision: int = Field(ge=1, le=2**31 - 1, description="The revision that was looked at.")


class BulkTaken(ChoiceTaken):
    """What is decided, and about which comments: these, or those that a query finds at this moment."""

    site: Short
    comments: list[CommentSeen] | None = Field(None, min_length=1, max_length=CHOSEN_MAX)
    query: Text | None = Field(
        None,
        description="A queue with its filters, as GET /v1/admin/comments takes them: queue=held&label=insult.",
    )
    start: bool = Field(
        True,
        description="False makes a draft: which comments are meant is settled and counted, and nothing is decided"
        " until it is started. It is kept for an hour.",
    )


class BulkShown(Given):
    """A decision about many comments, and how far it has come."""

    id: Identity
    site: str
    action: str
    reasons: list[str]
    message: str
    note: str
    about: str = Field(description="Which comments were meant, in words.")
    moderator: str
    undoes: Identity | None = Field(description="The bulk that this one takes back.")
    undone_by: Identity | None = Field(description="The bulk that takes this one back.")
    total: int
    done: int
    passed_over: int = Field(description="Comments that had changed, or were stopped before their turn.")
    created_at: Time
    started_at: Time | None = Field(description="None of a draft.")
    finished_at: Time | None
    examples: list[Identity] = Field(description="Of a draft, some of its comments.")
    links: OwnLinks


class BulkList(Given):
    bulks: list[BulkShown]
