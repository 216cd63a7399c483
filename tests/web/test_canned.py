"""Canned reasons: a site begins with some, and its editors write their own."""

from __future__ import annotations

from typing import Any

import pytest

from service.domain.canned import DEFAULTS, MESSAGE_MAX
from service.domain.roles import Role
from service.store import journal
from tests.web.conftest import House

AT = "/v1/admin/canned-reasons"


def canned(house: House, headers: dict[str, str] | None = None, **query: str) -> Any:
    answer = house.client.get(AT, query_string=query, headers=headers or house.admin)
    assert answer.status_code == 200, answer.text
    return answer.get_json()["canned_reasons"]


def test_a_site_begins_with_six_and_then_has_its_own(either_house: House) -> None:
    begun = canned(either_house, site="daily")
    assert [(one["id"], one["title"]) for one in begun] == [(None, one.title) for one in DEFAULTS]
    assert len(begun) == 6
    assert all(0 < len(one["message"]) <= MESSAGE_MAX for one in begun)
    second, first = either_house.can("Off topic"), either_house.can("Abuse")
    assert canned(either_house, site="daily") == [first, second]


def test_one_is_changed_and_deleted_and_the_journal_says_by_whom(either_house: House) -> None:
    one = either_house.can()
    change = {"reason": "hate", "title": " A  better title ", "message": "Better\r\nwords. "}
    changed = either_house.client.put(f"{AT}/{one['id']}", json=change, headers=either_house.admin)
    assert changed.get_json() == {
        "id": one["id"],
        "site": "daily",
        "reason": "hate",
        "title": "A better title",
        "message": "Better\nwords.",
    }
    assert canned(either_house, site="daily") == [changed.get_json()]
    gone = either_house.client.delete(f"{AT}/{one['id']}", headers=either_house.admin)
    assert (gone.status_code, gone.data) == (204, b"")
    assert len(canned(either_house, site="daily")) == len(DEFAULTS)
    again = either_house.client.delete(f"{AT}/{one['id']}", headers=either_house.admin)
    assert again.status_code == 404
    with either_house.database.read() as connection:
        entries = [
            entry for entry in journal.entries(connection, site="daily") if entry.act.startswith("canned.")
        ]
    assert [entry.act for entry in reversed(entries)] == ["canned.add", "canned.change", "canned.remove"]
    assert {entry.subject for entry in entries} == {f"canned reason {one['id']}"}
    assert "words" not in repr(entries)


def test_a_title_stands_once_at_a_site(either_house: House) -> None:
    one, other = either_house.can("One"), either_house.can("Other")
    body = {"reason": "spam", "title": "One", "message": "x"}
    added = either_house.client.post(AT, json={"site": "daily", **body}, headers=either_house.admin)
    changed = either_house.client.put(f"{AT}/{other['id']}", json=body, headers=either_house.admin)
    assert (added.status_code, changed.status_code) == (409, 409)
    assert canned(either_house, site="daily") == [one, other]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"reason": "ugly"}, "/reason"),
        ({"title": ""}, "/title"),
        ({"title": "\u200b"}, "/title"),
        ({"title": "x" * 101}, "/title"),
        ({"message": " \n"}, "/message"),
        ({"message": "x" * (MESSAGE_MAX + 1)}, "/message"),
        ({"id": "x"}, ""),
    ],
    ids=str,
)
def test_one_that_says_nothing_or_too_much_is_refused(
    house: House, change: dict[str, str], pointer: str
) -> None:
    kept = house.can("Kept")
    body = {"reason": "spam", "title": "A title", "message": "x", **change}
    for answer in (
        house.client.post(AT, json={"site": "daily", **body}, headers=house.admin),
        house.client.put(f"{AT}/{kept['id']}", json=body, headers=house.admin),
    ):
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]
    assert canned(house, site="daily") == [kept]


def test_a_token_of_one_site_need_not_say_which(house: House) -> None:
    kept = house.can()
    assert canned(house, house.token_for("narrow", Role.VIEWER, "daily")) == [kept]
    unsaid = house.client.get(AT, headers=house.admin)
    assert [fault["pointer"] for fault in unsaid.get_json()["errors"]] == ["/site"]
