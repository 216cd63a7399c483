"""Sending a comment: what is taken, what is refused and how, and where it then stands."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.domain.site import Site
from service.store import threads
from tests.people import NOW
from tests.web.conftest import ADDRESS, STORY, House, Opener
from tests.web.sending import (
    ELSEWHERE,
    PAGE,
    PUBLIC,
    faults,
    problem,
    send,
    send_form,
    thread_rows,
)

# --- what is taken ---------------------------------------------------------------------------------------------------


def test_an_accepted_comment_is_answered_with_exactly_its_promise(house: House) -> None:
    answer = send(house)
    assert answer.status_code == 202
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    document = json.loads(answer.data)
    assert set(document) == {"id", "status", "edit_token", "links"}
    assert document["status"] == "pending"
    assert str(UUID(document["id"])) == document["id"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", document["edit_token"])
    assert document["links"] == {
        "self": f"{PUBLIC}/v1/comments/{document['id']}",
        "thread": f"{PUBLIC}/v1/threads?site=daily&url=https%3A%2F%2Fdaily.example%2Fbudget",
        "page": PAGE,
        "own": f"{PUBLIC}/own#{document['id']}.{document['edit_token']}",
    }


def test_an_accepted_comment_is_stored_as_it_was_sent_and_waits(either_house: House) -> None:
    made = either_house.post(
        "  A **bridge**\r\nis a promise.  ", author={"name": " Ada  L. ", "email": ADDRESS}
    )
    (row,) = either_house.stored()
    assert str(row["id"]) == made["id"]
    assert row["source"] == "A **bridge**\nis a promise."
    assert row["author_name"] == "Ada L."
    assert (row["status"], row["awaiting"], row["place"], row["revision"]) == (
        "pending",
        "pending",
        "hidden",
        1,
    )
    assert (row["parent_id"], row["root_id"], row["depth"]) == (None, None, 0)
    assert made["edit_token"] not in repr(row), "the token is kept as a hash only"


def test_the_links_of_an_answer_lead_where_they_say(house: House) -> None:
    made = house.post()
    paths = {name: link.removeprefix(PUBLIC) for name, link in made["links"].items()}
    own = {"Authorization": f"Bearer {made['edit_token']}"}
    assert house.client.get(paths["self"], headers=own).get_json()["id"] == made["id"]
    assert house.client.get(paths["thread"]).get_json()["url"] == STORY
    assert house.client.get(paths["page"]).status_code == 200


def test_the_form_signs_of_a_page_with_scripts_are_kept_for_the_checks(house: House) -> None:
    house.post(form={"trap": "buy", "seconds": 1.26})
    house.post(form={"trap": "", "seconds": 1e7})
    first, second = (row["signals"] for row in house.stored())
    usual = {"address_disposable": False, "unproved": False}
    assert first == {"trap_filled": True, "seconds": 1.3, **usual}
    assert second == {"trap_filled": False, "seconds": 86_400.0, **usual}


# --- what is refused: every fault at once, and nothing of it repeated ------------------------------------------------

CANARY = "Kestrel-7413"


def test_every_fault_of_the_content_is_named_at_once_and_nothing_is_repeated(house: House) -> None:
    answer = send(
        house,
        text=f"{CANARY} " * 800,
        url=f"ftp://daily.example/{CANARY}",
        author={"name": f"{CANARY} " * 10, "email": f"{CANARY}@@example.org"},
        title=f"{CANARY} " * 40,
        thread=f"{CANARY} " * 20,
    )
    found = faults(answer)
    assert set(found) == {"/url", "/author/name", "/author/email", "/text", "/title", "/thread"}
    assert all(sentence.endswith(".") for sentence in found.values())
    assert "Kestrel" not in answer.text
    assert "7413" not in answer.text
    assert house.stored() == []
    assert thread_rows(house) == []


def test_every_fault_of_the_types_is_named_at_once_and_nothing_is_repeated(house: House) -> None:
    body = {
        "url": 7413,
        "author": {"name": ["Kestrel"], "email": {"Kestrel": 1}, "Kestrel/~": "7413"},
        "text": None,
        "parent_id": 7413,
        "thread": False,
        "title": [],
        "form": {"trap": 7413, "seconds": "7413"},
        "Kestrel": "7413",
    }
    answer = house.client.post("/v1/comments", json=body)
    found = faults(answer)
    assert set(found) == {
        "",
        "/site",
        "/url",
        "/author",
        "/author/name",
        "/author/email",
        "/text",
        "/parent_id",
        "/thread",
        "/title",
        "/form/trap",
        "/form/seconds",
    }
    assert found["/site"] == "This field is needed."
    assert "Kestrel" not in answer.text
    assert "7413" not in answer.text


@pytest.mark.parametrize("body", [None, [], "text", 7, True, [{"site": "daily"}]])
def test_a_body_that_is_no_object_is_refused(house: House, body: Any) -> None:
    answer = house.client.post("/v1/comments", data=json.dumps(body), content_type="application/json")
    assert set(faults(answer)) == {""}


@pytest.mark.parametrize(
    ("text", "taken"),
    [("x" * 10_000, True), ("x" * 10_001, False), ("", False), (" \n\t ", False), ("\u200b\u2060", False)],
    ids=["longest", "too long", "empty", "blank", "invisible"],
)
def test_a_text_is_bounded_and_holds_something(house: House, text: str, taken: bool) -> None:
    answer = send(house, text)
    if taken:
        assert answer.status_code == 202
    else:
        assert set(faults(answer)) == {"/text"}


def test_the_bounds_are_the_sites_own(open_daily: Opener) -> None:
    house = open_daily(Site("daily", "The Daily", ("https://daily.example",), text_max=100, name_max=10))
    assert send(house, "x" * 100, author={"name": "n" * 10, "email": ADDRESS}).status_code == 202
    refused = send(house, "x" * 101, author={"name": "n" * 11, "email": ADDRESS})
    assert set(faults(refused)) == {"/text", "/author/name"}


def test_a_site_that_nobody_registered_is_a_404(house: House) -> None:
    problem(send(house, site="weekly"), 404, "site-unknown")
    assert house.stored() == []


# --- stories: only on the site's own origins, and made by their first comment ----------------------------------------


def test_a_story_elsewhere_takes_no_comment_and_makes_no_thread(house: House) -> None:
    for url in ELSEWHERE:
        answer = send(house, url=url)
        if answer.status_code == 403:
            problem(answer, 403, "address-not-allowed")
        else:
            assert set(faults(answer)) == {"/url"}, url
        assert "evil" not in answer.text
    assert house.stored() == []
    assert thread_rows(house) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://daily.example/budget",
        "HTTPS://Daily.Example:443/budget",
        "https://daily.example./budget",
        "https://daily.example/budget?utm_source=mail&fbclid=1",
        "https://daily.example/budget#comments",
    ],
)
def test_every_way_to_write_a_storys_address_leads_to_one_thread(house: House, url: str) -> None:
    house.post()
    house.post(url=url)
    assert [row["url"] for row in thread_rows(house)] == [STORY]
    assert len({row["thread_id"] for row in house.stored()}) == 1


def test_the_first_comment_makes_the_thread_and_a_refused_one_makes_none(either_house: House) -> None:
    assert send(either_house, text="", thread="story-1").status_code == 422
    assert thread_rows(either_house) == []
    either_house.post(thread="story-1", title=" The  budget ")
    either_house.post(thread="story-1", title="Another title")
    (row,) = thread_rows(either_house)
    assert (row["site"], row["url"], row["external_id"]) == ("daily", STORY, "story-1")
    assert row["title"] == "The budget", "the first one's title stays"
    assert (row["approved_count"], row["closed_at"]) == (0, None)


def test_a_story_that_moved_keeps_its_conversation_by_the_publishers_id(either_house: House) -> None:
    either_house.post(thread="story-1")
    either_house.post(url="https://daily.example/2026/budget", thread="story-1")
    assert len(thread_rows(either_house)) == 1
    assert len({row["thread_id"] for row in either_house.stored()}) == 1


def test_a_closed_thread_takes_no_comment_until_it_is_opened_again(either_house: House) -> None:
    either_house.post()
    with either_house.database.write() as connection:
        assert threads.close(connection, "daily", STORY, now=NOW)
    problem(send(either_house), 409, "thread-closed")
    assert send_form(either_house).status_code == 409
    assert len(either_house.stored()) == 1
    with either_house.database.write() as connection:
        threads.close(connection, "daily", STORY, now=None)
    either_house.post("Open again.")
    assert len(either_house.stored()) == 2


# --- answers to comments ---------------------------------------------------------------------------------------------


def test_an_answer_stands_below_the_comment_that_it_answers(either_house: House) -> None:
    root = either_house.approved()
    first = either_house.approved("Indeed.", parent_id=str(root))
    either_house.post("Why?", parent_id=str(first).upper())
    rows = {row["source"]: row for row in either_house.stored()}
    assert (rows["Indeed."]["parent_id"], rows["Indeed."]["root_id"], rows["Indeed."]["depth"]) == (
        root,
        root,
        1,
    )
    assert (rows["Why?"]["parent_id"], rows["Why?"]["root_id"], rows["Why?"]["depth"]) == (first, root, 2)


def test_only_a_comment_on_stage_in_the_same_thread_can_be_answered(house: House) -> None:
    pending = house.post("pending")["id"]
    rejected = house.post("rejected")["id"]
    house.decide(rejected, "reject", reasons=["other"])
    held = house.post("held")["id"]
    house.decide(held, "hold")
    withdrawn = house.post("withdrawn")
    house.decide(withdrawn["id"])
    own = {"Authorization": f"Bearer {withdrawn['edit_token']}"}
    assert house.client.delete(f"/v1/comments/{withdrawn['id']}", headers=own).status_code == 200
    other_thread = str(house.approved("elsewhere", url="https://daily.example/schools"))
    house.rooms.sites._read_at = float("-inf")
    house.add_site(Site("weekly", "The Weekly", ("https://daily.example",)))
    other_site = str(house.approved("other site", site="weekly"))
    before = house.stored()
    parents = [pending, rejected, held, withdrawn["id"], other_thread, other_site, str(uuid4())]
    for parent in [*parents, "1", "", "null", "../x", "{" + pending + "}", pending.replace("-", "")]:
        found = faults(send(house, parent_id=parent))
        assert found == {"/parent_id": "The comment you answer is not there any more."}, parent
    assert house.stored() == before


def test_answers_go_as_deep_as_the_site_allows_and_no_deeper(open_daily: Opener) -> None:
    house = open_daily(Site("daily", "The Daily", ("https://daily.example",), max_depth=2))
    parent: str | None = None
    for _ in range(3):
        parent = str(house.approved(parent_id=parent))
    found = faults(send(house, parent_id=parent))
    assert found == {"/parent_id": "Answers do not go deeper here. Please answer a comment further up."}
