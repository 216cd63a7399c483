"""Replies of the newsroom: on stage at once, marked for everybody, and no reader's by any count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.bootstrap import now
from service.domain.roles import Role
from service.domain.site import Site
from service.privacy import export_site
from service.store import context, figures, journal, lessons
from service.store.desk_tables import search_rows
from service.store.tables import vault
from tests.web.conftest import STORY, House
from tests.web.hiding import Way, held_by_a_person, pending, rejected, send, withdrawn
from tests.web.stage import close_story, flattened, put_on_stage

FORM = {"site": "daily", "url": STORY, "name": "Eve", "email": "eve@example.org", "text": "Hi."}
CLAIMS: dict[str, Any] = {"staff": True, "picked": True, "likes": 9, "status": "approved", "rank": -9}


def reply(house: House, comment_id: object, text: str = "Thank **you**.", **headers: str) -> Any:
    path = f"/v1/admin/comments/{comment_id}/reply"
    return house.client.post(path, json={"text": text}, headers=headers or house.admin)


def replied(house: House, comment_id: object, text: str = "Thank **you**.", **headers: str) -> dict[str, Any]:
    answer = reply(house, comment_id, text, **headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def on_stage(house: House) -> list[dict[str, Any]]:
    return flattened(house.thread().get_json()["comments"])


# --- what readers see ------------------------------------------------------------------------------------------------


def test_a_reply_stands_below_what_it_answers_marked_as_staffs(either_house: House) -> None:
    asked = either_house.approved()
    before = either_house.thread()
    ann = either_house.token_for("Ann Editor", Role.MODERATOR, "daily")
    made = replied(either_house, asked, **ann)
    after = either_house.thread()
    first, second = on_stage(either_house)
    assert (first["id"], first["staff"]) == (str(asked), False)
    assert second == {
        "id": made["id"],
        "parent_id": str(asked),
        "depth": 1,
        "status": "approved",
        "author": {"name": "Ann Editor"},
        "html": "<p>Thank <strong>you</strong>.</p>",
        "created_at": made["created_at"],
        "edited_at": None,
        "likes": 0,
        "picked": False,
        "staff": True,
        "replies": [],
    }
    assert after.get_json()["count"] == 2
    assert after.headers["ETag"] != before.headers["ETag"]
    page = either_house.client.get("/daily/t", query_string={"url": STORY}).text
    assert page.count(">Staff</span>") == 1


def test_a_reply_is_rendered_by_the_gate_that_readers_texts_go_through(house: House) -> None:
    made = replied(house, house.approved(), "<script>alert(1)</script> [x](javascript:alert(1))")
    assert "<script" not in made["html"]
    assert "<a" not in made["html"]


def test_a_closed_conversation_is_still_answered(house: House) -> None:
    asked = house.approved()
    close_story(house)
    replied(house, asked)
    assert [node["staff"] for node in on_stage(house)] == [False, True]


def test_readers_answer_like_and_flag_a_reply(house: House) -> None:
    made = replied(house, house.approved())["id"]
    house.approved("You are welcome.", parent_id=made)
    assert house.client.post(f"/v1/comments/{made}/like").get_json() == {"likes": 1, "liked": True}
    assert house.client.post(f"/v1/comments/{made}/flag", json={"reason": "other"}).status_code == 202
    assert [node["staff"] for node in on_stage(house)] == [False, True, False]


# --- what cannot be ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hide", [pending, rejected, held_by_a_person, withdrawn], ids=lambda way: way.__name__
)
def test_what_readers_do_not_see_cannot_be_answered(house: House, hide: Way) -> None:
    made = send(house)
    hide(made)
    answer = reply(house, made.id)
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith("#not-on-stage")
    assert len(house.stored()) == 1


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_001])
def test_a_reply_obeys_the_rules_for_texts(house: House, text: str) -> None:
    answer = reply(house, house.approved(), text)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/text"
    assert len(house.stored()) == 1


def test_a_reply_goes_no_deeper_than_readers_do(house: House) -> None:
    house.add_site(Site("daily", "The Daily", ("https://daily.example",), max_depth=1))
    top, below = put_on_stage(house, [None, 0])
    assert reply(house, below).status_code == 422
    replied(house, top)


def test_a_name_that_is_an_address_is_not_published(house: House) -> None:
    headers = house.token_for("ann@daily.example", Role.MODERATOR, "daily")
    answer = reply(house, house.approved(), **headers)
    assert answer.status_code == 422
    assert "ann@daily.example" not in house.thread().text + answer.text


@pytest.mark.parametrize("field", CLAIMS)
def test_no_reader_can_say_that_they_are_staff_or_chosen_or_liked(house: House, field: str) -> None:
    claim = {field: CLAIMS[field]}
    sent = house.submission()
    nested = {**sent, "author": {**sent["author"], **claim}}
    for body in ({**sent, **claim}, nested):
        assert house.client.post("/v1/comments", json=body).status_code == 422
    made = house.post()
    own = {"Authorization": f"Bearer {made['edit_token']}"}
    edit = house.client.patch(f"/v1/comments/{made['id']}", json={"text": "x", **claim}, headers=own)
    assert edit.status_code == 422
    typed = house.client.post("/v1/comments", data={**FORM, field: "1"})
    assert typed.status_code == 303
    liked = house.client.post(f"/v1/comments/{made['id']}/like", json=claim)
    assert liked.status_code == 404
    for row in house.stored():
        assert (row["staff"], row["picked"], row["likes"], row["rank"]) == (False, False, 0, 0)
        assert row["status"] == "pending"


# --- the books -------------------------------------------------------------------------------------------------------


def test_a_reply_is_a_persons_decision_and_stands_in_the_journal(either_house: House) -> None:
    asked = either_house.approved()
    ann = either_house.token_for("Ann", Role.MODERATOR, "daily")
    made = replied(either_house, asked, **ann)["id"]
    case = either_house.client.get(f"/v1/admin/comments/{made}", headers=either_house.admin).get_json()
    [decision] = case["decisions"]
    assert (decision["action"], decision["status"], decision["actor"]) == ("reply", "approved", "Ann")
    assert decision["automated"] is False
    assert (case["staff"], case["status"], case["awaiting"]) == (True, "approved", None)
    with either_house.database.read() as connection:
        entry = journal.entries(connection)[0]
    assert (entry.act, entry.actor, entry.subject) == ("comment.reply", "Ann", f"comment {made}")
    assert entry.detail == {"answers": str(asked), "decision": decision["id"]}
    assert [one["staff"] for one in export_site(either_house.database, "daily")] == [False, True]


def test_a_reply_that_is_taken_back_waits_for_a_person_and_for_no_machine(either_house: House) -> None:
    made = replied(either_house, either_house.approved())["id"]
    either_house.undo(made)
    assert len(on_stage(either_house)) == 1
    either_house.screen()
    row = either_house.stored()[1]
    assert (row["status"], row["awaiting"]) == ("held", "held")
    either_house.decide(made)
    assert [node["staff"] for node in on_stage(either_house)] == [False, True]


def test_a_reply_has_no_author_that_anything_could_be_known_of(either_house: House) -> None:
    house = either_house
    made = replied(house, house.approved(), "See https://daily.example/council for more.")["id"]
    asked = {"comment": made, "kind": "ban"}
    for of in ("address", "origin"):
        answer = house.client.post("/v1/admin/standings", json={**asked, "of": of}, headers=house.admin)
        assert answer.get_json()["type"].endswith("#standing-impossible")
    row = house.stored()[1]
    with house.database.read() as connection:
        [kept] = connection.execute(sa.select(vault).where(vault.c.comment_id == row["id"]))
        assert set(kept[2:]) == {None}
        assert context.author_records(connection, [row["id"]]) == {}
        assert context.origin_records(connection, [row["id"]]) == {}
        # What is searched knows it.
        assert row["id"] in set(connection.scalars(sa.select(search_rows.c.comment_id)))


def test_nothing_is_learned_from_what_staff_wrote(either_house: House) -> None:
    house = either_house
    made = replied(house, house.approved("A reader's words."), "The newsroom's words.")["id"]
    for action in ("approve", "reject"):
        house.decide(made, action, reasons=["other"])
        with house.database.read() as connection:
            assert [one.text for one in lessons.decided(connection, "daily")] == ["A reader's words."]


def test_figures_count_readers_comments_and_what_became_of_them(either_house: House) -> None:
    house = either_house
    made = replied(house, house.approved())["id"]
    bounds = (now() - timedelta(hours=1), now() + timedelta(hours=1))
    with house.database.read() as connection:
        assert figures.arrivals(connection, None, bounds) == [1]
        assert figures.arrivals(connection, "daily", bounds) == [1]
        [people] = figures.tallies(connection, "daily", bounds, automated=False)
        assert people.approved == 1
    house.decide(made, "reject", reasons=["other"])
    with house.database.read() as connection:
        assert [len(past) for past in figures.pasts(connection, ["daily"], bounds[0], share=1)] == [1]


# --- the case page -----------------------------------------------------------------------------------------------


def test_a_moderator_replies_from_the_case(house: House) -> None:
    asked = house.approved()
    headers = house.signed_in(house.token_for("Ann", Role.MODERATOR, "daily"))
    case = f"/moderation/comments/{asked}"
    assert "Reply as <bdi>Ann</bdi></button>" in house.client.get(case, headers=headers).text
    refused = house.client.post(f"{case}/reply", data={"text": " ", "back": ""}, headers=headers)
    assert refused.status_code == 422
    long = house.client.post(f"{case}/reply", data={"text": "y" * 10_001, "back": ""}, headers=headers)
    assert "y" * 10_001 in long.text
    answer = house.client.post(f"{case}/reply", data={"text": "Thanks.", "back": ""}, headers=headers)
    assert answer.status_code == 303
    assert [node["author"]["name"] for node in on_stage(house)] == ["Ada", "Ann"]
    house.decide(str(asked), "hold")
    assert "Reply as" not in house.client.get(case, headers=headers).text
    gone = house.client.post(f"{case}/reply", data={"text": "Thanks.", "back": ""}, headers=headers)
    assert gone.status_code == 409


def test_whoever_only_reads_has_no_form_to_reply(house: House) -> None:
    headers = house.signed_in(house.token_for("Vera", Role.VIEWER, "daily"))
    assert (
        "Reply as" not in house.client.get(f"/moderation/comments/{house.approved()}", headers=headers).text
    )
