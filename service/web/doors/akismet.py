"""The door for callers of Akismet (1.1 and 1.2): is this comment spam, and what moderators said of it afterwards.

Answers are compared to the letter by callers: plain text, without a line's end.
"""

from __future__ import annotations

import logging
import re
from uuid import uuid4

from flask import Blueprint, Response, request

from service.domain.door import AKISMET, Key
from service.domain.errors import GreenroomError, Malformed, TokenInvalid
from service.domain.policy import Action
from service.doors import Asked, is_throw_away
from service.web.answers import answer
from service.web.doors.asking import rooms, sent_fields
from service.web.problems import headers_of, kind_of

door = Blueprint("akismet", __name__)
log = logging.getLogger("greenroom.doors")

THANKS = "Thanks for making the web a better place."
HELP = "X-akismet-debug-help"
_FIELDS = """
    api_key key blog user_ip user_agent permalink comment_type comment_author comment_author_email
    comment_author_url comment_content user_role is_test honeypot_field_name
"""
_COMMENT = frozenset(_FIELDS.split())
_KEY = re.compile(r"[a-z0-9]{12}")
_MONTH = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")
# What the protocol promises to call spam whatever else is sent, for trying a client out.
_TEST_AUTHORS = ("akismet-guaranteed-spam", "viagra-test-123")
_TEST_ADDRESS = "akismet-guaranteed-spam@example.com"


class Invalid(Exception):
    """The key is wrong or a field is missing; the text says which, for whoever sets a client up."""


@door.post("/1.1/verify-key")
def verify_key() -> Response:
    """Whether a key works."""
    fields = sent_fields(frozenset({"key", "api_key", "blog"}))
    try:
        _enter(fields)
    except TokenInvalid:
        return _plain("invalid")
    return _plain("valid")


@door.post("/1.1/comment-check")
def comment_check() -> Response:
    """``true`` for spam, ``false`` for anything else, whatever else is wrong with it."""
    fields, trap = _comment()
    key = _enter(fields)
    _need(fields, "blog", "user_ip")
    response = _plain("false")
    response.headers["X-akismet-guid"] = str(uuid4())
    if fields.get("user_role") == "administrator":
        return response
    test = (
        fields.get("comment_author") in _TEST_AUTHORS or fields.get("comment_author_email") == _TEST_ADDRESS
    )
    found = rooms().doors.judge(key, _asked(fields, trap))
    if found.failed and not found.spam:
        # Neither answer would be true: the caller keeps the comment for a person, or asks again.
        raise Unable
    if found.spam or test:
        response.set_data("true")
        if found.action is Action.DISCARD:
            response.headers["X-akismet-pro-tip"] = "discard"
    return response


@door.post("/1.1/submit-spam")
def submit_spam() -> Response:
    """A moderator says that this is spam."""
    return _learn(spam=True)


@door.post("/1.1/submit-ham")
def submit_ham() -> Response:
    """A moderator says that this is none."""
    return _learn(spam=False)


@door.route("/1.2/usage-limit", methods=["GET", "POST"])
def usage_limit() -> Response:
    """How much a key asked in this month; there is no limit to that."""
    key = _enter(sent_fields(frozenset({"api_key", "key"})))
    usage = rooms().doors.usage(key, _this_month())
    return answer({"limit": "none", "usage": usage.calls, "percentage": 0, "throttled": False})


@door.route("/1.2/key-sites", methods=["GET", "POST"])
def key_sites() -> Response:
    """What a key asked in a month, for the one site that it speaks for."""
    fields = sent_fields(frozenset({"api_key", "key", "month", "format", "limit", "offset"}))
    key = _enter(fields)
    month = fields.get("month") or _this_month()
    if not _MONTH.fullmatch(month):
        raise Invalid("month has to look like 2026-11")
    usage = rooms().doors.usage(key, month)
    site = rooms().site_address(key.site)
    row = {
        "site": site,
        "api_calls": str(usage.calls),
        "spam": str(usage.spam),
        "ham": str(usage.ham),
        "missed_spam": str(usage.missed_spam),
        "false_positives": str(usage.false_positives),
        "is_revoked": False,
    }
    if fields.get("format") == "csv":
        names = [name for name in row if name != "is_revoked"]
        return _plain(
            f"Active sites for {month}.\n{','.join(names)}\n{','.join(str(row[n]) for n in names)}\n"
        )
    return answer({month: [row], "limit": 500, "offset": 0, "total": 1})


# --- reading ---------------------------------------------------------------------------------------------------


def _enter(fields: dict[str, str]) -> Key:
    """By the field, or the first part of the host name, as older callers do."""
    given = fields.get("api_key") or fields.get("key") or request.host.partition(".")[0]
    if not _KEY.fullmatch(given):
        given = ""
    return rooms().doors.enter(AKISMET, given, request.remote_addr)


def _comment() -> tuple[dict[str, str], bool]:
    """The fields of a comment, and whether its form's hidden field was filled in."""
    fields = sent_fields(_COMMENT)
    name = fields.get("honeypot_field_name")
    return fields, bool(name and sent_fields(frozenset({name})).get(name))


def _need(fields: dict[str, str], *names: str) -> None:
    for name in names:
        if not fields.get(name):
            raise Invalid(f'Empty "{name}" value')


def _asked(fields: dict[str, str], trap: bool) -> Asked:
    # The address and the origin of the reader end here.
    return Asked(
        text=_text(fields),
        author_name=fields.get("comment_author", ""),
        url=fields.get("permalink", ""),
        reply=fields.get("comment_type") == "reply",
        trap_filled=trap,
        address_disposable=is_throw_away(fields.get("comment_author_email", "")),
    )


def _text(fields: dict[str, str]) -> str:
    """The text, and below it the author's own address on the web: that is where a comment's spam often leads."""
    return "\n".join(
        part
        for part in (fields.get("comment_content", ""), fields.get("comment_author_url", ""))
        if part.strip()
    )


def _learn(*, spam: bool) -> Response:
    fields, _ = _comment()
    key = _enter(fields)
    text = _text(fields)
    if text and fields.get("is_test") not in ("1", "true"):
        name = fields.get("comment_author", "")
        about = "\0".join((fields.get("permalink", ""), name, text))
        rooms().doors.hear(key, about, text, author_name=name, spam=spam)
    return _plain(THANKS)


def _this_month() -> str:
    return f"{rooms().doors.now():%Y-%m}"


# --- answering -------------------------------------------------------------------------------------------------


class Unable(Exception):
    """A check could not run."""


def _plain(text: str, status: int = 200) -> Response:
    response = Response(text, status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


@door.errorhandler(Invalid)
def invalid(fault: Invalid) -> Response:
    response = _plain("invalid")
    response.headers[HELP] = str(fault)
    return response


@door.errorhandler(GreenroomError)
def known(error: GreenroomError) -> Response:
    if isinstance(error, TokenInvalid):
        return invalid(Invalid("We were unable to find this key: make one with `greenroom token create`"))
    if isinstance(error, Malformed):
        return invalid(Invalid("The request could not be read"))
    response = _plain("error", kind_of(error).status)
    response.headers.extend(headers_of(error))
    return response


@door.errorhandler(Exception)
def unable(error: Exception) -> Response:
    """A model or a database that cannot answer: neither true nor false."""
    log.error("could not answer %s", request.endpoint, exc_info=error)
    return _plain("error", 503)
