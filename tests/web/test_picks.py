"""Editors' picks: a mark that everybody sees, of a text that is shown and of no other."""

from __future__ import annotations

from typing import Any

import pytest

from service.domain.roles import Role
from service.privacy import Erasure, export_site
from service.store import journal
from tests.people import NOW
from tests.web.conftest import House
from tests.web.hiding import ADDRESS, Made, Way, erased, held_by_a_person, rejected, send, withdrawn


def pick(house: House, comment_id: object, on: bool = True, **headers: str) -> Any:
    path = f"/v1/admin/comments/{comment_id}/pick"
    return house.client.post(path, json={"on": on}, headers={**house.admin, **headers})


def picked(house: House, comment_id: object, on: bool = True) -> None:
    answer = pick(house, comment_id, on)
    assert (answer.status_code, answer.get_json()) == (200, {"id": str(comment_id), "picked": on})


def marks(house: House) -> list[bool]:
    return [node["picked"] for node in house.thread(view="flat").get_json()["comments"]]


def acts(house: House) -> list[tuple[str, str, str | None]]:
    with house.database.read() as connection:
        entries = journal.entries(connection)
    return [(one.act, one.subject, one.site) for one in entries if one.act.startswith("pick.")]


@pytest.fixture
def chosen(either_house: House) -> Made:
    """A comment that readers see, and that an editor picked."""
    made = send(either_house)
    made.decide("approve")
    picked(either_house, made.id)
    return made


def test_a_pick_is_seen_by_all_and_ends_when_it_is_taken_back(either_house: House) -> None:
    one, other = either_house.approved("One."), either_house.approved("Other.")
    before = either_house.thread()
    picked(either_house, one)
    assert marks(either_house) == [True, False]
    assert either_house.thread().headers["ETag"] != before.headers["ETag"]
    picked(either_house, other)
    picked(either_house, one, False)
    picked(either_house, other, False)
    assert either_house.thread().headers["ETag"] == before.headers["ETag"]
    subjects = [f"comment {made}" for made in (one, other, one, other)]
    expected = zip(("pick.on", "pick.on", "pick.off", "pick.off"), subjects, ["daily"] * 4, strict=True)
    assert sorted(acts(either_house)) == sorted(expected)


def test_picking_twice_changes_nothing_and_is_noted_once(either_house: House) -> None:
    made = either_house.approved()
    picked(either_house, made)
    before = either_house.thread()
    picked(either_house, made)
    assert either_house.thread().headers["ETag"] == before.headers["ETag"]
    assert len(acts(either_house)) == 1


@pytest.mark.parametrize(
    "leave", [rejected, held_by_a_person, withdrawn, erased], ids=lambda way: way.__name__
)
def test_a_comment_that_leaves_the_stage_is_no_pick_any_more(chosen: Made, leave: Way) -> None:
    leave(chosen)
    assert [row["picked"] for row in chosen.house.stored()] == [False]
    if leave in (rejected, held_by_a_person):
        chosen.decide("approve")
        assert marks(chosen.house) == [False]


def test_what_readers_do_not_see_cannot_be_picked(house: House) -> None:
    made = house.post()["id"]
    for on in (True, False):
        answer = pick(house, made, on)
        assert answer.status_code == 409
        assert answer.get_json()["type"].endswith("#not-on-stage")
    assert acts(house) == []


def test_an_undo_brings_a_pick_back_with_the_text(chosen: Made) -> None:
    before = chosen.house.thread().data
    chosen.decide("reject", reasons=["other"])
    chosen.undo()
    assert chosen.house.thread().data == before
    assert marks(chosen.house) == [True]


def test_a_pick_that_came_after_a_decision_outlives_its_undo(either_house: House) -> None:
    made = send(either_house)
    made.decide("approve")
    made.decide("approve")
    picked(either_house, made.id)
    made.undo()
    assert marks(either_house) == [True]


def test_an_author_cannot_change_what_an_editor_picked(chosen: Made) -> None:
    chosen.edit("Something else altogether.")
    # What was picked is what is shown until the new text is approved.
    assert marks(chosen.house) == [True]
    chosen.decide("approve")
    assert marks(chosen.house) == [False]
    chosen.undo()
    assert marks(chosen.house) == [True]


def test_a_new_text_that_is_turned_down_leaves_the_pick(chosen: Made) -> None:
    chosen.edit("Something else altogether.")
    chosen.decide("reject", reasons=["other"])
    assert marks(chosen.house) == [True]


def test_picks_are_exported_and_shown_at_the_desk(chosen: Made) -> None:
    house = chosen.house
    assert [one["picked"] for one in export_site(house.database, "daily")] == [True]
    assert (
        house.client.get(f"/v1/admin/comments/{chosen.id}", headers=house.admin).get_json()["picked"] is True
    )
    Erasure(house.database, house.rooms.cipher, lambda: NOW).erase(ADDRESS)
    assert [one["picked"] for one in export_site(house.database, "daily")] == [False]


def test_a_comment_is_picked_from_its_case(house: House) -> None:
    made = house.approved()
    headers = house.signed_in(house.admin)
    case = f"/moderation/comments/{made}"
    assert ">Editor’s pick</button>" in house.client.get(case, headers=headers).text
    answer = house.client.post(f"{case}/pick", data={"on": "yes", "back": ""}, headers=headers)
    assert answer.status_code == 303
    assert marks(house) == [True]
    assert ">No longer a pick</button>" in house.client.get(case, headers=headers).text
    assert "Editor’s pick" in house.client.get("/daily/t?url=https://daily.example/budget").text
    house.client.post(f"{case}/pick", data={"on": "no", "back": ""}, headers=headers)
    assert marks(house) == [False]
    house.decide(str(made), "hold")
    assert ">Editor’s pick</button>" not in house.client.get(case, headers=headers).text
    refused = house.client.post(f"{case}/pick", data={"on": "yes", "back": ""}, headers=headers)
    assert refused.status_code == 409
    assert "Readers do not see this comment" in refused.text


def test_a_moderator_who_may_not_rule_has_no_button(house: House) -> None:
    made = house.approved()
    headers = house.signed_in(house.token_for("Mo", Role.MODERATOR, "daily"))
    assert (
        ">Editor’s pick</button>"
        not in house.client.get(f"/moderation/comments/{made}", headers=headers).text
    )
