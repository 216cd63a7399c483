"""Many at once: what is meant is shown with its number first, then carried out by a worker, and can be taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from service.bulks import BulkRow, Meant
from service.domain.errors import BulkNotFound, CommentNotFound, FieldError, InvalidSubmission, Malformed
from service.domain.ids import parse_id
from service.domain.queue import read_query
from service.domain.roles import Power
from service.people import Moderator
from service.reading import moment
from service.web.admin.door import site_asked, time_or_none
from service.web.desk import words
from service.web.desk.deciding import choice_of
from service.web.desk.door import door
from service.web.desk.forms import Form, form_sent, whole_number
from service.web.desk.frame import and_back, desk_page, glimpsed, here, needs, queue_path
from service.web.identity import rooms

AT = "bulks"


def _meant(form: Form) -> Meant:
    """Those that were selected, as they were seen, or all that a question finds. Raises ``Malformed``,
    ``InvalidSubmission``."""
    if form.one("which") == "query":
        return Meant(query=read_query(form.one("query")))
    chosen: dict[UUID, int] = {}
    for raw in form.all("pick"):
        name, _, revision = raw.partition(":")
        identity = parse_id(name)
        if identity is None:
            raise Malformed
        chosen[identity] = whole_number(revision)
    if not chosen:
        raise InvalidSubmission([FieldError("/comments", "Select some comments first.")])
    return Meant(chosen=chosen)


@door.post("/bulks")
@needs(Power.DECIDE)
def make_bulk() -> Response:
    """A draft: which comments are meant is settled, and their number and some of them are shown for a last look."""
    who, form = here(), form_sent()
    meant, choice = _meant(form), choice_of(form)
    site = form.one("site") or _one_site(who, meant)
    draft = rooms().bulks.draft(who, site, choice, meant)
    done, total = words.DONE[choice.action.value], draft.bulk.total
    reasons = ", ".join(words.in_words(reason.value) for reason in choice.reasons)
    return desk_page(
        "desk/sure.html",
        AT,
        sure={
            "title": f"{done}: {total:,} comments?",
            "sentence": f"They are decided as they stand now{f' ({reasons})' if reasons else ''}; whatever changes in"
            " the meantime is passed over, and what comes later is not meant. It can be undone as a whole.",
            "counts": [],
            "examples": glimpsed(who, draft.examples),
            "action": f"/moderation/bulks/{draft.bulk.id}/start",
            "fields": [],
            "button": f"Yes: {done.lower()}, {total:,} of them",
            "back": queue_path(form.one("back")),
        },
    )


@door.post("/bulks/<bulk_id>/start")
@needs(Power.DECIDE)
def start_bulk(bulk_id: str) -> Response:
    """Yes to the comments that were counted."""
    made = rooms().bulks.start(here(), _named(bulk_id))
    return and_back(f"/moderation/bulks/{made.id}")


def _one_site(who: Moderator, meant: Meant) -> str:
    """The site of what was selected: it is one, or it cannot be decided at once. Raises ``InvalidSubmission``,
    ``CommentNotFound``."""
    chosen = list(meant.chosen or {})
    rows = rooms().cases.glimpse(who, chosen)
    if len(rows) < len(chosen):
        raise CommentNotFound
    sites = {row.site for row in rows.values()}
    if len(sites) != 1:
        raise InvalidSubmission([FieldError("/site", "Please select comments of one site at a time.")])
    return sites.pop()


@door.get("/bulks")
@needs(Power.READ)
def bulks() -> Response:
    """The latest ones."""
    who = here()
    return desk_page(
        "desk/bulks.html", AT, bulks=[_shown(row) for row in rooms().bulks.latest(who, site_asked())]
    )


@door.get("/bulks/<bulk_id>")
@needs(Power.READ)
def bulk(bulk_id: str) -> Response:
    """How far one is."""
    row = rooms().bulks.look(here(), _named(bulk_id))
    return desk_page("desk/bulk.html", AT, bulk=_shown(row))


@door.post("/bulks/<bulk_id>/undo")
@needs(Power.DECIDE)
def undo_bulk(bulk_id: str) -> Response:
    made = rooms().bulks.undo(here(), _named(bulk_id))
    return and_back(f"/moderation/bulks/{made.id}")


def _named(raw: str) -> UUID:
    found = parse_id(raw)
    if found is None:
        raise BulkNotFound
    return found


def _shown(row: BulkRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "site": row.site,
        "action": row.action,
        "about": row.about,
        "moderator": row.moderator,
        "total": row.total,
        "done": row.done,
        "passed_over": row.passed_over,
        "created_at": moment(row.created_at),
        "finished_at": time_or_none(row.finished_at),
        "undone_by": str(row.undone_by) if row.undone_by else None,
    }
