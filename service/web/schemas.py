"""The forms of requests and answers: validated here, and published as OpenAPI from the same classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

# Far above what a site allows: the exact limits are the site's, and their errors are sentences for readers.
Text = Annotated[str, Field(max_length=40_000)]
Short = Annotated[str, Field(max_length=2_500)]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Identity = Annotated[str, Field(json_schema_extra={"format": "uuid"})]


class Taken(BaseModel):
    """A body that somebody sends: unknown fields are refused, so that nothing can be smuggled in."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Nothing: wherever a body is printed, what somebody typed must not be."""
        return iter(())


class Given(BaseModel):
    """A body that we send: exactly these fields."""

    # Made when the document is asked for: these are for describing, and making them all delays every start.
    model_config = ConfigDict(extra="forbid", defer_build=True)


class Author(Taken):
    name: Short = Field(description="Published beside the comment.")
    email: Short | None = Field(None, description="Never published, never shown to anyone.")


class FormSigns(Taken):
    trap: Short = Field("", description="Content of a field that people cannot see; leave empty.")
    seconds: float | None = Field(
        None, ge=0, le=1e7, allow_inf_nan=False, description="Time spent on the form."
    )


class Submission(Taken):
    """A comment as a reader sends it."""

    site: Short = Field(description="Key of the site.", examples=["demo"])
    url: Short = Field(description="Address of the story.", examples=["https://example.org/2026/budget"])
    author: Author
    text: Text = Field(description="What the reader wrote: a small Markdown, no HTML.")
    parent_id: Short | None = Field(None, description="The comment that this one answers.")
    thread: Short | None = Field(None, description="The publisher's own id of the story.")
    title: Short | None = Field(None, description="The story's title, for moderators.")
    form: FormSigns | None = None


class Edit(Taken):
    """An author's new text."""

    text: Text


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


class AcceptedLinks(Given):
    self: str
    thread: str
    page: str


class Accepted(Given):
    """The comment is stored and waits to be screened."""

    id: Identity
    status: Literal["pending"]
    edit_token: str = Field(description="Shown once: lets its holder look at, edit and withdraw the comment.")
    links: AcceptedLinks


class Statement(Given):
    """Why a comment stands where it stands: the decision, its grounds, and whether a machine made it."""

    action: str
    reasons: list[str]
    automated: bool
    decided_at: Time


class OwnLinks(Given):
    self: str


class OwnComment(Given):
    """A comment as its author sees it."""

    id: Identity
    status: str
    awaiting: str | None
    revision: int
    text: str
    html: str
    created_at: Time
    editable_until: Time | None
    statement: Statement | None
    links: OwnLinks


class AuthorName(Given):
    name: str


class PublicComment(Given):
    """A comment as everyone sees it. A removed one keeps its place for its replies, and nothing else."""

    id: Identity
    parent_id: Identity | None
    depth: int
    status: Literal["approved", "removed"]
    author: AuthorName | None
    html: str | None
    created_at: Time
    edited_at: Time | None
    replies: list[PublicComment] | None = Field(None, description="In a tree only.")


class ThreadLinks(Given):
    page: str


class Thread(Given):
    """The approved comments under a story."""

    site: str
    url: str | None
    title: str | None
    closed: bool
    count: int
    email_required: bool
    text_max: int
    name_max: int
    comments: list[PublicComment]
    next_cursor: str | None
    links: ThreadLinks


class Count(Given):
    url: str | None = Field(description="The story's canonical address; null for what is none of the site's.")
    count: int


class Counts(Given):
    counts: list[Count]


class FaultOfField(Given):
    pointer: str = Field(description="JSON pointer to the field.")
    detail: str


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[FaultOfField] | None = None
    revision: int | None = None
    comment_status: str | None = None


class Me(Given):
    name: str
    scopes: list[str]
    site: str | None


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


class Health(Given):
    status: str


class Readiness(Given):
    """``ready`` tells whether comments are taken and decided; ``degraded`` names parts that are away."""

    ready: bool
    degraded: list[str]
    missing: list[str]
    workers: int


class Contract(BaseModel):
    """An OpenAPI 3.1 document."""

    openapi: str
    info: dict[str, Any]
    servers: list[dict[str, Any]]
    paths: dict[str, Any]
    components: dict[str, Any]


def schema_of(*models: type[BaseModel]) -> dict[str, Any]:
    """JSON Schemas of these models and all they refer to, as OpenAPI components by name."""
    from pydantic.json_schema import models_json_schema

    _, document = models_json_schema(
        [(model, "validation" if issubclass(model, Taken) else "serialization") for model in models],
        ref_template="#/components/schemas/{model}",
    )
    found: dict[str, Any] = document.get("$defs", {})
    return found
