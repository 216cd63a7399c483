"""Every answer that the contract names is really given, in the form that it says, and no other one is met."""

from __future__ import annotations

from collections.abc import Callable
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
from tests.web.tour import (
    ABOUT_A_STORY,
    APPEAL,
    BULK,
    BULKS,
    CANNED,
    CANNED_ONE,
    CASE,
    CLAIM,
    CLOSED,
    COMMENT,
    DECISION,
    FLAG,
    LIFT,
    LIKE,
    NOTES,
    PENDING,
    PICK,
    POLICY,
    PREVIEW,
    RACES,
    REPLY,
    RULES,
    STANDINGS,
    STORM,
    THREAD,
    THREADS,
    UNDO,
    VIEW,
    VIEWS,
    WRONG,
    Tour,
    an_author_appeals,
    body_for,
    body_of,
    filled,
    own,
    people_are_governed,
    read,
    rule,
)


def an_editor_rules(tour: Tour, _folder: Path) -> None:
    house = tour.house
    thread_id = house.stored()[0]["thread_id"]
    assert {answer.status_code for answer in rule(tour, headers=house.admin)} == {200}
    assert rule(tour, headers=house.admin)[0].status_code == 409
    for path in (POLICY, f"{POLICY}/history"):
        tour.ask("GET", f"{path}?site=daily", headers=house.admin)
        tour.ask("GET", path, headers=house.admin)
        tour.ask("GET", f"{path}?site=nowhere", headers=house.admin)
    tour.ask("GET", f"{POLICY}?site=daily&version=77", headers=house.admin)
    tour.ask("GET", filled(THREAD, str(thread_id)), of=THREAD, headers=house.admin)
    lone = {"Origin": "https://evil.example", **house.admin}
    assert {answer.status_code for answer in rule(tour, headers=lone)} == {403}
    for (method, path), body in RULES.items():
        at = filled(path, str(new_id()))
        tour.ask(method, f"{at}?site=nowhere", of=path, json={**body}, headers=house.admin)
        if "document" in body or "toml" in body:
            wrong = {**body, "toml": None, "document": {"otherwise": "publish"}}
            tour.ask(method, f"{at}?site=daily", of=path, json=wrong, headers=house.admin)
    tour.ask("GET", filled(THREAD, str(new_id())), of=THREAD, headers=house.admin)
    tour.ask("POST", STORM, json={"site": "nowhere", "on": True}, headers=house.admin)
    tour.ask("POST", STORM, json={"site": "daily", "on": True, "thread": "x"}, headers=house.admin)
    for body in ({"site": "daily", "on": False}, {"site": "daily", "on": False, "thread": str(thread_id)}):
        tour.ask("POST", STORM, json=body, headers=house.admin)
    tour.ask("POST", filled(THREAD, str(thread_id)), of=THREAD, json={"closed": False}, headers=house.admin)


def all_goes_well(tour: Tour, _folder: Path) -> None:
    house = tour.house
    with house.database.write() as connection:
        leases.beat(connection, "a worker", now=datetime.now(UTC), redis_reachable=True)
    for path in ("/healthz", "/readyz", "/openapi.json"):
        tour.ask("GET", path)
    root = tour.send(house.submission("What about the bridge?")).get_json()
    reply_to = house.approved("A bridge is a promise.", thread="story-1", title="The budget")
    reply = tour.send(house.submission("It is.", parent_id=str(reply_to))).get_json()
    tour.ask("POST", filled(FLAG, str(reply_to)), of=FLAG, json={"reason": "other"})
    tour.ask("POST", PREVIEW, json={"site": "daily", "text": "*x*"})
    for method in ("POST", "DELETE", "POST"):
        assert tour.ask(method, filled(LIKE, str(reply_to)), of=LIKE).status_code == 200
    for on in (True, False):
        tour.ask("POST", filled(PICK, str(reply_to)), of=PICK, json={"on": on}, headers=house.admin)
    ours = {"json": {"text": "Thank you."}, "headers": house.admin}
    assert tour.ask("POST", filled(REPLY, str(reply_to)), of=REPLY, **ours).status_code == 201
    flagged = house.post("Call me at +44 20 7946 0958, or buy at https://bit.ly/x")
    house.screen()
    house.decide(reply["id"], note="Fine.", reasons=[])
    tour.ask("PATCH", f"/v1/comments/{reply['id']}", of=COMMENT, json={"text": "It was."}, headers=own(reply))
    for query in ("", "&view=flat", "&sort=newest&limit=1", "&sort=most_liked", "&thread=story-1"):
        read(tour, f"site=daily&url={STORY}{query}")
    house.decide(str(reply_to), "reject", reasons=["off_topic"])
    assert tour.ask("GET", THREADS).get_json()["comments"][0]["status"] == "removed"
    tour.ask("GET", f"/v1/counts?site=daily&url={STORY}&url=x")
    for made in (root, reply, flagged):
        tour.ask("GET", f"/v1/comments/{made['id']}", of=COMMENT, headers=own(made))
        tour.ask("GET", filled(CASE, made["id"]), of=CASE, headers=house.admin)
    for path in ("/me", "/sites", "/queues", "/queues?site=daily", "/views", "/comments?q=council"):
        tour.ask("GET", f"/v1/admin{path}", headers=house.admin)
    for status in ("pending", "held", "approved", "rejected", "withdrawn", "erased"):
        tour.ask("GET", f"/v1/admin/comments?status={status}&limit=1", headers=house.admin)
    for query in ("", "?site=daily&days=2"):
        tour.ask("GET", f"/v1/admin/figures{query}", headers=house.admin)
    tour.ask("GET", "/v1/admin/figures/drawing?of=waits", headers=house.admin)
    decision = {"action": "hold", "reasons": ["spam", "other"], "note": "Hm.", "revision": 1}
    answer = tour.ask(
        "POST", filled(DECISION, flagged["id"]), of=DECISION, json=decision, headers=house.admin
    )
    the_author_is_known_again(tour, flagged["id"])
    for method in ("POST", "DELETE"):
        tour.ask(method, filled(CLAIM, flagged["id"]), of=CLAIM, headers=house.admin)
    view = {"name": "Spam", "query": "queue=spam"}
    kept = tour.ask("POST", VIEWS, json=view, headers=house.admin).get_json()["views"]
    tour.ask("DELETE", f"{VIEWS}/{kept[0]['id']}", of=VIEW, headers=house.admin)
    undone = {"decision": answer.get_json()["decision"]["id"], "revision": 2}
    tour.ask("POST", filled(UNDO, flagged["id"]), of=UNDO, json=undone, headers=house.admin)
    house.post("One that waits.")
    draft = {**PENDING, "action": "hold", "start": False}
    bulk = tour.ask("POST", BULKS, json=draft, headers=house.admin).get_json()
    tour.ask("POST", f"{BULKS}/{bulk['id']}/start", of=f"{BULK}/start", headers=house.admin)
    tour.ask("GET", f"{BULKS}?site=daily", headers=house.admin)
    tour.ask("GET", f"{BULKS}/{bulk['id']}", of=BULK, headers=house.admin)
    tour.ask("POST", f"{BULKS}/{bulk['id']}/undo", of=f"{BULK}/undo", headers=house.admin)
    tour.ask("DELETE", f"/v1/comments/{root['id']}", of=COMMENT, headers=own(root))
    people_are_governed(tour)
    tour.ask("GET", "/metrics", headers=house.admin)
    assert form(tour, text="From a form.").status_code == 303
    assert form(tour, text="From our own page.", return_to="page").status_code == 202


def the_author_is_known_again(tour: Tour, comment_id: str) -> None:
    house = tour.house
    body = {"comment": comment_id, "kind": "ban", "of": "name", "until": "2099-01-01T00:00:00Z"}
    tour.ask("POST", filled(NOTES, comment_id), of=NOTES, json={"text": "Again."}, headers=house.admin)
    tour.ask("POST", f"{STANDINGS}/preview", json=body, headers=house.admin)
    made = tour.ask("POST", STANDINGS, json=body, headers=house.admin).get_json()
    tour.ask("POST", STANDINGS, json=body, headers=house.admin)
    tour.ask("GET", filled(CASE, comment_id), of=CASE, headers=house.admin)
    tour.ask("GET", f"{STANDINGS}?site=daily&kind=ban", headers=house.admin)
    lift = filled(LIFT, "", standing_id=made["id"])
    for _ in range(2):
        tour.ask("POST", lift, of=LIFT, headers=house.admin)
    canned = {"site": "daily", "reason": "spam", "title": "One", "message": "x"}
    tour.ask("GET", f"{CANNED}?site=daily", headers=house.admin)
    one = tour.ask("POST", CANNED, json=canned, headers=house.admin).get_json()
    two = tour.ask("POST", CANNED, json={**canned, "title": "Two"}, headers=house.admin).get_json()
    tour.ask("POST", CANNED, json=canned, headers=house.admin)
    tour.ask("GET", f"{CANNED}?site=daily", headers=house.admin)
    change = {"reason": "spam", "title": "Three", "message": "y"}
    at = filled(CANNED_ONE, "", canned_id=two["id"])
    tour.ask("PUT", at, of=CANNED_ONE, json=change, headers=house.admin)
    tour.ask("PUT", at, of=CANNED_ONE, json={**change, "title": "One"}, headers=house.admin)
    at = filled(CANNED_ONE, "", canned_id=one["id"])
    for _ in range(2):
        tour.ask("DELETE", at, of=CANNED_ONE, headers=house.admin)


def form(tour: Tour, app: Flask | None = None, **fields: str) -> TestResponse:
    typed = {"site": "daily", "url": STORY, "name": "Ada", "email": ADDRESS, "text": "x", **fields}
    return tour.ask("POST", "/v1/comments", app=app, data=typed)


def bodies_are_wrong(tour: Tour, _folder: Path) -> None:
    made = tour.house.post()
    admin = set(tour.operations(security="admin"))
    for method, path in tour.operations(takes=True):
        token = (
            tour.house.admin if (method, path) in admin else own(made) if path in (COMMENT, APPEAL) else {}
        )

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
        body = body_of(method, path, made["id"])
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
    for of in (NOTES, PICK, REPLY, STANDINGS, f"{STANDINGS}/preview", LIFT):
        tour.ask("POST", filled(of, unknown), of=of, json=body_for("POST", of, unknown), headers=house.admin)
    for method in ("PUT", "DELETE"):
        body = body_for(method, CANNED_ONE, unknown)
        tour.ask(method, filled(CANNED_ONE, ""), of=CANNED_ONE, json=body, headers=house.admin)
    canned = {**(body_for("POST", CANNED, "") or {}), "site": "nowhere"}
    tour.ask("POST", CANNED, json=canned, headers=house.admin)
    for method in ("POST", "DELETE"):
        tour.ask(method, filled(CLAIM, unknown), of=CLAIM, headers=house.admin)
    tour.ask("POST", filled(FLAG, unknown), of=FLAG, json={"reason": "spam"})
    for method in ("POST", "DELETE"):
        tour.ask(method, filled(LIKE, unknown), of=LIKE)
    undone = {"decision": unknown, "revision": 1}
    tour.ask("POST", filled(UNDO, unknown), of=UNDO, json=undone, headers=house.admin)
    tour.ask("GET", filled(BULK, unknown), of=BULK, headers=house.admin)
    for act in ("start", "undo"):
        tour.ask("POST", filled(f"{BULK}/{act}", unknown), of=f"{BULK}/{act}", headers=house.admin)
    nowhere = {**PENDING, "site": "nowhere"}
    tour.ask("POST", BULKS, json={**nowhere, "action": "hold"}, headers=house.admin)
    tour.send(house.submission(site="nowhere"))
    tour.ask("POST", PREVIEW, json={"site": "nowhere", "text": "x"})
    form(tour, site="nowhere")
    for path in ABOUT_A_STORY:
        tour.ask("GET", f"{path}?site=nowhere&url={STORY}")
    for path in (
        "/v1/admin/queues",
        "/v1/admin/comments",
        "/v1/admin/figures",
        STANDINGS,
        CANNED,
        BULKS,
        "/v1/admin/journal",
    ):
        tour.ask("GET", f"{path}?site=nowhere", headers=house.admin)
    tour.ask("GET", "/v1/admin/figures/drawing?of=waits&site=nowhere", headers=house.admin)


def it_is_no_question(tour: Tour, _folder: Path) -> None:
    read(tour, "site=daily")
    tour.ask("GET", "/v1/counts?site=daily" + "&url=x" * 101)
    for query in ("status=odd", "limit=0", "cursor=x"):
        tour.ask("GET", f"/v1/admin/comments?{query}", headers=tour.house.admin)
    tour.ask("GET", "/v1/admin/figures?days=0", headers=tour.house.admin)
    tour.ask("GET", "/v1/admin/figures/drawing?of=odd", headers=tour.house.admin)
    tour.ask("GET", f"{STANDINGS}?kind=odd", headers=tour.house.admin)
    tour.ask("GET", CANNED, headers=tour.house.admin)
    for query in ("before=0", "before=x", "limit=0", "before=" + "9" * 40):
        tour.ask("GET", f"/v1/admin/journal?{query}", headers=tour.house.admin)


def it_is_not_on_the_sites_pages(tour: Tour, _folder: Path) -> None:
    house = tour.house
    made = house.post()
    evil = {"Origin": "https://evil.example"}
    tour.send(house.submission(url="https://evil.example/x"))
    tour.ask("POST", PREVIEW, json={"site": "daily", "text": "x"}, headers=evil)
    form(tour, url="https://evil.example/x")
    read(tour, "site=daily&url=https://evil.example/x")
    for method in ("PATCH", "DELETE"):
        path = f"/v1/comments/{made['id']}"
        tour.ask(method, path, of=COMMENT, json={"text": "x"}, headers={**own(made), **evil})
    for method, path in tour.operations(security="admin"):
        if method != "GET":
            body = body_of(method, path, made["id"])
            tour.ask(method, filled(path, made["id"]), of=path, headers={**house.admin, **evil}, **body)
    shown = str(house.approved())
    tour.ask("POST", filled(FLAG, shown), of=FLAG, json={"reason": "spam"}, headers=evil)
    for method in ("POST", "DELETE"):
        tour.ask(method, filled(LIKE, shown), of=LIKE, headers=evil)


def it_is_too_late(tour: Tour, _folder: Path) -> None:
    house = tour.house
    late = house.post(url=CLOSED)
    with house.database.write() as connection:
        assert threads.close(connection, "daily", CLOSED, now=NOW)
    tour.send(house.submission(url=CLOSED))
    form(tour, url=CLOSED)
    tour.ask("PATCH", f"/v1/comments/{late['id']}", of=COMMENT, json={"text": "x"}, headers=own(late))
    made = house.post()
    house.decide(made["id"], "reject", reasons=["other"])
    tour.ask("PATCH", f"/v1/comments/{made['id']}", of=COMMENT, json={"text": "x"}, headers=own(made))
    at = filled(DECISION, made["id"])
    tour.ask("POST", at, of=DECISION, json={"action": "approve", "revision": 1}, headers=house.admin)
    for of in (PICK, REPLY):
        body = body_of("POST", of, "")
        assert tour.ask("POST", filled(of, made["id"]), of=of, headers=house.admin, **body).status_code == 409
    undo = {"decision": str(new_id()), "revision": 1}
    tour.ask("POST", filled(UNDO, made["id"]), of=UNDO, json=undo, headers=house.admin)
    tour.ask("POST", filled(UNDO, made["id"]), of=UNDO, json={**undo, "revision": 2}, headers=house.admin)
    house.post()
    bulk = house.bulk()["id"]
    for _ in range(2):
        tour.ask("POST", f"{BULKS}/{bulk}/undo", of=f"{BULK}/undo", headers=house.admin)
    Erasure(house.database, house.rooms.cipher, lambda: NOW).erase(ADDRESS)
    tour.ask("POST", at, of=DECISION, json={"action": "approve", "revision": 3}, headers=house.admin)
    for path in (STANDINGS, f"{STANDINGS}/preview"):
        tour.ask("POST", path, json=body_for("POST", path, made["id"]), headers=house.admin)
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
    house.decide(made["id"])
    for method in ("POST", "DELETE", "POST", "DELETE"):
        tour.ask(method, f"{at}/like", of=LIKE, app=house.app)
    tour.ask("POST", f"{at}/flag", of=FLAG, json={"reason": "spam"}, app=house.app)
    house.close()


def it_is_not_calm(tour: Tour, folder: Path) -> None:
    house = open_house(str(tour.house.database.url), folder, proof_origin="1/year")
    for _ in range(2):
        tour.send(house.submission(), app=house.app)
    house.close()


def the_database_is_away(tour: Tour, folder: Path) -> None:
    rooms = build_web(replace(tour.house.settings, database_url=f"sqlite:///{folder}/nowhere/greenroom.db"))
    app = make_app(rooms)
    bodies = {"/v1/comments": tour.house.submission(), COMMENT: {"text": "x"}, FLAG: {"reason": "spam"}}
    bodies[PREVIEW] = {"site": "daily", "text": "x"}
    for method, path in tour.operations():
        body = bodies.get(path) if method in ("POST", "PATCH") else None
        body = body or body_for(method, path, str(new_id()))
        query = f"?site=daily&url={STORY}" if path in ABOUT_A_STORY else ""
        tour.ask(method, filled(path, str(new_id())) + query, of=path, json=body, headers=WRONG, app=app)
    rooms.close()


VISITS: tuple[Callable[[Tour, Path], None], ...] = (
    all_goes_well,
    an_author_appeals,
    bodies_are_wrong,
    nobody_may,
    it_is_not_there,
    it_is_no_question,
    it_is_not_on_the_sites_pages,
    it_is_too_late,
    it_is_too_much,
    it_is_not_calm,
    the_database_is_away,
    an_editor_rules,
)


def test_every_answer_in_the_document_is_given_and_no_other(house: House, tmp_path: Path) -> None:
    tour = Tour(house)
    for visit in VISITS:
        visit(tour, tmp_path)
    assert tour.contract.promised() - tour.kept == RACES
