"""The HTTP door with every way to write to it, and what holds for all that it refuses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from service.domain.roles import Role
from service.web.openapi import OPERATIONS, Operation
from service.web.problem_texts import PROBLEMS
from tests.web.conftest import House

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
CANARY = "Kestrel-7413"
# Larger than the default, so that what is deep or long fits in and meets the parser.
BODY_BYTES = 300_000
SLUGS = {text.slug for text in PROBLEMS} | {"not-found", "method-not-allowed"}


@dataclass(frozen=True)
class Write:
    """One route that changes something, with a live comment in its path and the token that opens it."""

    method: str
    path: str
    headers: dict[str, str]
    described: Operation


class Door:
    """A house with one comment in it, and every way to write to it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.made = house.post("The one comment.")
        self.standing = house.stand(self.made["id"])
        self.canned = house.can()
        self.bulk = house.bulk()
        house.token_for("somebody", Role.VIEWER, "daily")
        self.tokens = {"admin": house.token, "author": self.made["edit_token"]}

    @property
    def writes(self) -> list[Write]:
        found = []
        for rule in self.house.app.url_map.iter_rules():
            if rule.endpoint.startswith(("desk.", "own.", "report.")):
                # Forms for people: test_signing_in, test_own_page, test_report_page.
                continue
            for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
                described = OPERATIONS.by_view[rule.endpoint.rpartition(".")[2]]
                token = self.tokens.get(described.security or "")
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                found.append(Write(method, self.path(rule), headers, described))
        return found

    @property
    def with_body(self) -> list[Write]:
        return [write for write in self.writes if write.described.takes is not None]

    @property
    def reads(self) -> list[tuple[str, str]]:
        """(endpoint, path) of every route that is read."""
        return [
            (rule.endpoint, self.path(rule))
            for rule in self.house.app.url_map.iter_rules()
            if "GET" in (rule.methods or set())
        ]

    def path(self, rule: Rule, **arguments: str) -> str:
        path = rule.rule
        known = {
            "comment_id": self.made["id"],
            "standing_id": self.standing["id"],
            "canned_id": self.canned["id"],
            "bulk_id": self.bulk["id"],
            "view_id": self.made["id"],
            "thread_id": str(self.house.stored()[0]["thread_id"]),
            "name": "somebody",
            "site": "daily",
            "path:external_id": "story-1",
            "path:name": "icon.svg",
            "version": "x",
        }
        for name, value in {**known, **arguments}.items():
            path = path.replace(f"<{name}>", value)
        assert "<" not in path, f"this test does not know how to fill {rule.rule}"
        return path

    def send(
        self,
        write: Write,
        body: bytes,
        content_type: str | None = JSON,
        *,
        environ: Any = None,
        **headers: str,
    ) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.house.client.open(
            write.path,
            method=write.method,
            data=body,
            content_type=content_type,
            headers={**write.headers, **named},
            environ_overrides=environ or {},
        )


def refused(answer: TestResponse, *statuses: int) -> dict[str, Any]:
    """The problem document, checked for everything that holds for all of them."""
    shown = f"{answer.request.method} {answer.request.path[:80]!r}: {answer.status} {answer.data[:300]!r}"
    assert answer.status_code in (statuses or range(400, 500)), shown
    assert answer.content_type == "application/problem+json", shown
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    document: dict[str, Any] = json.loads(answer.data)
    assert document["status"] == answer.status_code
    assert document["type"].partition("#")[2] in SLUGS, shown
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert CANARY not in answer.text, "input was repeated"
    return document
