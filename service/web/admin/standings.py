"""Bans and trust. Of whom one is, is told by a name and a comment's id, and never by what it is found by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, request

from service.domain.errors import FieldError, InvalidSubmission, StandingNotFound
from service.domain.ids import parse_id
from service.domain.policy import Reason
from service.domain.roles import Power
from service.domain.standing import Kind, Of
from service.reading import moment
from service.standings import Wanted
from service.store.standings import StandingRow
from service.web import schemas
from service.web.admin.door import (
    BODY,
    CHANGE,
    PAGE_MAX,
    SITE,
    TOKEN,
    comment_named,
    door,
    site_asked,
    text_sent,
    time_or_none,
)
from service.web.answers import answer
from service.web.bodies import read_bytes, read_json
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import Parameter, operation
from service.web.public_query import page_cursor, page_size

KINDS = [kind.value for kind in Kind]


@door.post("/standings")
@operation(
    "Ban or trust the author of a comment",
    takes=schemas.StandingTaken,
    gives={201: schemas.StandingShown},
    problems=(*TOKEN, *BODY, "comment-not-found", "standing-impossible", "already-standing"),
    security="admin",
    power=Power.STAND,
)
def create_standing() -> Response:
    """It holds within seconds for what is screened from then on; what is on stage stays. No reader can tell."""
    who = moderator()
    check_page(())
    return answer(standing_shown(rooms().standings.create(who, _wanted())), 201)


@door.post("/standings/preview")
@operation(
    "Try a ban or trust beforehand",
    takes=schemas.StandingTaken,
    gives={200: schemas.StandingPreview},
    problems=(*TOKEN, *BODY, "comment-not-found", "standing-impossible"),
    security="admin",
    power=Power.STAND,
)
def preview_standing() -> Response:
    """How many comments of the last days it would have caught. Changes nothing."""
    who = moderator()
    check_page(())
    preview = rooms().standings.preview(who, _wanted())
    return answer(
        {
            "days": preview.days,
            "counts": [
                {"status": status, "count": count}
                for status, count in sorted(preview.caught.by_status.items())
            ],
            "more": preview.caught.more,
            "examples": [str(one) for one in preview.caught.examples],
            "until": time_or_none(preview.until),
        }
    )


@door.get("/standings")
@operation(
    "List bans and trust",
    gives={200: schemas.StandingsShown},
    parameters=(
        SITE,
        Parameter("kind", "Only bans, or only trust.", {"type": "string", "enum": KINDS}),
        Parameter("limit", "Of them on a page.", {"type": "integer", "minimum": 1, "maximum": PAGE_MAX}),
        Parameter("cursor", "next_cursor of the page before.", {"type": "string", "format": "uuid"}),
    ),
    problems=(*TOKEN, "invalid-submission", "site-unknown"),
    security="admin",
    power=Power.STAND,
)
def list_standings() -> Response:
    """Running and past ones, newest first."""
    who = moderator()
    kind = request.args.get("kind") or None
    if kind is not None and kind not in KINDS:
        raise InvalidSubmission([FieldError("/kind", f"This is one of: {', '.join(KINDS)}.")])
    limit = page_size(50, PAGE_MAX)
    found = rooms().standings.page(
        who,
        site=site_asked(),
        kind=Kind(kind) if kind else None,
        before=page_cursor(),
        limit=limit + 1,
    )
    more, found = len(found) > limit, found[:limit]
    return answer(
        {
            "standings": [standing_shown(row) for row in found],
            "next_cursor": str(found[-1].id) if more else None,
        }
    )


@door.post("/standings/<standing_id>/lift")
@operation(
    "Lift a ban or trust",
    gives={200: schemas.StandingShown},
    problems=(*TOKEN, *CHANGE, "standing-not-found", "standing-over"),
    security="admin",
    power=Power.STAND,
)
def lift_standing(standing_id: str) -> Response:
    """For good: nothing brings it back, and what it was found by is dropped."""
    who = moderator()
    check_page(())
    found = parse_id(standing_id)
    if found is None:
        who.must(Power.STAND)
        raise StandingNotFound
    return answer(standing_shown(rooms().standings.lift(who, found)))


def _wanted() -> Wanted:
    sent = read_json(schemas.StandingTaken, read_bytes())
    return Wanted(
        comment_id=comment_named(sent.comment),
        kind=Kind(sent.kind),
        of=Of(sent.of),
        cause=Reason(sent.cause),
        note=text_sent("/note", sent.note),
        until=_moment_sent("/until", sent.until) if sent.until is not None else None,
    )


def _moment_sent(pointer: str, raw: str) -> datetime:
    try:
        sent = datetime.fromisoformat(raw)
        if sent.tzinfo is not None:
            return sent.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidSubmission([FieldError(pointer, "This is a moment such as 2026-12-24T18:00:00Z.")])


def standing_shown(row: StandingRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "site": row.site,
        "kind": row.kind,
        "of": row.of,
        "comment_id": str(row.comment_id),
        "author": {"name": row.author_name},
        "cause": row.cause,
        "note": row.note,
        "moderator": row.moderator,
        "created_at": moment(row.created_at),
        "until": time_or_none(row.until),
        "lifted_at": time_or_none(row.lifted_at),
        "lifted_by": row.lifted_by,
        "running": row.running,
    }
