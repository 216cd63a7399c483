"""Taking decisions back through the door: what the public sees is, byte for byte, what it saw before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from service.domain.roles import Role
from service.privacy import Erasure
from service.store import journal
from service.store.desk_tables import notes
from tests.web.conftest import ADDRESS, STORY, House
from tests.web.feeds import BOTH

VIEWS: tuple[dict[str, str], ...] = ({}, {"view": "flat"}, {"sort": "newest"})


def own(made: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {made['edit_token']}"}


def edit(house: House, made: dict[str, Any]) -> None:
    path = f"/v1/comments/{made['id']}"
    assert house.client.patch(path, json={"text": "New."}, headers=own(made)).status_code == 202


def public(house: House) -> list[tuple[bytes, str | None]]:
    """What everybody reads, and its ETags; counts have none, and are fresh for a minute instead."""
    threads = [house.thread(**view) for view in VIEWS]
    assert all("ETag" in answer.headers for answer in threads)
    counts = house.client.get("/v1/counts", query_string={"site": "daily", "url": STORY})
    assert [one["url"] for one in counts.get_json()["counts"]] == [STORY]
    feeds = [house.client.get(path) for path in BOTH]
    assert all("ETag" in answer.headers for answer in feeds)
    return [(answer.data, answer.headers.get("ETag")) for answer in (*threads, *feeds, counts)]


def pending(house: House) -> str:
    return str(house.post("Another.")["id"])


def held(house: House) -> str:
    made = pending(house)
    house.decide(made, "hold")
    return made


def approved(house: House) -> str:
    return str(house.approved("Another."))


def rejected(house: House) -> str:
    made = pending(house)
    house.decide(made, "spam")
    return made


def approved_and_edited(house: House) -> str:
    made = house.post("Another.")
    house.decide(made["id"])
    edit(house, made)
    return str(made["id"])


def approved_with_an_answer(house: House) -> str:
    made = approved(house)
    house.approved("An answer.", parent_id=made)
    return made


def removed_with_an_answer(house: House) -> str:
    made = approved_with_an_answer(house)
    house.decide(made, "spam")
    return made


def answer_below_what_was_removed(house: House) -> str:
    root = approved(house)
    made = str(house.approved("An answer.", parent_id=root))
    house.decide(root, "spam")
    return made


STANDS = (
    pending,
    held,
    approved,
    rejected,
    approved_and_edited,
    approved_with_an_answer,
    removed_with_an_answer,
    answer_below_what_was_removed,
)


@pytest.mark.parametrize("stand", STANDS, ids=lambda stand: stand.__name__)
def test_after_an_undo_the_public_answer_is_byte_for_byte_what_it_was(
    either_house: House, stand: Callable[[House], str]
) -> None:
    either_house.approved("One that is up.")
    comment_id = stand(either_house)
    for action in ("approve", "reject", "spam", "hold", "escalate"):
        before = public(either_house)
        either_house.decide(comment_id, action, reasons=["other"], note="Hm.")
        after = public(either_house)
        either_house.undo(comment_id)
        assert public(either_house) == before, action
        either_house.undo(comment_id)
        assert public(either_house) == after, action
        either_house.undo(comment_id)
        assert public(either_house) == before, action
    # A reader who was here before learns nothing new, and nothing old.
    tag = before[0][1]
    assert tag is not None
    assert (
        either_house.client.get(
            "/v1/threads",
            query_string={"site": "daily", "url": "https://daily.example/budget"},
            headers={"If-None-Match": tag},
        ).status_code
        == 304
    )


def undo(house: House, comment_id: str, decision: str, revision: int, **headers: str) -> TestResponse:
    return house.client.post(
        f"/v1/admin/comments/{comment_id}/undo",
        json={"decision": decision, "revision": revision},
        headers=headers or house.admin,
    )


def test_what_cannot_be_undone_is_refused_with_a_sentence(either_house: House) -> None:
    made = either_house.post()
    decided = either_house.decide(made["id"])
    edit(either_house, made)
    answer = undo(either_house, made["id"], decided["decision"]["id"], 3)
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith("#cannot-be-undone")
    assert answer.get_json()["detail"].startswith("Something came after this decision.")
    late = undo(either_house, made["id"], decided["decision"]["id"], 2)
    assert late.get_json()["type"].endswith("#revision-conflict")
    either_house.client.delete(f"/v1/comments/{made['id']}", headers=own(made))
    [row] = either_house.stored()
    gone = undo(either_house, made["id"], decided["decision"]["id"], row["revision"])
    assert "withdrawn" in gone.get_json()["detail"]
    no_id = undo(either_house, made["id"], "the last one", row["revision"])
    assert [fault["pointer"] for fault in no_id.get_json()["errors"]] == ["/decision"]
    assert either_house.stored() == [row]


def test_of_an_undo_and_a_decision_at_once_one_wins_and_the_other_is_told(either_house: House) -> None:
    people = {name: either_house.token_for(name, Role.MODERATOR) for name in ("ada", "bob")}
    for _ in range(5):
        made = either_house.post()
        decided = either_house.decide(made["id"], "hold")
        path = f"/v1/admin/comments/{made['id']}"
        asks: dict[str, tuple[str, dict[str, Any]]] = {
            "ada": (f"{path}/undo", {"decision": decided["decision"]["id"], "revision": 2}),
            "bob": (f"{path}/decision", {"action": "approve", "revision": 2}),
        }
        told: dict[str, TestResponse] = {}
        together = threading.Barrier(2)

        def act(name: str, asks: Any = asks, told: Any = told, together: Any = together) -> None:
            together.wait()
            at, body = asks[name]
            told[name] = either_house.client.post(at, json=body, headers=people[name])

        both = [threading.Thread(target=act, args=(name,)) for name in asks]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        winner, loser = sorted(told, key=lambda name: told[name].status_code)
        assert [told[name].status_code for name in (winner, loser)] == [200, 409]
        assert told[loser].get_json()["detail"].startswith(f"{winner} has ")
        assert told[winner].get_json()["revision"] == 3


def test_what_is_to_be_screened_again_after_an_undo_is_screened(house: House) -> None:
    made = house.post("I like the boat.")
    house.decide(made["id"], "spam")
    assert house.undo(made["id"])["awaiting"] == "pending"
    house.screen()
    [row] = house.stored()
    assert (row["status"], row["automated"]) == ("held", True)


# --- what an author is told ------------------------------------------------------------------------------------------


def statement(house: House, made: dict[str, Any]) -> Any:
    answer = house.client.get(f"/v1/comments/{made['id']}", headers=own(made))
    assert answer.status_code == 200
    return answer.get_json()["statement"]


def test_an_author_is_told_the_decision_that_is_in_force(either_house: House) -> None:
    made = either_house.post()
    either_house.screen()
    by_machine = statement(either_house, made)
    assert (by_machine["automated"], by_machine["message"]) == (True, "")
    either_house.decide(made["id"], "reject", reasons=["insult"], message=" Please be kind. ")
    told = statement(either_house, made)
    assert {name: told[name] for name in ("action", "reasons", "automated", "message")} == {
        "action": "reject",
        "reasons": ["insult"],
        "automated": False,
        "message": "Please be kind.",
    }
    either_house.undo(made["id"])
    assert statement(either_house, made) == by_machine
    either_house.undo(made["id"])
    assert statement(either_house, made) == told


def test_whom_a_moderator_asks_is_no_business_of_the_authors(either_house: House) -> None:
    made = either_house.post()
    given = either_house.decide(made["id"], "escalate", note="Zanzibar: is this libel?")
    assert (given["status"], given["decision"]["action"]) == ("held", "escalate")
    assert either_house.stored()[0]["escalated"]
    assert statement(either_house, made)["action"] == "hold"
    either_house.decide(made["id"], "approve")
    assert not either_house.stored()[0]["escalated"]


def test_nothing_that_an_author_reads_holds_a_note_a_name_or_an_address(either_house: House) -> None:
    bob = either_house.token_for("Bobolink", Role.MODERATOR)
    made = either_house.post()
    path = f"/v1/admin/comments/{made['id']}"
    for revision, action in enumerate(("hold", "escalate", "reject"), start=1):
        body = {"action": action, "reasons": ["other"], "revision": revision, "note": "Zanzibar again."}
        decided = either_house.client.post(f"{path}/decision", json=body, headers=bob).get_json()
    taken = {"decision": decided["decision"]["id"], "revision": decided["revision"]}
    either_house.client.post(f"{path}/undo", json=taken, headers=bob)
    either_house.carry_out(either_house.bulk("spam", "held", note="Zanzibar again.")["id"])
    erasure = Erasure(either_house.database, either_house.rooms.cipher, either_house.rooms.bulks.now)
    exported = list(erasure.export(ADDRESS))
    own_view = either_house.client.get(f"/v1/comments/{made['id']}", headers=own(made)).text
    for told in (own_view, str(exported), *(data.decode() for data, _ in public(either_house))):
        for private in ("Zanzibar", "Bobolink", "escalate", ADDRESS):
            assert private not in told
    case = either_house.client.get(path, headers=either_house.admin).text
    assert "Zanzibar" in case
    assert ADDRESS not in case


# --- what is kept of it ----------------------------------------------------------------------------------------------


def test_every_decision_and_undo_stands_in_the_journal_without_a_word_of_it(either_house: House) -> None:
    made = either_house.post()
    for action in ("hold", "escalate", "reject", "spam", "approve"):
        either_house.decide(made["id"], action, reasons=["other"], note="Zanzibar.", message="Quagga.")
    undone = either_house.undo(made["id"])["decision"]
    with either_house.database.read() as connection:
        assert journal.verify(connection)[2] is None
        told = [one for one in journal.entries(connection) if one.act.startswith("comment.")][::-1]
        assert connection.scalar(sa.select(sa.func.count()).select_from(notes)) == 0
    assert [one.act.removeprefix("comment.") for one in told] == [
        "hold",
        "escalate",
        "reject",
        "reject",
        "approve",
        "undo",
    ]
    assert {one.subject for one in told} == {f"comment {made['id']}"}
    assert {one.site for one in told} == {"daily"}
    assert told[3].detail["reasons"] == ["spam", "other"]
    assert told[-1].detail == {
        "reasons": [],
        "revision": 6,
        "decision": undone["id"],
        "undoes": told[-2].detail["decision"],
    }
    assert not any(word in str(told) for word in ("Zanzibar", "Quagga", "bridge"))


# --- in bulk ---------------------------------------------------------------------------------------------------------


def test_a_bulk_is_previewed_made_followed_and_taken_back(either_house: House) -> None:
    client, admin = either_house.client, either_house.admin
    made = [either_house.post(f"Number {number}.") for number in range(7)]
    meant: dict[str, Any] = {"site": "daily", "query": "queue=pending"}
    before = public(either_house)
    told = {"reasons": ["off_topic"], "message": "Off the subject.", "note": "All of them."}
    draft = either_house.bulk("reject", **meant, **told, start=False)
    assert (draft["total"], draft["started_at"]) == (7, None)
    assert draft["examples"] == [one["id"] for one in made[:5]]
    assert client.get("/v1/admin/bulks?site=daily", headers=admin).get_json() == {"bulks": []}
    started = client.post(f"/v1/admin/bulks/{draft['id']}/start", headers=admin)
    assert started.status_code == 202
    bulk = started.get_json()
    assert (bulk["total"], bulk["done"], bulk["finished_at"]) == (7, 0, None)
    either_house.decide(made[0]["id"])
    either_house.carry_out(bulk["id"])
    path = f"/v1/admin/bulks/{bulk['id']}"
    assert bulk["links"]["self"].endswith(path)
    followed = client.get(path, headers=admin).get_json()
    assert (followed["done"], followed["passed_over"]) == (6, 1)
    assert followed["finished_at"] is not None
    assert statement(either_house, made[1])["message"] == "Off the subject."
    taken_back = client.post(f"{path}/undo", headers=admin).get_json()
    either_house.carry_out(taken_back["id"])
    either_house.undo(made[0]["id"])
    assert {row["status"] for row in either_house.stored()} == {"pending"}
    assert public(either_house) == before
    listed = client.get("/v1/admin/bulks?site=daily", headers=admin).get_json()["bulks"]
    assert [(one["id"], one["undone_by"]) for one in listed] == [
        (taken_back["id"], None),
        (bulk["id"], taken_back["id"]),
    ]
    again = client.post(f"{path}/undo", headers=admin)
    assert again.status_code == 409
    assert again.get_json()["detail"] == "This bulk was taken back already."


@pytest.mark.parametrize(
    ("meant", "pointer"),
    [
        ({}, "/query"),
        ({"query": "queue=held", "comments": [{"id": "x", "revision": 1}]}, "/query"),
        ({"query": "queue=held"}, "/query"),
        ({"query": "queue=nowhere"}, "/queue"),
        ({"query": "colour=red"}, "/query"),
        ({"comments": []}, "/comments"),
        ({"comments": [{"id": "x", "revision": 1}]}, "/comments/0/id"),
        ({"comments": [{"id": "00000000-0000-7000-8000-000000000000", "revision": 1}]}, "/comments/0/id"),
        ({"comments": [{"id": "x", "revision": 0}]}, "/comments/0/revision"),
        ({"query": "queue=pending", "action": "undo"}, "/action"),
    ],
    ids=str,
)
def test_a_bulk_that_is_none_is_refused(house: House, meant: dict[str, Any], pointer: str) -> None:
    house.post()
    body = {"site": "daily", "action": "hold", **meant}
    answer = house.client.post("/v1/admin/bulks", json=body, headers=house.admin)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]
