"""What the newsroom does on stage, from the case of a comment that readers see."""

from __future__ import annotations

from flask import Response

from service.domain.errors import InvalidSubmission, NotOnStage
from service.domain.roles import Power
from service.web.admin.door import comment_named
from service.web.desk.case import NOTHING_TYPED, case_page
from service.web.desk.door import door, sentence_of
from service.web.desk.forms import form_sent
from service.web.desk.frame import Told, and_back, here, needs
from service.web.identity import rooms


@door.post("/comments/<comment_id>/pick")
@needs(Power.RULE)
def pick(comment_id: str) -> Response:
    """Make a comment an editor's pick, or one no longer."""
    who, form = here(), form_sent()
    on, back = form.one("on") == "yes", form.one("back")
    try:
        rooms().picking.pick(who, comment_named(comment_id), on=on)
    except NotOnStage as error:
        return case_page(who, comment_id, back=back, told=Told(error.detail, bad=True), status=409)
    said = "picked" if on else "unpicked"
    return and_back(f"/moderation/comments/{comment_named(comment_id)}?{back}", said=said)


@door.post("/comments/<comment_id>/reply")
@needs(Power.DECIDE)
def reply(comment_id: str) -> Response:
    """Answer a comment for the newsroom; what is wrong is told in the case, with what was typed."""
    who, form = here(), form_sent()
    text, back = form.one("text"), form.one("back")
    try:
        rooms().replying.reply(who, comment_named(comment_id), text)
    except (InvalidSubmission, NotOnStage) as error:
        status = 422 if isinstance(error, InvalidSubmission) else 409
        told, typed = Told(sentence_of(error), bad=True), {**NOTHING_TYPED, "reply": text}
        return case_page(who, comment_id, back=back, told=told, typed=typed, status=status)
    return and_back(f"/moderation/comments/{comment_named(comment_id)}?{back}", said="replied")
