"""Query strings of reading: which thread, in which order, which page of it."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from flask import request

from service.domain.errors import FieldError, InvalidSubmission
from service.domain.ids import parse_id
from service.domain.text import TextFault, normalise_line
from service.domain.thread import Cursor, Sort, read_cursor
from service.reading import LATEST, Asked, View
from service.submission import EXTERNAL_ID_MAX

LIMIT_MAX = 200
# The first of each is the usual one.
VIEWS: tuple[View, ...] = ("tree", "flat")
SORTS: tuple[Sort, ...] = ("oldest", "newest", "most_liked")
Word = TypeVar("Word", bound=str)
Found = TypeVar("Found")


def _choice(name: str, choices: tuple[Word, ...]) -> Word:
    value = request.args.get(name, choices[0])
    for choice in choices:
        if choice == value:
            return choice
    raise InvalidSubmission([FieldError(f"/{name}", "This is one of: " + ", ".join(choices) + ".")])


def page_size(default: int, most: int) -> int:
    raw = request.args.get("limit", str(default))
    if not (raw.isascii() and raw.isdigit() and len(raw) < 6 and 1 <= int(raw) <= most):
        raise InvalidSubmission([FieldError("/limit", f"This is a number from 1 to {most}.")])
    return int(raw)


def page_cursor() -> UUID | None:
    raw = request.args.get("cursor")
    if raw is None:
        return None
    return _given_out(parse_id(raw))


def _thread_cursor(sort: Sort) -> Cursor | None:
    raw = request.args.get("cursor")
    return None if raw is None else _given_out(read_cursor(raw, sort))


def _given_out(cursor: Found | None) -> Found:
    if cursor is None:
        raise InvalidSubmission([FieldError("/cursor", "This is not a cursor that was given out here.")])
    return cursor


def _story(external_id: str | None) -> tuple[str | None, str | None]:
    """(url, publisher's id) of the story that is asked for, of which one is given at least."""
    url = request.args.get("url")
    if url is None and external_id is None:
        raise InvalidSubmission([FieldError("/url", "Give the story's url, or its thread id.")])
    if external_id is not None:
        try:
            external_id = normalise_line(external_id, maximum=EXTERNAL_ID_MAX)
        except TextFault as fault:
            raise InvalidSubmission([FieldError("/thread", str(fault))]) from None
    return url, external_id


def asked_thread(*, site: str, external_id: str | None, tree_only: bool = False) -> Asked:
    """The thread that a query string asks for; ``tree_only``: whatever it says of the view. Raises
    ``InvalidSubmission``."""
    url, external_id = _story(external_id)
    view, sort = "tree" if tree_only else _choice("view", VIEWS), _choice("sort", SORTS)
    return Asked(
        site=site,
        url=url,
        external_id=external_id,
        view=view,
        sort=sort,
        limit=page_size(100, LIMIT_MAX),
        cursor=_thread_cursor(sort),
    )


def asked_story(*, site: str, external_id: str | None) -> Asked:
    """The story that a query string names, with as little of its thread as can be asked for. Raises
    ``InvalidSubmission``."""
    url, external_id = _story(external_id)
    return Asked(site, url, external_id, limit=1)


def asked_latest(*, site: str, external_id: str | None) -> Asked:
    """The latest comments of the thread that a query string asks for. Raises ``InvalidSubmission``."""
    url, external_id = _story(external_id)
    return Asked(site, url, external_id, view="feed", limit=LATEST)
