"""A thread as a whole, and storms: closing, opening again, holding all that comes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from service.domain.errors import FieldError, InvalidSubmission, ThreadNotFound
from service.domain.ids import parse_id
from service.domain.roles import Power
from service.reading import moment
from service.threads import Storm, ThreadShown
from service.web import schemas
from service.web.admin.door import BODY, TOKEN, door, time_or_none
from service.web.answers import answer
from service.web.bodies import read_bytes, read_json
from service.web.identity import check_page, moderator, rooms
from service.web.openapi import operation


def _thread_named(raw: str) -> UUID:
    """Raises ``ThreadNotFound``, for what is no id, too."""
    found = parse_id(raw)
    if found is None:
        raise ThreadNotFound
    return found


def _storm(storm: Storm) -> dict[str, Any]:
    return {"on": storm.on, "by": storm.by, "at": time_or_none(storm.at)}


def _shown(thread: ThreadShown) -> Response:
    return answer(
        {
            "id": str(thread.id),
            "site": thread.site,
            "url": thread.url,
            "title": thread.title,
            "approved_count": thread.approved_count,
            "created_at": moment(thread.created_at),
            "closed": thread.closed,
            "closed_at": time_or_none(thread.closed_at),
            "closed_by": thread.closed_by,
            "closes_at": time_or_none(thread.closes_at),
            "storm": _storm(thread.storm),
            "site_storm": _storm(thread.site_storm),
        }
    )


@door.get("/threads/<thread_id>")
@operation(
    "Show a thread",
    gives={200: schemas.ThreadCase},
    problems=(*TOKEN, "thread-not-found"),
    security="admin",
    power=Power.READ,
)
def show_thread(thread_id: str) -> Response:
    """Whether it takes comments, and who closed it or has what comes held."""
    return _shown(rooms().threads.show(moderator(), _thread_named(thread_id)))


@door.post("/threads/<thread_id>")
@operation(
    "Close a thread, open it again, or hold all that comes",
    takes=schemas.ThreadTaken,
    gives={200: schemas.ThreadCase},
    problems=(*TOKEN, *BODY, "thread-not-found"),
    security="admin",
    power=Power.RULE,
)
def change_thread(thread_id: str) -> Response:
    """What its policy closes by its age stays closed, also when it is opened here."""
    who = moderator()
    who.must(Power.RULE)
    check_page(())
    sent = read_json(schemas.ThreadTaken, read_bytes())
    if sent.closed is None and sent.storm is None:
        raise InvalidSubmission([FieldError("", "Send closed, storm, or both.")])
    thread = rooms().threads.change(who, _thread_named(thread_id), closed=sent.closed, storm=sent.storm)
    return _shown(thread)


@door.post("/storm")
@operation(
    "Hold all that comes",
    takes=schemas.StormTaken,
    gives={200: schemas.SiteStorm},
    problems=(*TOKEN, *BODY, "site-unknown", "thread-not-found"),
    security="admin",
    power=Power.RULE,
)
def set_storm() -> Response:
    """To a site or in a thread, whatever the policy says, within seconds and until it is switched off."""
    who = moderator()
    who.must(Power.RULE)
    check_page(())
    sent = read_json(schemas.StormTaken, read_bytes())
    here = rooms().threads
    who.must_at(sent.site, Power.RULE)
    site = rooms().sites.get(sent.site).key
    if sent.thread is None:
        storm = here.set_site_storm(who, site, on=sent.on)
        return answer({"site": site, "thread": None, "storm": _storm(storm)})
    thread_id = _thread_named(sent.thread)
    if here.show(who, thread_id).site != site:
        raise ThreadNotFound
    thread = here.change(who, thread_id, storm=sent.on)
    return answer({"site": site, "thread": str(thread.id), "storm": _storm(thread.storm)})
