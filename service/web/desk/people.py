"""People and the journal, for those who govern."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request

from service.domain.errors import GreenroomError, InvalidSubmission, LastAdministrator, PersonNotFound
from service.domain.ids import parse_id
from service.domain.roles import PEOPLE, Power, Role
from service.domain.text import TextFault, normalise_line
from service.people import NAME_MAX, NameTaken, NameUnfit, Person
from service.reading import moment
from service.store.journal import Entry
from service.web.admin.door import site_asked, time_or_none
from service.web.desk.door import door, sentence_of
from service.web.desk.forms import form_sent
from service.web.desk.frame import Told, and_back, desk_page, here, needs
from service.web.identity import rooms

ENTRIES = 100
REFUSALS = (InvalidSubmission, LastAdministrator, PersonNotFound, NameTaken, NameUnfit)


@door.get("/people")
@needs(Power.GOVERN)
def people() -> Response:
    """Everybody with a token."""
    return _page()


def _page(*, told: Told | None = None, made: dict[str, str] | None = None, status: int = 200) -> Response:
    who = here()
    roles = [role.value for role in (*PEOPLE, Role.SCRAPER)]
    shown = [_person(one) for one in rooms().sessions.people(who)]
    return desk_page(
        "desk/people.html",
        "people",
        status=status,
        told=told,
        people=shown,
        roles=roles,
        made=made,
        everywhere=who.site is None,
        name_max=NAME_MAX,
    )


def _person(one: Person) -> dict[str, Any]:
    return {
        "name": one.name,
        "role": one.role.value if one.role else one.door,
        "door": one.door,
        "site": one.site,
        "last_used_at": time_or_none(one.last_used_at),
        "revoked_at": time_or_none(one.revoked_at),
        "sessions": one.sessions,
    }


def _refused(error: GreenroomError) -> Response:
    return _page(told=Told(sentence_of(error), bad=True), status=422)


@door.post("/people")
@needs(Power.GOVERN)
def make_person() -> Response:
    """A token, shown in this answer and never again."""
    who, form = here(), form_sent()
    try:
        name = normalise_line(form.one("name"), maximum=NAME_MAX)
        token = rooms().tokens.create(name, Role(form.one("role")), form.one("site") or None, by=who)
    except REFUSALS as error:
        return _refused(error)
    except (TextFault, ValueError) as fault:
        return _page(told=Told(str(fault), bad=True), status=422)
    return _page(made={"name": name, "token": token}, status=201)


@door.post("/people/role")
@needs(Power.GOVERN)
def change_role() -> Response:
    who, form = here(), form_sent()
    try:
        rooms().tokens.change_role(form.one("name"), Role(form.one("role")), by=who)
    except REFUSALS as error:
        return _refused(error)
    return and_back("/moderation/people", said="role")


@door.post("/people/revoke")
@needs(Power.GOVERN)
def revoke() -> Response:
    who, form = here(), form_sent()
    try:
        rooms().tokens.revoke(form.one("name"), by=who)
    except REFUSALS as error:
        return _refused(error)
    return and_back("/moderation/people", said="revoked")


@door.get("/journal")
@needs(Power.GOVERN)
def journal() -> Response:
    """What people did, newest first."""
    raw = request.args.get("before", "")
    before = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 16 else None
    entries = rooms().journal.page(here(), site=site_asked(), before=before, limit=ENTRIES + 1)
    following = entries[ENTRIES - 1].number if len(entries) > ENTRIES else None
    return desk_page(
        "desk/journal.html", "journal", entries=[_entry(one) for one in entries[:ENTRIES]], next=following
    )


def _entry(one: Entry) -> dict[str, Any]:
    kind, _, name = one.subject.partition(" ")
    detail = json.dumps(one.detail, ensure_ascii=False)
    return {
        "number": one.number,
        "at": moment(one.at),
        "actor": one.actor,
        "act": one.act,
        "site": one.site,
        "subject": one.subject,
        "comment": str(parse_id(name)) if kind == "comment" and parse_id(name) else None,
        "detail": detail if len(detail) < 300 else detail[:300] + " …",
    }
