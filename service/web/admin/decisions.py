"""The decision about a comment."""

from __future__ import annotations

from flask import Response

from service.domain.policy import Action, Reason
from service.domain.roles import Power
from service.web import schemas
from service.web.admin.door import BODY, TOKEN, comment_named, door, text_sent
from service.web.admin.shown import decision_shown
from service.web.answers import answer
from service.web.bodies import read_bytes, read_json
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import operation


@door.post("/comments/<comment_id>/decision")
@operation(
    "Decide about a comment",
    takes=schemas.DecisionTaken,
    gives={200: schemas.DecisionGiven},
    problems=(
        *TOKEN,
        *BODY,
        "comment-not-found",
        "revision-conflict",
        "illegal-move",
    ),
    security="admin",
    power=Power.DECIDE,
)
def decide(comment_id: str) -> Response:
    """Recorded for good, with its reasons. Refused when the text or another decision came in between."""
    who = moderator()
    check_page(())
    sent = read_json(schemas.DecisionTaken, read_bytes())
    recorded, decision = rooms().desk.decide(
        who,
        comment_named(comment_id),
        action=Action(sent.action),
        reasons=tuple(dict.fromkeys(Reason(code) for code in sent.reasons)),
        note=text_sent("/note", sent.note),
        revision=sent.revision,
    )
    return answer(
        {
            "id": str(recorded.comment_id),
            "status": recorded.status.value,
            "awaiting": recorded.awaiting,
            "revision": recorded.revision,
            "decision": decision_shown(decision),
        }
    )
