"""The forms of what readers and their browsers send and get."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field

from service.web.schemas.base import AuthorName, Given, Identity, OwnLinks, Short, Taken, Text, Time


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


class Appeal(Taken):
    """What an author says to the person who shall look again; it may be nothing."""

    text: Annotated[str, Field(max_length=40_000, description="At most 1,000 characters.")] = ""


class Typed(Taken):
    """A text that somebody is writing."""

    site: Short = Field(description="Key of the site.")
    text: Text


class Preview(Given):
    html: str = Field(description="As the text would be served.")


class Flag(Taken):
    """A reader's call for a moderator."""

    reason: Literal[
        "spam",
        "offensive",
        "insult",
        "threat",
        "hate",
        "sexual",
        "personal_data",
        "off_topic",
        "illegal",
        "other",
    ]


class Flagged(Given):
    """The call is kept; what becomes of it is not told."""

    id: Identity


class Liked(Given):
    """How many like a comment, and whether whoever asked is one of them now."""

    likes: int
    liked: bool


class AcceptedLinks(Given):
    self: str
    thread: str
    page: str
    own: str = Field(
        description="For the author alone: our page of this comment, with its private code in the link."
    )


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
    message: str = Field(description="What the moderator says to the author; often nothing.")
    decided_at: Time


class OwnAppeal(Given):
    """That its author asked a person to look again; ``statement`` tells what came of it once it is answered."""

    text: str
    created_at: Time
    answered_at: Time | None


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
    appealable: bool = Field(description="Whether a person can be asked to look again.")
    appeal: OwnAppeal | None = Field(description="The latest time that a person was asked.")
    links: OwnLinks


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
    likes: int | None = Field(description="How many readers like it, counted by where they come from.")
    picked: bool = Field(description="Whether the editors point it out.")
    staff: bool = Field(description="Whether the newsroom wrote it.")
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


class LinkedPerson(Given):
    type: Literal["Person"] = Field(alias="@type")
    name: str


class LinkedComment(Given):
    """A schema.org Comment. One that was removed says so, and keeps its place for its replies."""

    type: Literal["Comment"] = Field(alias="@type")
    id: str = Field(alias="@id", description="Where it stands on the story's page.")
    creativeWorkStatus: Literal["Deleted"] | None = None
    text: str | None = Field(None, description="Plain text.")
    author: LinkedPerson | None = None
    datePublished: Time | None = None
    dateModified: Time | None = None
    comment: list[LinkedComment] | None = Field(None, description="Replies.")


class LinkedThread(Given):
    """A schema.org NewsArticle with its comments, as JSON-LD."""

    media_type: ClassVar[str] = "application/ld+json"
    context: Literal["https://schema.org"] = Field(alias="@context")
    type: Literal["NewsArticle"] = Field(alias="@type")
    id: str | None = Field(None, alias="@id", description="The story's address, where it is known.")
    commentCount: int
    comment: list[LinkedComment]


class Count(Given):
    url: str | None = Field(description="The story's canonical address; null for what is none of the site's.")
    count: int


class Counts(Given):
    counts: list[Count]


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
