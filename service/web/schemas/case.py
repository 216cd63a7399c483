"""The forms of one comment's case, and of notes about it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from service.web.schemas.base import AuthorName, Given, Identity, Taken, Text, Time
from service.web.schemas.queue import DecisionShown, Item, Neighbour
from service.web.schemas.standings import StandingShown


class NoteTaken(Taken):
    """What other moderators shall know. No author reads it."""

    text: Annotated[str, Field(min_length=1, max_length=2_000)]


class PickTaken(Taken):
    """Whether a comment shall be an editor's pick."""

    on: bool


class PickGiven(Given):
    id: Identity
    picked: bool


class ReplyTaken(Taken):
    """What the newsroom answers: a small Markdown, as readers write it."""

    text: Text


class ReplyGiven(Given):
    """A reply that readers see."""

    id: Identity
    parent_id: Identity
    author: AuthorName
    html: str
    created_at: Time


class NoteShown(Given):
    id: Identity
    comment_id: Identity
    text: str
    moderator: str
    created_at: Time


class Surroundings(Given):
    """``before`` and ``after`` stand on stage anywhere in the thread, siblings under the same parent."""

    root: Neighbour | None
    parent: Neighbour | None
    before: list[Neighbour]
    after: list[Neighbour]
    siblings_before: list[Neighbour]
    siblings_after: list[Neighbour]


class AuthorRecord(Given):
    """An author's comments at the site by status: of one who gave no address, this comment alone."""

    known: bool = Field(description="Whether the author gave an address, by which comments are one author's.")
    pending: int
    held: int
    approved: int
    rejected: int
    withdrawn: int
    erased: int
    more: bool = Field(description="Whether there are more than the newest thousand, which are counted.")
    first_seen: Time
    names: list[str] = Field(description="The latest names, five at most.")
    standings: list[StandingShown] = Field(description="Running bans and trust that hold for this author.")
    notes: list[NoteShown] = Field(description="The latest notes about any of their comments.")


class PieceShown(Given):
    change: Literal["same", "gone", "new"]
    text: str


class ScreeningShown(Given):
    revision: int
    policy_version: int
    learned_version: int | None
    created_at: Time


class Alike(Given):
    """A comment of the site with the same or nearly the same text. ``distance`` is in bits of 64."""

    id: Identity
    author: AuthorName
    text: str
    status: str
    awaiting: str | None
    revision: int
    created_at: Time
    distance: int
    same_text: bool
    same_author: bool


class CaseFile(Item):
    """A comment with all findings of its last screening, all decisions, and what stands around it."""

    edit_changes: list[PieceShown] | None = Field(description="What the waiting text changes, word by word.")
    context: Surroundings
    author_record: AuthorRecord
    screening: ScreeningShown | None
    decisions: list[DecisionShown]
    notes: list[NoteShown]
    alike: list[Alike] = Field(description="Earlier and later comments, newest first, twenty at most.")
