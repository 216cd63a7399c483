"""Questions that moderators keep, each their own."""

from __future__ import annotations

from typing import Any

from flask import Response

from service.domain.errors import FieldError, InvalidSubmission
from service.domain.ids import parse_id
from service.domain.queue import read_query
from service.domain.roles import Power
from service.store.views import ViewRow
from service.web import schemas
from service.web.admin.door import BODY, CHANGE, TOKEN, door, line_sent
from service.web.answers import answer
from service.web.bodies import read_bytes, read_json
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import operation

NAME_MAX = 80


@door.get("/views")
@operation("List one's views", gives={200: schemas.Views}, problems=TOKEN, security="admin", power=Power.READ)
def list_views() -> Response:
    """The questions that this moderator keeps, by name."""
    return answer(_shown(rooms().queues.views(moderator())))


@door.post("/views")
@operation(
    "Keep a view",
    takes=schemas.ViewTaken,
    gives={200: schemas.Views},
    problems=(*TOKEN, *BODY),
    security="admin",
    power=Power.READ,
)
def save_view() -> Response:
    """Keeps a question under a name, in place of what was kept under it. Answered with all views."""
    who = moderator()
    who.must(Power.READ)
    check_page(())
    sent = read_json(schemas.ViewTaken, read_bytes())
    name = line_sent("/name", sent.name, NAME_MAX)
    try:
        wanted = read_query(sent.query)
    except InvalidSubmission as fault:
        # Where in the body: all that is wrong with a question is in one field of it.
        raise InvalidSubmission([FieldError("/query", _named(one)) for one in fault.errors]) from None
    return answer(_shown(rooms().queues.save_view(who, name, wanted)))


def _named(fault: FieldError) -> str:
    name = fault.pointer.removeprefix("/")
    return fault.detail if name == "query" else f"{name}: {fault.detail}"


@door.delete("/views/<view_id>")
@operation(
    "Delete a view",
    gives={200: schemas.Views},
    problems=(*TOKEN, *CHANGE),
    security="admin",
    power=Power.READ,
)
def delete_view(view_id: str) -> Response:
    """Answered with the views that are left, whether there was one of this id or not."""
    who = moderator()
    check_page(())
    return answer(_shown(rooms().queues.delete_view(who, parse_id(view_id))))


def _shown(rows: list[ViewRow]) -> dict[str, Any]:
    return {"views": [{"id": str(row.id), "name": row.name, "query": row.query} for row in rows]}
