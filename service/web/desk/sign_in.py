"""Signing in with a token, and out again. What a session is worth at each request stands in ``web/identity.py``."""

from __future__ import annotations

import math
from contextlib import suppress

from flask import Response, redirect, request

from service.domain.errors import RateLimited, TokenInvalid
from service.web import metrics
from service.web.bodies import FORM_TYPE, media_type, read_bytes, read_form
from service.web.desk.door import door, sign_in_page
from service.web.identity import (
    COOKIE,
    cookie_sent,
    is_from_our_page,
    origin_asking,
    rooms,
    session,
    wrong_token,
)
from service.web.problems import FormatUnknown, headers_of, kind_of

TOKEN_MAX = 200
NOTHING = "Please give your token."
WRONG = "This token is not known here, or it was revoked. Check that you gave all of it, and nothing else."


@door.post("/sign-in")
def sign_in() -> Response:
    """A session for a token, and on to the desk; else the form again, with what was wrong."""
    if not is_from_our_page():
        # Or a foreign page could sign somebody in as somebody else, who then reads what they decide.
        metrics.PROBLEMS.labels("csrf-refused").inc()
        where = rooms().settings.public_url
        return sign_in_page(
            f"Signing in works from {where}/moderation alone: open that page and try again.", 403
        )
    if media_type() != FORM_TYPE:
        raise FormatUnknown
    token = read_form(read_bytes()).get("token", "").strip()
    here = rooms()
    try:
        if len(token) > TOKEN_MAX or not token.isascii():
            raise TokenInvalid
        secret, _ = here.sessions.begin(token)
    except TokenInvalid as error:
        return _refused(error) if token else sign_in_page(NOTHING, kind_of(error).status)
    # A new one each time: whatever cookie came along may have been put there by somebody else.
    _end_what_was()
    response = _to_the_desk()
    response.set_cookie(COOKIE, secret, secure=True, httponly=True, samesite="Strict", path="/")
    return response


def _refused(error: TokenInvalid) -> Response:
    here = rooms()
    here.sessions.refused(origin_asking())
    metrics.PROBLEMS.labels(kind_of(error).slug).inc()
    try:
        wrong_token()
    except RateLimited as limited:
        minutes = math.ceil(limited.retry_after_seconds / 60)
        again = f"It works again in {minutes} minute{'s' if minutes > 1 else ''}; a right token works now."
        response = sign_in_page(
            f"Too many wrong tokens came from your network. {again}", kind_of(limited).status
        )
        response.headers.update(headers_of(limited))
        return response
    response = sign_in_page(WRONG, kind_of(error).status)
    response.headers.update(headers_of(error))
    return response


def _end_what_was() -> None:
    sessions = rooms().sessions
    with suppress(TokenInvalid):
        sessions.end(sessions.resume(cookie_sent()))


@door.post("/sign-out")
def sign_out() -> Response:
    """The end of this browser's session. Whoever has none is signed out already."""
    running = session()
    if running is not None:
        rooms().sessions.end(running)
    return _without_cookie(_to_the_desk())


@door.post("/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    """The end of all sessions of this token, in every browser."""
    running = session()
    if running is not None:
        rooms().sessions.end_everywhere(running)
    return _without_cookie(_to_the_desk())


def _to_the_desk() -> Response:
    return redirect(f"{rooms().settings.public_url}/moderation", 303)  # type: ignore[return-value]


def _without_cookie(response: Response) -> Response:
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Strict", path="/")
    return response
