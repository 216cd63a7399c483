"""The forms of policies, of trying them, and of storms and threads."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from service.web.schemas.base import FaultOfField, Given, Identity, Taken, Text, Time
from service.web.schemas.queue import ReasonShown

Document = Annotated[dict[str, Any], Field(description="The policy: see docs/policy.md.")]
ActionWord = Literal["approve", "hold", "reject", "discard"]


class PolicySent(Taken):
    """A policy in one of its two forms: ``document``, or ``toml``, which is the same as text."""

    document: Document | None = None
    toml: Text | None = None


class PolicyTaken(PolicySent):
    base_version: int = Field(ge=0, le=2**31 - 1, description="The version that this one was made from.")


class PolicyTried(PolicySent):
    days: int = Field(default=7, ge=1, le=366, description="How far back comments are looked at.")
    limit: int = Field(default=100, ge=0, le=500, description="How many differences are listed.")


class PolicyShown(Given):
    """``set_at`` and ``set_by`` are null for the built-in policy, which is version 0."""

    site: str
    version: int
    in_force: bool
    document: Document
    toml: str
    set_at: Time | None
    set_by: str | None


class VersionShown(Given):
    version: int
    set_at: Time
    set_by: str


class PolicyHistory(Given):
    versions: list[VersionShown]
    next_cursor: int | None = Field(description="Give it as before to get the next page.")


class LineShown(Given):
    """A line that is in both policies (" "), only in the one in force ("-"), or only in the one sent ("+")."""

    sign: Literal[" ", "-", "+"]
    text: str


class PolicyChecked(Given):
    """``document`` and ``toml`` are what was sent in both forms, and ``changes`` the policy in force beside it; null
    where there are faults, and ``changes`` also where no site was named."""

    errors: list[FaultOfField]
    document: Document | None
    toml: str | None
    changes: list[LineShown] | None


class ReplayCount(Given):
    was: ActionWord
    would_be: ActionWord
    count: int


class DifferenceShown(Given):
    comment_id: Identity
    was: ActionWord
    would_be: ActionWord
    reasons: list[ReasonShown]


class PolicyReplayed(Given):
    looked: int = Field(description="How many comments were looked at, the newest.")
    more: bool = Field(description="Whether there were others, which were not.")
    counts: list[ReplayCount]
    differ: int
    differences: list[DifferenceShown]
    unseen: list[str] = Field(
        description="Checks of which a replay cannot tell: they were off, or set otherwise."
    )


class StormTaken(Taken):
    site: Annotated[str, Field(max_length=200)]
    thread: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="A thread's id; null for the whole site."
    )
    on: bool


class StormShown(Given):
    on: bool
    by: str | None
    at: Time | None


class ThreadTaken(Taken):
    """What is left out stays as it is."""

    closed: bool | None = None
    storm: bool | None = None


class ThreadCase(Given):
    """``closed`` for whatever cause: by a person at ``closed_at``, or by its age at ``closes_at``."""

    id: Identity
    site: str
    url: str
    title: str | None
    approved_count: int
    created_at: Time
    closed: bool
    closed_at: Time | None
    closed_by: str | None
    closes_at: Time | None
    storm: StormShown
    site_storm: StormShown


class SiteStorm(Given):
    """``thread`` is null where the storm is over the whole site."""

    site: str
    thread: Identity | None
    storm: StormShown
