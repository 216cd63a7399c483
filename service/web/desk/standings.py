"""Bans and trust: made from a case after a look at what they would catch, listed, and lifted."""

from __future__ import annotations

from datetime import timedelta

from flask import Response

from service.bootstrap import now
from service.domain.errors import Malformed, StandingNotFound
from service.domain.ids import parse_id
from service.domain.policy import Reason
from service.domain.roles import Power
from service.domain.standing import Kind, Of
from service.standings import Wanted
from service.web.admin.door import comment_named, site_asked, text_sent
from service.web.admin.standings import standing_shown
from service.web.desk import words
from service.web.desk.door import door
from service.web.desk.forms import Form, form_sent
from service.web.desk.frame import and_back, desk_page, glimpsed, here, needs
from service.web.identity import rooms
from service.web.public_query import page_cursor

PAGE = 50
AT = "standings"


def _wanted(form: Form) -> Wanted:
    try:
        kind, of = form.one("what").split(" ")
        days = form.one("days")
        return Wanted(
            comment_id=comment_named(form.one("comment")),
            kind=Kind(kind),
            of=Of(of),
            cause=Reason(form.one("cause")),
            note=text_sent("/note", form.one("note")),
            until=now() + timedelta(days=min(3_650, int(days))) if days else None,
        )
    except ValueError:
        raise Malformed from None


@door.post("/standings")
@needs(Power.STAND)
def make_standing() -> Response:
    """First what it would have caught; with ``sure`` it is made."""
    who, form = here(), form_sent()
    wanted = _wanted(form)
    case = f"/moderation/comments/{wanted.comment_id}?{form.one('back')}"
    if form.one("sure") == "yes":
        rooms().standings.create(who, wanted)
        return and_back(case, said="banned" if wanted.kind is Kind.BAN else "trusted")
    found = rooms().standings.preview(who, wanted)
    fields = [(name, value) for name, values in form.fields.items() if name != "csrf" for value in values]
    whom = {Of.NAME: "this name", Of.ADDRESS: "this author", Of.ORIGIN: "this network"}[wanted.of]
    total = sum(found.caught.by_status.values())
    until = f"until {words.day_and_hour(found.until.isoformat())}" if found.until else "without an end"
    what = "Every comment it catches is treated as the policy says of banned authors (rejected, unless you changed it)."
    if wanted.kind is Kind.TRUST:
        what = 'What it means is up to the policy: otherwise = "trust" lets trusted authors through.'
    return desk_page(
        "desk/sure.html",
        AT,
        sure={
            "title": f"{'Ban' if wanted.kind is Kind.BAN else 'Trust'} {whom}, {until}?",
            "sentence": f"Of the last {found.days} days it would have caught"
            f" {total:,}{' and more' if found.caught.more else ''} comments. {what}",
            "counts": sorted(found.caught.by_status.items()),
            "examples": glimpsed(who, found.caught.examples),
            "action": "/moderation/standings",
            "fields": [*fields, ("sure", "yes")],
            "button": f"Yes, {wanted.kind.value} {whom}",
            "back": case,
        },
    )


@door.get("/standings")
@needs(Power.STAND)
def standings() -> Response:
    """Running and past ones, newest first."""
    rows = rooms().standings.page(here(), site=site_asked(), before=page_cursor(), limit=PAGE + 1)
    shown = [standing_shown(row) for row in rows[:PAGE]]
    following = shown[-1]["id"] if len(rows) > PAGE else None
    return desk_page("desk/standings.html", AT, standings=shown, next=following)


@door.post("/standings/<standing_id>/lift")
@needs(Power.STAND)
def lift(standing_id: str) -> Response:
    """End one, for good."""
    who, form = here(), form_sent()
    identity = parse_id(standing_id)
    if identity is None:
        raise StandingNotFound
    row = rooms().standings.lift(who, identity)
    to = (
        f"/moderation/comments/{row.comment_id}"
        if form.one("to").startswith("/moderation/comments/")
        else None
    )
    return and_back(to or "/moderation/standings", said="lifted")
