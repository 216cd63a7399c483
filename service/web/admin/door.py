"""The door of moderators and their tools, and what its rooms share. Each route needs a token, or a session.

Nothing behind it can show an address, its index, or a network origin: the use cases do not hand them out.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, request

from service.domain.errors import CommentNotFound, FieldError, InvalidSubmission
from service.domain.ids import parse_id
from service.domain.roles import Power
from service.domain.text import EMPTY, TextFault, normalise_line, normalise_text
from service.people import Moderator
from service.reading import moment
from service.web.bodies import WRONG_BODY
from service.web.identity import keep_nowhere, rooms
from service.web.openapi import Parameter

door = Blueprint("admin", __name__, url_prefix="/v1/admin")
door.after_request(keep_nowhere)

PAGE_MAX = 100
NOTE_MAX = 2_000
ANY_TOKEN = ("token-invalid", "rate-limited", "unavailable")
TOKEN = (*ANY_TOKEN, "forbidden")
# What a route that changes something can answer besides.
CHANGE = ("address-not-allowed", "csrf-refused")
# What a route that takes a body can answer besides.
BODY = (*WRONG_BODY, *CHANGE)
SITE = Parameter("site", "Only this site.", {"type": "string"})


def time_or_none(value: datetime | None) -> str | None:
    return moment(value) if value is not None else None


def site_asked() -> str | None:
    """The site of the query. Raises ``SiteUnknown``."""
    site = request.args.get("site") or None
    return rooms().sites.get(site).key if site is not None else None


def site_needed(who: Moderator, power: Power) -> str:
    """The site of the query, or the one of the token. Raises ``Forbidden``, ``SiteUnknown``, ``InvalidSubmission``."""
    who.must(power)
    site = who.narrowed(site_asked())
    if site is None:
        raise InvalidSubmission([FieldError("/site", "Name the site.")])
    return site


def comment_named(raw: str) -> UUID:
    """Raises ``CommentNotFound``, for what is no id, too."""
    found = parse_id(raw)
    if found is None:
        raise CommentNotFound
    return found


def line_sent(pointer: str, raw: str, maximum: int) -> str:
    """A name or a title as it may be stored. Raises ``InvalidSubmission``."""
    try:
        return normalise_line(raw, maximum=maximum)
    except TextFault as fault:
        raise InvalidSubmission([FieldError(pointer, str(fault))]) from None


def text_needed(pointer: str, raw: str, maximum: int = NOTE_MAX) -> str:
    """As ``text_sent``; something has to be written."""
    if text := text_sent(pointer, raw, maximum):
        return text
    raise InvalidSubmission([FieldError(pointer, EMPTY)])


def text_sent(pointer: str, raw: str, maximum: int = NOTE_MAX) -> str:
    """A note or a message as it may be stored; empty where nothing was written. Raises ``InvalidSubmission``."""
    try:
        return normalise_text(raw, maximum=maximum) if raw.strip() else ""
    except TextFault as fault:
        raise InvalidSubmission([FieldError(pointer, str(fault))]) from None
