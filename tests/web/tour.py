"""A tour of everything that the document describes: how each operation is asked, and which promise an answer kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from service.store.ids import new_id
from tests.web.conftest import STORY, House, open_house
from tests.web.contract import Contract

CLOSED = "https://daily.example/closed"
WRONG = {"Authorization": "Bearer grt_" + "A" * 43}
COMMENT = "/v1/comments/{comment_id}"
APPEAL = f"{COMMENT}/appeal"
CASE = "/v1/admin/comments/{comment_id}"
DECISION = f"{CASE}/decision"
NOTES = f"{CASE}/notes"
STANDINGS = "/v1/admin/standings"
LIFT = f"{STANDINGS}/{{standing_id}}/lift"
CANNED = "/v1/admin/canned-reasons"
CANNED_ONE = f"{CANNED}/{{canned_id}}"
CLAIM = f"{CASE}/claim"
VIEWS, VIEW = "/v1/admin/views", "/v1/admin/views/{view_id}"
FLAG, LIKE = f"{COMMENT}/flag", f"{COMMENT}/like"
PREVIEW = "/v1/preview"
UNDO = f"{CASE}/undo"
PICK, REPLY = f"{CASE}/pick", f"{CASE}/reply"
BULKS = "/v1/admin/bulks"
BULK = f"{BULKS}/{{bulk_id}}"
PENDING = {"site": "daily", "query": "queue=pending"}
POLICY = "/v1/admin/policy"
THREAD = "/v1/admin/threads/{thread_id}"
STORM = "/v1/admin/storm"
# Bodies that are taken, by the operation's path.
RULES: dict[tuple[str, str], dict[str, Any]] = {
    ("PUT", POLICY): {"document": {}, "base_version": 0},
    ("POST", f"{POLICY}/check"): {"document": {}},
    ("POST", f"{POLICY}/try"): {"toml": ""},
    ("POST", STORM): {"site": "daily", "on": True},
    ("POST", THREAD): {"closed": True},
}
PEOPLE = "/v1/admin/people"
ROLE, REVOKE = f"{PEOPLE}/{{name}}/role", f"{PEOPLE}/{{name}}/revoke"
THREADS = f"/v1/threads?site=daily&url={STORY}"
FEEDS = ("/v1/feeds/thread.atom", "/v1/feeds/site.atom")
TAGGED = ("/v1/threads", "/v1/threads.html", "/v1/threads.jsonld", *FEEDS)
# What is answered where a query names a site and a story.
ABOUT_A_STORY = (*TAGGED, "/v1/counts")

Promise = tuple[str, str, str]
# These take another request that comes between two statements of this one; test_races brings that about.
RACES = {("PATCH", COMMENT, "revision-conflict"), ("DELETE", COMMENT, "revision-conflict")}


class Tour:
    """Asks for everything, and notes which promise each answer kept."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.contract = Contract(house.client.get("/openapi.json").get_json())
        self.kept: set[Promise] = set()

    def ask(
        self, method: str, path: str, *, of: str = "", app: Flask | None = None, **more: Any
    ) -> TestResponse:
        """One request; ``of`` is the operation's path in the document where ``path`` has an id in it."""
        answer = (app or self.house.app).test_client(use_cookies=False).open(path, method=method, **more)
        operation = of or path.partition("?")[0]
        self.kept.add((method, operation, self.contract.hold(answer, method, operation)))
        return answer

    def operations(self, *, security: str | None = None, takes: bool = False) -> Iterator[tuple[str, str]]:
        for operation, described in self.contract.operations.items():
            asked = [name for one in described.get("security", []) for name in one]
            if (security is None or security in asked) and (not takes or "requestBody" in described):
                yield operation

    def send(self, submission: dict[str, Any], **more: Any) -> TestResponse:
        return self.ask("POST", "/v1/comments", json=submission, **more)


def read(tour: Tour, query: str) -> None:
    """Ask for the conversation in every form, and once more as whoever has kept it."""
    for path in TAGGED:
        kept = tour.ask("GET", f"{path}?{query}").headers.get("ETag")
        if kept is not None:
            tour.ask("GET", f"{path}?{query}", headers={"If-None-Match": kept})


def own(made: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {made['edit_token']}"}


def filled(path: str, comment_id: str, **ids: str) -> str:
    for name, value in {
        "comment_id": comment_id,
        "bulk_id": comment_id,
        "thread_id": comment_id,
        "view_id": comment_id,
        "name": "somebody",
        **ids,
    }.items():
        path = path.replace(f"{{{name}}}", value)
    return path.replace("{standing_id}", str(new_id())).replace("{canned_id}", str(new_id()))


def body_for(method: str, path: str, comment_id: str) -> dict[str, Any] | None:
    """What this operation of the desk takes."""
    standing = {"comment": comment_id, "kind": "ban", "of": "name"}
    canned = {"reason": "spam", "title": "A title", "message": "x"}
    found: dict[tuple[str, str], dict[str, Any]] = {
        ("POST", APPEAL): {"text": "x"},
        ("POST", DECISION): {"action": "hold", "revision": 1},
        ("POST", NOTES): {"text": "x"},
        ("POST", PICK): {"on": True},
        ("POST", REPLY): {"text": "Thank you."},
        ("POST", STANDINGS): standing,
        ("POST", f"{STANDINGS}/preview"): standing,
        ("POST", CANNED): {"site": "daily", **canned},
        ("PUT", CANNED_ONE): canned,
        ("POST", UNDO): {"decision": comment_id, "revision": 1},
        ("POST", BULKS): {**PENDING, "action": "hold"},
        ("POST", VIEWS): {"name": "Spam", "query": "queue=spam"},
        ("POST", PEOPLE): {"name": "Ann", "role": "viewer"},
        ("POST", ROLE): {"role": "viewer"},
        **RULES,
    }
    return found.get((method, path))


def body_of(method: str, path: str, comment_id: str) -> dict[str, Any]:
    """The body of an operation as a client sends it; nothing where it takes none."""
    body = body_for(method, path, comment_id)
    return {"json": body} if body is not None else {}


def rule(tour: Tour, **more: Any) -> list[TestResponse]:
    """Ask everything of an editor's that takes a body, at the site and in the first thread."""
    thread_id = str(tour.house.stored()[0]["thread_id"])
    return [
        tour.ask(method, f"{filled(path, thread_id)}?site=daily", of=path, json=body, **more)
        for (method, path), body in RULES.items()
    ]


def an_author_appeals(tour: Tour, folder: Path) -> None:
    house = tour.house
    made, waits = house.post(), house.post("It waits.")
    house.decide(made["id"], "reject", reasons=["other"])

    def ask(one: dict[str, Any], status: int, app: Flask | None = None, **more: Any) -> None:
        headers = {**own(one), **more.pop("headers", {})}
        asked = {"json": {"text": "Please."}, **more}
        answer = tour.ask("POST", filled(APPEAL, one["id"]), of=APPEAL, app=app, headers=headers, **asked)
        assert answer.status_code == status, answer.text

    ask(made, 403, headers={"Origin": "https://evil.example"})
    ask(made, 422, json={"text": "x" * 1_001})
    strict = open_house(str(house.database.url), folder, rate_origin="1/minute")
    strict.post()
    ask(made, 429, strict.app)
    strict.close()
    ask(waits, 409)
    ask(made, 202)
    tour.ask("GET", filled(CASE, made["id"]), of=CASE, headers=house.admin)
    tour.ask("GET", "/v1/admin/comments?queue=appeals", headers=house.admin)
    ask(made, 409)
    house.decide(made["id"])
    tour.ask("GET", filled(COMMENT, made["id"]), of=COMMENT, headers=own(made))


def people_are_governed(tour: Tour) -> None:
    house = tour.house
    session = house.signed_in(house.admin)
    tour.ask("GET", "/v1/admin/me", headers=session)
    for name in ("Ann", "Bob"):
        tour.ask("POST", PEOPLE, json={"name": name, "role": "viewer"}, headers=session)
    tour.ask("POST", PEOPLE, json={"name": "Ann", "role": "viewer"}, headers=house.admin)
    tour.ask("POST", PEOPLE, json={"name": "a/b", "role": "viewer"}, headers=house.admin)
    tour.ask("POST", PEOPLE, json={"name": "C", "role": "viewer", "site": "nowhere"}, headers=house.admin)
    for path, at in ((ROLE, f"{PEOPLE}/Ann/role"), (REVOKE, f"{PEOPLE}/Ann/revoke")):
        body = body_of("POST", path, "")
        tour.ask("POST", at, of=path, headers=house.admin, **body)
        tour.ask("POST", at.replace("Ann", "Nobody"), of=path, headers=house.admin, **body)
        last = next(one["name"] for one in everybody(tour) if one["role"] == "administrator")
        tour.ask("POST", at.replace("Ann", last), of=path, headers=house.admin, **body)
    for query in ("", "?site=daily&limit=2", "?before=3"):
        tour.ask("GET", f"/v1/admin/journal{query}", headers=house.admin)
    tour.ask("GET", "/v1/admin/journal.jsonl", headers=house.admin)


def everybody(tour: Tour) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tour.ask("GET", PEOPLE, headers=tour.house.admin).get_json()["people"]
    return found
