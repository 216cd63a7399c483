"""What moderators and their tools call: queues, one comment's case, and the decision. Needs a bearer token.

Nothing here can show an address, its index, or a network origin: the use case below does not hand them out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from service.domain.comment import Status
from service.domain.errors import CommentNotFound, FieldError, InvalidSubmission
from service.domain.ids import parse_id
from service.domain.policy import Action, Reason
from service.domain.text import TextFault, normalise_text
from service.moderation import QueueItem
from service.reading import moment
from service.store.desk import CommentRow, DecisionRow, NeighbourRow
from service.web import schemas
from service.web.answers import answer
from service.web.bodies import read_bytes, read_json
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import Parameter, operation
from service.web.public_query import page_cursor, page_size

door = Blueprint("admin", __name__, url_prefix="/v1/admin")

PAGE_MAX = 100
NOTE_MAX = 2_000
# A model is never quite sure of nothing; below this a finding is no news for a moderator (the case shows all).
WORTH_SHOWING = 0.1
_ANY_TOKEN = ("token-invalid", "rate-limited", "unavailable")
_TOKEN = (*_ANY_TOKEN, "forbidden")
_SITE = Parameter("site", "Only this site.", {"type": "string"})


def _time(value: datetime | None) -> str | None:
    return moment(value) if value is not None else None


def _site_asked() -> str | None:
    site = request.args.get("site") or None
    return rooms().sites.get(site).key if site is not None else None


@door.get("/me")
@operation("Who the token speaks for", gives={200: schemas.Me}, problems=_ANY_TOKEN, security="admin")
def me() -> Response:
    """Name, scopes and site of the token."""
    who = moderator()
    return answer({"name": who.name, "scopes": list(who.scopes), "site": who.site})


@door.get("/sites")
@operation("List the sites", gives={200: schemas.Sites}, problems=_TOKEN, security="admin")
def sites() -> Response:
    """The sites that the token may see."""
    who = moderator()
    who.must("read")
    shown = [
        {"site": site.key, "name": site.name, "origins": list(site.origins)}
        for site in rooms().sites.everyone()
        if who.may_see(site.key)
    ]
    return answer({"sites": shown})


@door.get("/summary")
@operation(
    "Count the queues",
    gives={200: schemas.Summary},
    parameters=(_SITE,),
    problems=(*_TOKEN, "site-unknown"),
    security="admin",
)
def summary() -> Response:
    """How many comments are in each status, and since when the oldest waits."""
    counted = rooms().desk.summary(moderator(), _site_asked())
    queues = []
    for status in Status:
        count, oldest = counted.get(status.value, (0, None))
        queues.append({"status": status.value, "count": count, "oldest": _time(oldest)})
    return answer({"queues": queues})


@door.get("/comments")
@operation(
    "Read a queue",
    gives={200: schemas.Queue},
    parameters=(
        Parameter(
            "status",
            "Which queue; held when not given. What waits includes waiting edits of approved comments.",
            {"type": "string", "enum": [status.value for status in Status]},
        ),
        _SITE,
        Parameter("limit", "Comments on a page.", {"type": "integer", "minimum": 1, "maximum": PAGE_MAX}),
        Parameter("cursor", "next_cursor of the page before.", {"type": "string", "format": "uuid"}),
    ),
    problems=(*_TOKEN, "invalid-submission", "site-unknown"),
    security="admin",
)
def read_queue() -> Response:
    """What waits comes oldest first, everything else newest first."""
    who = moderator()
    raw_status = request.args.get("status", Status.HELD.value)
    if raw_status not in {status.value for status in Status}:
        known = ", ".join(status.value for status in Status)
        raise InvalidSubmission([FieldError("/status", f"This is one of: {known}.")])
    limit = page_size(50, PAGE_MAX)
    items = rooms().desk.queue(
        who, status=Status(raw_status), site=_site_asked(), after=page_cursor(), limit=limit + 1
    )
    more, items = len(items) > limit, items[:limit]
    return answer(
        {
            "comments": [_item(item, quiet=True) for item in items],
            "next_cursor": str(items[-1].comment.id) if more else None,
        }
    )


@door.get("/comments/<comment_id>")
@operation(
    "Open a comment's case",
    gives={200: schemas.CaseFile},
    problems=(*_TOKEN, "comment-not-found"),
    security="admin",
)
def open_case(comment_id: str) -> Response:
    """All findings, all decisions, and what stands around the comment."""
    who = moderator()
    identity = parse_id(comment_id)
    if identity is None:
        raise CommentNotFound
    case = rooms().desk.open(who, identity)
    record = case.author_record
    return answer(
        {
            **_item(case.item, quiet=False),
            "decisions": [_decision(decision) for decision in case.item.decisions],
            "context": {
                "parent": _parent(case.parent) if case.parent else None,
                "before": [_neighbour(row) for row in case.before],
                "after": [_neighbour(row) for row in case.after],
            },
            "author_record": {
                "approved": record.approved,
                "rejected": record.rejected,
                "held": record.held,
                "pending": record.pending,
            }
            if record
            else None,
        }
    )


@door.post("/comments/<comment_id>/decision")
@operation(
    "Decide about a comment",
    takes=schemas.DecisionTaken,
    gives={200: schemas.DecisionGiven},
    problems=(
        *_TOKEN,
        "malformed-request",
        "length-needed",
        "too-large",
        "format-unknown",
        "invalid-submission",
        "address-not-allowed",
        "comment-not-found",
        "revision-conflict",
        "illegal-move",
    ),
    security="admin",
)
def decide(comment_id: str) -> Response:
    """Recorded for good, with its reasons. Refused when the text or another decision came in between."""
    who = moderator()
    check_page(())
    sent = read_json(schemas.DecisionTaken, read_bytes())
    identity = parse_id(comment_id)
    if identity is None:
        raise CommentNotFound
    try:
        note = normalise_text(sent.note, maximum=NOTE_MAX) if sent.note.strip() else ""
    except TextFault as fault:
        raise InvalidSubmission([FieldError("/note", str(fault))]) from None
    recorded, decision = rooms().desk.decide(
        who,
        identity,
        action=Action(sent.action),
        reasons=tuple(dict.fromkeys(Reason(code) for code in sent.reasons)),
        note=note,
        revision=sent.revision,
    )
    return answer(
        {
            "id": str(recorded.comment_id),
            "status": recorded.status.value,
            "awaiting": recorded.awaiting,
            "revision": recorded.revision,
            "decision": _decision(decision),
        }
    )


# --- presenting --------------------------------------------------------------------------------------------------


def _item(item: QueueItem, *, quiet: bool) -> dict[str, Any]:
    row = item.comment
    edit = None
    if row.edit_source is not None and row.edit_html is not None:
        edit = {"text": row.edit_source, "html": row.edit_html}
    findings = [
        _finding(finding)
        for finding in item.findings
        if not quiet
        or finding["outcome"] == "failed"
        or (finding["outcome"] == "found" and finding["score"] >= WORTH_SHOWING)
    ]
    return {
        "id": str(row.id),
        "site": row.site,
        "status": row.status,
        "awaiting": row.awaiting,
        "revision": row.revision,
        "thread": {"id": str(row.thread_id), "url": row.thread_url, "title": row.thread_title},
        "parent_id": str(row.parent_id) if row.parent_id else None,
        "author": {"name": row.author_name},
        "text": row.source,
        "html": row.html,
        "edit": edit,
        "created_at": moment(row.created_at),
        "edited_at": _time(row.edited_at),
        "findings": findings,
        "decision": _decision(item.decisions[-1]) if item.decisions else None,
        "links": {"self": f"{rooms().settings.public_url}/v1/admin/comments/{row.id}"},
    }


def _finding(stored: dict[str, Any]) -> dict[str, Any]:
    names = ("check", "version", "label", "score", "outcome", "mode", "why")
    shown = {name: stored[name] for name in names}
    evidence = [{name: e.get(name) for name in ("note", "start", "end")} for e in stored["evidence"]]
    return {**shown, "evidence": evidence}


def _decision(row: DecisionRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "action": row.action,
        "status": row.status,
        "revision": row.revision,
        "reasons": [
            {"code": r["code"], "check": r.get("check"), "score": r.get("score")} for r in row.reasons
        ],
        "note": row.note,
        "actor": row.actor,
        "automated": row.automated,
        "policy_version": row.policy_version,
        "decided_at": moment(row.decided_at),
    }


def _neighbour(row: NeighbourRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "author": {"name": row.author_name},
        "text": row.source,
        "status": row.status,
        "created_at": moment(row.created_at),
    }


def _parent(row: CommentRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "author": {"name": row.author_name},
        "text": row.source,
        "status": row.status,
        "created_at": moment(row.created_at),
    }
