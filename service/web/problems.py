"""Errors as RFC 9457 problems: the one table from the domain's errors to HTTP, and how they are sent.

``type`` is stable and leads to a section of docs/problems.md. No problem ever repeats what was sent.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect

from service.domain import errors
from service.logs import request_id
from service.people import NameTaken, NameUnfit
from service.privacy import KeyMissing
from service.web import metrics
from service.web.patience import Busy

log = logging.getLogger("greenroom.web")


@dataclass(frozen=True, slots=True)
class Kind:
    slug: str
    title: str
    status: int


class TooLarge(errors.GreenroomError):
    detail = "The request is larger than this service takes."


class LengthNeeded(errors.GreenroomError):
    detail = "A request with a body needs a Content-Length; chunked bodies are not taken."


class FormatUnknown(errors.GreenroomError):
    detail = "Please send application/json or application/x-www-form-urlencoded, not compressed."


# One row for each error; a test walks all subclasses of GreenroomError and finds them here.
KINDS: dict[type[errors.GreenroomError], Kind] = {
    errors.InvalidSubmission: Kind("invalid-submission", "Some fields need attention", 422),
    errors.Malformed: Kind("malformed-request", "The request could not be read", 400),
    errors.SiteUnknown: Kind("site-unknown", "No such site", 404),
    errors.AddressNotAllowed: Kind("address-not-allowed", "This page is not one of the site's", 403),
    errors.ThreadClosed: Kind("thread-closed", "Comments are closed", 409),
    errors.CommentNotFound: Kind("comment-not-found", "No such comment", 404),
    errors.EditWindowClosed: Kind("edit-window-closed", "The comment cannot be changed any more", 409),
    errors.RevisionConflict: Kind("revision-conflict", "The comment has changed", 409),
    errors.IllegalMove: Kind("illegal-move", "This decision is not possible", 409),
    errors.NothingToAppeal: Kind("nothing-to-appeal", "Nothing was decided against it", 409),
    errors.AlreadyAppealed: Kind("already-appealed", "A person was asked already", 409),
    errors.NotOnStage: Kind("not-on-stage", "Readers do not see this comment", 409),
    errors.StandingNotFound: Kind("standing-not-found", "No such ban or trust", 404),
    errors.StandingImpossible: Kind("standing-impossible", "The author cannot be known by that", 409),
    errors.AlreadyStanding: Kind("already-standing", "This runs already", 409),
    errors.StandingOver: Kind("standing-over", "This is over", 409),
    errors.CannedReasonNotFound: Kind("canned-reason-not-found", "No such canned reason", 404),
    errors.TitleTaken: Kind("title-taken", "The title is taken", 409),
    errors.CannotBeUndone: Kind("cannot-be-undone", "This cannot be taken back", 409),
    errors.BulkNotFound: Kind("bulk-not-found", "No such bulk", 404),
    errors.IdempotencyMismatch: Kind("idempotency-mismatch", "The key was used for another body", 422),
    errors.RateLimited: Kind("rate-limited", "Too many requests", 429),
    errors.ProofNeeded: Kind("proof-needed", "A proof of work is needed", 428),
    errors.Unavailable: Kind("unavailable", "Not possible just now", 503),
    errors.TokenInvalid: Kind("token-invalid", "A valid token is needed", 401),
    errors.Forbidden: Kind("forbidden", "Not allowed", 403),
    errors.CsrfRefused: Kind("csrf-refused", "Load the page again", 403),
    errors.PersonNotFound: Kind("person-not-found", "Nobody of this name", 404),
    errors.LastAdministrator: Kind("last-administrator", "The last administrator stays", 409),
    errors.InvalidPolicy: Kind("invalid-policy", "The policy is not valid", 422),
    errors.PolicyConflict: Kind("policy-conflict", "The policy has changed", 409),
    errors.ThreadNotFound: Kind("thread-not-found", "No such thread", 404),
    errors.SealBroken: Kind("internal-error", "Something went wrong here", 500),
    NameTaken: Kind("name-taken", "The name is taken", 409),
    NameUnfit: Kind("name-unfit", "This is no name for a token", 422),
    KeyMissing: Kind("internal-error", "Something went wrong here", 500),
    Busy: Kind("unavailable", "Not possible just now", 503),
    TooLarge: Kind("too-large", "The request is too large", 413),
    LengthNeeded: Kind("length-needed", "A Content-Length is needed", 411),
    FormatUnknown: Kind("format-unknown", "This format is not understood", 415),
}
INTERNAL = Kind("internal-error", "Something went wrong here", 500)
HTTP_KINDS = {
    400: KINDS[errors.Malformed],
    404: Kind("not-found", "There is nothing here", 404),
    405: Kind("method-not-allowed", "This method is not possible here", 405),
    413: KINDS[TooLarge],
    415: KINDS[FormatUnknown],
}
HTTP_DETAILS = {
    400: "The request could not be read.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: TooLarge.detail,
    415: FormatUnknown.detail,
}


def type_of(kind: Kind, public_url: str) -> str:
    """The problem's ``type``: an address on our own documentation page."""
    return f"{public_url}/docs/problems#{kind.slug}"


def describe(error: errors.GreenroomError, kind: Kind, public_url: str) -> dict[str, Any]:
    """The problem document of an error."""
    document: dict[str, Any] = {
        "type": type_of(kind, public_url),
        "title": kind.title,
        "status": kind.status,
        "detail": error.detail if kind.status != 500 else INTERNAL.title + ".",
        "request_id": request_id.get(),
    }
    if isinstance(error, errors.InvalidSubmission | errors.InvalidPolicy):
        document["errors"] = [{"pointer": e.pointer, "detail": e.detail} for e in error.errors]
    if isinstance(error, errors.RevisionConflict):
        document |= {"revision": error.revision, "comment_status": error.status}
    if isinstance(error, errors.ProofNeeded):
        document["proof"] = error.challenge
    if isinstance(error, errors.PolicyConflict):
        document["policy_version"] = error.version
    return document


def send(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    metrics.PROBLEMS.labels(document["type"].rpartition("#")[2]).inc()
    response = Response(
        json.dumps(document, ensure_ascii=False).encode(),
        status=document["status"],
        content_type="application/problem+json",
    )
    response.headers["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def headers_of(error: errors.GreenroomError) -> dict[str, str]:
    if isinstance(error, Busy):
        return {"Retry-After": str(error.retry_after_seconds), "Connection": "close"}
    if isinstance(error, errors.RateLimited | errors.Unavailable):
        return {"Retry-After": str(error.retry_after_seconds)}
    if isinstance(error, errors.TokenInvalid):
        return {"WWW-Authenticate": 'Bearer realm="greenroom"'}
    if isinstance(error, errors.Malformed | TooLarge | LengthNeeded):
        # What is left of such a body must not be read as the next request.
        return {"Connection": "close"}
    return {}


def kind_of(error: errors.GreenroomError) -> Kind:
    for cls in type(error).__mro__:
        if cls in KINDS:
            return KINDS[cls]
    return INTERNAL


def register(app: Flask, public_url: str) -> None:
    """Answer every error of the app with a problem."""

    @app.before_request
    def mend_no_path() -> None:
        # Werkzeug would answer a missing or a doubled slash with a redirect to wherever the Host header says.
        if isinstance(request.routing_exception, RequestRedirect):
            raise NotFound

    @app.errorhandler(errors.GreenroomError)
    def known(error: errors.GreenroomError) -> Response:
        kind = kind_of(error)
        if kind.status >= 500:
            log.warning("answered %d %s on %s", kind.status, kind.slug, request.endpoint)
        return send(describe(error, kind, public_url), headers_of(error))

    @app.errorhandler(SQLAlchemyError)
    def database_away(error: SQLAlchemyError) -> Response:
        log.warning("the database failed on %s: %s", request.endpoint, type(error).__name__)
        away = errors.Unavailable()
        return send(describe(away, KINDS[errors.Unavailable], public_url), headers_of(away))

    @app.errorhandler(HTTPException)
    def of_werkzeug(error: HTTPException) -> Response:
        status = error.code or 500
        kind = HTTP_KINDS.get(status, Kind("malformed-request", error.name, status))
        document = {
            "type": type_of(kind, public_url),
            "title": kind.title,
            "status": status,
            "detail": HTTP_DETAILS.get(status, error.name + "."),
            "request_id": request_id.get(),
        }
        methods = getattr(error, "valid_methods", None)
        allow = {"Allow": ", ".join(sorted(methods))} if methods else {}
        return send(document, allow)

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        log.error("unexpected error on %s", request.endpoint, exc_info=error)
        return send(describe(errors.GreenroomError(), INTERNAL, public_url))
