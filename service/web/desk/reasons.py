"""Sentences for authors that a site's moderators use again and again."""

from __future__ import annotations

from flask import Response, request

from service.domain.canned import MESSAGE_MAX, TITLE_MAX, Canned
from service.domain.errors import (
    CannedReasonNotFound,
    InvalidSubmission,
    Malformed,
    TitleTaken,
)
from service.domain.ids import parse_id
from service.domain.policy import Reason
from service.domain.roles import Power
from service.web.admin.door import line_sent, text_needed
from service.web.desk.door import door, sentence_of
from service.web.desk.forms import Form, form_sent
from service.web.desk.frame import Told, and_back, desk_page, here, needs, sites_of
from service.web.identity import rooms

NEW = {"id": None, "title": "", "reason": "other", "message": ""}


@door.get("/reasons")
@needs(Power.READ)
def reasons() -> Response:
    """The sentences of a site."""
    who = here()
    sites = sites_of(who)
    return _page(request.args.get("site") or (sites[0].key if sites else ""))


def _page(site: str, told: Told | None = None, status: int = 200) -> Response:
    who = here()
    kept = [
        {
            "id": str(one.id) if one.id else None,
            "title": one.title,
            "reason": one.reason,
            "message": one.message,
        }
        for one in rooms().canned.of_site(who, site)
    ]
    shown = [*kept, NEW] if who.may(Power.RULE) and all(one["id"] for one in kept) else kept
    return desk_page(
        "desk/reasons.html",
        "reasons",
        status=status,
        told=told,
        site=site,
        reasons=shown,
        title_max=TITLE_MAX,
        message_max=MESSAGE_MAX,
    )


def _wanted(form: Form) -> Canned:
    try:
        reason = Reason(form.one("reason"))
    except ValueError:
        raise Malformed from None
    title = line_sent("/title", form.one("title"), TITLE_MAX)
    return Canned(reason, title, text_needed("/message", form.one("message"), MESSAGE_MAX))


@door.post("/reasons/<canned_id>")
@needs(Power.RULE)
def keep_reason(canned_id: str) -> Response:
    """Add one ("new"), change it, or delete it."""
    who, form = here(), form_sent()
    site, identity = form.one("site"), parse_id(canned_id)
    try:
        if canned_id == "new":
            rooms().canned.add(who, site, _wanted(form))
        elif identity is None:
            raise CannedReasonNotFound
        elif form.one("step") == "delete":
            rooms().canned.remove(who, identity)
            return and_back(f"/moderation/reasons?site={site}", said="gone")
        else:
            rooms().canned.change(who, identity, _wanted(form))
    except (InvalidSubmission, TitleTaken) as error:
        return _page(site, Told(sentence_of(error), bad=True), 422)
    return and_back(f"/moderation/reasons?site={site}", said="kept")
