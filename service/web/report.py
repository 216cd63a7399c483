"""Calling a moderator without scripts: a small form for one comment, and back to the thread with a sentence."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, redirect, request
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from service.domain.errors import (
    AddressNotAllowed,
    CommentNotFound,
    GreenroomError,
    RateLimited,
    Unavailable,
)
from service.domain.ids import parse_id
from service.flagging import FlagReason
from service.store.flags import Shown
from service.web import metrics
from service.web.answers import message, spoken_page
from service.web.bodies import FORM_TYPE, media_type, read_bytes, read_form
from service.web.identity import check_page, rooms
from service.web.languages import Voice, in_language, kept, spoken_here
from service.web.problems import KINDS, FormatUnknown, kind_of
from service.web.telling import told_of

door = Blueprint("report", __name__)

# As the embed says it.
WHY = {
    FlagReason.SPAM: "Spam or advertisement",
    FlagReason.OFFENSIVE: "Offensive",
    FlagReason.INSULT: "An insult",
    FlagReason.THREAT: "A threat",
    FlagReason.HATE: "Hate against a group",
    FlagReason.SEXUAL: "Sexual",
    FlagReason.PERSONAL_DATA: "Private details of somebody",
    FlagReason.OFF_TOPIC: "Off topic",
    FlagReason.ILLEGAL: "Against the law",
    FlagReason.OTHER: "Something else",
}
GONE = "This comment is not there any more."
CHOOSE = "Please choose what is the matter with it."
AWAY = "This did not work just now. Please go back and try again in a moment."
SENTENCES = (*WHY.values(), GONE, CHOOSE, AWAY)


@door.get("/<site>/report/<comment_id>")
def report_page(site: str, comment_id: str) -> Response:
    """The form about a comment that everybody sees. Of every other it says the same, whether it is there or not."""
    lang = request.args.get("lang")
    try:
        identity = _identity(comment_id)
        return _form(identity, _on_stage(site, identity), lang)
    except (CommentNotFound, SQLAlchemyError) as error:
        return _no_form(error, spoken_here(lang))


@door.post("/<site>/report/<comment_id>")
def report_comment(site: str, comment_id: str) -> Response:
    """A reader's call, by the same rules as the API's; then back to the thread."""
    if media_type() != FORM_TYPE:
        raise FormatUnknown
    sent = read_form(read_bytes())
    reason, lang = sent.get("reason", ""), sent.get("lang")
    spoken = spoken_here(lang)
    here = rooms()
    try:
        identity = _identity(comment_id)
        found = _on_stage(site, identity)
        check_page(here.sites.get(found.site).origins)
    except (CommentNotFound, AddressNotAllowed, SQLAlchemyError) as error:
        return _no_form(error, spoken)
    if reason not in set(FlagReason):
        return _form(identity, found, lang, fault=spoken.told(CHOOSE), status=422)
    try:
        here.flagging.flag(identity, here.sites.get(found.site), FlagReason(reason), request.remote_addr)
    except CommentNotFound as error:
        return _no_form(error, spoken)
    except (RateLimited, SQLAlchemyError) as error:
        refused = error if isinstance(error, RateLimited) else Unavailable()
        metrics.PROBLEMS.labels(kind_of(refused).slug).inc()
        fault = told_of(refused, spoken) if isinstance(refused, RateLimited) else spoken.told(AWAY)
        response = _form(identity, found, lang, fault=fault, chosen=reason, status=kind_of(refused).status)
        response.headers["Retry-After"] = str(refused.retry_after_seconds)
        return response
    page = in_language(here.page_url(found.site, found.url, None), kept(lang))
    return redirect(f"{page}&result=reported#result", 303)  # type: ignore[return-value]


def _identity(raw_id: str) -> UUID:
    """Raises ``CommentNotFound``."""
    found = parse_id(raw_id)
    if found is None:
        raise CommentNotFound
    return found


def _on_stage(site: str, comment_id: UUID) -> Shown:
    """Raises ``CommentNotFound``, also for a comment of another site."""
    found = rooms().on_stage.shown(comment_id)
    if found.site != site:
        raise CommentNotFound
    return found


def _form(
    comment_id: UUID,
    found: Shown,
    lang: str | None,
    *,
    fault: str = "",
    chosen: str = "",
    status: int = 200,
) -> Response:
    here = rooms()
    spoken = spoken_here(lang)
    return spoken_page(
        "report.html",
        spoken,
        status,
        site={"key": found.site, "name": here.sites.get(found.site).name},
        id=str(comment_id),
        author=found.author_name,
        # From the sanitizer, and from nowhere else.
        html=Markup(found.html),
        reasons=[(reason.value, spoken.told(WHY[reason])) for reason in FlagReason],
        chosen=chosen,
        fault=fault,
        page_url=in_language(here.page_url(found.site, found.url, None), kept(lang)),
        lang=kept(lang),
    )


def _no_form(error: GreenroomError | SQLAlchemyError, spoken: Voice) -> Response:
    refused = error if isinstance(error, GreenroomError) else Unavailable()
    metrics.PROBLEMS.labels(kind_of(refused).slug).inc()
    if isinstance(refused, CommentNotFound):
        return message("Not found", GONE, 404, spoken)
    if isinstance(refused, Unavailable):
        response = message("Not possible", AWAY, 503, spoken)
        response.headers["Retry-After"] = str(refused.retry_after_seconds)
        return response
    return message("Not possible", refused.detail, KINDS[AddressNotAllowed].status, spoken)
