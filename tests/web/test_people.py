"""Governing people by the API, and the journal of what everybody did."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

import pytest

from service.domain.roles import Role
from service.domain.site import Site
from service.people import Tokens
from service.store import journal
from tests.people import NOW
from tests.web.conftest import House
from tests.web.sending import faults, problem

PEOPLE = "/v1/admin/people"


def make(house: House, headers: dict[str, str], **body: Any) -> Any:
    return house.client.post(PEOPLE, json={"role": "moderator", **body}, headers=headers)


def people(house: House, headers: dict[str, str]) -> dict[str, dict[str, Any]]:
    listed = house.client.get(PEOPLE, headers=headers).get_json()["people"]
    return {one["name"]: one for one in listed}


@pytest.fixture
def dora(house: House) -> dict[str, str]:
    """The administrator of the daily alone, beside people of another site."""
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    house.token_for("Oli", Role.MODERATOR, "other")
    house.token_for("Ed", Role.EDITOR, "daily")
    return house.token_for("Dora", Role.ADMINISTRATOR, "daily")


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_works(house: House) -> None:
    answer = make(house, house.admin, name="  Ada \t Lovelace ", site="daily")
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    made = answer.get_json()
    assert {name: value for name, value in made["person"].items() if name != "created_at"} == {
        "name": "Ada Lovelace",
        "role": "moderator",
        "door": None,
        "site": "daily",
        "last_used_at": None,
        "revoked_at": None,
        "sessions": 0,
    }
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert house.client.get("/v1/admin/me", headers=bearer).get_json()["name"] == "Ada Lovelace"
    assert made["token"] not in house.client.get(PEOPLE, headers=house.admin).text
    listed = people(house, house.admin)["Ada Lovelace"]
    assert set(listed) == set(made["person"])
    assert listed["last_used_at"] is not None


def test_what_cannot_be_made_is_told(house: House, dora: dict[str, str]) -> None:
    problem(make(house, house.admin, name="Ed"), 409, "name-taken")
    problem(make(house, house.admin, name="a/b"), 422, "name-unfit")
    problem(make(house, house.admin, name="The operator"), 422, "name-unfit")
    problem(make(house, house.admin, name="Eve", site="nowhere"), 404, "site-unknown")
    for site in ("other", None, "nowhere"):
        problem(make(house, dora, name="Eve", site=site), 403, "forbidden")
    assert set(faults(make(house, house.admin, name=""))) == {"/name"}
    assert set(faults(make(house, house.admin, name="\u200b"))) == {"/name"}
    assert set(faults(make(house, house.admin, name="x" * 101))) == {"/name"}
    assert set(faults(make(house, house.admin, name="x", role="akismet"))) == {"/role"}
    assert set(faults(make(house, house.admin, name="x", token_hash="x"))) == {""}
    assert len(people(house, house.admin)) == 4


def test_an_administrator_of_one_site_sees_and_governs_its_people(house: House, dora: dict[str, str]) -> None:
    Tokens(house.database, lambda: NOW).create_key("wordpress", "akismet", "daily")
    assert set(people(house, dora)) == {"Ed", "Dora", "wordpress"}
    assert people(house, dora)["wordpress"]["door"] == "akismet"
    assert people(house, dora)["wordpress"]["role"] is None
    for name in ("Oli", people_named_admin(house), "nobody%20at%20all"):
        problem(house.client.post(f"{PEOPLE}/{name}/revoke", headers=dora), 404, "person-not-found")
        body = {"role": "viewer"}
        problem(house.client.post(f"{PEOPLE}/{name}/role", json=body, headers=dora), 404, "person-not-found")
    assert house.client.post(f"{PEOPLE}/wordpress/revoke", headers=dora).get_json()["revoked_at"]
    problem(
        house.client.post(f"{PEOPLE}/wordpress/role", json={"role": "viewer"}, headers=dora),
        404,
        "person-not-found",
    )
    changed = house.client.post(f"{PEOPLE}/Ed/role", json={"role": "viewer"}, headers=dora)
    assert changed.get_json()["role"] == "viewer"


def people_named_admin(house: House) -> str:
    return next(name for name, one in people(house, house.admin).items() if one["site"] is None)


def test_the_last_administrator_is_told_to_make_another(house: House, dora: dict[str, str]) -> None:
    name = people_named_admin(house)
    for what, body in (("revoke", None), ("role", {"role": "editor"})):
        answer = house.client.post(f"{PEOPLE}/{name}/{what}", json=body, headers=house.admin)
        assert "Make somebody else one first" in problem(answer, 409, "last-administrator")["detail"]
    make(house, house.admin, name="Zoe", role="administrator")
    assert house.client.post(f"{PEOPLE}/{name}/revoke", headers=house.admin).status_code == 200
    assert house.client.get("/v1/admin/me", headers=house.admin).status_code == 401


def test_whoever_is_revoked_is_out_of_every_browser_with_the_next_request(
    house: House, dora: dict[str, str]
) -> None:
    session = house.signed_in(house.token_for("Bob", Role.EDITOR, "daily"))
    assert people(house, dora)["Bob"]["sessions"] == 1
    answer = house.client.post(f"{PEOPLE}/Bob/role", json={"role": "viewer"}, headers=dora)
    assert answer.get_json()["sessions"] == 1
    assert house.client.get("/v1/admin/me", headers=session).get_json()["role"] == "viewer"
    gone = house.client.post(f"{PEOPLE}/Bob/revoke", headers=dora).get_json()
    assert gone["revoked_at"]
    assert gone["sessions"] == 0
    assert house.client.get("/v1/admin/me", headers=session).status_code == 401
    assert 'name="token"' in house.client.get("/moderation", headers=session).text
    again = house.client.post(f"{PEOPLE}/Bob/revoke", headers=dora)
    assert again.get_json() == gone


def test_a_name_with_signs_of_its_own_is_reached(house: House) -> None:
    for name in ("Zoë O'Neil", "a b?c#d%e&f", "日本", "<script>", "..."):
        assert make(house, house.admin, name=name).status_code == 201
        answer = house.client.post(f"{PEOPLE}/{quote(name, safe='')}/revoke", headers=house.admin)
        assert answer.get_json()["name"] == name


# --- the journal -----------------------------------------------------------------------------------------------------


def test_the_journal_is_read_newest_first_and_page_by_page(house: House, dora: dict[str, str]) -> None:
    for number in range(5):
        make(house, house.admin, name=f"Person {number}", site="daily" if number % 2 else "other")
    page = house.client.get("/v1/admin/journal?limit=3", headers=house.admin).get_json()
    assert [one["subject"] for one in page["entries"]] == [f"token Person {n}" for n in (4, 3, 2)]
    following = house.client.get(
        f"/v1/admin/journal?limit=3&before={page['next_before']}", headers=house.admin
    ).get_json()
    assert [one["subject"] for one in following["entries"]][:2] == ["token Person 1", "token Person 0"]
    newest = page["entries"][0]
    assert {name: newest[name] for name in ("actor", "act", "site", "detail")} == {
        "actor": people_named_admin(house),
        "act": "token.create",
        "site": "other",
        "detail": {"role": "moderator"},
    }
    seen, before = [], ""
    while True:
        page = house.client.get(f"/v1/admin/journal?limit=2{before}", headers=house.admin).get_json()
        seen += [one["number"] for one in page["entries"]]
        if page["next_before"] is None:
            break
        before = f"&before={page['next_before']}"
    assert seen == list(range(len(seen), 0, -1))


def test_an_administrator_of_one_site_reads_what_was_done_there(house: House, dora: dict[str, str]) -> None:
    house.signed_in(house.admin)
    house.signed_in(dora)
    for path in ("/v1/admin/journal", "/v1/admin/journal?site=daily"):
        entries = house.client.get(path, headers=dora).get_json()["entries"]
        assert [(one["act"], one["subject"].partition(" ")[0]) for one in entries] == [
            ("session.begin", "session"),
            ("token.create", "token"),
            ("token.create", "token"),
        ]
        assert {one["site"] for one in entries} == {"daily"}
    problem(house.client.get("/v1/admin/journal?site=other", headers=dora), 403, "forbidden")
    lines = house.client.get("/v1/admin/journal.jsonl", headers=dora).text.splitlines()
    assert {json.loads(line)["site"] for line in lines} == {"daily"}
    assert len(lines) == 3


def test_an_export_can_be_verified_without_us(either_house: House) -> None:
    house = either_house
    for number in range(3):
        make(house, house.admin, name=f"Zoë {number} \U0001f60e", site="daily")
    house.signed_in(house.admin)
    answer = house.client.get("/v1/admin/journal.jsonl", headers=house.admin)
    assert answer.content_type == "application/x-ndjson"
    before = bytes(32)
    lines = answer.text.splitlines()
    assert len(lines) == 5
    for number, line in enumerate(lines, 1):
        entry = json.loads(line)
        found = bytes.fromhex(entry.pop("hash"))
        assert entry["number"] == number
        written = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert hashlib.sha256(before + written).digest() == found
        before = found


def test_a_long_journal_is_exported_as_it_is_read(house: House) -> None:
    with house.database.write() as connection:
        for number in range(journal.PAGE * 2 + 7):
            journal.append(connection, at=NOW, actor="Ada", act="comment.hold", subject=f"comment {number}")
    answer = house.client.get("/v1/admin/journal.jsonl", headers=house.admin, buffered=False)
    assert "Content-Length" not in answer.headers
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [one["number"] for one in lines] == list(range(1, journal.PAGE * 2 + 9))
