"""The queue: what waits, found by filters and words, and decided where it stands."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from service.bootstrap import now
from service.domain.errors import InvalidSubmission
from service.domain.ids import parse_id
from service.domain.queue import NAMES, QueueName, Wanted, as_query, read_query, read_wanted
from service.domain.roles import Power
from service.people import Moderator
from service.queues import QueuePage
from service.web.admin.door import comment_named, line_sent, time_or_none
from service.web.admin.shown import item_shown
from service.web.admin.views import NAME_MAX
from service.web.answers import html_page
from service.web.desk import words
from service.web.desk.door import door, sentence_of, sign_in_page
from service.web.desk.forms import form_sent
from service.web.desk.frame import Told, and_back, compressed, desk_page, here, needs, queue_path, sites_of
from service.web.identity import csrf_token, rooms, signed_in

PAGE = 30
TITLES: dict[QueueName, tuple[str, str, str]] = {
    QueueName.HELD: ("Held", "Waits for a person", "Nothing waits. Well done."),
    QueueName.REPORTED: ("Reported", "Readers called for a moderator", "No reader has called."),
    QueueName.ESCALATED: ("Escalated", "A moderator asks an editor", "Nobody asks for an editor."),
    QueueName.APPEALS: ("Appeals", "Authors ask a person to look again", "Nobody asks for another look."),
    QueueName.SPOT: (
        "Spot checks",
        "Approved by the checks alone, newest first",
        "The checks have approved nothing.",
    ),
    QueueName.APPROVED: ("Approved", "Newest first", "Nothing was approved yet."),
    QueueName.SPAM: ("Spam", "Rejected as spam, newest first", "No spam."),
    QueueName.REJECTED: ("Rejected", "For another reason than spam", "Nothing was rejected."),
    QueueName.PENDING: ("Being screened", "The checks are looking at it", "Nothing is being screened."),
    QueueName.EVERYTHING: ("Everything", "Newest first", "There are no comments yet."),
}
NOTHING_FOUND = "Nothing here is like that."
FURTHER = "Nothing like that among the first few thousand. There are more: look further."
LABELS = (
    *("toxicity", "severe", "insult", "threat", "identity_attack", "obscene", "sexual", "spam"),
    *("offensive", "personal_data", "duplicate", "flood", "banned_author", "check_failed"),
)
FIELDS: tuple[tuple[str, str, str], ...] = (
    ("label", "Found", ""),
    ("check", "By the check", "such as links"),
    ("score_from", "Score from", "0.5"),
    ("score_to", "Score to", "1"),
    ("author", "Author’s name", "a part of it"),
    ("story", "Story", "its address"),
    ("older_than", "Older than", "hours, or a date"),
    ("newer_than", "Newer than", "hours, or a date"),
    ("decided_by", "Decided by", "a name, or machine"),
    ("failed", "A check failed", ""),
)


@door.get("")
def front() -> Response:
    """The queue, for whoever is signed in; the form to sign in, for everybody else."""
    return queue() if signed_in() is not None else sign_in_page()


@needs(Power.READ)
def queue() -> Response:
    """A queue, with its filters, and what can be done about what is in it."""
    who = here()
    values = request.args.to_dict(flat=False)
    faults: dict[str, str] = {}
    try:
        wanted = read_wanted(values)
    except InvalidSubmission as error:
        faults = {fault.pointer[1:]: fault.detail for fault in error.errors}
        wanted = read_wanted({name: given for name, given in values.items() if name not in faults})
    told = None
    try:
        found = rooms().queues.page(who, wanted, cursor=request.args.get("cursor"), limit=PAGE)
    except InvalidSubmission as error:
        told = Told(sentence_of(error), bad=True)
        found = rooms().queues.page(who, wanted, cursor=None, limit=PAGE)
    if faults and told is None:
        told = Told("Some of what you asked for is not possible: " + " ".join(faults.values()), bad=True)
    return desk_page("desk/queue.html", "queue", told=told, queue=_shown(who, wanted, found, values, faults))


def _shown(
    who: Moderator, wanted: Wanted, found: QueuePage, values: dict[str, list[str]], faults: dict[str, str]
) -> dict[str, Any]:
    site = wanted.sites[0] if len(wanted.sites) == 1 else None
    query = as_query(wanted)
    title, _, empty = TITLES[wanted.queue]
    typed = {name: (values.get(name) or [""])[0] for name in NAMES}
    asked_for = (
        sum(bool(typed[name]) for name, *_ in FIELDS) + bool(typed["thread"]) + bool(typed["author_of"])
    )
    if not found.items and (asked_for or wanted.words):
        empty = FURTHER if found.next_cursor else NOTHING_FOUND
    counted = {one.queue: one for one in rooms().queues.counts(who, site)}
    mine = counted[wanted.queue]
    own_site = site or (sites_of(who)[0].key if len(sites_of(who)) == 1 else "")
    return {
        "name": wanted.queue.value,
        "title": title,
        "empty": empty,
        "count": f"{mine.count}{'+' if mine.more else ''}",
        "queues": [
            {
                "queue": name.value,
                "title": titles[0],
                "what": titles[1],
                "query": urlencode({"queue": name.value, **({"site": site} if site else {})}),
                "count": f"{counted[name].count:,}{'+' if counted[name].more else ''}",
                "oldest": time_or_none(counted[name].oldest),
            }
            for name, titles in TITLES.items()
        ],
        "fields": {**typed, "site": site or ""},
        "filtered": asked_for,
        "filters": [
            {
                "name": name,
                "title": title,
                "hint": hint,
                "value": typed[name],
                "fault": faults.get(name),
                "choices": {
                    "label": [(label, words.in_words(label)) for label in LABELS],
                    "failed": [("true", "Yes")],
                }.get(name),
            }
            for name, title, hint in FIELDS
        ],
        "name_max": NAME_MAX,
        "views": [
            {"id": str(view.id), "name": view.name, "query": view.query} for view in rooms().queues.views(who)
        ],
        "query": query,
        "back": query,
        "bulk_site": own_site,
        "comments": [item_shown(item, quiet=True) for item in found.items],
        "next": found.next_cursor,
        "canned": rooms().canned.of_site(who, own_site) if own_site else [],
    }


@door.get("/list")
@needs(Power.READ)
def more_of_the_queue() -> Response:
    """The next comments of a queue alone, for a page that is there already; where it goes on stands in a header."""
    who = here()
    wanted = read_wanted(request.args.to_dict(flat=False))
    found = rooms().queues.page(who, wanted, cursor=request.args.get("cursor"), limit=PAGE)
    return _cards([item_shown(item, quiet=True) for item in found.items], as_query(wanted), found.next_cursor)


@door.get("/comments/<comment_id>/card")
@needs(Power.READ)
def card_again(comment_id: str) -> Response:
    """One comment as a queue shows it."""
    found = rooms().queues.one(here(), comment_named(comment_id))
    wanted = read_wanted(request.args.to_dict(flat=False))
    return _cards([item_shown(found, quiet=True)], as_query(wanted), None)


def _cards(items: list[dict[str, Any]], back: str, following: str | None) -> Response:
    who = here()
    desk = {
        "who": who.name,
        "powers": {power.value for power in Power if who.may(power)},
        "csrf": csrf_token() or "",
    }
    response = html_page(
        "desk/list.html", 200, desk=desk, words=words, now=now(), queue={"comments": items, "back": back}
    )
    response.headers["X-Next-Cursor"] = following or ""
    return compressed(response)


# --- views -------------------------------------------------------------------------------------------------------


@door.post("/views")
@needs(Power.READ)
def keep_view() -> Response:
    """Keep a question under a name. Raises ``InvalidSubmission``."""
    who, form = here(), form_sent()
    wanted = read_query(form.one("query"))
    name = line_sent("/name", form.one("name"), NAME_MAX)
    rooms().queues.save_view(who, name, wanted)
    return and_back(queue_path(as_query(wanted)), said="kept")


@door.post("/views/<view_id>/delete")
@needs(Power.READ)
def delete_view(view_id: str) -> Response:
    rooms().queues.delete_view(here(), parse_id(view_id))
    return and_back("/moderation", said="gone")
