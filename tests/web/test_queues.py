"""The desk over HTTP: queues and searches, kept views, claims, and readers' calls that nobody else hears of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.domain.queue import QueueName
from service.domain.roles import Role
from service.domain.site import Site
from service.people import Moderator
from service.queues import Queues
from service.store import journal
from service.store.desk_tables import flags
from service.store.ids import new_id
from service.store.tables import vault
from tests.people import NOW
from tests.web.asks import STORY_ID, Heard, ask_everything
from tests.web.conftest import STORY, House
from tests.web.hiding import assert_same, told


def ask(house: House, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
    answer = house.client.get(f"/v1/admin/{path}", query_string=query, headers=headers or house.admin)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def ids(page: Any) -> list[str]:
    return [item["id"] for item in page["comments"]]


def flag(house: House, comment_id: object, reason: str = "spam", remote: str = "203.0.113.7") -> Any:
    return house.client.post(
        f"/v1/comments/{comment_id}/flag", json={"reason": reason}, environ_base={"REMOTE_ADDR": remote}
    )


# --- queues ------------------------------------------------------------------------------------------------------


def test_a_small_queue_is_counted_anew_and_a_large_one_every_ten_seconds(
    either_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.queues.EXACT", 3)
    moment = [NOW]
    room = Queues(either_house.database, either_house.rooms.sites, lambda: moment[0])
    ann = Moderator("ann", Role.VIEWER, None)

    def pending() -> tuple[int, bool]:
        [counted] = [one for one in room.counts(ann, "daily") if one.queue is QueueName.PENDING]
        return counted.count, counted.about

    for number in range(4):
        assert pending() == (number, False)
        either_house.post(f"Comment {number}.")
    assert pending() == (4, True)
    either_house.post("One more.")
    moment[0] += timedelta(seconds=9)
    assert pending() == (4, True)
    moment[0] += timedelta(seconds=1)
    assert pending() == (5, True)
    # A clock that was put back keeps nothing for hours.
    either_house.post("And one.")
    moment[0] -= timedelta(hours=1)
    assert pending() == (6, True)


def test_every_queue_is_counted_and_read(either_house: House) -> None:
    approved = str(either_house.approved("One that is up."))
    held = either_house.post("Call me: 020 7946 0958")["id"]
    either_house.screen()
    spam = either_house.post("Buy my soap.")["id"]
    either_house.decide(spam, "reject", reasons=["spam"])
    rude = either_house.post("You fool.")["id"]
    either_house.decide(rude, "reject", reasons=["insult"])
    flag(either_house, approved)
    pending = either_house.post("New.")["id"]
    counted = {one["queue"]: one for one in ask(either_house, "queues")["queues"]}
    right = {
        "held": [held],
        "reported": [approved],
        "approved": [approved],
        "spot": [],
        "spam": [spam],
        "rejected": [rude],
        "escalated": [],
        "appeals": [],
        "pending": [pending],
        "everything": [pending, rude, spam, held, approved],
    }
    assert set(right) == set(QueueName)
    for queue, members in right.items():
        assert ids(ask(either_house, "comments", queue=queue)) == members, queue
        assert (counted[queue]["count"], counted[queue]["more"]) == (len(members), False)
    dated = {queue for queue, one in counted.items() if one["oldest"] is not None}
    assert dated == {queue for queue, members in right.items() if members}


def test_pages_of_a_queue_go_on_where_the_last_one_ended(house: House) -> None:
    made = [house.post(f"Comment {number}")["id"] for number in range(5)]
    first = ask(house, "comments", queue="pending", limit=2)
    second = ask(house, "comments", queue="pending", limit=2, cursor=first["next_cursor"])
    last = ask(house, "comments", queue="pending", limit=2, cursor=second["next_cursor"])
    assert ids(first) + ids(second) + ids(last) == made
    assert last["next_cursor"] is None
    refused = house.client.get(
        f"/v1/admin/comments?queue=held&sort=risk&cursor={first['next_cursor']}", headers=house.admin
    )
    assert [fault["pointer"] for fault in refused.get_json()["errors"]] == ["/cursor"]


def test_a_search_finds_screened_comments_by_name_and_text(either_house: House) -> None:
    bridge = either_house.post("What about the Brücke?")["id"]
    ferry = either_house.post("The ferry.", author={"name": "Grace", "email": "g@example.org"})["id"]
    assert ids(ask(either_house, "comments", q="ferry")) == []
    either_house.screen()
    assert ids(ask(either_house, "comments", q="brucke")) == [bridge]
    assert ids(ask(either_house, "comments", q="grace fer")) == [ferry]
    assert ids(ask(either_house, "comments", q="the -ferry")) == [bridge]
    assert ids(ask(either_house, "comments", q="the", queue="spam")) == []


def test_an_address_finds_nothing_and_the_same_author_is_found_by_a_comment(house: House) -> None:
    first = house.post("First.")["id"]
    second = house.post("Second.", author={"name": "Another name", "email": "ada@example.org"})["id"]
    house.post("Third.", author={"name": "Ada", "email": "other@example.org"})
    house.screen()
    assert ids(ask(house, "comments", q='"ada example"')) == []
    assert ids(ask(house, "comments", author="example")) == []
    same = ask(house, "comments", queue="everything", author_of=first)
    assert ids(same) == [second, first]
    assert "example.org" not in str(same)


def test_a_narrowed_token_asks_for_no_other_site(house: House) -> None:
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    ours = house.post()["id"]
    narrow = house.token_for("narrow", Role.VIEWER, "other")
    assert ids(ask(house, "comments", narrow, queue="pending")) == []
    assert ids(ask(house, "comments", narrow, queue="everything", author_of=ours)) == []
    for query in ("site=daily", "site=daily&site=other"):
        assert house.client.get(f"/v1/admin/comments?{query}", headers=narrow).status_code == 403


# --- views -------------------------------------------------------------------------------------------------------


def test_views_are_kept_replaced_and_deleted_each_by_its_owner(house: House) -> None:
    bob = house.token_for("bob", Role.VIEWER)

    def save(name: str, query: str) -> Any:
        return house.client.post("/v1/admin/views", json={"name": name, "query": query}, headers=bob)

    assert save("Loud", "q=&sort=risk").get_json()["views"][0]["query"] == "queue=held&sort=risk"
    kept = save(" Loud ", "label=spam&queue=held").get_json()["views"]
    assert [(one["name"], one["query"]) for one in kept] == [("Loud", "queue=held&label=spam")]
    assert ask(house, "views") == {"views": []}
    for name, query, pointer in (
        ("", "queue=held", "/name"),
        ("x" * 81, "queue=held", "/name"),
        ("x", "queue=no", "/query"),
        ("x", "colour=red", "/query"),
    ):
        answer = save(name, query)
        assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]
    house.client.delete(f"/v1/admin/views/{kept[0]['id']}", headers=house.admin)
    assert ask(house, "views", bob)["views"] == kept
    gone = house.client.delete(f"/v1/admin/views/{kept[0]['id']}", headers=bob)
    assert gone.get_json() == {"views": []}
    with house.database.read() as connection:
        acts = [entry.act for entry in journal.entries(connection) if entry.actor == "bob"]
    assert acts == ["view.delete", "view.save", "view.save"]


# --- claims ------------------------------------------------------------------------------------------------------


def test_colleagues_see_who_looks_and_a_decision_ends_it(either_house: House) -> None:
    made = either_house.post()["id"]
    bob = either_house.token_for("bob", Role.MODERATOR)
    path = f"/v1/admin/comments/{made}/claim"
    taken = either_house.client.post(path, headers=bob).get_json()["claim"]
    assert (taken["moderator"], taken["mine"]) == ("bob", True)
    theirs = either_house.client.post(path, headers=either_house.admin)
    assert (theirs.status_code, theirs.get_json()["claim"]) == (200, {**taken, "mine": False})
    [item] = ask(either_house, "comments", queue="pending")["comments"]
    assert item["claim"] == {"moderator": "bob", "until": taken["until"]}
    kept = either_house.client.delete(path, headers=either_house.admin).get_json()["claim"]
    assert kept == {**taken, "mine": False}
    either_house.decide(made)
    assert ask(either_house, f"comments/{made}")["claim"] is None


def test_a_claim_can_be_given_up(house: House) -> None:
    made = house.post()["id"]
    path = f"/v1/admin/comments/{made}/claim"
    house.client.post(path, headers=house.admin)
    assert house.client.delete(path, headers=house.admin).get_json() == {"claim": None}
    assert ask(house, f"comments/{made}")["claim"] is None


# --- readers' calls ----------------------------------------------------------------------------------------------


def test_moderators_hear_why_readers_call_and_never_who(either_house: House) -> None:
    shown = either_house.approved()
    for remote, reason in (("203.0.113.7", "hate"), ("203.0.113.7", "spam"), ("198.51.100.1", "hate")):
        answer = flag(either_house, shown, reason, remote)
        assert (answer.status_code, answer.get_json()) == (202, {"id": str(shown)})
    page = ask(either_house, "comments", queue="reported")
    assert page["comments"][0]["flags"] == {"count": 2, "reasons": {"hate": 2}}
    with either_house.database.read() as connection:
        indexes = list(connection.scalars(sa.select(flags.c.flagger)))
        origins = list(connection.scalars(sa.select(vault.c.origin_index)))
    for index in (*indexes, *origins):
        assert index.hex() not in str(page)
    either_house.decide(str(shown))
    assert ask(either_house, "comments", queue="reported")["comments"] == []


def test_a_call_joins_with_no_origin_and_no_other_call(house: House) -> None:
    one, other = house.approved("One."), house.approved("Other.")
    for comment in (one, other):
        flag(house, comment, remote="127.0.0.1")
    with house.database.read() as connection:
        indexes = set(connection.scalars(sa.select(flags.c.flagger)))
        origins = set(connection.scalars(sa.select(vault.c.origin_index)))
    assert len(indexes) == 2
    assert not indexes & origins


def test_a_call_changes_nothing_that_the_public_sees(either_stage: House) -> None:
    [shown] = either_stage.thread().get_json()["comments"]
    before = ask_everything(either_stage.app, str(new_id()))
    tag = either_stage.thread().headers["ETag"]
    for remote in ("203.0.113.7", "198.51.100.1"):
        assert flag(either_stage, shown["id"], "threat", remote).status_code == 202
    assert_same(before, told(either_stage, str(new_id())))
    assert either_stage.thread().headers["ETag"] == tag
    assert either_stage.stored()[0]["flags"] == 2


def test_what_is_not_on_stage_is_as_unknown_to_a_call_as_what_never_was(house: House) -> None:
    pending = house.post()["id"]
    rejected = house.post("No.")["id"]
    house.decide(rejected, "reject", reasons=["other"])
    parent = house.approved("Gone.", url=STORY, thread=STORY_ID)
    reply = house.post("An answer.", parent_id=str(parent))["id"]
    house.decide(reply)
    house.decide(str(parent), "reject", reasons=["other"])
    heard = {
        Heard.of(flag(house, comment), str(comment))
        for comment in (pending, rejected, parent, new_id(), "not-an-id")
    }
    assert len(heard) == 1
    assert next(iter(heard)).status == 404


@pytest.mark.parametrize("body", [{}, {"reason": "ugly"}, {"reason": "spam", "text": "x"}, {"reason": None}])
def test_a_call_without_a_known_reason_is_refused(house: House, body: dict[str, Any]) -> None:
    shown = house.approved()
    assert house.client.post(f"/v1/comments/{shown}/flag", json=body).status_code == 422
    assert house.stored()[0]["flags"] == 0
