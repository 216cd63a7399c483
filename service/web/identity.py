"""Who asks: a request's own id, its network origin, the browser page it comes from, and a moderator's token or session.

A session counts at the doors of the desk alone. To the public doors its cookie does not exist: it is neither read nor
set there, so that it opens nothing and no shared cache ever sees it.
"""

from __future__ import annotations

import logging
import secrets
from base64 import urlsafe_b64encode
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g, request

from service.domain.errors import AddressNotAllowed, CsrfRefused, TokenInvalid
from service.domain.origin import prefix_of
from service.domain.stories import origin_of
from service.logs import request_id
from service.people import Moderator
from service.web.bodies import FORM_TYPE, field_of, media_type, read_bytes

if TYPE_CHECKING:
    from service.bootstrap import WebRooms
    from service.sessions import SignedIn

log = logging.getLogger("greenroom.web")

# The prefix has browsers insist on Secure, on Path=/ and on no Domain: no neighbour on the same domain can set it.
COOKIE = "__Host-greenroom"
# Blueprints at which a session counts.
DESK = frozenset({"admin", "desk"})
SAFE_METHODS = frozenset({"GET", "HEAD"})

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
    """Who a valid token speaks for, or the session of a browser that is signed in.

    Raises ``TokenInvalid``, or ``RateLimited`` after many wrong ones, and ``CsrfRefused`` (see ``session``).
    """
    found = g.get("moderator")
    if found is None:
        found = g.moderator = signed_in() or _recognise(bearer())
    assert isinstance(found, Moderator)
    return found


def _recognise(token: str) -> Moderator:
    try:
        return rooms().tokens.recognise(token)
    except TokenInvalid:
        wrong_token()
        raise


def wrong_token() -> None:
    """Count a wrong token of this origin. Raises ``RateLimited`` after many."""
    # A right token is let in whatever else came from its network: nobody guesses 256 bits, but a forgotten
    # script with a revoked token must not lock a newsroom out. What is bounded is the noise.
    rooms().limiter.check_guess(origin_asking())
    log.warning("a wrong token was sent to %s", request.endpoint)


def origin_asking() -> bytes:
    """The keyed index of the network that this request comes from."""
    return rooms().cipher.origin_index("", prefix_of(request.remote_addr))


# --- sessions of browsers ------------------------------------------------------------------------------------------


def signed_in() -> Moderator | None:
    """Whom this browser's session speaks for, or ``None``. Raises ``CsrfRefused`` (see ``session``)."""
    found = session()
    return found.moderator if found is not None else None


def session() -> SignedIn | None:
    """The session of this request, at the doors of the desk; a bearer token goes before it, and then there is none.

    Raises ``CsrfRefused`` where the request may change something and does not show that a page of ours sent it.
    """
    found = _session_of_cookie()
    if found is None or request.method in SAFE_METHODS or "csrf_held" in g:
        return found
    if not (is_from_our_page() and _is_csrf_token(_csrf_sent(), found)):
        raise CsrfRefused
    g.csrf_held = True
    return found


def _session_of_cookie() -> SignedIn | None:
    if "session" not in g:
        g.session = _resumed()
    found: SignedIn | None = g.session
    return found


def _resumed() -> SignedIn | None:
    # What else may stand in that header is a proxy's business, such as a password of its own.
    bears_token = request.headers.get("Authorization", "").lower().startswith("bearer")
    if request.blueprint not in DESK or bears_token:
        return None
    try:
        return rooms().sessions.resume(cookie_sent())
    except TokenInvalid:
        return None


def cookie_sent() -> str:
    """The secret of a session, as the browser sent it. Raises ``TokenInvalid`` where there is none."""
    secret = request.cookies.get(COOKIE, "")
    if not secret or len(secret) > 100 or not secret.isascii():
        raise TokenInvalid
    return secret


def csrf_token() -> str | None:
    """What a form (``csrf``) or a script (``X-CSRF-Token``) of this session sends with each change; ``None`` without a
    session. Raises nothing, so that a page about a refused change can offer the form again."""
    found = _session_of_cookie()
    return _csrf_token_of(found) if found is not None else None


def _csrf_token_of(found: SignedIn) -> str:
    return urlsafe_b64encode(rooms().cipher.mac("csrf", found.id.bytes)).decode().rstrip("=")


def _is_csrf_token(sent: str, found: SignedIn) -> bool:
    return rooms().cipher.equal(sent.encode("ascii", "replace"), _csrf_token_of(found).encode())


def _csrf_sent() -> str:
    sent = request.headers.get("X-CSRF-Token")
    if sent is not None or media_type() != FORM_TYPE:
        return sent or ""
    body = read_bytes()
    # Whoever takes the form reads it again.
    request.environ["wsgi.input"] = BytesIO(body)
    return field_of(body, "csrf")


def is_from_our_page() -> bool:
    """Whether the browser says that a page of ours sent this, or that the person did it without any page."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    return origin == origin_of(rooms().settings.public_url) if origin is not None else site is not None


def keep_nowhere(response: Response) -> Response:
    """For the doors of the desk: what moderators are answered is kept by no cache, and differs by cookie."""
    response.headers["Cache-Control"] = "no-store"
    return response


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
