"""Sending comments through the HTTP door, as programs and as plain forms, and reading what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from service.domain.site import Site
from service.store.tables import threads as thread_table
from tests.web.conftest import ADDRESS, STORY, House

PUBLIC = "http://127.0.0.1:8080"
PAGE = f"{PUBLIC}/daily/t?url=https%3A%2F%2Fdaily.example%2Fbudget"
DAILY = Site("daily", "The Daily", ("https://daily.example",))
# A window that no test run crosses.
YEAR = "per year"

Opener = Callable[..., House]


ELSEWHERE = [
    "https://evil.test/budget",
    "https://daily.example.evil.test/budget",
    "https://evildaily.example/budget",
    "https://sub.daily.example/budget",
    "http://daily.example/budget",
    "https://daily.example:8443/budget",
    "https://daily.example@evil.test/budget",
    "https://ada@daily.example/budget",
    "https://ada:secret@daily.example/budget",
    "https://evil.test\\@daily.example/budget",
    "https://daily.example\\@evil.test/budget",
    "https://evil.test/https://daily.example/budget",
    "https://evil.test#https://daily.example/budget",
    "https://daily.example%2eevil.test/budget",
    "https://daily.example%00.evil.test/budget",
    "https://daily.example:port/budget",
    "https://daily.example:99999/budget",
    "https://daily\u3002example.evil.test/budget",
    "https://[::1]/budget",
    "https://[daily.example]/budget",
    "//daily.example/budget",
    "/budget",
    "https:/daily.example/budget",
    "https:daily.example/budget",
    "javascript://daily.example/%0aalert(1)",
    "data:text/html,https://daily.example/",
    "https://daily.example/bud get",
    "https://daily.example/bud\nget",
    "https://daily.example/bud\x00get",
    "https://daily.example/\u202ebudget",
    "https://daily.example/" + "x" * 2_000,
    "",
]


def author(email: str | None = None, name: str = "Ada") -> dict[str, Any]:
    return {"name": name, "email": email}


def send(
    house: House, text: str = "What about the bridge?", *, remote: str = "192.0.2.1", **more: Any
) -> TestResponse:
    """Post a submission; ``headers`` are headers, everything else changes the body."""
    headers = more.pop("headers", {})
    return house.client.post(
        "/v1/comments",
        json=house.submission(text, **more),
        headers=headers,
        environ_base={"REMOTE_ADDR": remote},
    )


def send_form(house: House, *, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
    """Post the plain form as a browser without scripts does."""
    typed = {
        "site": "daily",
        "url": STORY,
        "name": "Ada",
        "email": ADDRESS,
        "text": "What about the bridge?",
        "website": "",
        "return_to": "page",
        **fields,
    }
    return house.client.post("/v1/comments", data=typed, headers=headers)


def problem(answer: TestResponse, status: int, slug: str) -> dict[str, Any]:
    """The problem document, checked to be this one."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    document: dict[str, Any] = json.loads(answer.data)
    assert document["type"] == f"{PUBLIC}/docs/problems#{slug}"
    assert document["status"] == status
    return document


def faults(answer: TestResponse) -> dict[str, str]:
    """Pointer → sentence of an answer that refuses the content."""
    document = problem(answer, 422, "invalid-submission")
    found = {fault["pointer"]: fault["detail"] for fault in document["errors"]}
    assert len(found) == len(document["errors"]), "a field was named twice"
    return found


def thread_rows(house: House) -> list[dict[str, Any]]:
    with house.database.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(thread_table)).mappings()]


class Page(HTMLParser):
    """What a browser makes of a page: its elements, values of inputs and of the text area, and sentences."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__(convert_charrefs=True)
        assert answer.content_type == "text/html; charset=utf-8"
        self.values: dict[str, str] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._area: str | None = None
        self.feed(answer.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag == "input" and found.get("name"):
            self.values[found["name"] or ""] = found.get("value") or ""
        if tag == "textarea":
            self._area = found["name"] or ""
            self.values[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None

    def handle_data(self, text: str) -> None:
        if self._area is not None:
            # A browser drops one line break right after the tag.
            self.values[self._area] += text if self.values[self._area] else text.removeprefix("\n")
        else:
            self.text += text

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def link(self, relation: str) -> str | None:
        return next((one["href"] for one in self.all("link") if one.get("rel") == relation), None)
