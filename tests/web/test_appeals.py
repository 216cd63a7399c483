"""An author asks a person to look again: once, in a queue of its own, and what comes of it is told."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from service.domain.roles import Role
from service.privacy import Erasure
from service.store.desk_tables import appeals, journal
from service.submission import OWN_ADDRESS
from tests.adapters.test_sanitizer import PAYLOADS
from tests.people import NOW
from tests.web.conftest import ADDRESS, House
from tests.web.sending import Page, faults, problem
from tests.web.test_own_page import code_of, shown, visit

WORDS = "It was a joke about\nthe kestrel, not about her."


def own(made: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {made['edit_token']}"}


def appeal(house: House, made: dict[str, Any], text: str | None = WORDS) -> TestResponse:
    body = {} if text is None else {"text": text}
    return house.client.post(f"/v1/comments/{made['id']}/appeal", json=body, headers=own(made))


def looked_at(house: House, made: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = house.client.get(f"/v1/comments/{made['id']}", headers=own(made)).get_json()
    return found


def rejected(house: House, **body: Any) -> dict[str, Any]:
    made = house.post("A fool says what?")
    house.decide(made["id"], "reject", reasons=["insult"], **body)
    return made


def queued(house: House, queue: str = "appeals") -> list[dict[str, Any]]:
    answer = house.client.get(f"/v1/admin/comments?queue={queue}", headers=house.admin)
    found: list[dict[str, Any]] = answer.get_json()["comments"]
    return found


def count_of(house: House, queue: str = "appeals") -> dict[str, Any]:
    counted = house.client.get("/v1/admin/queues", headers=house.admin).get_json()["queues"]
    return next(one for one in counted if one["queue"] == queue)


# --- asking ------------------------------------------------------------------------------------------------------


def test_a_rejected_comment_waits_for_a_person_once_its_author_asks(either_house: House) -> None:
    made = rejected(either_house)
    assert looked_at(either_house, made)["appealable"]
    answer = appeal(either_house, made)
    assert answer.status_code == 202
    document = answer.get_json()
    assert document["status"] == "rejected"
    assert document["statement"]["action"] == "reject", "what was decided stays told"
    assert not document["appealable"]
    asked = document["appeal"]
    assert (asked["text"], asked["answered_at"]) == (WORDS, None)
    [item] = queued(either_house)
    assert item["id"] == made["id"]
    counted = count_of(either_house)
    assert (counted["count"], counted["oldest"]) == (1, asked["created_at"])
    assert either_house.thread().get_json()["comments"] == []


def test_a_held_comment_can_be_asked_for_too_and_without_a_word(house: House) -> None:
    made = house.post("Call me at +44 20 7946 0958")
    house.screen()
    assert appeal(house, made, None).status_code == 202
    [item] = queued(house)
    assert (item["status"], item["appeal"]["text"]) == ("held", "")
    assert [one["id"] for one in queued(house, "held")] == [made["id"]], "there it waits as well"


def test_a_second_time_is_refused_by_name(either_house: House) -> None:
    made = rejected(either_house)
    appeal(either_house, made)
    problem(appeal(either_house, made), 409, "already-appealed")
    assert len(queued(either_house)) == 1


def test_where_nothing_was_decided_against_it_there_is_nothing_to_appeal(house: House) -> None:
    pending, published, withdrawn = house.post(), house.post("Another."), rejected(house)
    house.decide(published["id"])
    house.client.delete(f"/v1/comments/{withdrawn['id']}", headers=own(withdrawn))
    for made in (pending, published, withdrawn):
        assert not looked_at(house, made)["appealable"]
        problem(appeal(house, made), 409, "nothing-to-appeal")
    assert queued(house) == []


def test_only_its_author_can_ask_and_a_comment_without_its_token_does_not_exist(house: House) -> None:
    made, other = rejected(house), rejected(house)
    path = f"/v1/comments/{made['id']}/appeal"
    for headers in ({}, own(other), house.admin):
        problem(house.client.post(path, json={}, headers=headers), 404, "comment-not-found")
    evil = {**own(made), "Origin": "https://evil.test"}
    problem(house.client.post(path, json={}, headers=evil), 403, "address-not-allowed")
    assert queued(house) == []


def test_what_an_author_says_is_bounded_and_shows_no_address(house: House) -> None:
    made = rejected(house)
    assert set(faults(appeal(house, made, "x" * 1_001))) == {"/text"}
    assert faults(appeal(house, made, f"Write to {ADDRESS}")) == {"/text": OWN_ADDRESS}
    assert appeal(house, made, "x" * 1_000).status_code == 202


def test_two_appeals_at_once_are_one(either_house: House) -> None:
    made = rejected(either_house)
    heard: list[int] = []
    ready = threading.Barrier(2)

    def ask() -> None:
        ready.wait()
        heard.append(appeal(either_house, made).status_code)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == [202, 409]
    with either_house.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(appeals)) == 1


def test_an_appeal_is_its_authors_act_and_in_no_journal(house: House) -> None:
    made = rejected(house)
    with house.database.read() as connection:
        before = connection.scalar(sa.select(sa.func.count()).select_from(journal))
    appeal(house, made)
    with house.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(journal)) == before
    case = house.client.get(f"/v1/admin/comments/{made['id']}", headers=house.admin).get_json()
    assert [one["action"] for one in case["decisions"]] == ["reject"]


# --- looking again -------------------------------------------------------------------------------------------------


def test_a_moderator_sees_the_words_and_the_decision_and_who_made_it(either_house: House) -> None:
    house = either_house
    made = house.post("A fool says what?")
    bob = house.token_for("Bob", Role.MODERATOR)
    house.client.post(
        f"/v1/admin/comments/{made['id']}/decision",
        json={"action": "reject", "revision": 1, "reasons": ["insult"], "message": "Be kind."},
        headers=bob,
    )
    appeal(house, made)
    [item] = queued(house)
    case = house.client.get(f"/v1/admin/comments/{made['id']}", headers=house.admin).get_json()
    for seen in (item, case):
        asked = seen["appeal"]
        assert (asked["text"], asked["waits"]) == (WORDS, True)
        assert (asked["decision"]["actor"], asked["decision"]["message"]) == ("Bob", "Be kind.")
    session = house.signed_in(house.admin)
    for path in ("?queue=appeals", f"/comments/{made['id']}"):
        page = Page(house.client.get(f"/moderation{path}", headers=session)).text
        for told in ("Its author asks a person to look again", WORDS, "Rejected: Insult", "by Bob"):
            assert told in page, path
    mine = Page(house.client.get(f"/moderation/comments/{made['id']}", headers=house.signed_in(bob))).text
    assert "About your own decision" in mine


def test_approving_answers_an_appeal_and_brings_the_comment_on_stage(either_house: House) -> None:
    made = rejected(either_house)
    appeal(either_house, made)
    assert "That is still to come." in shown(either_house, made).text
    either_house.decide(made["id"])
    [comment] = either_house.thread().get_json()["comments"]
    assert comment["id"] == made["id"]
    assert queued(either_house) == []
    assert count_of(either_house)["count"] == 0
    document = looked_at(either_house, made)
    assert document["appeal"]["answered_at"] == document["statement"]["decided_at"]
    assert "A person did, and published your comment." in shown(either_house, made).text


@pytest.mark.parametrize("action", ["reject", "spam"])
def test_rejecting_again_is_the_last_word(either_house: House, action: str) -> None:
    made = rejected(either_house)
    appeal(either_house, made)
    either_house.decide(made["id"], action, reasons=["other"], message="We have read it twice.")
    assert queued(either_house) == []
    told = shown(either_house, made)
    assert "That was the last word about it." in told.text
    assert "We have read it twice." in told.text
    assert "words" not in told.values, "no second form"
    refused = problem(appeal(either_house, made), 409, "already-appealed")
    assert "last word" in refused["detail"]


def test_a_bulk_answers_appeals_as_single_decisions_do(either_house: House) -> None:
    made = rejected(either_house)
    appeal(either_house, made)
    bulk = either_house.bulk("approve", "appeals")
    either_house.carry_out(bulk["id"])
    assert looked_at(either_house, made)["status"] == "approved"
    assert queued(either_house) == []


def test_whoever_decides_has_read_the_appeal(either_house: House) -> None:
    made = rejected(either_house)
    appeal(either_house, made)
    refused = either_house.client.post(
        f"/v1/admin/comments/{made['id']}/decision",
        json={"action": "spam", "revision": 2},
        headers=either_house.admin,
    )
    told = problem(refused, 409, "revision-conflict")
    assert told["detail"].startswith("The author has asked for another look")
    assert len(queued(either_house)) == 1


def test_taking_the_answer_back_has_the_author_wait_again(either_house: House) -> None:
    made = rejected(either_house)
    appeal(either_house, made)
    before = looked_at(either_house, made)
    since = count_of(either_house)["oldest"]
    either_house.decide(made["id"])
    either_house.undo(made["id"])
    after = looked_at(either_house, made)
    assert {**after, "revision": 0} == {**before, "revision": 0}
    assert [one["id"] for one in queued(either_house)] == [made["id"]]
    assert count_of(either_house)["oldest"] == since
    either_house.undo(made["id"])
    assert looked_at(either_house, made)["status"] == "approved"
    assert queued(either_house) == []


def test_a_new_text_does_not_end_the_wait_for_a_person(house: House) -> None:
    made = house.post("Call me at +44 20 7946 0958")
    house.screen()
    appeal(house, made)
    changed = {"text": "Call me at +44 20 7946 0959"}
    assert (
        house.client.patch(f"/v1/comments/{made['id']}", json=changed, headers=own(made)).status_code == 202
    )
    house.screen()
    [item] = queued(house)
    assert item["text"] == changed["text"]


def test_withdrawing_ends_the_wait(house: House) -> None:
    made = rejected(house)
    appeal(house, made)
    house.client.delete(f"/v1/comments/{made['id']}", headers=own(made))
    assert queued(house) == []
    assert "look again" not in shown(house, made).text


def test_erasing_a_person_erases_what_they_said(either_house: House) -> None:
    house = either_house
    made = rejected(house)
    appeal(house, made)
    erasure = Erasure(house.database, house.rooms.cipher, lambda: NOW)
    [exported] = erasure.export(ADDRESS)
    assert [one["text"] for one in exported["appeals"]] == [WORDS]
    erasure.erase(ADDRESS)
    assert queued(house) == []
    with house.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(appeals)) == 0


# --- the author's page ------------------------------------------------------------------------------------------


def test_the_page_asks_for_another_look_with_a_plain_form(house: House) -> None:
    made = rejected(house)
    assert "words" in shown(house, made).values
    told = shown(house, made, "appeal", words=WORDS.replace("\n", "\r\n"))
    assert "waits for a person, who will read it again" in told.text
    assert WORDS in told.text
    again = visit(house, code_of(made), "appeal", words="Once more.")
    assert again.status_code == 409
    assert Page(again).values["words"] == "Once more.", "what was typed is kept"
    [item] = queued(house)
    assert item["appeal"]["text"] == WORDS


@pytest.mark.parametrize("words", ["x" * 1_001, f"Write to {ADDRESS}"], ids=["too long", "the own address"])
def test_refused_words_are_kept_in_their_field(house: House, words: str) -> None:
    made = rejected(house)
    answer = visit(house, code_of(made), "appeal", words=words)
    assert answer.status_code == 422
    assert Page(answer).values["words"] == words
    assert queued(house) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_an_author_says_to_harm_is_words_to_everybody(house: House, payload: str) -> None:
    made = rejected(house)
    session = house.signed_in(house.admin)
    visit(house, code_of(made), "appeal", words=f"x {payload}")
    for page in (
        Page(visit(house, code_of(made))),
        Page(house.client.get("/moderation?queue=appeals", headers=session)),
        Page(house.client.get(f"/moderation/comments/{made['id']}", headers=session)),
    ):
        assert not any(tag == "script" and "src" not in attributes for tag, attributes in page.elements)
        assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
