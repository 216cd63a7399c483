"""The door of the desk's pages, and what it answers where something goes wrong: a page, because people see it."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from service.domain.errors import GreenroomError, InvalidSubmission, TokenInvalid, Unavailable
from service.web import metrics
from service.web.answers import html_page, message
from service.web.identity import keep_nowhere
from service.web.problems import HTTP_DETAILS, HTTP_KINDS, INTERNAL, headers_of, kind_of

door = Blueprint("desk", __name__, url_prefix="/moderation")
door.after_request(keep_nowhere)

log = logging.getLogger("greenroom.web")


def sign_in_page(sentence: str | None = None, status: int = 200) -> Response:
    """The form that asks for a token, with a sentence about what was wrong with the last one."""
    return html_page("sign_in.html", status, sentence=sentence)


def sentence_of(error: GreenroomError) -> str:
    """What a person is told of an error: of what is wrong with fields, the first."""
    if isinstance(error, InvalidSubmission) and error.errors:
        return error.errors[0].detail
    return error.detail


@door.errorhandler(GreenroomError)
def wrong(error: GreenroomError) -> Response:
    """The sentence of what went wrong; the form to sign in, for whoever is not."""
    kind = kind_of(error)
    metrics.PROBLEMS.labels(kind.slug).inc()
    if isinstance(error, TokenInvalid):
        response = sign_in_page("Sign in to see this page.", kind.status)
    else:
        response = message(kind.title, sentence_of(error), kind.status)
    response.headers.update(headers_of(error))
    return response


@door.errorhandler(SQLAlchemyError)
def database_away(error: SQLAlchemyError) -> Response:
    """As elsewhere, on a page."""
    log.warning("the database failed on %s: %s", request.endpoint, type(error).__name__)
    away = Unavailable()
    away.detail = "The database does not answer just now. Nothing was changed: please try again."
    return wrong(away)


@door.errorhandler(Exception)
def broken(error: Exception) -> Response:
    """What nobody thought of: the log has it, and the page says no more than that."""
    status = error.code if isinstance(error, HTTPException) else None
    if status in HTTP_KINDS:
        kind, sentence = HTTP_KINDS[status], HTTP_DETAILS[status]
    else:
        log.error("unexpected error on %s", request.endpoint, exc_info=error)
        kind, sentence = (
            INTERNAL,
            "Whether anything was changed is not known: please look before you try again.",
        )
    metrics.PROBLEMS.labels(kind.slug).inc()
    return message(kind.title, sentence, kind.status)
