"""One comment's case: all that is known of it, and deciding about it with reasons, a sentence and a note."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from service.domain.errors import InvalidSubmission
from service.domain.roles import Power
from service.people import Moderator
from service.web.admin.case import case_shown
from service.web.admin.door import comment_named, text_needed
from service.web.desk import words
from service.web.desk.door import door, sentence_of
from service.web.desk.forms import Form, form_sent
from service.web.desk.frame import Told, and_back, desk_page, here, needs
from service.web.identity import rooms

NOTHING_TYPED: dict[str, Any] = {"reasons": [], "message": "", "note": "", "reply": ""}


@door.get("/comments/<comment_id>")
@needs(Power.READ)
def case(comment_id: str) -> Response:
    """The case of a comment."""
    return case_page(here(), comment_id, back=_back())


def _back() -> str:
    """The question that the case was opened from: all of the address that is not about the case."""
    raw = request.query_string.decode("ascii", "replace")
    return "&".join(part for part in raw.split("&") if part and not part.startswith("said="))


def case_page(
    who: Moderator,
    comment_id: str,
    *,
    back: str,
    told: Told | None = None,
    typed: dict[str, Any] | None = None,
    status: int = 200,
) -> Response:
    shown = case_shown(rooms().cases.open(who, comment_named(comment_id)))
    decisions = shown["decisions"]
    last = decisions[-1] if decisions else None
    record = shown["author_record"]
    return desk_page(
        "desk/case.html",
        "queue",
        status=status,
        told=told,
        item=shown,
        back=back,
        diff=shown["edit_changes"] or [],
        decisions=decisions,
        undoable=last
        if last and not last["automated"] and shown["status"] not in ("withdrawn", "erased")
        else None,
        around=_around(shown),
        author={
            "facts": _facts(record),
            "known": record["known"],
            "standings": [{**one, "sentence": standing_sentence(one)} for one in record["standings"]],
        },
        notes=_all_notes(shown),
        alike=shown["alike"],
        canned=rooms().canned.of_site(who, shown["site"]),
        typed=typed or NOTHING_TYPED,
        thread=rooms().threads.show(who, UUID(shown["thread"]["id"])),
    )


def _around(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """The conversation around a comment, oldest first, each once, with what it is to this one."""
    context = shown["context"]
    mine = {
        "id": shown["id"],
        "author": shown["author"],
        "text": shown["text"],
        "status": shown["status"],
        "created_at": shown["created_at"],
    }
    told: dict[str, dict[str, Any]] = {}
    for what, rows in (
        ("begins the conversation", [context["root"]] if context["root"] else []),
        ("what it answers", [context["parent"]] if context["parent"] else []),
        ("answers the same", context["siblings_before"] + context["siblings_after"]),
        ("beside it", context["before"] + context["after"]),
        ("this one", [mine]),
    ):
        for row in rows:
            # Later rows say more of this one, earlier ones of all others.
            if row["id"] not in told or what == "this one":
                told[row["id"]] = {**row, "what": what}
    return sorted(told.values(), key=lambda row: (row["created_at"], row["id"]))


def _facts(record: dict[str, Any]) -> list[tuple[str, str]]:
    statuses = ("approved", "held", "pending", "rejected", "withdrawn", "erased")
    counts = ", ".join(f"{record[status]:,} {status}" for status in statuses if record[status])
    more = " (the newest thousand)" if record["more"] else ""
    facts = [
        ("Comments here", (counts or "this one alone") + more),
        ("First seen", words.day_and_hour(record["first_seen"])),
    ]
    if len(record["names"]) > 1:
        facts.append(("Names used", ", ".join(record["names"])))
    if not record["known"]:
        facts.append(("Address", "none was given, so other comments of theirs are not known"))
    return facts


def standing_sentence(one: dict[str, Any]) -> str:
    """ "Banned by name (spam) by Bob since 3 Nov 2026, until …"."""
    what = "Banned" if one["kind"] == "ban" else "Trusted"
    of = {"name": "name", "address": "address", "origin": "network"}[one["of"]]
    until = f", until {words.day_and_hour(one['until'])}" if one["until"] else ""
    note = f" – “{one['note']}”" if one["note"] else ""
    since = words.day_and_hour(one["created_at"])
    return f"{what} by {of} ({words.in_words(one['cause'])}) by {one['moderator']} since {since}{until}{note}"


def _all_notes(shown: dict[str, Any]) -> list[dict[str, Any]]:
    both = {note["id"]: note for note in (*shown["author_record"]["notes"], *shown["notes"])}
    return sorted(both.values(), key=lambda note: note["created_at"], reverse=True)


def typed_again(form: Form) -> dict[str, Any]:
    """What was typed into the form of a decision, for showing it once more."""
    names = ("message", "note")
    return {**NOTHING_TYPED, "reasons": form.all("reasons"), **{name: form.one(name) for name in names}}


@door.post("/comments/<comment_id>/notes")
@needs(Power.DECIDE)
def add_note(comment_id: str) -> Response:
    """A note for colleagues."""
    who, form = here(), form_sent()
    try:
        text = text_needed("/text", form.one("text"))
    except InvalidSubmission as error:
        return case_page(
            who, comment_id, back=form.one("back"), told=Told(sentence_of(error), bad=True), status=422
        )
    rooms().cases.note(who, comment_named(comment_id), text)
    return and_back(f"/moderation/comments/{comment_named(comment_id)}?{form.one('back')}", said="noted")
