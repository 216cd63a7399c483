"""An author's own comment: looked at, changed and taken back by whoever has its token, and by nobody else."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from service.domain.site import Site
from service.store import threads
from tests.people import NOW
from tests.web.conftest import ADDRESS, STORY, House, Opener
from tests.web.sending import (
    faults,
    problem,
)


def own(made: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {made['edit_token']}"}


def test_an_author_sees_exactly_this_of_the_own_comment(house: House) -> None:
    made = house.post("A **bridge**.")
    shown = house.client.get(f"/v1/comments/{made['id']}", headers=own(made))
    document = shown.get_json()
    assert shown.headers["Cache-Control"] == "no-store"
    assert set(document) == {
        "id",
        "status",
        "awaiting",
        "revision",
        "text",
        "html",
        "created_at",
        "editable_until",
        "statement",
        "appealable",
        "appeal",
        "links",
    }
    assert document["id"] == made["id"]
    assert (document["status"], document["awaiting"], document["revision"]) == ("pending", "pending", 1)
    assert document["text"] == "A **bridge**."
    assert document["html"] == "<p>A <strong>bridge</strong>.</p>"
    assert document["statement"] is None
    assert document["links"] == {"self": made["links"]["self"]}


def test_an_edited_comment_is_screened_again(either_house: House) -> None:
    made = either_house.post("First words.")
    answer = either_house.client.patch(
        f"/v1/comments/{made['id']}", json={"text": "Second\r\nwords."}, headers=own(made)
    )
    assert answer.status_code == 202
    assert (answer.get_json()["text"], answer.get_json()["revision"]) == ("Second\nwords.", 2)
    (row,) = either_house.stored()
    assert (row["source"], row["status"], row["awaiting"]) == ("Second\nwords.", "pending", "pending")
    assert row["html"] == "<p>Second<br>\nwords.</p>"


def test_what_was_approved_stays_up_until_the_new_text_is_let_through(either_house: House) -> None:
    made = either_house.post("First words.")
    either_house.decide(made["id"])
    either_house.client.patch(f"/v1/comments/{made['id']}", json={"text": "Second words."}, headers=own(made))
    (shown,) = either_house.thread().get_json()["comments"]
    assert (shown["html"], shown["edited_at"]) == ("<p>First words.</p>", None)
    either_house.decide(made["id"])
    (shown,) = either_house.thread().get_json()["comments"]
    assert shown["html"] == "<p>Second words.</p>"
    assert shown["edited_at"] is not None


def test_an_edit_is_validated_as_the_comment_was(house: House) -> None:
    made = house.post()
    for text in ("", " ", "x" * 10_001, f"Write to {ADDRESS}", "a\u0301" + "\u0301" * 40):
        answer = house.client.patch(f"/v1/comments/{made['id']}", json={"text": text}, headers=own(made))
        assert set(faults(answer)) == {"/text"}
        assert ADDRESS not in answer.text
    assert house.stored()[0]["revision"] == 1


def test_an_edit_comes_too_late_when_its_window_is_over(open_daily: Opener) -> None:
    house = open_daily(Site("daily", "The Daily", ("https://daily.example",), edit_window_seconds=0))
    made = house.post()
    assert (
        house.client.get(f"/v1/comments/{made['id']}", headers=own(made)).get_json()["editable_until"] is None
    )
    answer = house.client.patch(f"/v1/comments/{made['id']}", json={"text": "Late."}, headers=own(made))
    problem(answer, 409, "edit-window-closed")
    assert house.client.delete(f"/v1/comments/{made['id']}", headers=own(made)).status_code == 200


def test_a_rejected_or_withdrawn_comment_cannot_be_edited(house: House) -> None:
    rejected, withdrawn = house.post(), house.post("Another.")
    house.decide(rejected["id"], "reject", reasons=["other"])
    house.client.delete(f"/v1/comments/{withdrawn['id']}", headers=own(withdrawn))
    for made in (rejected, withdrawn):
        answer = house.client.patch(f"/v1/comments/{made['id']}", json={"text": "Again."}, headers=own(made))
        problem(answer, 409, "edit-window-closed")


def test_nothing_is_edited_in_a_closed_thread(house: House) -> None:
    made = house.post()
    with house.database.write() as connection:
        threads.close(connection, "daily", STORY, now=NOW)
    answer = house.client.patch(f"/v1/comments/{made['id']}", json={"text": "Again."}, headers=own(made))
    problem(answer, 409, "thread-closed")
    assert house.stored()[0]["source"] == "What about the bridge?"


def test_withdrawing_takes_a_comment_off_stage_and_may_be_repeated(either_house: House) -> None:
    made = either_house.post()
    either_house.decide(made["id"])
    for _ in range(2):
        answer = either_house.client.delete(f"/v1/comments/{made['id']}", headers=own(made))
        assert answer.status_code == 200
        assert answer.get_json()["status"] == "withdrawn"
    assert either_house.thread().get_json()["comments"] == []


def every_own_act(
    client: FlaskClient, comment_id: str, headers: dict[str, str]
) -> list[tuple[int, dict[str, Any]]]:
    """(status, problem without its request id) of looking, editing, withdrawing and asking a person to look again."""
    heard = []
    for method in ("GET", "PATCH", "DELETE", "POST"):
        body = {"json": {"text": "Mine now."}} if method in ("PATCH", "POST") else {}
        path, _, query = comment_id.partition("?")
        path += "/appeal" if method == "POST" else ""
        answer = client.open(f"/v1/comments/{path}?{query}", method=method, headers=headers, **body)
        document = json.loads(answer.data)
        document.pop("request_id")
        heard.append((answer.status_code, document))
    return heard


def test_without_its_token_a_comment_is_as_unknown_as_one_that_never_was(house: House) -> None:
    made, other = house.post(), house.post("Another.")
    token = made["edit_token"]
    never = every_own_act(house.client, str(uuid4()), own(made))
    assert {status for status, _ in never} == {404}
    for authorization in (
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {token}",
        token,
        f"Bearer {token}x",
        f"Bearer {token[:-1]}",
        f"Bearer {token.swapcase()}",
        f"Bearer {other['edit_token']}",
        f"Bearer {house.token}",
        "Bearer " + "x" * 5_000,
        "Bearer \u00e9",
    ):
        headers = {} if authorization is None else {"Authorization": authorization}
        assert every_own_act(house.client, made["id"], headers) == never, authorization
    query = {"edit_token": token, "token": token, "access_token": token}
    assert every_own_act(house.client, f"{made['id']}?{urlencode(query)}", {}) == never, "not from an address"
    assert [row["source"] for row in house.stored()] == ["What about the bridge?", "Another."]
    assert {row["status"] for row in house.stored()} == {"pending"}


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_foreign_page_cannot_act_with_a_token_that_it_got_hold_of(house: House, method: str) -> None:
    made = house.post()
    headers = {**own(made), "Origin": "https://evil.test"}
    answer = house.client.open(
        f"/v1/comments/{made['id']}", method=method, json={"text": "Mine."}, headers=headers
    )
    problem(answer, 403, "address-not-allowed")
    assert house.stored()[0]["revision"] == 1
