"""Editors' picks."""

from __future__ import annotations

from flask import Response

from service.domain.roles import Power
from service.web import schemas
from service.web.admin.door import BODY, TOKEN, comment_named, door
from service.web.answers import answer
from service.web.bodies import read_bytes, read_json
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import operation


@door.post("/comments/<comment_id>/pick")
@operation(
    "Make a comment an editor's pick, or one no longer",
    takes=schemas.PickTaken,
    gives={200: schemas.PickGiven},
    problems=(*TOKEN, *BODY, "comment-not-found", "not-on-stage"),
    security="admin",
    power=Power.RULE,
)
def pick_comment(comment_id: str) -> Response:
    """Everybody sees the mark. It is of a text that readers see: a comment that is removed, or whose author's new text
    is approved, loses it."""
    who = moderator()
    who.must(Power.RULE)
    check_page(())
    sent = read_json(schemas.PickTaken, read_bytes())
    identity = comment_named(comment_id)
    rooms().picking.pick(who, identity, on=sent.on)
    return answer({"id": str(identity), "picked": sent.on})
