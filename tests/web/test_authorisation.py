"""Who may do what: every route against every kind of token."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import sqlalchemy as sa

from service.domain.roles import Role
from service.domain.site import Site
from service.people import Tokens
from service.store.ids import new_id
from service.store.tables import tokens
from service.web.openapi import OPERATIONS
from tests.people import NOW
from tests.web.asks import Heard, routes
from tests.web.conftest import House, open_house
from tests.web.rights import (
    DESK,
    EVERYBODY,
    NOBODY,
    OPEN,
    PAGES,
    PROTECTED,
    Who,
    asked_anew,
    expected,
    headers_of,
    state,
    subject,
)


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
