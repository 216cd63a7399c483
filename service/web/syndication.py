"""The conversation for others than our own pages: feeds, a piece of HTML for a publisher's server, and linked data.

All of it but a site's feed is the answer of ``GET /v1/threads`` in another form; each is kept and told apart by tags in
the same way.
"""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request

from service.domain.site import Site
from service.reading import Asked
from service.web import atom, linked_data, pages, schemas
from service.web.identity import rooms
from service.web.languages import ENGLISH, voice
from service.web.openapi import operation
from service.web.public import ETAG, IF_NONE_MATCH, PAGE, SITE, SORT, STORY, door, send_kept
from service.web.public_query import asked_latest, asked_thread

__all__ = ["door"]

HTML = "text/html; charset=utf-8"
_HEADERS = {200: ETAG, 304: ETAG}
_PROBLEMS = ("invalid-submission", "site-unknown", "address-not-allowed", "unavailable")


@door.get("/v1/feeds/thread.atom")
@operation(
    "Follow the comments under a story",
    gives={200: atom.TYPE, 304: None},
    parameters=(SITE, *STORY, IF_NONE_MATCH),
    problems=_PROBLEMS,
    headers=_HEADERS,
)
def thread_feed() -> Response:
    """An Atom feed of the 50 comments under a story that were approved last, with RFC 4685's threads. Nothing that
    is not shown changes it."""
    asked = asked_latest(site=request.args.get("site", ""), external_id=request.args.get("thread"))
    return send_kept(rooms().read_thread(asked, _as_feed), atom.TYPE)


@door.get("/v1/feeds/site.atom")
@operation(
    "Follow the comments of a site",
    gives={200: atom.TYPE, 304: None},
    parameters=(SITE, IF_NONE_MATCH),
    problems=("site-unknown", "unavailable"),
    headers=_HEADERS,
)
def site_feed() -> Response:
    """An Atom feed of the 50 comments of a site that were approved last, whichever story they stand under."""
    found = rooms().read_latest(request.args.get("site", ""), _as_site_feed)
    return send_kept(found, atom.TYPE)


@door.get("/v1/threads.html")
@operation(
    "Read the comments under a story as a piece of a page",
    gives={200: "text/html", 304: None},
    parameters=(SITE, *STORY, SORT, *PAGE, IF_NONE_MATCH),
    problems=_PROBLEMS,
    headers=_HEADERS,
)
def thread_fragment() -> Response:
    """HTML for a publisher's server to include in the story's page, so that search engines and readers without
    scripts find the comments there: a section, and behind it the same as JSON-LD. No script in it runs."""
    return send_kept(rooms().read_thread(_asked_tree(), _as_fragment), HTML)


@door.get("/v1/threads.jsonld")
@operation(
    "Read the comments under a story as linked data",
    gives={200: schemas.LinkedThread, 304: None},
    parameters=(SITE, *STORY, SORT, *PAGE, IF_NONE_MATCH),
    problems=_PROBLEMS,
    headers=_HEADERS,
)
def thread_linked_data() -> Response:
    """JSON-LD of schema.org for the page of the story: its NewsArticle with nested Comment. No character "<" is in
    it, so that it can stand in a script element as it is."""
    return send_kept(rooms().read_thread(_asked_tree(), _as_linked_data), schemas.LinkedThread.media_type)


def _asked_tree() -> Asked:
    site, external_id = request.args.get("site", ""), request.args.get("thread")
    return asked_thread(site=site, external_id=external_id, tree_only=True)


def _as_feed(asked: Asked, document: dict[str, Any]) -> bytes:
    return atom.thread_feed(rooms().settings.public_url, asked, document)


def _as_site_feed(site: Site, comments: list[dict[str, Any]]) -> bytes:
    return atom.site_feed(rooms().settings.public_url, site, comments)


def _as_linked_data(_asked: Asked, document: dict[str, Any]) -> bytes:
    return linked_data.linked_data(document)


def _as_fragment(asked: Asked, document: dict[str, Any]) -> bytes:
    return render_template(
        "fragment.html",
        voice=voice(ENGLISH),
        count=document["count"],
        closed=document["closed"],
        comments=[pages.marked(node) for node in document["comments"]],
        next_url=pages.next_address(asked, document),
        page_url=document["links"]["page"],
        described=linked_data.in_a_page(linked_data.linked_data(document)),
    ).encode()
