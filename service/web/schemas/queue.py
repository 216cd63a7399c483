"""The forms of queues, cases and decisions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from service.web.schemas.base import AuthorName, Given, Identity, OwnLinks, Taken, Time


class DecisionTaken(Taken):
    """What a moderator decides about the text of ``revision``."""

    action: Literal["approve", "reject", "hold"]
    revision: int = Field(ge=1, le=2**31 - 1, description="The revision that was looked at.")
    reasons: list[
        Literal[
            "spam",
            "advertisement",
            "offensive",
            "insult",
            "threat",
            "hate",
            "sexual",
            "personal_data",
            "off_topic",
            "illegal",
            "duplicate",
            "flood",
            "banned_author",
            "other",
        ]
    ] = Field(default_factory=list, max_length=10)
    note: Annotated[str, Field(max_length=2_000)] = ""


class SiteShown(Given):
    site: str
    name: str
    origins: list[str]


class Sites(Given):
    sites: list[SiteShown]


class QueueCount(Given):
    status: str
    count: int
    oldest: Time | None


class Summary(Given):
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
    note: str
    actor: str
    automated: bool
    policy_version: int | None
    decided_at: Time


class ThreadShown(Given):
    id: Identity
    url: str
    title: str | None


class EditShown(Given):
    text: str
    html: str


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
    links: OwnLinks


class Queue(Given):
    comments: list[Item]
    next_cursor: str | None


class Neighbour(Given):
    id: Identity
    author: AuthorName
    text: str
    status: str
    created_at: Time


class Surroundings(Given):
    parent: Neighbour | None
    before: list[Neighbour]
    after: list[Neighbour]


class AuthorRecord(Given):
    approved: int
    rejected: int
    held: int
    pending: int


class CaseFile(Item):
    """A comment with all findings, all decisions and its surroundings."""

    decisions: list[DecisionShown]
    context: Surroundings
    author_record: AuthorRecord | None


class DecisionGiven(Given):
    id: Identity
    status: str
    awaiting: str | None
    revision: int
    decision: DecisionShown
