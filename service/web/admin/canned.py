"""Canned reasons: read by all who moderate a site, written by its editors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from service.domain.canned import MESSAGE_MAX, TITLE_MAX, Canned
from service.domain.errors import CannedReasonNotFound
from service.domain.ids import parse_id
from service.domain.policy import Reason
from service.domain.roles import Power
from service.store.canned import CannedReasonRow
from service.web import schemas
from service.web.admin.door import BODY, CHANGE, TOKEN, door, line_sent, site_needed, text_needed
from service.web.answers import answer
from service.web.bodies import read_bytes, read_json
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import Parameter, operation


@door.get("/canned-reasons")
@operation(
    "List a site's canned reasons",
    gives={200: schemas.CannedReasonsShown},
    parameters=(Parameter("site", "Which site; a token of one site need not say.", {"type": "string"}),),
    problems=(*TOKEN, "invalid-submission", "site-unknown"),
    security="admin",
    power=Power.READ,
)
def list_canned_reasons() -> Response:
    """By title. A site that has none of its own is given those that every site begins with, without ids."""
    who = moderator()
    found = rooms().canned.of_site(who, site_needed(who, Power.READ))
    return answer({"canned_reasons": [canned_shown(row) for row in found]})


@door.post("/canned-reasons")
@operation(
    "Add a canned reason",
    takes=schemas.CannedReasonTaken,
    gives={201: schemas.CannedReasonShown},
    problems=(*TOKEN, *BODY, "site-unknown", "title-taken"),
    security="admin",
    power=Power.RULE,
)
def add_canned_reason() -> Response:
    """With the first one of its own, a site no longer has those that it began with."""
    who = moderator()
    check_page(())
    sent = read_json(schemas.CannedReasonTaken, read_bytes())
    site = rooms().sites.get(sent.site).key
    return answer(canned_shown(rooms().canned.add(who, site, _wanted(sent))), 201)


@door.put("/canned-reasons/<canned_id>")
@operation(
    "Change a canned reason",
    takes=schemas.CannedReasonChange,
    gives={200: schemas.CannedReasonShown},
    problems=(*TOKEN, *BODY, "canned-reason-not-found", "title-taken"),
    security="admin",
    power=Power.RULE,
)
def change_canned_reason(canned_id: str) -> Response:
    """What was said with it before stays as it was said."""
    who = moderator()
    check_page(())
    sent = read_json(schemas.CannedReasonChange, read_bytes())
    who.must(Power.RULE)
    return answer(canned_shown(rooms().canned.change(who, _named(canned_id), _wanted(sent))))


@door.delete("/canned-reasons/<canned_id>")
@operation(
    "Delete a canned reason",
    gives={204: None},
    problems=(*TOKEN, *CHANGE, "canned-reason-not-found"),
    security="admin",
    power=Power.RULE,
)
def remove_canned_reason(canned_id: str) -> Response:
    """What was said with it stays."""
    who = moderator()
    check_page(())
    who.must(Power.RULE)
    rooms().canned.remove(who, _named(canned_id))
    return Response(status=204)


def _named(raw: str) -> UUID:
    found = parse_id(raw)
    if found is None:
        raise CannedReasonNotFound
    return found


def _wanted(sent: schemas.CannedReasonChange) -> Canned:
    title = line_sent("/title", sent.title, TITLE_MAX)
    return Canned(Reason(sent.reason), title, text_needed("/message", sent.message, MESSAGE_MAX))


def canned_shown(row: CannedReasonRow) -> dict[str, Any]:
    return {
        "id": str(row.id) if row.id else None,
        "site": row.site,
        "reason": row.reason,
        "title": row.title,
        "message": row.message,
    }
