"""Who may moderate: making tokens, revoking them, and changing their roles."""

from __future__ import annotations

from typing import Any

from flask import Response

from service.domain.roles import Power, Role
from service.people import NAME_MAX, Person
from service.reading import moment
from service.web import schemas
from service.web.admin.door import BODY, CHANGE, TOKEN, door, line_sent, time_or_none
from service.web.answers import answer
from service.web.bodies import read_bytes, read_json
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import operation

_THERE = ("person-not-found", "last-administrator")


@door.get("/people")
@operation("List people", gives={200: schemas.People}, problems=TOKEN, security="admin", power=Power.GOVERN)
def people() -> Response:
    """All tokens and keys of doors, revoked ones too, oldest first; those of one site for its administrator."""
    return answer({"people": [person_shown(one) for one in rooms().sessions.people(moderator())]})


@door.post("/people")
@operation(
    "Make a token",
    takes=schemas.PersonTaken,
    gives={201: schemas.PersonMade},
    problems=(*TOKEN, *BODY, "site-unknown", "name-taken", "name-unfit"),
    security="admin",
    power=Power.GOVERN,
)
def make_person() -> Response:
    """The token is shown this once. An administrator of one site makes tokens for that site alone."""
    who = moderator()
    check_page(())
    sent = read_json(schemas.PersonTaken, read_bytes())
    name = line_sent("/name", sent.name, NAME_MAX)
    here = rooms()
    token = here.tokens.create(name, Role(sent.role), sent.site, by=who)
    return answer({"person": person_shown(here.sessions.person(who, name)), "token": token}, 201)


@door.post("/people/<name>/revoke")
@operation(
    "Revoke a token",
    gives={200: schemas.Person},
    problems=(*TOKEN, *CHANGE, *_THERE),
    security="admin",
    power=Power.GOVERN,
)
def revoke_person(name: str) -> Response:
    """It stops working, and its sessions end, with the next request. A repeat changes nothing."""
    who = moderator()
    check_page(())
    here = rooms()
    here.tokens.revoke(name, by=who)
    return answer(person_shown(here.sessions.person(who, name)))


@door.post("/people/<name>/role")
@operation(
    "Change a role",
    takes=schemas.RoleTaken,
    gives={200: schemas.Person},
    problems=(*TOKEN, *BODY, *_THERE),
    security="admin",
    power=Power.GOVERN,
)
def change_role(name: str) -> Response:
    """It holds from the next request on, in sessions that run, too."""
    who = moderator()
    check_page(())
    sent = read_json(schemas.RoleTaken, read_bytes())
    here = rooms()
    here.tokens.change_role(name, Role(sent.role), by=who)
    return answer(person_shown(here.sessions.person(who, name)))


def person_shown(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "role": person.role.value if person.role is not None else None,
        "door": person.door,
        "site": person.site,
        "created_at": moment(person.created_at),
        "last_used_at": time_or_none(person.last_used_at),
        "revoked_at": time_or_none(person.revoked_at),
        "sessions": person.sessions,
    }
