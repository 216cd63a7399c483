"""The decision about a comment, and taking it back."""

from __future__ import annotations

from flask import Response

from service.deciding import Ruled
from service.domain.decision import MESSAGE_MAX, Choice, DeskAction
from service.domain.errors import FieldError, InvalidSubmission
from service.domain.ids import parse_id
from service.domain.policy import Reason
from service.domain.roles import Power
from service.web import schemas
from service.web.admin.door import BODY, TOKEN, comment_named, door, text_sent
from service.web.admin.shown import decision_shown
from service.web.answers import answer
from service.web.bodies import read_bytes, read_json
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import operation


def choice_sent(sent: schemas.ChoiceTaken) -> Choice:
    """What was chosen, as it may be stored. Raises ``InvalidSubmission``."""
    return Choice(
        DeskAction(sent.action),
        tuple(Reason(code) for code in sent.reasons),
        text_sent("/message", sent.message, MESSAGE_MAX),
        text_sent("/note", sent.note),
    )


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
    """Recorded for good, with its reasons. Refused when the text or another decision came in between.

    A rejection needs a reason, which its author is told with the message; the note is for colleagues alone. What is
    escalated is held for an editor, and needs a note.
    """
    who = moderator()
    check_page(())
    sent = read_json(schemas.DecisionTaken, read_bytes())
    ruled = rooms().deciding.decide(who, comment_named(comment_id), choice_sent(sent), revision=sent.revision)
    return answer(_ruled(ruled))


@door.post("/comments/<comment_id>/undo")
@operation(
    "Take a decision back",
    takes=schemas.UndoTaken,
    gives={200: schemas.DecisionGiven},
    problems=(
        *TOKEN,
        *BODY,
        "comment-not-found",
        "revision-conflict",
        "cannot-be-undone",
    ),
    security="admin",
    power=Power.DECIDE,
)
def undo(comment_id: str) -> Response:
    """A decision of its own, which can be taken back in turn: what stood before the other one stands again. That one
    must be a person's, and the last about this comment."""
    who = moderator()
    check_page(())
    sent = read_json(schemas.UndoTaken, read_bytes())
    decision_id = parse_id(sent.decision)
    if decision_id is None:
        raise InvalidSubmission([FieldError("/decision", "This is no id of a decision.")])
    ruled = rooms().deciding.undo(who, comment_named(comment_id), decision_id, revision=sent.revision)
    return answer(_ruled(ruled))


def _ruled(ruled: Ruled) -> dict[str, object]:
    recorded = ruled.recorded
    return {
        "id": str(recorded.comment_id),
        "status": recorded.status.value,
        "awaiting": recorded.awaiting,
        "revision": recorded.revision,
        "decision": decision_shown(ruled.decision),
    }
