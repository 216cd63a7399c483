"""The forms of a decision: about one comment, and taking it back."""

from __future__ import annotations

from flask import Response

from service.domain.decision import Choice, DeskAction
from service.domain.errors import (
    CannotBeUndone,
    IllegalMove,
    InvalidSubmission,
    Malformed,
    RevisionConflict,
)
from service.domain.ids import parse_id
from service.domain.roles import Power
from service.web.admin.door import comment_named, text_sent
from service.web.desk.case import case_page, typed_again
from service.web.desk.door import door, sentence_of
from service.web.desk.forms import Form, form_sent
from service.web.desk.frame import Told, and_back, here, needs, queue_path
from service.web.identity import rooms


def choice_of(form: Form) -> Choice:
    """What a form says of a decision. Raises ``Malformed`` and ``InvalidSubmission``."""
    try:
        action = DeskAction(form.one("action"))
    except ValueError:
        raise Malformed from None
    # A list of reasons stands beside all buttons, and belongs to the one that rejects.
    reasons = form.reasons() if action is DeskAction.REJECT else ()
    message, note = (text_sent(f"/{name}", form.one(name)) for name in ("message", "note"))
    return Choice(action, reasons, message, note)


@door.post("/comments/<comment_id>/decision")
@needs(Power.DECIDE)
def decide(comment_id: str) -> Response:
    """Decide, and go on with the queue; what is wrong is told in the case, with all that was typed."""
    who, form = here(), form_sent()
    back = form.one("back")
    try:
        choice = choice_of(form)
        ruled = rooms().deciding.decide(
            who, comment_named(comment_id), choice, revision=form.number("revision")
        )
    except (InvalidSubmission, RevisionConflict, IllegalMove) as error:
        status = 422 if isinstance(error, InvalidSubmission) else 409
        told = Told(sentence_of(error), bad=True)
        return case_page(who, comment_id, back=back, told=told, typed=typed_again(form), status=status)
    return and_back(
        queue_path(back),
        done=choice.action.value,
        of=str(ruled.recorded.comment_id),
        decision=str(ruled.recorded.decision_id),
        revision=str(ruled.recorded.revision),
    )


@door.post("/comments/<comment_id>/undo")
@needs(Power.DECIDE)
def undo(comment_id: str) -> Response:
    """Take a decision back."""
    who, form = here(), form_sent()
    decision = parse_id(form.one("decision"))
    if decision is None:
        raise Malformed
    try:
        rooms().deciding.undo(who, comment_named(comment_id), decision, revision=form.number("revision"))
    except (RevisionConflict, CannotBeUndone) as error:
        return case_page(
            who, comment_id, back=form.one("back"), told=Told(error.detail, bad=True), status=409
        )
    return and_back(f"/moderation/comments/{comment_named(comment_id)}?{form.one('back')}", said="undone")
