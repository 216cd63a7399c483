"""Who asks: a request's own id, its network origin, the browser page it comes from, and a moderator's token."""

from __future__ import annotations

import logging
import secrets
from itertools import count
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g, request

from service.domain.errors import AddressNotAllowed, TokenInvalid
from service.domain.origin import prefix_of
from service.domain.stories import origin_of
from service.logs import request_id
from service.people import Moderator

if TYPE_CHECKING:
    from service.bootstrap import WebRooms

log = logging.getLogger("greenroom.web")

_SAFE_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "same-origin"),
)


def rooms() -> WebRooms:
    """The use cases of this process."""
    found: WebRooms = current_app.extensions["greenroom"]
    return found


def register(app: Flask) -> None:
    # Drawn once for each process and counted on: drawing for each request is a system call, and there each time
    # another thread takes over.
    process, numbers = secrets.token_hex(6), count(1)

    @app.before_request
    def begin() -> None:
        # Always our own: an id from outside could carry anything into the logs.
        request_id.set(f"{process}{next(numbers):06x}")

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        headers.extend([pair for pair in _SAFE_HEADERS if pair[0] not in headers])
        if (current := request_id.get()) is not None:
            headers.add("X-Request-Id", current)
        return response


def bearer() -> str:
    """The token of the Authorization header; tokens anywhere else are ignored. Raises ``TokenInvalid``."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if kind.lower() != "bearer" or not token or len(token) > 200 or not token.isascii():
        raise TokenInvalid
    return token


def moderator() -> Moderator:
    """Who a valid token speaks for. Raises ``TokenInvalid``, or ``RateLimited`` after many wrong ones."""
    found = g.get("moderator")
    if found is None:
        found = g.moderator = _recognise(bearer())
    assert isinstance(found, Moderator)
    return found


def _recognise(token: str) -> Moderator:
    here = rooms()
    try:
        return here.tokens.recognise(token)
    except TokenInvalid:
        # A right token is let in whatever else came from its network: nobody guesses 256 bits, but a forgotten
        # script with a revoked token must not lock a newsroom out. What is bounded is the noise.
        here.limiter.check_guess(here.cipher.origin_index("", prefix_of(request.remote_addr)))
        log.warning("a wrong token was sent to %s", request.endpoint)
        raise


def may_post_from(page_origin: str | None, allowed: tuple[str, ...]) -> bool:
    """Whether a browser page of this origin may send comments; requests without an origin are no browser's."""
    return (
        page_origin is None or page_origin in allowed or page_origin == origin_of(rooms().settings.public_url)
    )


def check_page(allowed: tuple[str, ...]) -> None:
    """Refuse state changes that a foreign page makes a browser send. Raises ``AddressNotAllowed``."""
    if not may_post_from(request.headers.get("Origin"), allowed):
        raise AddressNotAllowed
    if request.headers.get("Origin") is None and request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise AddressNotAllowed


def let_pages_read(response: Response) -> Response:
    """Let pages of registered sites read this answer, problems too: the exact origin, never credentials."""
    origin = request.environ.get("HTTP_ORIGIN")
    if origin is not None and origin in rooms().sites.known_origins():
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    response.headers["Vary"] = "Origin, Accept-Encoding"
    return response
