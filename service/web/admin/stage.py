"""What the newsroom does on stage: editors' picks, and its own replies."""

from __future__ import annotations

from flask import Response

from service.domain.roles import Power
from service.reading import moment
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


@door.post("/comments/<comment_id>/reply")
@operation(
    "Answer a comment for the newsroom",
    takes=schemas.ReplyTaken,
    gives={201: schemas.ReplyGiven},
    problems=(*TOKEN, *BODY, "comment-not-found", "not-on-stage"),
    security="admin",
    power=Power.DECIDE,
)
def reply_to_comment(comment_id: str) -> Response:
    """Readers see it at once, marked as staff's, under the name of whoever sends it; in a closed thread, too."""
    who = moderator()
    who.must(Power.DECIDE)
    check_page(())
    sent = read_json(schemas.ReplyTaken, read_bytes())
    made = rooms().replying.reply(who, comment_named(comment_id), sent.text)
    shown = {
        "id": str(made.id),
        "parent_id": str(made.parent_id),
        "author": {"name": made.author_name},
        "html": made.html,
        "created_at": moment(made.created_at),
    }
    return answer(shown, 201)
