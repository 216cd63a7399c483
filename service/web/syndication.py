"""The conversation for others than our own pages: feeds.

All of it is the answer of ``GET /v1/threads`` in another form, kept and told apart by tags in the same way.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request

from service.domain.site import Site
from service.reading import Asked
from service.web import atom
from service.web.identity import rooms
from service.web.openapi import operation
from service.web.public import ETAG, IF_NONE_MATCH, SITE, STORY, door, send_kept
from service.web.public_query import asked_latest

__all__ = ["door"]

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
    """An Atom feed of the latest 50 approved comments under a story, with RFC 4685's threads. It changes when, and only
    when, these do."""
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
    """An Atom feed of the latest 50 approved comments of a site, whichever story they stand under."""
    found = rooms().read_latest(request.args.get("site", ""), _as_site_feed)
    return send_kept(found, atom.TYPE)


def _as_feed(asked: Asked, document: dict[str, Any]) -> bytes:
    return atom.thread_feed(rooms().settings.public_url, asked, document)


def _as_site_feed(site: Site, comments: list[dict[str, Any]]) -> bytes:
    return atom.site_feed(rooms().settings.public_url, site, comments)
