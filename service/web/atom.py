"""Feeds of approved comments: Atom (RFC 4287) with threads (RFC 4685), written from what readers see anyway.

Nothing else goes into one: not when the thread was made, nor whether it is open. So a feed stays the same, to the
byte, whatever is sent, held or rejected.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from service.domain.site import Site
from service.domain.stories import canonical_url
from service.reading import Asked

TYPE = "application/atom+xml"
# Elements are named with their prefix as it is written: the names of a library's own are kept for all of a process.
NAMES = {"xmlns": "http://www.w3.org/2005/Atom", "xmlns:thr": "http://purl.org/syndication/thread/1.0"}
# A feed has to say when it last changed. Of an empty one nothing may be told, so it is always this.
NEVER = "1970-01-01T00:00:00Z"
# Whatever is not in production 2 of XML 1.0; and a carriage return, which comes back as something else.
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def thread_feed_address(public_url: str, asked: Asked) -> str:
    """The address of a thread's feed, asked for in the same way as the thread."""
    names = {"site": asked.site, "url": asked.url and canonical_url(asked.url), "thread": asked.external_id}
    return f"{public_url}/v1/feeds/thread.atom?" + _query(names)


def thread_feed(public_url: str, asked: Asked, document: dict[str, Any]) -> bytes:
    """The feed of a thread from its document: what came on stage last, the latest first."""
    address = thread_feed_address(public_url, asked)
    story = canonical_url(asked.url) if asked.url is not None else None
    feed = _feed(
        ["thread", asked.site, story, asked.external_id],
        f"Comments on {document['title'] or 'this story'}",
        address,
        document["comments"],
    )
    _link(feed, "alternate", "text/html", document["links"]["page"])
    replies = _link(feed, "replies", TYPE, address)
    replies.set("thr:count", str(document["count"]))
    _text(feed, "thr:total", str(document["count"]))
    for node in document["comments"]:
        _entry(feed, node, document["url"], document["title"])
    return _written(feed)


def site_feed(public_url: str, site: Site, comments: list[dict[str, Any]]) -> bytes:
    """The feed of a site from its latest comments."""
    address = f"{public_url}/v1/feeds/site.atom?" + _query({"site": site.key})
    feed = _feed(["site", site.key], f"Comments – {site.name}", address, comments)
    _link(feed, "alternate", "text/html", site.origins[0] + "/")
    for node in comments:
        _entry(feed, node, node["url"], node["title"])
    return _written(feed)


def _query(names: dict[str, str | None]) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in names.items() if value is not None)


def _feed(identity: list[str | None], title: str, address: str, comments: list[dict[str, Any]]) -> Element:
    feed = Element("feed", NAMES)
    # Of what is asked for, and not of our own address, which may change.
    _text(feed, "id", uuid5(NAMESPACE_URL, json.dumps(["greenroom", *identity])).urn)
    _text(feed, "title", title)
    _text(feed, "updated", max((_changed(node) for node in comments), default=NEVER))
    _link(feed, "self", TYPE, address)
    return feed


def _entry(feed: Element, node: dict[str, Any], story: str, title: str | None) -> None:
    entry = SubElement(feed, "entry")
    name = node["author"]["name"]
    _text(entry, "id", _id(node["id"]))
    _text(entry, "title", f"{name} on {title}" if title else f"Comment by {name}")
    _text(SubElement(entry, "author"), "name", name)
    _text(entry, "published", node["created_at"])
    _text(entry, "updated", _changed(node))
    _link(entry, "alternate", "text/html", place(story, node["id"]))
    above = node["parent_id"]
    # Whoever answers nobody answers the story, which has no id but its address.
    answered = {"ref": _id(above), "href": place(story, above)} if above else {"ref": story, "href": story}
    SubElement(entry, "thr:in-reply-to", {name: _in_xml(value) for name, value in answered.items()})
    _text(entry, "content", node["html"]).set("type", "html")


def _id(comment_id: str) -> str:
    return f"urn:uuid:{comment_id}"


def place(story: str, comment_id: str) -> str:
    return f"{story}#greenroom-{comment_id}"


def _changed(node: dict[str, Any]) -> str:
    """When readers of the feed saw it first, or in a new form: it may have waited long before."""
    changed: str = max(node["shown_at"], node["edited_at"] or "")
    return changed


def _text(above: Element, name: str, text: str) -> Element:
    made = SubElement(above, name)
    made.text = _in_xml(text)
    return made


def _link(above: Element, relation: str, kind: str, address: str) -> Element:
    return SubElement(above, "link", {"rel": relation, "type": kind, "href": _in_xml(address)})


def _in_xml(text: str) -> str:
    """``text`` with a replacement character for each that XML cannot hold."""
    return _NO_XML.sub("\ufffd", text)


def _written(feed: Element) -> bytes:
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written
