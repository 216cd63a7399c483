"""One decision about many comments: drafting and starting it, its progress, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response

from service.bulks import BulkRow, Meant
from service.domain.errors import BulkNotFound, FieldError, InvalidSubmission
from service.domain.ids import parse_id
from service.domain.queue import read_query
from service.domain.roles import Power
from service.reading import moment
from service.web import schemas
from service.web.admin.decisions import choice_sent
from service.web.admin.door import BODY, CHANGE, SITE, TOKEN, door, site_asked, time_or_none
from service.web.answers import answer
from service.web.bodies import read_bytes, read_json
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import operation


@door.post("/bulks")
@operation(
    "Decide about many comments",
    takes=schemas.BulkTaken,
    gives={202: schemas.BulkShown},
    problems=(*TOKEN, *BODY, "site-unknown"),
    security="admin",
    power=Power.DECIDE,
)
def make_bulk() -> Response:
    """Which comments are meant is settled at this moment, with the revision of each; a worker then decides about one
    after the other, and passes over what has changed meanwhile. A draft waits to be started."""
    who = moderator()
    check_page(())
    sent = read_json(schemas.BulkTaken, read_bytes())
    choice, meant = choice_sent(sent), _meant(sent)
    site, bulks = rooms().sites.get(sent.site).key, rooms().bulks
    if sent.start:
        return answer(_shown(bulks.create(who, site, choice, meant)), 202)
    draft = bulks.draft(who, site, choice, meant)
    return answer(_shown(draft.bulk, draft.examples), 202)


@door.post("/bulks/<bulk_id>/start")
@operation(
    "Start a bulk",
    gives={202: schemas.BulkShown},
    problems=(*TOKEN, *CHANGE, "bulk-not-found"),
    security="admin",
    power=Power.DECIDE,
)
def start_bulk(bulk_id: str) -> Response:
    """Has the comments of a draft decided about, the very ones that were counted. A draft that is older than an hour
    is gone; a bulk that was started already goes on as it does."""
    who = moderator()
    check_page(())
    return answer(_shown(rooms().bulks.start(who, _bulk_named(bulk_id))), 202)


@door.get("/bulks")
@operation(
    "List bulks",
    gives={200: schemas.BulkList},
    parameters=(SITE,),
    problems=(*TOKEN, "site-unknown"),
    security="admin",
    power=Power.READ,
)
def list_bulks() -> Response:
    """The newest fifty, newest first."""
    found = rooms().bulks.latest(moderator(), site_asked())
    return answer({"bulks": [_shown(bulk) for bulk in found]})


@door.get("/bulks/<bulk_id>")
@operation(
    "Follow a bulk",
    gives={200: schemas.BulkShown},
    problems=(*TOKEN, "bulk-not-found"),
    security="admin",
    power=Power.READ,
)
def follow_bulk(bulk_id: str) -> Response:
    """How many comments it has decided about, and how many it passed over because they had changed."""
    return answer(_shown(rooms().bulks.look(moderator(), _bulk_named(bulk_id))))


@door.post("/bulks/<bulk_id>/undo")
@operation(
    "Take a bulk back",
    gives={202: schemas.BulkShown},
    problems=(*TOKEN, *CHANGE, "bulk-not-found", "cannot-be-undone"),
    security="admin",
    power=Power.DECIDE,
)
def undo_bulk(bulk_id: str) -> Response:
    """A bulk of its own, which takes back each decision of the other one that is still the last of its comment. A bulk
    that is not finished is stopped first. Possible once; the new bulk can be taken back in turn."""
    who = moderator()
    check_page(())
    return answer(_shown(rooms().bulks.undo(who, _bulk_named(bulk_id))), 202)


def _bulk_named(raw: str) -> UUID:
    found = parse_id(raw)
    if found is None:
        raise BulkNotFound
    return found


def _meant(sent: schemas.BulkTaken) -> Meant:
    if (sent.comments is None) == (sent.query is None):
        both = "Please send either the comments that are meant, or a query."
        raise InvalidSubmission([FieldError("/query", both)])
    if sent.query is not None:
        return Meant(query=read_query(sent.query))
    chosen: dict[UUID, int] = {}
    for place, one in enumerate(sent.comments or []):
        comment_id = parse_id(one.id)
        if comment_id is None or comment_id in chosen:
            what = "This is no id of a comment." if comment_id is None else "This comment is named twice."
            raise InvalidSubmission([FieldError(f"/comments/{place}/id", what)])
        chosen[comment_id] = one.revision
    return Meant(chosen=chosen)


def _shown(bulk: BulkRow, examples: Sequence[UUID] = ()) -> dict[str, Any]:
    return {
        "id": str(bulk.id),
        "site": bulk.site,
        "action": bulk.action,
        "reasons": bulk.reasons,
        "message": bulk.message,
        "note": bulk.note,
        "about": bulk.about,
        "moderator": bulk.moderator,
        "undoes": str(bulk.undoes) if bulk.undoes else None,
        "undone_by": str(bulk.undone_by) if bulk.undone_by else None,
        "total": bulk.total,
        "done": bulk.done,
        "passed_over": bulk.passed_over,
        "created_at": moment(bulk.created_at),
        "started_at": time_or_none(bulk.started_at),
        "finished_at": time_or_none(bulk.finished_at),
        "examples": [str(one) for one in examples],
        "links": {"self": f"{rooms().settings.public_url}/v1/admin/bulks/{bulk.id}"},
    }
