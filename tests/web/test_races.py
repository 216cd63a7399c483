"""Two people at one comment: what an author and a moderator do meanwhile, in every order in which it can happen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from service.store.database import Database
from tests.web.conftest import House

OLD, NEW = "The old words.", "The new words."


class Author:
    """Somebody with a comment of their own."""

    def __init__(self, house: House, text: str = OLD) -> None:
        self.house = house
        made = house.post(text)
        self.id: str = made["id"]
        self.own = {"Authorization": f"Bearer {made['edit_token']}"}

    def edit(self, text: str = NEW) -> TestResponse:
        return self.house.client.patch(f"/v1/comments/{self.id}", json={"text": text}, headers=self.own)

    def withdraw(self) -> TestResponse:
        return self.house.client.delete(f"/v1/comments/{self.id}", headers=self.own)

    def decide(self, action: str = "approve", revision: int = 1) -> TestResponse:
        return self.house.client.post(
            f"/v1/admin/comments/{self.id}/decision",
            json={"action": action, "revision": revision, "reasons": ["other"]},
            headers=self.house.admin,
        )

    @property
    def case(self) -> dict[str, Any]:
        found: dict[str, Any] = self.house.client.get(
            f"/v1/admin/comments/{self.id}", headers=self.house.admin
        ).get_json()
        return found

    @property
    def shown(self) -> list[str]:
        return [node["html"] for node in self.house.thread().get_json()["comments"]]


def overtaken(database: Database, by: Callable[[], object]) -> None:
    """Have ``by`` happen right before the next writing transaction: whoever asked for that has looked already."""
    done = False

    def first(_connection: sa.Connection) -> None:
        nonlocal done
        if not done:
            done = True
            by()

    sa.event.listen(database.writing, "engine_connect", first)


# --- one right after the other ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["approve", "reject", "hold"])
def test_an_edit_that_a_decision_overtakes_is_refused_and_nothing_of_it_stays(
    either_house: House, action: str
) -> None:
    author = Author(either_house)
    overtaken(either_house.database, lambda: author.decide(action))
    answer = author.edit()
    assert answer.status_code == 409
    problem = answer.get_json()
    assert problem["type"].endswith("#revision-conflict")
    assert problem["revision"] == 2
    case = author.case
    assert (case["text"], case["edit"], case["status"]) == (OLD, None, problem["comment_status"])
    # Knowing that, the author may do it once more.
    if action != "reject":
        assert author.edit().status_code == 202


def test_a_withdrawal_that_a_decision_overtakes_is_told_and_can_be_repeated(either_house: House) -> None:
    author = Author(either_house)
    overtaken(either_house.database, author.decide)
    answer = author.withdraw()
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith("#revision-conflict")
    assert author.shown == [f"<p>{OLD}</p>"]
    assert author.withdraw().status_code == 200
    assert author.shown == []


def test_an_author_is_not_told_which_moderator_it_was(either_house: House) -> None:
    moderator = either_house.client.get("/v1/admin/me", headers=either_house.admin).get_json()["name"]
    for act in (Author.edit, Author.withdraw):
        author = Author(either_house)
        overtaken(either_house.database, partial(author.decide, "hold"))
        answer = act(author)
        assert answer.status_code == 409
        assert moderator not in answer.text
        assert answer.get_json()["detail"]
        own = either_house.client.get(f"/v1/comments/{author.id}", headers=author.own)
        assert moderator not in own.text


@pytest.mark.parametrize("act", [Author.edit, Author.withdraw], ids=lambda act: act.__name__)
def test_a_decision_that_its_author_overtakes_is_refused(
    either_house: House, act: Callable[[Author], TestResponse]
) -> None:
    author = Author(either_house)
    overtaken(either_house.database, lambda: act(author))
    answer = author.decide()
    assert answer.status_code == 409
    assert "The author has " in answer.get_json()["detail"]
    assert author.shown == []
    assert [one["action"] for one in author.case["decisions"]] == (
        ["withdraw"] if act is Author.withdraw else []
    )


# --- truly at once ---------------------------------------------------------------------------------------------------


def at_once(*acts: Callable[[], TestResponse]) -> list[TestResponse]:
    together = threading.Barrier(len(acts))
    answers: list[TestResponse] = []

    def run(act: Callable[[], TestResponse]) -> None:
        together.wait()
        answers.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_only_the_text_that_was_looked_at_comes_on_stage(either_house: House) -> None:
    for _ in range(8):
        author = Author(either_house)
        before = set(author.shown)
        answers = at_once(author.decide, author.edit)
        assert {answer.status_code for answer in answers} <= {200, 202, 409}
        assert any(answer.status_code < 300 for answer in answers)
        case = author.case
        if case["status"] == "approved":
            assert case["text"] == OLD
            assert f"<p>{OLD}</p>" in author.shown
        else:
            assert (case["status"], case["text"]) == ("pending", NEW)
        assert not any(NEW in html for html in set(author.shown) - before)
        # The first may be about an edit that waits.
        for _ in range(2):
            author.house.decide(author.id, "reject", reasons=["other"])


def test_an_author_who_withdraws_while_a_moderator_approves_is_off_stage_in_the_end(
    either_house: House,
) -> None:
    for _ in range(8):
        author = Author(either_house)
        decided, withdrawn = author.decide, author.withdraw
        statuses = [answer.status_code for answer in at_once(decided, withdrawn)]
        assert 200 in statuses
        if author.case["status"] != "withdrawn":
            assert author.withdraw().status_code == 200
        assert author.shown == []


# --- edits that wait -------------------------------------------------------------------------------------------------


def test_a_held_edit_leaves_what_was_approved_and_waits_for_a_person(either_house: House) -> None:
    author = Author(either_house)
    assert author.decide().status_code == 200
    assert author.edit().status_code == 202
    given = either_house.decide(author.id, "hold", note="Let me ask somebody.")
    assert (given["status"], given["awaiting"]) == ("approved", "held")
    assert author.shown == [f"<p>{OLD}</p>"]
    assert author.case["edit"]["text"] == NEW
    held = either_house.client.get("/v1/admin/comments?status=held", headers=either_house.admin).get_json()
    assert [one["id"] for one in held["comments"]] == [author.id]
    given = either_house.decide(author.id)
    assert (given["status"], given["awaiting"]) == ("approved", None)
    assert author.shown == [f"<p>{NEW}</p>"]


def test_whoever_decides_about_an_edit_is_told_when_there_is_a_newer_one(either_house: House) -> None:
    author = Author(either_house)
    author.decide()
    author.edit()
    looked_at = author.case["revision"]
    author.edit("The newest words.")
    answer = author.decide(revision=looked_at)
    assert answer.status_code == 409
    assert answer.get_json()["detail"] == "The author has changed this comment since you looked at it."
    assert author.shown == [f"<p>{OLD}</p>"]


def test_a_note_is_for_moderators_and_never_for_the_author(either_house: House) -> None:
    author = Author(either_house)
    either_house.decide(author.id, "reject", reasons=["insult", "other"], note="Zanzibar again.")
    own = either_house.client.get(f"/v1/comments/{author.id}", headers=author.own)
    assert "Zanzibar" not in own.text
    assert own.get_json()["statement"]["reasons"] == ["insult", "other"]
    assert author.case["decision"]["note"] == "Zanzibar again."
