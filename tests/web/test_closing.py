"""Threads close by their age: N days after the first comment, without any job, and for every way in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from werkzeug.test import TestResponse

from service.domain.site import Site
from service.store import threads
from tests.conftest import wait_until
from tests.web.conftest import STORY, House, open_house

BEGUN = datetime.fromisoformat("2026-11-24T09:00:00Z")
END = BEGUN + timedelta(days=14)
POLICY = {
    "otherwise": "approve",
    "close_after_days": 14,
    "sections": [{"path": "/quick/", "close_after_days": 1}],
    "threads": [{"url": "https://daily.example/for-ever", "close_after_days": 3650}],
}


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(BEGUN, tick=False) as moved:
        yield moved


@pytest.fixture
def house(clock: Any, database_url: str, tmp_path: Path) -> Iterator[House]:
    """A house of which the clock stands until it is moved, on both databases."""
    opened = open_house(database_url, tmp_path)
    opened.add_site(Site("daily", "The Daily", ("https://daily.example",), edit_window_seconds=86_400))
    rule(opened, POLICY)
    yield opened
    opened.close()


def rule(house: House, document: dict[str, Any]) -> None:
    with house.database.write() as connection:
        threads.save_policy(connection, "daily", document, now=BEGUN, by="Eve")


def send(house: House, url: str = STORY, **changes: Any) -> TestResponse:
    return house.client.post("/v1/comments", json=house.submission("Still open?", url=url, **changes))


def is_closed(house: House, url: str = STORY) -> bool:
    """What every way in and every view say, which has to be the same."""
    shown = house.thread(url).get_json()["closed"]
    page = house.client.get("/daily/t", query_string={"url": url}).text
    assert ("Comments are closed." in page) is shown
    assert ("<textarea" not in page) is shown
    answer = send(house, url)
    assert answer.status_code == (409 if shown else 202)
    assert not shown or answer.get_json()["type"].endswith("#thread-closed")
    return bool(shown)


def test_a_thread_closes_when_its_days_are_over_and_not_a_second_before(house: House, clock: Any) -> None:
    house.approved()
    clock.move_to(END - timedelta(seconds=1))
    assert not is_closed(house)
    clock.move_to(END)
    assert is_closed(house)


def test_an_answer_kept_in_memory_closes_at_the_moment(house: House, clock: Any) -> None:
    house.approved()
    clock.move_to(END - timedelta(seconds=1))
    open_answer = house.thread()
    tag = {"If-None-Match": open_answer.headers["ETag"]}
    query = {"site": "daily", "url": STORY}
    assert house.client.get("/v1/threads", query_string=query, headers=tag).status_code == 304
    clock.move_to(END)
    again = house.client.get("/v1/threads", query_string=query, headers=tag)
    assert (again.status_code, again.get_json()["closed"]) == (200, True)
    tag = {"If-None-Match": again.headers["ETag"]}
    assert house.client.get("/v1/threads", query_string=query, headers=tag).status_code == 304


def test_days_are_counted_from_the_first_comment_and_not_from_the_last(house: House, clock: Any) -> None:
    house.approved()
    clock.move_to(BEGUN + timedelta(days=13))
    house.approved("One more.")
    clock.move_to(END)
    assert is_closed(house)
    # A story on which nobody has written is open, however old it is.
    assert not is_closed(house, STORY + "-2")


def test_sections_and_threads_have_days_of_their_own(house: House, clock: Any) -> None:
    urls = {name: f"https://daily.example/{name}" for name in ("quick/poll", "for-ever", "budget")}
    for url in urls.values():
        house.approved(url=url)
    clock.move_to(BEGUN + timedelta(days=1))
    assert [is_closed(house, url) for url in urls.values()] == [True, False, False]
    clock.move_to(END)
    assert [is_closed(house, url) for url in urls.values()] == [True, False, True]


def test_an_edit_is_refused_once_the_thread_is_closed(house: House, clock: Any) -> None:
    house.approved()
    clock.move_to(END - timedelta(hours=1))
    made = house.post("Just in time.")
    clock.move_to(END)
    edited = house.client.patch(
        f"/v1/comments/{made['id']}",
        json={"text": "Too late."},
        headers={"Authorization": f"Bearer {made['edit_token']}"},
    )
    assert edited.status_code == 409
    assert edited.get_json()["type"].endswith("#thread-closed")


def test_a_new_policy_closes_and_opens_within_seconds(house: House, clock: Any) -> None:
    house.approved()
    clock.move_to(BEGUN + timedelta(days=2))
    assert not is_closed(house)
    for document, closed in (({"close_after_days": 1}, True), ({}, False)):
        rule(house, document)
        # Sites are re-read when they are older than two seconds.
        wait_until(lambda closed=closed: house.thread().get_json()["closed"] is closed)
        assert is_closed(house) is closed


def test_a_thread_that_closed_by_its_age_is_shown_as_such(house: House, clock: Any) -> None:
    house.approved()
    thread = house.stored()[0]["thread_id"]
    clock.move_to(END)
    at = f"/v1/admin/threads/{thread}"
    shown = house.client.get(at, headers=house.admin).get_json()
    assert (shown["closed"], shown["closed_at"], shown["closes_at"]) == (True, None, "2026-12-08T09:00:00Z")
    # What the policy closes, only the policy opens.
    opened = house.client.post(at, json={"closed": False}, headers=house.admin).get_json()
    assert opened["closed"]


def test_a_story_that_moved_closes_with_its_conversation(house: House, clock: Any) -> None:
    house.approved(url="https://daily.example/quick/poll", thread="story-9")
    clock.move_to(BEGUN + timedelta(days=1))
    moved = send(house, "https://daily.example/slow/poll", thread="story-9")
    assert moved.status_code == 409
