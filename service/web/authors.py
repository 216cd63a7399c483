"""What an author calls about the own comment, with its edit token: look, change, withdraw, appeal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from service.appealing import Appealed
from service.domain.decision import told_as
from service.domain.errors import CommentNotFound, TokenInvalid
from service.domain.ids import parse_id
from service.reading import moment
from service.store.desk import CommentRow, DecisionRow
from service.web import schemas
from service.web.answers import answer
from service.web.bodies import WRONG_BODY, read_bytes, read_json
from service.web.identity import bearer, check_page, rooms
from service.web.openapi import operation
from service.web.public import door


def _own_id(raw_id: str) -> tuple[UUID, str]:
    try:
        token = bearer()
    except TokenInvalid:
        # Without a token a comment is as unknown as one that does not exist.
        raise CommentNotFound from None
    comment_id = parse_id(raw_id)
    if comment_id is None:
        raise CommentNotFound
    return comment_id, token


def _own(comment_id: UUID, token: str, status: int = 200) -> Response:
    here = rooms()
    row, last = here.authors_own.look(comment_id, token)
    return answer(_describe_own(row, last, here.appealing.state(row)), status)


def _describe_own(row: CommentRow, last: DecisionRow | None, appealed: Appealed) -> dict[str, Any]:
    here = rooms()
    until = here.authors_own.editable_until(row)
    statement = None
    if last is not None and row.awaiting != "pending":
        statement = {
            "action": told_as(last.action),
            "reasons": list(dict.fromkeys(reason["code"] for reason in last.reasons)),
            "automated": last.automated,
            "message": last.message,
            "decided_at": moment(last.decided_at),
        }
    return {
        "id": str(row.id),
        "status": row.status,
        "awaiting": row.awaiting,
        "revision": row.revision,
        "text": row.edit_source or row.source,
        "html": row.edit_html or row.html,
        "created_at": moment(row.created_at),
        "editable_until": moment(until) if until else None,
        "statement": statement,
        "appealable": appealed.possible,
        "appeal": _appeal_shown(appealed),
        "links": {"self": f"{here.settings.public_url}/v1/comments/{row.id}"},
    }


def _appeal_shown(appealed: Appealed) -> dict[str, Any] | None:
    if appealed.last is None:
        return None
    return {
        "text": appealed.last.text,
        "created_at": moment(appealed.last.created_at),
        "answered_at": moment(appealed.answer.decided_at) if appealed.answer else None,
    }


@door.get("/v1/comments/<comment_id>")
@operation(
    "Look at one's own comment",
    gives={200: schemas.OwnComment},
    problems=("comment-not-found", "unavailable"),
    security="author",
)
def own_comment(comment_id: str) -> Response:
    """Needs the edit token. Without it, or with a wrong one, every comment is as unknown as one that never was."""
    return _own(*_own_id(comment_id))


@door.patch("/v1/comments/<comment_id>")
@operation(
    "Change one's own comment",
    takes=schemas.Edit,
    gives={202: schemas.OwnComment},
    problems=(
        *WRONG_BODY,
        "comment-not-found",
        "address-not-allowed",
        "edit-window-closed",
        "thread-closed",
        "revision-conflict",
        "rate-limited",
        "unavailable",
    ),
    security="author",
)
def edit_comment(comment_id: str) -> Response:
    """Possible in the site's edit window. The new text is screened again; an approved one stays up until then."""
    identity, token = _own_id(comment_id)
    sent = read_json(schemas.Edit, read_bytes())
    row, _ = rooms().authors_own.look(identity, token)
    check_page(rooms().sites.get(row.site).origins)
    rooms().authors_own.edit(identity, token, sent.text, request.remote_addr)
    return _own(identity, token, 202)


@door.delete("/v1/comments/<comment_id>")
@operation(
    "Withdraw one's own comment",
    gives={200: schemas.OwnComment},
    problems=("comment-not-found", "address-not-allowed", "revision-conflict", "unavailable"),
    security="author",
)
def withdraw_comment(comment_id: str) -> Response:
    """Takes the comment off the page for good; its answers keep their place."""
    identity, token = _own_id(comment_id)
    row, _ = rooms().authors_own.look(identity, token)
    check_page(rooms().sites.get(row.site).origins)
    rooms().authors_own.withdraw(identity, token)
    return _own(identity, token)


@door.post("/v1/comments/<comment_id>/appeal")
@operation(
    "Ask a person to look again",
    takes=schemas.Appeal,
    gives={202: schemas.OwnComment},
    problems=(
        *WRONG_BODY,
        "comment-not-found",
        "address-not-allowed",
        "nothing-to-appeal",
        "already-appealed",
        "rate-limited",
        "unavailable",
    ),
    security="author",
)
def appeal_decision(comment_id: str) -> Response:
    """About a decision that rejected or holds the comment, once. It then waits for a person, and what that person
    decides is the last word."""
    identity, token = _own_id(comment_id)
    sent = read_json(schemas.Appeal, read_bytes())
    row, _ = rooms().authors_own.look(identity, token)
    check_page(rooms().sites.get(row.site).origins)
    rooms().appealing.appeal(identity, token, sent.text, request.remote_addr)
    return _own(identity, token, 202)
