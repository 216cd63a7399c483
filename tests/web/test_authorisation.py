"""Who may do what: every route against every kind of token."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.domain.roles import POWERS, Role
from service.domain.site import Site
from service.people import Tokens
from service.store.desk_tables import journal, sessions
from service.store.ids import new_id
from service.store.tables import decisions, tokens
from service.web.identity import COOKIE
from service.web.openapi import OPERATIONS
from tests.people import NOW
from tests.web.asks import STORY, Ask, Heard, routes
from tests.web.conftest import House, open_house

# --- the table -------------------------------------------------------------------------------------------------------

# Nobody is known by these.
NOBODY = ("none", "malformed", "unknown", "revoked")


@dataclass(frozen=True)
class Who:
    """A kind of caller: one of ``NOBODY``, or a role at all sites, at the one asked about, or at another."""

    role: str
    site: str | None = None

    def __str__(self) -> str:
        return f"{self.role} at {self.site}" if self.site else self.role


EVERYBODY = (
    *map(Who, NOBODY),
    *(Who(role.value, site) for role in Role for site in (None, "daily", "other")),
)

# How each route of the desk is asked, about a comment or a person ("ID", see ``subject``) or the site "daily". Who may
# ask stands with the route itself (``operation(power=...)``): a route that is missing here, or names no power, fails.
DESK: dict[tuple[str, str], Ask] = {
    ("GET", "admin.me"): Ask("/v1/admin/me"),
    ("GET", "admin.sites"): Ask("/v1/admin/sites"),
    ("GET", "admin.count_queues"): Ask("/v1/admin/queues?site=daily"),
    ("GET", "admin.list_views"): Ask("/v1/admin/views"),
    ("POST", "admin.save_view"): Ask("/v1/admin/views", "POST", json={"name": "Mine", "query": "queue=spam"}),
    ("DELETE", "admin.delete_view"): Ask("/v1/admin/views/none", "DELETE"),
    ("POST", "admin.claim_comment"): Ask("/v1/admin/comments/ID/claim", "POST"),
    ("DELETE", "admin.give_up_claim"): Ask("/v1/admin/comments/ID/claim", "DELETE"),
    ("GET", "admin.read_queue"): Ask("/v1/admin/comments?site=daily"),
    ("GET", "admin.open_case"): Ask("/v1/admin/comments/ID"),
    ("POST", "admin.decide"): Ask(
        "/v1/admin/comments/ID/decision", "POST", json={"action": "hold", "revision": 1}
    ),
    ("GET", "admin.read_figures"): Ask("/v1/admin/figures?site=daily"),
    ("GET", "admin.draw_figures"): Ask("/v1/admin/figures/drawing?of=waits&site=daily"),
    ("POST", "admin.add_note"): Ask("/v1/admin/comments/ID/notes", "POST", json={"text": "x"}),
    ("GET", "admin.list_standings"): Ask("/v1/admin/standings?site=daily"),
    ("POST", "admin.create_standing"): Ask(
        "/v1/admin/standings", "POST", json={"comment": "ID", "kind": "trust", "of": "address"}
    ),
    ("POST", "admin.preview_standing"): Ask(
        "/v1/admin/standings/preview", "POST", json={"comment": "ID", "kind": "ban", "of": "name"}
    ),
    ("POST", "admin.lift_standing"): Ask("/v1/admin/standings/STANDING-ID/lift", "POST"),
    ("GET", "admin.list_canned_reasons"): Ask("/v1/admin/canned-reasons?site=daily"),
    ("POST", "admin.add_canned_reason"): Ask(
        "/v1/admin/canned-reasons",
        "POST",
        json={"site": "daily", "reason": "spam", "title": "ID", "message": "x"},
    ),
    ("PUT", "admin.change_canned_reason"): Ask(
        "/v1/admin/canned-reasons/CANNED-ID",
        "PUT",
        json={"reason": "spam", "title": "A title", "message": "x"},
    ),
    ("DELETE", "admin.remove_canned_reason"): Ask("/v1/admin/canned-reasons/CANNED-ID", "DELETE"),
    ("POST", "admin.undo"): Ask(
        "/v1/admin/comments/ID/undo", "POST", json={"decision": "DECISION", "revision": 2}
    ),
    ("POST", "admin.preview_bulk"): Ask(
        "/v1/admin/bulk-preview", "POST", json={"site": "daily", "query": "queue=pending"}
    ),
    ("POST", "admin.make_bulk"): Ask(
        "/v1/admin/bulks",
        "POST",
        json={"site": "daily", "action": "approve", "query": "queue=pending"},
    ),
    ("GET", "admin.list_bulks"): Ask("/v1/admin/bulks?site=daily"),
    ("GET", "admin.follow_bulk"): Ask("/v1/admin/bulks/BULK-ID"),
    ("POST", "admin.undo_bulk"): Ask("/v1/admin/bulks/BULK-ID/undo", "POST"),
    ("GET", "admin.show_policy"): Ask("/v1/admin/policy?site=daily"),
    ("PUT", "admin.set_policy"): Ask(
        "/v1/admin/policy?site=daily", "PUT", json={"document": {}, "base_version": 0}
    ),
    ("POST", "admin.check_policy"): Ask("/v1/admin/policy/check", "POST", json={"document": {}}),
    ("POST", "admin.try_policy"): Ask("/v1/admin/policy/try?site=daily", "POST", json={"document": {}}),
    ("GET", "admin.policy_history"): Ask("/v1/admin/policy/history?site=daily"),
    ("POST", "admin.set_storm"): Ask("/v1/admin/storm", "POST", json={"site": "daily", "on": False}),
    ("GET", "admin.show_thread"): Ask("/v1/admin/threads/THREAD"),
    ("POST", "admin.change_thread"): Ask("/v1/admin/threads/THREAD", "POST", json={"closed": False}),
    ("GET", "admin.people"): Ask("/v1/admin/people"),
    ("POST", "admin.make_person"): Ask(
        "/v1/admin/people", "POST", json={"name": "Another ID", "role": "viewer", "site": "daily"}
    ),
    ("POST", "admin.revoke_person"): Ask("/v1/admin/people/ID/revoke", "POST"),
    ("POST", "admin.change_role"): Ask("/v1/admin/people/ID/role", "POST", json={"role": "moderator"}),
    ("GET", "admin.read_journal"): Ask("/v1/admin/journal?site=daily"),
    ("GET", "admin.export_journal"): Ask("/v1/admin/journal.jsonl"),
    ("GET", "health.figures"): Ask("/metrics"),
}
# Pages of the desk are for browsers; who may open them stands in test_desk_pages.
PAGES = {
    *(
        ("GET", f"desk.{name}")
        for name in ("front", "more_of_the_queue", "card_again", "case", "bulks", "bulk")
    ),
    *(("GET", f"desk.{name}") for name in ("standings", "policy", "people", "journal", "reasons", "figures")),
    *(("POST", f"desk.{name}") for name in ("sign_in", "sign_out", "sign_out_everywhere")),
    *(("POST", f"desk.{name}") for name in ("keep_view", "delete_view", "add_note", "decide", "undo")),
    *(
        ("POST", f"desk.{name}")
        for name in ("make_bulk", "undo_bulk", "make_standing", "lift", "keep_reason")
    ),
    *(("POST", f"desk.{name}") for name in ("change_policy", "storm", "change_thread")),
    *(("POST", f"desk.{name}") for name in ("make_person", "change_role", "revoke")),
}
# What everybody may ask is answered alike, and a moderator's token opens nothing of an author's.
OPEN: dict[tuple[str, str], tuple[Ask, int]] = {
    ("POST", "public.send_comment"): (
        Ask(
            "/v1/comments",
            "POST",
            json={
                "site": "daily",
                "url": STORY,
                "author": {"name": "A", "email": "a@example.org"},
                "text": "x",
            },
        ),
        202,
    ),
    ("GET", "public.own_comment"): (Ask("/v1/comments/ID"), 404),
    ("PATCH", "public.edit_comment"): (Ask("/v1/comments/ID", "PATCH", json={"text": "x"}), 404),
    ("DELETE", "public.withdraw_comment"): (Ask("/v1/comments/ID", "DELETE"), 404),
    ("POST", "public.flag_comment"): (Ask("/v1/comments/ID/flag", "POST", json={"reason": "spam"}), 404),
    ("GET", "public.read_thread"): (Ask(f"/v1/threads?site=daily&url={STORY}"), 200),
    ("GET", "public.counts"): (Ask(f"/v1/counts?site=daily&url={STORY}"), 200),
    ("OPTIONS", "public.preflight"): (Ask("/v1/threads", "OPTIONS"), 204),
    ("GET", "health.healthz"): (Ask("/healthz"), 200),
    ("GET", "health.readyz"): (Ask("/readyz"), 503),
    ("GET", "health.contract"): (Ask("/openapi.json"), 200),
    ("GET", "pages.static_file"): (Ask("/static/icon.svg"), 200),
    ("GET", "pages.embed"): (Ask("/embed.js"), 200),
    ("GET", "pages.thread_page"): (Ask(f"/daily/t?url={STORY}"), 200),
    ("GET", "pages.front"): (Ask("/"), 302),
    ("GET", "pages.demo_story"): (Ask("/demo/"), 200),
    ("GET", "pages.documentation"): (Ask("/docs"), 200),
    ("GET", "pages.problem_pages"): (Ask("/docs/problems"), 200),
}
PROTECTED = list(DESK.values())


def subject(house: House) -> str:
    """What ID stands for: the id of a new comment at ``daily``, and the name of somebody who moderates there."""
    author = {"name": f"Ada {uuid4().hex[:8]}", "email": f"{uuid4().hex}@example.org"}
    made: str = house.post(author=author)["id"]
    house.token_for(made, Role.VIEWER, "daily")
    return made


def asked_anew(house: House, ask: Ask) -> dict[str, Any]:
    """The request, about a comment of "daily" that was made for it, or a ban, a canned reason, a decision or a bulk."""
    comment_id = subject(house)
    path, body = ask.path, ask.json
    if "STANDING-ID" in path:
        path = path.replace("STANDING-ID", house.stand(comment_id)["id"])
    if "CANNED-ID" in path:
        path = path.replace("CANNED-ID", house.can(f"Title {comment_id}")["id"])
    if "BULK-ID" in path:
        path = path.replace("BULK-ID", house.bulk()["id"])
    if "THREAD" in path:
        path = path.replace("THREAD", str(house.stored()[0]["thread_id"]))
    if body and "base_version" in body:
        shown = house.client.get("/v1/admin/policy?site=daily", headers=house.admin).get_json()
        body = {**body, "base_version": shown["version"]}
    if body and "title" in body:
        body = {**body, "title": f"{body['title']} {comment_id}"}
    if body and body.get("decision") == "DECISION":
        body = {**body, "decision": house.decide(comment_id, "hold")["decision"]["id"]}
    return replace(ask, path=path, json=body).of(comment_id)


def expected(route: tuple[str, str], who: Who, headers: dict[str, str]) -> int:
    """What a route of the desk answers a caller: from the power that it declares, and whose site it is asked about."""
    described = OPERATIONS.by_view[route[1].rpartition(".")[2]]
    ask = DESK[route]
    if who.role in NOBODY or ("Cookie" in headers and route[1] == "health.figures"):
        # A machine reads figures: a session is none of its business.
        return 401
    granted = min(described.gives)
    if described.power is None:
        return granted
    if described.power not in POWERS[Role(who.role)] or (described.everywhere and who.site):
        return 403
    if who.site != "other":
        return granted
    if "ID" in ask.path or "THREAD" in ask.path or (ask.json or {}).get("comment") == "ID":
        # What a token may not see is not there.
        return 404
    return 403 if "daily" in ask.path or "daily" in json.dumps(ask.json) else granted


def headers_of(house: House, who: Who) -> list[dict[str, str]]:
    """The ways in which such a caller may present themselves: a token, or the session of a browser."""
    role = who.role
    if role == "none":
        return [{}]
    if role == "malformed":
        right = house.token
        wrong = [f"Basic {right}", right, "Bearer", "Bearer  ", f"Bearer {right}é", "Bearer " + "x" * 201]
        cookies = [house.token, "", "é", "x" * 101]
        return [
            *({"Authorization": value} for value in wrong),
            *({"Cookie": f"{COOKIE}={value}"} for value in cookies),
        ]
    if role == "unknown":
        return [{"Authorization": "Bearer grt_" + "A" * 43}, {"Cookie": f"{COOKIE}={'A' * 43}"}]
    if role == "revoked":
        found = house.token_for("gone", Role.ADMINISTRATOR)
        session = house.signed_in(found)
        assert Tokens(house.database, lambda: NOW).revoke("gone")
        return [found, session]
    found = house.token_for(str(who), Role(role), who.site)
    return [found, house.signed_in(found)]


def state(house: House) -> Any:
    """All that a change could change: comments, decisions, people, sessions, and the journal."""
    asked = (decisions, tokens.c.name, tokens.c.role, tokens.c.revoked_at, journal)
    with house.database.read() as connection:
        rows = [connection.execute(sa.select(one)).all() for one in asked]
        return house.stored(), rows, connection.execute(sa.select(sessions.c.id, sessions.c.ended_at)).all()


def test_every_route_stands_in_one_of_the_tables(house: House) -> None:
    assert set(DESK) | set(OPEN) | PAGES == routes(house.app)
    assert not set(DESK) & set(OPEN)
    assert not (set(DESK) | set(OPEN)) & PAGES


def test_every_route_of_the_desk_names_the_power_that_it_takes(house: House) -> None:
    for _, name in DESK:
        described = OPERATIONS.by_view[name.rpartition(".")[2]]
        assert described.security == "admin"
        assert described.power is not None or name == "admin.me", name


@pytest.mark.parametrize("who", EVERYBODY, ids=str)
def test_every_route_answers_every_role_at_every_site_as_it_says(house: House, who: Who) -> None:
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    differ = {}
    for headers in headers_of(house, who):
        wanted = {route: (ask, expected(route, who, headers)) for route, ask in DESK.items()} | OPEN
        for route, (ask, status) in wanted.items():
            answer = house.client.open(**{**asked_anew(house, ask), "headers": headers})
            if answer.status_code != status:
                differ[route, *headers] = (answer.status_code, status)
            answer.close()
    assert not differ


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who.role not in NOBODY], ids=str)
def test_a_refusal_decides_nothing_and_shows_nothing(house: House, who: Who) -> None:
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    made = house.post("The zanzibar ledger was never audited.")
    house.token_for(made["id"], Role.VIEWER, "daily")
    ways = headers_of(house, who)
    before = state(house)
    for headers in ways:
        for route, ask in DESK.items():
            if expected(route, who, headers) in (403, 404):
                answer = house.client.open(**{**ask.of(made["id"]), "headers": headers})
                assert b"zanzibar" not in answer.data
    assert state(house) == before


def test_a_narrowed_token_sees_its_own_site_when_it_names_none(house: House) -> None:
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    theirs = house.post(site="other", url="https://other.example/x")
    house.post()
    narrow = house.token_for("narrow", Role.ADMINISTRATOR, "other")
    queue = house.client.get("/v1/admin/comments?status=pending", headers=narrow).get_json()
    assert [one["id"] for one in queue["comments"]] == [theirs["id"]]
    counted = house.client.get("/v1/admin/queues", headers=narrow).get_json()["queues"]
    assert {one["queue"]: one["count"] for one in counted}["pending"] == 1
    queue = house.client.get("/v1/admin/comments?queue=pending", headers=narrow).get_json()
    assert [one["id"] for one in queue["comments"]] == [theirs["id"]]
    sites = house.client.get("/v1/admin/sites", headers=narrow).get_json()["sites"]
    assert [site["site"] for site in sites] == ["other"]
    assert house.client.get("/v1/admin/me", headers=narrow).get_json() == {
        "name": "narrow",
        "role": "administrator",
        "site": "other",
        "powers": ["decide", "govern", "metrics", "read", "rule", "stand"],
        "csrf": None,
        "session_ends": None,
    }


def test_a_comment_of_another_site_is_as_unknown_as_one_that_never_was(house: House) -> None:
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    narrow = house.token_for("narrow", Role.ADMINISTRATOR, "other")
    ours = subject(house)
    for ask in (ask for ask in DESK.values() if "ID" in ask.path):
        heard = {
            Heard.of(house.client.open(**{**ask.of(comment_id), "headers": narrow}), comment_id)
            for comment_id in (ours, str(new_id()), "not-an-id")
        }
        assert len(heard) == 1


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_whoever_is_unknown_is_told_nothing_but_that(house: House) -> None:
    heard = {
        Heard.of(house.client.open(**{**ask.of(comment_id), "headers": headers}))
        for role in NOBODY
        for headers in headers_of(house, Who(role))
        for ask in PROTECTED
        for comment_id in (subject(house), str(new_id()))
    }
    assert len(heard) == 1
    [only] = heard
    assert only.status == 401
    headers = dict(only.headers)
    assert headers["WWW-Authenticate"] == 'Bearer realm="greenroom"'
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Cache-Control"] == "no-store"
    assert json.loads(only.body)["type"].endswith("#token-invalid")


def test_a_token_counts_in_the_header_and_nowhere_else(house: House) -> None:
    client = house.client
    for path in ("/v1/admin/me", "/v1/admin/comments", "/metrics"):
        for name in ("token", "access_token", "bearer", "authorization", "Authorization"):
            assert client.get(path, query_string={name: house.token}).status_code == 401
        for name in ("X-Api-Key", "X-Token", "Cookie", "Proxy-Authorization"):
            value = f"token={house.token}" if name == "Cookie" else f"Bearer {house.token}"
            assert client.get(path, headers={name: value}).status_code == 401


def test_a_token_is_kept_as_a_hash_and_has_256_random_bits(house: House) -> None:
    assert len(house.token.removeprefix("grt_")) == 43
    with house.database.read() as connection:
        stored = [dict(one) for one in connection.execute(sa.select(tokens)).mappings()]
    assert [len(one["token_hash"]) for one in stored] == [32]
    assert house.token not in repr(stored)


def test_a_revoked_token_stops_working_with_the_next_request(house: House) -> None:
    headers = house.token_for("bob", Role.VIEWER)
    assert house.client.get("/v1/admin/me", headers=headers).status_code == 200
    assert Tokens(house.database, lambda: NOW).revoke("bob")
    assert house.client.get("/v1/admin/me", headers=headers).status_code == 401


def test_a_tokens_last_use_is_noted(house: House) -> None:
    headers = house.token_for("bob", Role.VIEWER)
    book = Tokens(house.database, lambda: NOW)
    assert {one.name: one.last_used_at for one in book.everyone()}["bob"] is None
    house.client.get("/v1/admin/me", headers=headers)
    assert {one.name: one.last_used_at for one in book.everyone()}["bob"] is not None


def test_whoever_tries_many_tokens_is_told_to_wait_and_leaves_a_line_for_each(
    sqlite_url: str, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    house = open_house(sqlite_url, tmp_path, rate_guess="3/minute")
    guess = {"Authorization": "Bearer grt_" + "A" * 43}
    with caplog.at_level(logging.WARNING, "greenroom.web"):
        statuses = [house.client.get("/v1/admin/me", headers=guess).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert [record.getMessage() for record in caplog.records] == ["a wrong token was sent to admin.me"] * 3
    told = house.client.get("/v1/admin/me", headers=guess)
    assert 1 <= int(told.headers["Retry-After"]) <= 60
    assert "wrong tokens" in told.get_json()["detail"]
    # Somebody else is not kept out for it, and no right token is.
    other = house.client.get("/v1/admin/me", headers=guess, environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert other.status_code == 401
    assert house.client.get("/v1/admin/me", headers=house.admin).status_code == 200
    # No token at all is no guess.
    assert house.client.get("/v1/admin/me").status_code == 401
    house.close()
