"""What moderators read: who they are, their sites, the queues, and one comment's case."""

from __future__ import annotations

from flask import Response, request

from service.domain.comment import Status
from service.domain.errors import FieldError, InvalidSubmission
from service.domain.roles import POWERS, Power
from service.web import schemas
from service.web.admin.door import (
    ANY_TOKEN,
    PAGE_MAX,
    SITE,
    TOKEN,
    comment_named,
    door,
    site_asked,
    time_or_none,
)
from service.web.admin.shown import decision_shown, item_shown, neighbour_shown, parent_shown
from service.web.answers import answer
from service.web.identity import csrf_token, moderator, rooms, session
from service.web.openapi import Parameter, operation
from service.web.public_query import page_cursor, page_size


@door.get("/me")
@operation("Who asks", gives={200: schemas.Me}, problems=ANY_TOKEN, security="admin")
def me() -> Response:
    """Whom the token or the session speaks for, and what they may do. A session's ``csrf`` goes with each of its
    changes, as X-CSRF-Token."""
    who = moderator()
    running = session()
    return answer(
        {
            "name": who.name,
            "role": who.role.value,
            "site": who.site,
            "powers": sorted(power.value for power in POWERS[who.role]),
            "csrf": csrf_token(),
            "session_ends": time_or_none(running.ends_at if running is not None else None),
        }
    )


@door.get("/sites")
@operation("List the sites", gives={200: schemas.Sites}, problems=TOKEN, security="admin", power=Power.READ)
def sites() -> Response:
    """The sites that the token may see."""
    who = moderator()
    who.must(Power.READ)
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
    parameters=(SITE,),
    problems=(*TOKEN, "site-unknown"),
    security="admin",
    power=Power.READ,
)
def summary() -> Response:
    """How many comments are in each status, and since when the oldest waits."""
    counted = rooms().desk.summary(moderator(), site_asked())
    queues = []
    for status in Status:
        count, oldest = counted.get(status.value, (0, None))
        queues.append({"status": status.value, "count": count, "oldest": time_or_none(oldest)})
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
        SITE,
        Parameter("limit", "Comments on a page.", {"type": "integer", "minimum": 1, "maximum": PAGE_MAX}),
        Parameter("cursor", "next_cursor of the page before.", {"type": "string", "format": "uuid"}),
    ),
    problems=(*TOKEN, "invalid-submission", "site-unknown"),
    security="admin",
    power=Power.READ,
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
        who, status=Status(raw_status), site=site_asked(), after=page_cursor(), limit=limit + 1
    )
    more, items = len(items) > limit, items[:limit]
    return answer(
        {
            "comments": [item_shown(item, quiet=True) for item in items],
            "next_cursor": str(items[-1].comment.id) if more else None,
        }
    )


@door.get("/comments/<comment_id>")
@operation(
    "Open a comment's case",
    gives={200: schemas.CaseFile},
    problems=(*TOKEN, "comment-not-found"),
    security="admin",
    power=Power.READ,
)
def open_case(comment_id: str) -> Response:
    """All findings, all decisions, and what stands around the comment."""
    who = moderator()
    case = rooms().desk.open(who, comment_named(comment_id))
    record = case.author_record
    return answer(
        {
            **item_shown(case.item, quiet=False),
            "decisions": [decision_shown(decision) for decision in case.item.decisions],
            "context": {
                "parent": parent_shown(case.parent) if case.parent else None,
                "before": [neighbour_shown(row) for row in case.before],
                "after": [neighbour_shown(row) for row in case.after],
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
