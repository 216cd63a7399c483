"""Storms and closed threads: whatever the policy says, an editor can stop a conversation, and start it again."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from service.domain.roles import Role
from service.domain.site import Site
from service.store import journal, threads
from tests.people import NOW
from tests.web.conftest import STORY, House

OTHER = "https://daily.example/sport"


@pytest.fixture
def open_floor(either_house: House) -> House:
    """A house at which everything goes on stage at once."""
    with either_house.database.write() as connection:
        threads.save_policy(connection, "daily", {"otherwise": "approve"}, now=NOW, by="Alice")
    return either_house


def thread_of(house: House, url: str = STORY) -> str:
    with house.database.read() as connection:
        found = threads.find(connection, "daily", url=url)
    assert found is not None
    return str(found.id)


def storm(house: House, on: bool, thread: str | None = None) -> TestResponse:
    sent = {"site": "daily", "thread": thread, "on": on}
    return house.client.post("/v1/admin/storm", json=sent, headers=house.admin)


def change(house: House, thread: str, **sent: Any) -> dict[str, Any]:
    answer = house.client.post(f"/v1/admin/threads/{thread}", json=sent, headers=house.admin)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def screened(house: House, text: str, url: str = STORY) -> str:
    made = house.post(text, url=url)
    house.screen()
    case = house.client.get(f"/v1/admin/comments/{made['id']}", headers=house.admin).get_json()
    found: str = case["status"]
    if found == "held":
        assert {"code": "other", "check": "storm", "score": 1.0} in case["decision"]["reasons"]
    return found


def test_in_a_storm_over_a_thread_all_that_comes_there_is_held(open_floor: House) -> None:
    house = open_floor
    assert screened(house, "Before the storm, all is well.") == "approved"
    answer = storm(house, True, thread_of(house)).get_json()
    assert answer["storm"]["on"]
    assert screened(house, "In the middle of it.") == "held"
    assert screened(house, "Elsewhere the sun shines.", OTHER) == "approved"
    assert not storm(house, False, thread_of(house)).get_json()["storm"]["on"]
    assert screened(house, "It has blown over.") == "approved"


def test_in_a_storm_over_a_site_all_that_comes_is_held(open_floor: House) -> None:
    house = open_floor
    assert storm(house, True).get_json()["thread"] is None
    assert screened(house, "In the middle of it.") == "held"
    assert screened(house, "Here as well, it pours.", OTHER) == "held"
    storm(house, False)
    assert screened(house, "It has blown over.") == "approved"


def test_no_policy_lets_a_comment_through_a_storm(open_floor: House) -> None:
    house = open_floor
    storm(house, True)
    document = {
        "otherwise": "approve",
        "checks": {"storm": "off"},
        "rules": [{"label": "storm", "at": 0, "action": "approve"}],
    }
    put = house.client.put(
        "/v1/admin/policy?site=daily", json={"document": document, "base_version": 1}, headers=house.admin
    )
    assert [one["pointer"] for one in put.get_json()["errors"]] == ["/checks/storm"]
    # Not even one that got into the database past us.
    with house.database.write() as connection:
        sly = {name: document[name] for name in ("otherwise", "rules")}
        threads.save_policy(connection, "daily", sly, now=NOW, by="Mallory")
    assert screened(house, "Nobody has seen this yet.") == "held"


def test_who_switched_a_storm_on_and_when_is_shown(open_floor: House) -> None:
    house = open_floor
    house.post()
    by = house.client.get("/v1/admin/me", headers=house.admin).get_json()["name"]
    for thread in (None, thread_of(house)):
        first = storm(house, True, thread).get_json()["storm"]
        assert (first["on"], first["by"]) == (True, by)
        # Switched on again it is still the first's.
        assert storm(house, True, thread).get_json()["storm"] == first
    shown = house.client.get(f"/v1/admin/threads/{thread_of(house)}", headers=house.admin).get_json()
    assert shown["storm"] == first
    storm(house, False, thread_of(house))
    quiet = {"on": False, "by": None, "at": None}
    assert change(house, thread_of(house), storm=False)["storm"] == quiet
    assert storm(house, False).get_json()["storm"] == quiet


def test_a_storm_outlives_other_changes_of_its_site(house: House) -> None:
    storm(house, True)
    with house.database.write() as connection:
        site = threads.load_sites(connection)["daily"]
        threads.save_site(connection, Site("daily", "New name", site.origins, storm=site.storm), now=NOW)
    with house.database.read() as connection:
        assert threads.load_sites(connection)["daily"].storm


def test_a_thread_is_closed_and_opened_again(open_floor: House) -> None:
    house = open_floor
    house.approved()
    thread, tag = thread_of(house), house.thread().headers["ETag"]
    closed = change(house, thread, closed=True)
    assert closed["closed"]
    assert closed["closed_by"].startswith("admin")
    assert house.thread().get_json()["closed"]
    assert house.thread().headers["ETag"] != tag
    refused = house.client.post("/v1/comments", json=house.submission())
    assert refused.get_json()["type"].endswith("#thread-closed")
    opened = change(house, thread, closed=False)
    assert (opened["closed"], opened["closed_at"], opened["closed_by"]) == (False, None, None)
    assert house.thread().headers["ETag"] == tag
    house.post()


def test_what_an_editor_does_stands_in_the_journal_once(open_floor: House) -> None:
    house = open_floor
    house.post()
    thread = thread_of(house)
    for _ in range(2):
        change(house, thread, closed=True, storm=True)
        storm(house, True)
    change(house, thread, closed=False, storm=False)
    storm(house, False)
    with house.database.read() as connection:
        noted = [(one.act, one.subject, one.site) for one in journal.entries(connection)][::-1]
        assert journal.verify(connection)[2] is None
    assert [one for one in noted if one[0] != "token.create"] == [
        ("thread.close", f"thread {thread}", "daily"),
        ("storm.on", f"thread {thread}", "daily"),
        ("storm.on", "site daily", "daily"),
        ("thread.reopen", f"thread {thread}", "daily"),
        ("storm.off", f"thread {thread}", "daily"),
        ("storm.off", "site daily", "daily"),
    ]


def test_a_thread_of_another_site_is_as_unknown_as_one_that_never_was(house: House) -> None:
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    house.post()
    thread = thread_of(house)
    theirs = house.token_for("oscar", Role.EDITOR, "other")
    for name in (thread, "01a2", "00000000-0000-7000-8000-000000000000"):
        seen = house.client.get(f"/v1/admin/threads/{name}", headers=theirs)
        assert seen.status_code == 404
        sent = {"site": "other", "thread": name, "on": True}
        assert house.client.post("/v1/admin/storm", json=sent, headers=theirs).status_code == 404
        # Nor is it in a storm by the name of another site.
        assert house.client.post("/v1/admin/storm", json=sent, headers=house.admin).status_code == 404
    assert not change(house, thread, storm=False)["storm"]["on"]
