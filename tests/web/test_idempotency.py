"""A repeat under the same Idempotency-Key is the same comment, whatever happened in between."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from service.domain.site import Site
from service.store.tables import idempotency
from tests.web.conftest import House, Opener, open_house
from tests.web.sending import (
    DAILY,
    problem,
    send,
)


def test_the_same_key_and_body_get_the_same_answer_and_one_comment(either_house: House) -> None:
    key = {"Idempotency-Key": "a-1"}
    first, again = (send(either_house, headers=key) for _ in range(2))
    assert first.status_code == again.status_code == 202
    assert json.loads(first.data) == json.loads(again.data)
    assert len(either_house.stored()) == 1
    assert json.loads(send(either_house, headers={"Idempotency-Key": "a-2"}).data) != json.loads(first.data)
    assert len(either_house.stored()) == 2


def test_the_same_key_with_another_body_is_refused_and_stores_nothing(either_house: House) -> None:
    key = {"Idempotency-Key": "a-1"}
    send(either_house, headers=key)
    problem(send(either_house, "Something else.", headers=key), 422, "idempotency-mismatch")
    assert len(either_house.stored()) == 1


def test_keys_of_two_sites_have_nothing_to_do_with_each_other(open_daily: Opener) -> None:
    house = open_daily()
    house.add_site(Site("weekly", "The Weekly", ("https://daily.example",)))
    key = {"Idempotency-Key": "a-1"}
    assert send(house, headers=key).status_code == 202
    assert send(house, "Something else.", site="weekly", headers=key).status_code == 202
    assert len(house.stored()) == 2


def test_a_refused_comment_leaves_its_key_free(house: House) -> None:
    key = {"Idempotency-Key": "a-1"}
    assert send(house, "", headers=key).status_code == 422
    assert send(house, "Better.", headers=key).status_code == 202


def test_one_key_sent_many_times_at_once_stores_one_comment(database_url: str, tmp_path: Path) -> None:
    houses = [open_house(database_url, tmp_path) for _ in range(2)]
    houses[0].add_site(DAILY)
    together = threading.Barrier(8)

    def one(number: int) -> dict[str, Any]:
        together.wait()
        answer = send(houses[number % 2], headers={"Idempotency-Key": "a-1"})
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = json.loads(answer.data)
        return found

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert [str(row["id"]) for row in houses[0].stored()] == [answers[0]["id"]]
    for house in houses:
        house.close()


def test_one_key_sent_at_once_with_two_bodies_keeps_one_of_them(database_url: str, tmp_path: Path) -> None:
    houses = [open_house(database_url, tmp_path) for _ in range(2)]
    houses[0].add_site(DAILY)
    together = threading.Barrier(8)

    def one(number: int) -> tuple[str, int]:
        together.wait()
        text = f"Text {number % 2}."
        return text, send(houses[number // 2 % 2], text, headers={"Idempotency-Key": "a-1"}).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    (row,) = houses[0].stored()
    assert {status for text, status in answers if text == row["source"]} == {202}
    assert {status for text, status in answers if text != row["source"]} == {422}
    for house in houses:
        house.close()


def test_a_key_is_remembered_across_a_restart(database_url: str, tmp_path: Path) -> None:
    key = {"Idempotency-Key": "a-1"}
    before = open_house(database_url, tmp_path)
    before.add_site(DAILY)
    first = json.loads(send(before, headers=key).data)
    before.close()
    after = open_house(database_url, tmp_path)
    assert json.loads(send(after, headers=key).data) == first
    problem(send(after, "Something else.", headers=key), 422, "idempotency-mismatch")
    assert len(after.stored()) == 1
    after.close()


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_that_is_none_is_refused(house: House, key: str) -> None:
    problem(send(house, headers={"Idempotency-Key": key}), 400, "malformed-request")
    assert house.stored() == []


@pytest.mark.parametrize("key", ["k" * 200, "k\u00e9y", '"quoted"', "a b"])
def test_any_short_key_will_do_and_is_stored_as_a_hash_only(house: House, key: str) -> None:
    answers = [json.loads(send(house, headers={"Idempotency-Key": key}).data)["id"] for _ in range(2)]
    assert len(set(answers)) == 1
    with house.database.read() as connection:
        (row,) = connection.execute(sa.select(idempotency)).all()
    assert len(row.key_hash) == len(row.body_hash) == 32
    assert key.encode() not in row.key_hash + row.body_hash
