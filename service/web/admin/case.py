"""One comment's case, and what moderators note about it."""

from __future__ import annotations

from typing import Any

from flask import Response

from service.case import CaseFile, Surroundings
from service.domain.comment import Status
from service.domain.roles import Power
from service.reading import moment
from service.store.case import AlikeRow
from service.store.notes import NoteRow
from service.web import schemas
from service.web.admin.door import BODY, TOKEN, comment_named, door, text_needed
from service.web.admin.shown import decision_shown, item_shown, neighbour_shown
from service.web.admin.standings import standing_shown
from service.web.answers import answer
from service.web.bodies import read_bytes, read_json
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import operation


@door.get("/comments/<comment_id>")
@operation(
    "Open a comment's case",
    gives={200: schemas.CaseFile},
    problems=(*TOKEN, "comment-not-found"),
    security="admin",
    power=Power.READ,
)
def open_case(comment_id: str) -> Response:
    """All findings, all decisions, what stands around the comment, its author's record, and texts like it."""
    return answer(case_shown(rooms().cases.open(moderator(), comment_named(comment_id))))


@door.post("/comments/<comment_id>/notes")
@operation(
    "Note something about a comment",
    takes=schemas.NoteTaken,
    gives={201: schemas.NoteShown},
    problems=(*TOKEN, *BODY, "comment-not-found"),
    security="admin",
    power=Power.DECIDE,
)
def add_note(comment_id: str) -> Response:
    """For other moderators: no author reads it. It goes when the comment is erased."""
    who = moderator()
    check_page(())
    sent = read_json(schemas.NoteTaken, read_bytes())
    noted = rooms().cases.note(who, comment_named(comment_id), text_needed("/text", sent.text))
    return answer(note_shown(noted), 201)


def case_shown(case: CaseFile) -> dict[str, Any]:
    screening = case.screening
    return {
        **item_shown(case.item, quiet=False),
        "edit_changes": [{"change": piece.change.value, "text": piece.text} for piece in case.edit]
        if case.edit is not None
        else None,
        "context": _around_shown(case.around),
        "author_record": {
            "known": case.author.known,
            **{status.value: case.author.by_status.get(status.value, 0) for status in Status},
            "more": case.author.more,
            "first_seen": moment(case.author.first_seen),
            "names": list(case.author.names),
            "standings": [standing_shown(row) for row in case.standings],
            "notes": [note_shown(row) for row in case.author.notes],
        },
        "screening": {
            "revision": screening.revision,
            "policy_version": screening.policy_version,
            "learned_version": screening.learned_version,
            "created_at": moment(screening.created_at),
        }
        if screening
        else None,
        "decisions": [decision_shown(decision) for decision in case.item.decisions],
        "notes": [note_shown(row) for row in case.notes],
        "alike": [_alike_shown(row) for row in case.alike],
    }


def _around_shown(around: Surroundings) -> dict[str, Any]:
    return {
        "root": neighbour_shown(around.root) if around.root else None,
        "parent": neighbour_shown(around.parent) if around.parent else None,
        "before": [neighbour_shown(row) for row in around.before],
        "after": [neighbour_shown(row) for row in around.after],
        "siblings_before": [neighbour_shown(row) for row in around.siblings_before],
        "siblings_after": [neighbour_shown(row) for row in around.siblings_after],
    }


def note_shown(row: NoteRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "comment_id": str(row.comment_id),
        "text": row.text,
        "moderator": row.moderator,
        "created_at": moment(row.created_at),
    }


def _alike_shown(row: AlikeRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "author": {"name": row.author_name},
        "text": row.source,
        "status": row.status,
        "awaiting": row.awaiting,
        "revision": row.revision,
        "created_at": moment(row.created_at),
        "distance": row.distance,
        "same_text": row.same_text,
        "same_author": row.same_author,
    }
