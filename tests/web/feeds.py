"""Feeds as a reader of feeds sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from tests.web.conftest import STORY, House

ATOM = "{http://www.w3.org/2005/Atom}"
THREADS = "{http://purl.org/syndication/thread/1.0}"
THREAD = f"/v1/feeds/thread.atom?site=daily&url={STORY}"
SITE = "/v1/feeds/site.atom?site=daily"
BOTH = (THREAD, SITE)


@dataclass
class Entry:
    id: str
    title: str
    name: str
    published: str
    updated: str
    link: str
    in_reply_to: dict[str, str]
    html: str


class Feed:
    """A feed, held against what RFC 4287 asks of every one and against the elements and attributes that are ours."""

    def __init__(self, written: bytes) -> None:
        self.root = ElementTree.fromstring(written)
        assert self.root.tag == f"{ATOM}feed"
        assert {(one.tag, tuple(one.attrib)) for one in self.root.iter()} <= OURS
        self.id, self.title, self.updated = (self._one(name) for name in ("id", "title", "updated"))
        self.links = {one.attrib["rel"]: dict(one.attrib) for one in self.root.findall(f"{ATOM}link")}
        assert self.links["self"]["type"] == "application/atom+xml"
        self.entries = [_entry(one) for one in self.root.findall(f"{ATOM}entry")]
        for moment in (self.updated, *(one.updated for one in self.entries)):
            assert len(moment) == len("2026-11-24T09:00:00Z")

    def _one(self, name: str) -> str:
        [found] = self.root.findall(f"{ATOM}{name}")
        assert found.text
        return found.text


def _entry(element: ElementTree.Element) -> Entry:
    def text(path: str) -> str:
        [found] = element.findall(path)
        assert found.text is not None
        return found.text

    [link] = element.findall(f"{ATOM}link")
    [above] = element.findall(f"{THREADS}in-reply-to")
    [content] = element.findall(f"{ATOM}content")
    assert (link.attrib["rel"], content.attrib["type"]) == ("alternate", "html")
    names = ("id", "title", "author/{http://www.w3.org/2005/Atom}name", "published", "updated")
    return Entry(
        *(text(ATOM + name) for name in names),
        link=link.attrib["href"],
        in_reply_to=dict(above.attrib),
        html=content.text or "",
    )


OURS: set[tuple[str, tuple[str, ...]]] = {
    *(
        (ATOM + name, ())
        for name in ("feed", "id", "title", "updated", "entry", "author", "name", "published")
    ),
    (f"{ATOM}link", ("rel", "type", "href")),
    (f"{ATOM}link", ("rel", "type", "href", f"{THREADS}count")),
    (f"{ATOM}content", ("type",)),
    (f"{THREADS}in-reply-to", ("ref", "href")),
    (f"{THREADS}total", ()),
}


def feed(house: House, path: str = THREAD, **headers: str) -> Feed:
    answer: Any = house.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/atom+xml"
    return Feed(answer.data)
