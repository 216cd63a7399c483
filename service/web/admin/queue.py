"""What moderators read: who they are, their sites, and the queues."""

from __future__ import annotations

from flask import Response, request

from service.domain.comment import Status
from service.domain.errors import FieldError, InvalidSubmission
from service.domain.queue import read_wanted
from service.domain.roles import POWERS, Power
from service.web import schemas
from service.web.admin.door import (
    ANY_TOKEN,
    PAGE_MAX,
    SITE,
    TOKEN,
    door,
    site_asked,
    time_or_none,
)
from service.web.admin.filters import FILTERS, TYPED
from service.web.admin.shown import item_shown
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


@door.get("/queues")
@operation(
    "Count the queues",
    gives={200: schemas.QueueCounts},
    parameters=(SITE,),
    problems=(*TOKEN, "site-unknown"),
    security="admin",
    power=Power.READ,
)
def count_queues() -> Response:
    """How many comments are in each queue, counted up to ten thousand, and how long the oldest has been there."""
    counted = rooms().queues.counts(moderator(), request.args.get("site") or None)
    return answer(
        {
            "queues": [
                {
                    "queue": one.queue.value,
                    "count": one.count,
                    "more": one.more,
                    "about": one.about,
                    "oldest": time_or_none(one.oldest),
                }
                for one in counted
            ]
        }
    )


@door.get("/comments")
@operation(
    "Read a queue, or search",
    gives={200: schemas.Queue},
    parameters=(
        *FILTERS,
        Parameter(
            "status",
            "Instead of a queue and all of its filters: what is in this status, waiting edits of approved comments"
            " included.",
            {"type": "string", "enum": [status.value for status in Status]},
        ),
        Parameter("limit", "Comments on a page.", {"type": "integer", "minimum": 1, "maximum": PAGE_MAX}),
        Parameter("cursor", "next_cursor of the page before.", {"type": "string"}),
    ),
    problems=(*TOKEN, "invalid-submission", "site-unknown"),
    security="admin",
    power=Power.READ,
)
def read_queue() -> Response:
    """What waits comes oldest first, everything else newest first; grim comments are spread out where people work.

    A page looks at a few thousand comments at most: where filters leave little of them it may be short, or empty, and
    yet lead on by next_cursor.
    """
    who = moderator()
    if "status" in request.args:
        return _of_status(request.args["status"])
    if empty := [name for name in TYPED if request.args.get(name) == ""]:
        raise InvalidSubmission(
            [FieldError(f"/{name}", "Leave this out, or give a value.") for name in empty]
        )
    limit = page_size(50, PAGE_MAX)
    wanted = read_wanted(request.args.to_dict(flat=False))
    found = rooms().queues.page(who, wanted, cursor=request.args.get("cursor"), limit=limit)
    return answer(
        {
            "comments": [item_shown(item, quiet=True) for item in found.items],
            "next_cursor": found.next_cursor,
            "looked_at": found.looked_at,
        }
    )


def _of_status(raw_status: str) -> Response:
    if raw_status not in {status.value for status in Status}:
        known = ", ".join(status.value for status in Status)
        raise InvalidSubmission([FieldError("/status", f"This is one of: {known}.")])
    limit = page_size(50, PAGE_MAX)
    items = rooms().queues.of_status(
        moderator(), status=Status(raw_status), site=site_asked(), after=page_cursor(), limit=limit + 1
    )
    more, items = len(items) > limit, items[:limit]
    return answer(
        {
            "comments": [item_shown(item, quiet=True) for item in items],
            "next_cursor": str(items[-1].comment.id) if more else None,
            "looked_at": len(items),
        }
    )
