"""Every answer that the contract names is really given, in the form that it says, and no other one is met."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from service.bootstrap import build_web
from service.domain.roles import Role
from service.privacy import Erasure
from service.store import leases, threads
from service.store.ids import new_id
from service.web.bodies import FORM_TYPE
from tests.people import NOW
from tests.web.conftest import ADDRESS, STORY, House, make_app, open_house
from tests.web.contract import Contract

CLOSED = "https://daily.example/closed"
WRONG = {"Authorization": "Bearer grt_" + "A" * 43}
COMMENT = "/v1/comments/{comment_id}"
CASE = "/v1/admin/comments/{comment_id}"
DECISION = f"{CASE}/decision"
PEOPLE = "/v1/admin/people"
ROLE, REVOKE = f"{PEOPLE}/{{name}}/role", f"{PEOPLE}/{{name}}/revoke"
# What each operation takes, where it is not a decision.
BODIES: dict[str, dict[str, Any]] = {PEOPLE: {"name": "Ann", "role": "viewer"}, ROLE: {"role": "viewer"}}
THREADS = f"/v1/threads?site=daily&url={STORY}"

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


def own(made: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {made['edit_token']}"}


def filled(path: str, comment_id: str) -> str:
    return path.replace("{comment_id}", comment_id).replace("{name}", "somebody")


def body_of(method: str, path: str) -> dict[str, Any]:
    """What an admin operation is asked with; nothing where it takes nothing."""
    if method == "GET" or path == REVOKE:
        return {}
    return {"json": BODIES.get(path, {"action": "hold", "revision": 1})}


def all_goes_well(tour: Tour, _folder: Path) -> None:
    house = tour.house
    with house.database.write() as connection:
        leases.beat(connection, "a worker", now=datetime.now(UTC), redis_reachable=True)
    for path in ("/healthz", "/readyz", "/openapi.json"):
        tour.ask("GET", path)
    root = tour.send(house.submission("What about the bridge?")).get_json()
    reply_to = house.approved("A bridge is a promise.", thread="story-1", title="The budget")
    reply = tour.send(house.submission("It is.", parent_id=str(reply_to))).get_json()
    flagged = house.post("Call me at +44 20 7946 0958, or buy at https://bit.ly/x")
    house.screen()
    house.decide(reply["id"], note="Fine.", reasons=[])
    tour.ask("PATCH", f"/v1/comments/{reply['id']}", of=COMMENT, json={"text": "It was."}, headers=own(reply))
    for query in ("", "&view=flat", "&sort=newest&limit=1", "&thread=story-1"):
        tag = tour.ask("GET", THREADS + query).headers["ETag"]
        tour.ask("GET", THREADS + query, headers={"If-None-Match": tag})
    house.decide(str(reply_to), "reject", reasons=["off_topic"])
    assert tour.ask("GET", THREADS).get_json()["comments"][0]["status"] == "removed"
    tour.ask("GET", f"/v1/counts?site=daily&url={STORY}&url=x")
    for made in (root, reply, flagged):
        tour.ask("GET", f"/v1/comments/{made['id']}", of=COMMENT, headers=own(made))
        tour.ask("GET", filled(CASE, made["id"]), of=CASE, headers=house.admin)
    for path in ("/me", "/sites", "/summary", "/summary?site=daily"):
        tour.ask("GET", f"/v1/admin{path}", headers=house.admin)
    for status in ("pending", "held", "approved", "rejected", "withdrawn", "erased"):
        tour.ask("GET", f"/v1/admin/comments?status={status}&limit=1", headers=house.admin)
    decision = {"action": "hold", "reasons": ["spam", "other"], "note": "Hm.", "revision": 1}
    tour.ask("POST", filled(DECISION, flagged["id"]), of=DECISION, json=decision, headers=house.admin)
    tour.ask("DELETE", f"/v1/comments/{root['id']}", of=COMMENT, headers=own(root))
    people_are_governed(tour)
    tour.ask("GET", "/metrics", headers=house.admin)
    assert form(tour, text="From a form.").status_code == 303


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
        body = body_of("POST", path)
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


def form(tour: Tour, app: Flask | None = None, **fields: str) -> TestResponse:
    typed = {"site": "daily", "url": STORY, "name": "Ada", "email": ADDRESS, "text": "x", **fields}
    return tour.ask("POST", "/v1/comments", app=app, data=typed)


def bodies_are_wrong(tour: Tour, _folder: Path) -> None:
    made = tour.house.post()
    admin = set(tour.operations(security="admin"))
    for method, path in tour.operations(takes=True):
        token = tour.house.admin if (method, path) in admin else own(made) if path == COMMENT else {}

        def send(method: str = method, path: str = path, token: dict[str, str] = token, **more: Any) -> None:
            asked: dict[str, Any] = {"data": b"{}", "content_type": "application/json", **more}
            tour.ask(method, filled(path, made["id"]), of=path, headers=token, **asked)

        send()
        send(data=b"{")
        send(content_type="text/plain")
        send(data=b" " * 300_000)
        send(environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""})
    tour.ask("POST", "/v1/comments", data=b"a=1&a=2", content_type=FORM_TYPE)


def nobody_may(tour: Tour, folder: Path) -> None:
    house = tour.house
    made = house.post()
    blind = house.token_for("blind", Role.SCRAPER, "daily")
    guarded = open_house(str(house.database.url), folder, rate_guess="1/minute")
    guarded.client.get("/v1/admin/me", headers=WRONG)
    for method, path in tour.operations(security="admin"):
        at = filled(path, made["id"])
        body = body_of(method, path)
        for headers in ({}, WRONG):
            tour.ask(method, at, of=path, headers=headers, **body)
        tour.ask(method, at, of=path, headers=WRONG, app=guarded.app, **body)
        tour.ask(method, at, of=path, headers=blind, **body)
        if method != "GET":
            without = {**house.signed_in(house.admin), "X-CSRF-Token": ""}
            tour.ask(method, at, of=path, headers=without, **body)
    guarded.close()
    for method, path in tour.operations(security="author"):
        tour.ask(method, filled(path, made["id"]), of=path, json={"text": "x"}, headers=WRONG)


def it_is_not_there(tour: Tour, _folder: Path) -> None:
    house = tour.house
    unknown = str(new_id())
    tour.ask("GET", filled(CASE, unknown), of=CASE, headers=house.admin)
    decision = {"action": "hold", "revision": 1}
    tour.ask("POST", filled(DECISION, unknown), of=DECISION, json=decision, headers=house.admin)
    tour.send(house.submission(site="nowhere"))
    form(tour, site="nowhere")
    tour.ask("GET", f"/v1/threads?site=nowhere&url={STORY}")
    tour.ask("GET", f"/v1/counts?site=nowhere&url={STORY}")
    for path in ("/v1/admin/summary", "/v1/admin/comments", "/v1/admin/journal"):
        tour.ask("GET", f"{path}?site=nowhere", headers=house.admin)


def it_is_no_question(tour: Tour, _folder: Path) -> None:
    tour.ask("GET", "/v1/threads?site=daily")
    tour.ask("GET", "/v1/counts?site=daily" + "&url=x" * 101)
    for query in ("status=odd", "limit=0", "cursor=x"):
        tour.ask("GET", f"/v1/admin/comments?{query}", headers=tour.house.admin)
    for query in ("before=0", "before=x", "limit=0", "before=" + "9" * 40):
        tour.ask("GET", f"/v1/admin/journal?{query}", headers=tour.house.admin)


def it_is_not_on_the_sites_pages(tour: Tour, _folder: Path) -> None:
    house = tour.house
    made = house.post()
    evil = {"Origin": "https://evil.example"}
    tour.send(house.submission(url="https://evil.example/x"))
    form(tour, url="https://evil.example/x")
    tour.ask("GET", "/v1/threads?site=daily&url=https://evil.example/x")
    for method in ("PATCH", "DELETE"):
        path = f"/v1/comments/{made['id']}"
        tour.ask(method, path, of=COMMENT, json={"text": "x"}, headers={**own(made), **evil})
    for method, path in tour.operations(security="admin"):
        if method != "GET":
            body = body_of(method, path)
            tour.ask(method, filled(path, made["id"]), of=path, headers={**house.admin, **evil}, **body)


def it_is_too_late(tour: Tour, _folder: Path) -> None:
    house = tour.house
    late = house.post(url=CLOSED)
    with house.database.write() as connection:
        assert threads.close(connection, "daily", CLOSED, now=NOW)
    tour.send(house.submission(url=CLOSED))
    form(tour, url=CLOSED)
    tour.ask("PATCH", f"/v1/comments/{late['id']}", of=COMMENT, json={"text": "x"}, headers=own(late))
    made = house.post()
    house.decide(made["id"], "reject")
    tour.ask("PATCH", f"/v1/comments/{made['id']}", of=COMMENT, json={"text": "x"}, headers=own(made))
    at = filled(DECISION, made["id"])
    tour.ask("POST", at, of=DECISION, json={"action": "approve", "revision": 1}, headers=house.admin)
    Erasure(house.database, house.rooms.cipher, lambda: NOW).erase(ADDRESS)
    tour.ask("POST", at, of=DECISION, json={"action": "approve", "revision": 3}, headers=house.admin)
    key = {"Idempotency-Key": "the same"}
    tour.send(house.submission(), headers=key)
    tour.send(house.submission("Another text."), headers=key)


def it_is_too_much(tour: Tour, folder: Path) -> None:
    house = open_house(str(tour.house.database.url), folder, rate_origin="2/minute")
    made = house.post()
    tour.send(house.submission(), app=house.app)
    tour.send(house.submission(), app=house.app)
    form(tour, app=house.app)
    at = f"/v1/comments/{made['id']}"
    tour.ask("PATCH", at, of=COMMENT, json={"text": "x"}, headers=own(made), app=house.app)
    house.close()


def the_database_is_away(tour: Tour, folder: Path) -> None:
    rooms = build_web(replace(tour.house.settings, database_url=f"sqlite:///{folder}/nowhere/greenroom.db"))
    app = make_app(rooms)
    bodies = {"/v1/comments": tour.house.submission(), COMMENT: {"text": "x"}, **BODIES}
    for method, path in tour.operations():
        body = bodies.get(path, {"action": "hold", "revision": 1}) if method in ("POST", "PATCH") else None
        query = f"?site=daily&url={STORY}" if path in ("/v1/threads", "/v1/counts") else ""
        tour.ask(method, filled(path, str(new_id())) + query, of=path, json=body, headers=WRONG, app=app)
    rooms.close()


VISITS: tuple[Callable[[Tour, Path], None], ...] = (
    all_goes_well,
    bodies_are_wrong,
    nobody_may,
    it_is_not_there,
    it_is_no_question,
    it_is_not_on_the_sites_pages,
    it_is_too_late,
    it_is_too_much,
    the_database_is_away,
)


def test_every_answer_in_the_document_is_given_and_no_other(house: House, tmp_path: Path) -> None:
    tour = Tour(house)
    for visit in VISITS:
        visit(tour, tmp_path)
    assert tour.contract.promised() - tour.kept == RACES


def test_a_head_has_the_headers_of_its_get_and_no_body(house: House) -> None:
    house.approved()
    contract = Contract(house.client.get("/openapi.json").get_json())
    for method, path in contract.operations:
        if method != "GET" or "{" in path or path == "/metrics":
            continue
        query = {"site": "daily", "url": STORY} if path in ("/v1/threads", "/v1/counts") else {}
        got = house.client.get(path, query_string=query, headers=house.admin)
        head = house.client.head(path, query_string=query, headers=house.admin)
        assert (head.status_code, head.data) == (got.status_code, b"")
        of_the_moment = {"X-Request-Id", "Date"}
        assert {n: v for n, v in head.headers.items() if n not in of_the_moment} == {
            n: v for n, v in got.headers.items() if n not in of_the_moment
        }
