"""The forms of queues and decisions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from service.web.schemas.base import (
    AuthorName,
    Given,
    Identity,
    OwnLinks,
    ReasonCode,
    Short,
    Taken,
    Text,
    Time,
)


class ChoiceTaken(Taken):
    """What a moderator chooses. A rejection needs a reason, and what is escalated a note."""

    action: Literal["approve", "reject", "spam", "hold", "escalate"]
    reasons: list[ReasonCode] = Field(default_factory=list, max_length=10)
    message: Annotated[str, Field(max_length=1_000, description="What the author is told.")] = ""
    note: Annotated[str, Field(max_length=2_000, description="For colleagues alone.")] = ""


class DecisionTaken(ChoiceTaken):
    """What a moderator decides about the text of ``revision``."""

    revision: int = Field(ge=1, le=2**31 - 1, description="The revision that was looked at.")


class UndoTaken(Taken):
    """Which decision is taken back: a person's, and the last about the comment."""

    decision: Annotated[str, Field(max_length=100, description="Id of the decision.")]
    revision: int = Field(ge=1, le=2**31 - 1, description="The revision that was looked at.")


class SiteShown(Given):
    site: str
    name: str
    origins: list[str]


class Sites(Given):
    sites: list[SiteShown]


class QueueCount(Given):
    queue: str
    count: int
    more: bool = Field(description="Whether there are more than were counted.")
    about: bool = Field(description="Whether the number may be ten seconds old, as that of a large queue is.")
    oldest: Time | None = Field(
        description="Since when the oldest waits; where none waits, when the oldest came."
    )


class QueueCounts(Given):
    queues: list[QueueCount]


class EvidenceShown(Given):
    note: str
    start: int | None
    end: int | None


class FindingShown(Given):
    check: str
    version: str
    label: str
    score: float
    outcome: Literal["found", "skipped", "failed"]
    mode: Literal["enforce", "observe", "off"]
    why: str
    evidence: list[EvidenceShown]


class ReasonShown(Given):
    code: str
    check: str | None
    score: float | None


class DecisionShown(Given):
    id: Identity
    action: str
    status: str
    revision: int
    reasons: list[ReasonShown]
    message: str = Field(description="What the author was told.")
    note: str
    actor: str
    automated: bool
    policy_version: int | None
    undoes: Identity | None = Field(description="The decision that this one takes back.")
    bulk_id: Identity | None = Field(description="The bulk that this decision is part of.")
    decided_at: Time


class ThreadShown(Given):
    id: Identity
    url: str
    title: str | None


class EditShown(Given):
    text: str
    html: str


class FlagsShown(Given):
    """Readers' calls since a person last decided; nobody is told who called."""

    count: int
    reasons: dict[str, int] = Field(description="How often for each reason.")


class AppealShown(Given):
    """An author asked a person to look again."""

    text: str = Field(description="What the author says to that; often nothing.")
    decision: DecisionShown | None = Field(description="The decision that it is about.")
    waits: bool = Field(description="Whether no person has decided since.")
    created_at: Time


class ClaimShown(Given):
    moderator: str
    until: Time


class ClaimHeld(ClaimShown):
    mine: bool


class ClaimGiven(Given):
    """The claim that runs now."""

    claim: ClaimHeld | None


class ViewTaken(Taken):
    """A question to keep: the query string of a queue or a search."""

    name: Short
    query: Text


class View(Given):
    id: Identity
    name: str
    query: str


class Views(Given):
    views: list[View]


class Item(Given):
    """A comment as a moderator sees it."""

    id: Identity
    site: str
    status: str
    awaiting: str | None
    revision: int
    thread: ThreadShown
    parent_id: Identity | None
    author: AuthorName
    text: str
    html: str
    edit: EditShown | None
    created_at: Time
    edited_at: Time | None
    findings: list[FindingShown]
    decision: DecisionShown | None
    risk: float = Field(description="0 to 1: how much it may hurt whoever reads it.")
    escalated: bool
    flags: FlagsShown
    likes: int
    picked: bool
    staff: bool = Field(description="Whether a moderator wrote it for the newsroom.")
    claim: ClaimShown | None
    appeal: AppealShown | None = Field(description="Its author's latest appeal.")
    links: OwnLinks


class Queue(Given):
    comments: list[Item]
    next_cursor: str | None
    looked_at: int = Field(description="How many comments were looked at for this page.")


class Neighbour(Given):
    id: Identity
    author: AuthorName
    text: str
    status: str
    created_at: Time


class DecisionGiven(Given):
    id: Identity
    status: str
    awaiting: str | None
    revision: int
    decision: DecisionShown
