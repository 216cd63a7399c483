"""The forms of people, their sessions, and the journal of what they did."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from service.web.schemas.base import Given, Taken, Time

RoleName = Literal["viewer", "moderator", "editor", "administrator", "scraper"]


class Me(Given):
    """Who asks. ``csrf`` and ``session_ends`` are null with a bearer token."""

    name: str
    role: str
    site: str | None
    powers: list[str]
    csrf: str | None
    session_ends: Time | None


class PersonTaken(Taken):
    """A new token: for all sites, or narrowed to one."""

    name: Annotated[str, Field(max_length=400)]
    role: RoleName
    site: str | None = None


class RoleTaken(Taken):
    role: RoleName


class Person(Given):
    """A token, or a key of a door: one of ``role`` and ``door`` is there. ``sessions``: browsers signed in now."""

    name: str
    role: str | None
    door: str | None
    site: str | None
    created_at: Time
    last_used_at: Time | None
    revoked_at: Time | None
    sessions: int


class People(Given):
    people: list[Person]


class PersonMade(Given):
    person: Person
    token: str = Field(description="Shown this once.")


class JournalEntry(Given):
    number: int
    at: Time
    actor: str
    act: str
    site: str | None
    subject: str
    detail: dict[str, Any]
    hash: str = Field(description="SHA-256 in hexadecimal, over the hash of the entry before and this one.")


class JournalPage(Given):
    entries: list[JournalEntry]
    next_before: int | None = Field(description="The `before` of the next page, if there is one.")
