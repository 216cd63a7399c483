"""What is not on stage does not exist for the public: no byte of any answer tells of it, by any way of asking."""

from __future__ import annotations

import json
import re

import pytest

from service.store.ids import new_id
from tests.web.asks import (
    PUBLIC,
    SILENT,
    SILENT_ID,
    STORY,
    STORY_ID,
    WRONG_TOKEN,
    Ask,
    Heard,
    ask_everything,
    routes,
)
from tests.web.conftest import House
from tests.web.hiding import (
    HIDDEN_WORDS,
    NEVER_ON_STAGE,
    TEXT,
    TITLE,
    Made,
    Way,
    assert_same,
    each_way,
    send,
    told,
)


def test_every_route_is_asked_here(house: House) -> None:
    found = {endpoint for _, endpoint in routes(house.app)}
    assert found == set(PUBLIC)
    described = house.client.get("/openapi.json").get_json()["paths"]
    asked = {(ask.method, ask.path.partition("?")[0]) for asks in PUBLIC.values() for ask in asks}
    assert {
        (method.upper(), re.sub(r"\{\w+\}", "ID", path))
        for path, methods in described.items()
        for method in methods
    } <= asked


@each_way
def test_a_hidden_comment_changes_no_byte_of_any_public_answer(either_stage: House, hide: Way) -> None:
    before = ask_everything(either_stage.app, str(new_id()))
    made = send(either_stage, url=STORY, thread=STORY_ID)
    hide(made)
    after = told(either_stage, made.id)
    assert_same(before, after)
    for heard in after.values():
        assert not any(word in heard.body for word in HIDDEN_WORDS)


@pytest.mark.parametrize("hide", NEVER_ON_STAGE, ids=lambda way: way.__name__)
def test_the_first_comment_of_a_story_does_not_show_that_it_is_there(stage: House, hide: Way) -> None:
    before = ask_everything(stage.app, str(new_id()))
    made = send(stage, url=SILENT, thread=SILENT_ID, title=TITLE)
    hide(made)
    after = told(stage, made.id)
    assert_same(before, after)
    for heard in after.values():
        assert not any(word in heard.body for word in HIDDEN_WORDS)


def test_a_hidden_comment_cannot_lead_a_storys_id_away_from_its_conversation(stage: House) -> None:
    stage.approved("Under the address alone.", url=SILENT)
    before = ask_everything(stage.app, str(new_id()))
    made = send(stage, url="https://daily.example/elsewhere", thread=SILENT_ID)
    assert_same(before, told(stage, made.id))


def test_a_hidden_comment_cannot_lead_a_storys_new_address_away_from_its_conversation(stage: House) -> None:
    moved = f"/v1/threads?site=daily&url=https://daily.example/moved&thread={STORY_ID}"
    before = Heard.of(stage.client.get(moved))
    assert b"A bridge is a promise." in before.body
    send(stage, url="https://daily.example/moved")
    assert Heard.of(stage.client.get(moved)) == before


def edit_pending(made: Made) -> None:
    made.edit(TEXT)


def edit_held(made: Made) -> None:
    made.edit(TEXT)
    made.house.screen()


def edit_held_by_a_person(made: Made) -> None:
    made.edit(TEXT)
    made.decide("hold")


def edit_rejected(made: Made) -> None:
    made.edit(TEXT)
    made.decide("reject", reasons=["other"])


@pytest.mark.parametrize(
    "edit", [edit_pending, edit_held, edit_held_by_a_person, edit_rejected], ids=lambda way: way.__name__
)
@pytest.mark.parametrize("edited_before", [False, True], ids=["first edit", "second edit"])
def test_a_waiting_edit_of_an_approved_comment_shows_nothing_of_itself(
    either_stage: House, edit: Way, edited_before: bool
) -> None:
    made = send(either_stage, "I was here before.", "Ada", thread=STORY_ID)
    made.decide("approve")
    if edited_before:
        made.edit("I was here before you.")
        made.decide("approve")
        [shown] = [one for one in either_stage.thread().get_json()["comments"] if one["id"] == made.id]
        assert shown["edited_at"] is not None
    before = ask_everything(either_stage.app, made.id)
    edit(made)
    after = told(either_stage, made.id)
    assert_same(before, after)
    for heard in after.values():
        assert b"zanzibar" not in heard.body


@each_way
def test_what_a_reader_kept_stays_valid_while_hidden_comments_come_and_go(stage: House, hide: Way) -> None:
    kept = stage.thread().headers["ETag"]
    hide(send(stage))
    answer = stage.client.get(
        "/v1/threads", query_string={"site": "daily", "url": STORY}, headers={"If-None-Match": kept}
    )
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == kept


@each_way
def test_a_hidden_comment_is_as_unknown_as_one_that_never_was(stage: House, hide: Way) -> None:
    hidden = send(stage)
    hide(hidden)
    elsewhere = send(stage, site="other", url="https://other.example/story")
    somebody_else = send(stage, "Another text altogether.", "Grace")
    [shown] = stage.thread().get_json()["comments"]
    ids = [str(new_id()), hidden.id, elsewhere.id, shown["id"], "not-an-id", hidden.id.upper() + "0"]
    for method in ("GET", "PATCH", "DELETE"):
        ask = Ask("/v1/comments/ID", method, json={"text": "Mine now."} if method == "PATCH" else None)
        heard = {
            Heard.of(stage.client.open(**{**ask.of(comment_id), "headers": headers}), comment_id)
            for comment_id in ids
            for headers in ({}, WRONG_TOKEN, somebody_else.own, stage.admin, {"Authorization": "Bearer é"})
        }
        assert len(heard) == 1
        [only] = heard
        assert only.status == 404
        assert json.loads(only.body)["type"].endswith("#comment-not-found")


@each_way
def test_answering_a_hidden_comment_is_like_answering_none(stage: House, hide: Way) -> None:
    hidden = send(stage)
    hide(hidden)
    elsewhere = stage.approved(site="other", url="https://other.example/story")
    next_door = stage.approved(url=SILENT)
    parents = [str(new_id()), hidden.id, str(elsewhere), str(next_door), "not-an-id"]
    for ask in PUBLIC["public.send_comment"][:2]:
        heard = {Heard.of(stage.client.open(**ask.of(parent)), parent) for parent in parents}
        assert len(heard) == 1
        assert next(iter(heard)).status == 422


def test_an_author_looks_at_their_own_comment_and_at_no_other(stage: House) -> None:
    mine, theirs = send(stage), send(stage, "Somebody else's words.", "Grace")
    assert stage.client.get(f"/v1/comments/{mine.id}", headers=mine.own).get_json()["text"] == TEXT
    assert stage.client.get(f"/v1/comments/{theirs.id}", headers=mine.own).status_code == 404


def test_after_erasure_not_even_the_edit_token_finds_the_comment(stage: House) -> None:
    mine = send(stage)
    mine.erase()
    unknown = Heard.of(stage.client.get(f"/v1/comments/{new_id()}", headers=mine.own))
    for method in ("GET", "DELETE"):
        answer = stage.client.open(f"/v1/comments/{mine.id}", method=method, headers=mine.own)
        assert Heard.of(answer) == unknown


def test_public_answers_are_the_same_with_a_moderators_token(stage: House) -> None:
    hidden = send(stage)
    public = [
        ask
        for name, asks in PUBLIC.items()
        if not name.startswith(("admin.", "health.figures"))
        for ask in asks
    ]
    assert len(public) > 50
    for ask in public:
        plain = Heard.of(stage.client.open(**ask.of(hidden.id)))
        with_token = {**ask.of(hidden.id), "headers": {**ask.headers, **stage.admin}}
        assert Heard.of(stage.client.open(**with_token)) == plain, ask
