"""Who is looking at a comment just now."""

from __future__ import annotations

from flask import Response

from service.domain.roles import Power
from service.queues import Held
from service.reading import moment
from service.web import schemas
from service.web.admin.door import CHANGE, TOKEN, comment_named, door
from service.web.answers import answer
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import operation

_PROBLEMS = (*TOKEN, "comment-not-found", *CHANGE)


@door.post("/comments/<comment_id>/claim")
@operation(
    "Say that one looks at a comment",
    gives={200: schemas.ClaimGiven},
    problems=_PROBLEMS,
    security="admin",
    power=Power.DECIDE,
)
def claim_comment(comment_id: str) -> Response:
    """For two minutes, or for two more. Where somebody else does, theirs is answered and nothing is taken.

    Advice for colleagues: a decision is possible without it, and ends it.
    """
    who = moderator()
    check_page(())
    return answer({"claim": _shown(rooms().queues.claim(who, comment_named(comment_id)))})


@door.delete("/comments/<comment_id>/claim")
@operation(
    "Look at a comment no longer",
    gives={200: schemas.ClaimGiven},
    problems=_PROBLEMS,
    security="admin",
    power=Power.DECIDE,
)
def give_up_claim(comment_id: str) -> Response:
    """Ends one's own claim, if there is one. Somebody else's that runs is answered, and stays."""
    who = moderator()
    check_page(())
    return answer({"claim": _shown(rooms().queues.give_up(who, comment_named(comment_id)))})


def _shown(held: Held | None) -> dict[str, object] | None:
    if held is None:
        return None
    return {"moderator": held.moderator, "until": moment(held.until), "mine": held.mine}
