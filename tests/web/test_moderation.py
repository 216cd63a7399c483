"""The moderators' API: a queue to work off, a case to understand, and decisions that are never lost or doubled."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from service.bootstrap import build_worker, now
from service.checks.catalogue import CATALOGUE
from service.domain.roles import Role
from service.domain.site import Site
from service.store import comments as claims
from service.store.decisions import record
from service.store.tables import decisions
from tests.web.conftest import STORY, House


def queue(house: House, **query: Any) -> Any:
    answer = house.client.get("/v1/admin/comments", query_string=query, headers=house.admin)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def ids(page: Any) -> list[str]:
    return [item["id"] for item in page["comments"]]


def case(house: House, comment_id: str) -> Any:
    return house.client.get(f"/v1/admin/comments/{comment_id}", headers=house.admin).get_json()


def decide(
    house: House, comment_id: str, *, headers: dict[str, str] | None = None, **body: Any
) -> TestResponse:
    return house.client.post(
        f"/v1/admin/comments/{comment_id}/decision", json=body, headers=headers or house.admin
    )


def edit(house: House, made: dict[str, Any], text: str) -> None:
    bearer = {"Authorization": f"Bearer {made['edit_token']}"}
    answer = house.client.patch(f"/v1/comments/{made['id']}", json={"text": text}, headers=bearer)
    assert answer.status_code == 202, answer.text


# --- the queue -------------------------------------------------------------------------------------------------------


def test_what_waits_comes_oldest_first_and_every_page_goes_on_where_the_last_ended(
    either_house: House,
) -> None:
    made = [either_house.post(f"Comment number {number} about the bridge.")["id"] for number in range(7)]
    either_house.screen()
    seen: list[str] = []
    cursor = None
    for _ in range(10):
        page = queue(either_house, status="held", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += ids(page)
        cursor = page["next_cursor"]
        if cursor is None:
            break
        # What is decided meanwhile moves no other comment to or from a page.
        either_house.decide(seen[0]) if len(seen) == 3 else None
    assert seen == made


def test_what_is_decided_comes_newest_first(either_house: House) -> None:
    made = [str(either_house.approved(f"Approved comment {number}.")) for number in range(4)]
    assert ids(queue(either_house, status="approved")) == made[::-1]
    assert ids(queue(either_house, status="approved", limit=3)) == made[:0:-1]


def test_a_queue_can_be_narrowed_to_a_site(either_house: House) -> None:
    either_house.add_site(Site("weekly", "The Weekly", ("https://weekly.example",)))
    here = either_house.post("For the daily.")["id"]
    there = either_house.post("For the weekly.", site="weekly", url="https://weekly.example/a")["id"]
    assert ids(queue(either_house, status="pending")) == [here, there]
    assert ids(queue(either_house, status="pending", site="weekly")) == [there]
    unknown = either_house.client.get("/v1/admin/comments?site=nowhere", headers=either_house.admin)
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    "query", [{"status": "spam"}, {"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"cursor": "x"}], ids=str
)
def test_a_question_that_makes_no_sense_is_answered_with_what_would(
    house: House, query: dict[str, str]
) -> None:
    answer = house.client.get("/v1/admin/comments", query_string=query, headers=house.admin)
    assert answer.status_code == 422
    [fault] = answer.get_json()["errors"]
    assert fault["pointer"] == f"/{next(iter(query))}"


# --- the case --------------------------------------------------------------------------------------------------------


def test_a_case_holds_what_is_needed_to_decide(either_house: House) -> None:
    parent = str(either_house.approved("What about the bridge?"))
    before = str(either_house.approved("The council has no money."))
    made = either_house.post("Call me: 020 7946 0958, see www.bit.ly/x", parent_id=parent)
    after = str(either_house.approved("A ferry would do."))
    either_house.screen()
    found = case(either_house, made["id"])
    assert found["status"] == "held"
    assert found["revision"] == 1
    assert found["text"] == "Call me: 020 7946 0958, see www.bit.ly/x"
    assert found["thread"]["url"] == STORY
    assert found["context"]["parent"]["id"] == parent
    assert [row["id"] for row in found["context"]["before"]] == [parent, before]
    assert [row["id"] for row in found["context"]["after"]] == [after]
    counts = {name: found["author_record"][name] for name in ("approved", "rejected", "held", "pending")}
    assert counts == {"approved": 3, "rejected": 0, "held": 1, "pending": 0}
    by_check = {finding["check"]: finding for finding in found["findings"]}
    assert set(by_check) == set(CATALOGUE)
    [number] = by_check["personal_data"]["evidence"]
    assert found["text"][number["start"] : number["end"]] == "020 7946 0958"
    assert by_check["trap"]["outcome"] == "skipped"
    [decision] = found["decisions"]
    assert decision["automated"]
    assert decision["policy_version"] == 0
    assert {reason["code"] for reason in decision["reasons"]} == {"spam", "personal_data"}


def test_a_case_shows_the_text_as_typed_and_as_it_would_be_served(house: House) -> None:
    made = house.post("<b>No</b> *bridge*")
    found = case(house, made["id"])
    assert found["text"] == "<b>No</b> *bridge*"
    assert found["html"] == "<p>&lt;b&gt;No&lt;/b&gt; <em>bridge</em></p>"


# --- decisions -------------------------------------------------------------------------------------------------------


def test_a_decision_is_answered_with_what_it_did(either_house: House) -> None:
    made = either_house.post("Buy my soap.")
    either_house.screen()
    answer = decide(
        either_house,
        made["id"],
        action="reject",
        reasons=["spam", "advertisement", "spam"],
        note=" Soap. ",
        revision=1,
    )
    assert answer.status_code == 200
    given = answer.get_json()
    assert (given["status"], given["awaiting"], given["revision"]) == ("rejected", None, 2)
    decision = given["decision"]
    assert [reason["code"] for reason in decision["reasons"]] == ["spam", "advertisement"]
    assert decision["note"] == "Soap."
    assert decision["actor"].startswith("admin")
    assert not decision["automated"]
    assert case(either_house, made["id"])["decisions"][-1] == decision


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"action": "publish", "reasons": [], "revision": 1}, "/action"),
        ({"action": "discard", "reasons": [], "revision": 1}, "/action"),
        ({"action": "reject", "reasons": ["ugly"], "revision": 1}, "/reasons/0"),
        ({"action": "reject", "reasons": [], "revision": 1}, "/reasons"),
        ({"action": "reject", "revision": 1, "message": "No."}, "/reasons"),
        ({"action": "reject", "reasons": ["spam"]}, "/revision"),
        ({"action": "escalate", "revision": 1}, "/note"),
        ({"action": "escalate", "revision": 1, "note": " "}, "/note"),
        ({"action": "undo", "revision": 1}, "/action"),
        ({"action": "hold", "revision": 1, "message": "x" * 1_001}, "/message"),
        ({"action": "hold", "revision": 1, "message": "a" + "\u0301" * 40}, "/message"),
        ({"action": "reject", "reasons": ["spam"], "revision": "1"}, "/revision"),
        ({"action": "approve", "reasons": [], "revision": 1, "note": "x" * 2_001}, "/note"),
        ({"action": "approve", "reasons": [], "revision": 1, "status": "approved"}, ""),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_decision_that_is_none_is_refused(house: House, body: dict[str, Any], pointer: str) -> None:
    made = house.post()
    answer = decide(house, made["id"], **body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]
    assert case(house, made["id"])["status"] == "pending"


def test_the_second_moderator_is_told_who_was_first_and_what_they_did(either_house: House) -> None:
    made = either_house.post()
    bob = either_house.token_for("bob", Role.MODERATOR)
    assert (
        decide(
            either_house, made["id"], action="reject", reasons=["spam"], revision=1, headers=bob
        ).status_code
        == 200
    )
    late = decide(either_house, made["id"], action="approve", reasons=[], revision=1)
    assert late.status_code == 409
    problem = late.get_json()
    assert problem["type"].endswith("#revision-conflict")
    assert problem["detail"] == "bob has rejected this comment since you looked at it."
    assert (problem["revision"], problem["comment_status"]) == (2, "rejected")
    assert case(either_house, made["id"])["status"] == "rejected"


def test_of_two_moderators_who_decide_at_once_one_wins_and_the_other_is_told(either_house: House) -> None:
    people = {name: either_house.token_for(name, Role.MODERATOR) for name in ("ada", "bob")}
    for _ in range(5):
        made = either_house.post(f"Comment {uuid4()}")
        told: dict[str, TestResponse] = {}
        together = threading.Barrier(2)

        def act(name: str, action: str, made: Any = made, told: Any = told, together: Any = together) -> None:
            together.wait()
            told[name] = decide(
                either_house, made["id"], action=action, reasons=["other"], revision=1, headers=people[name]
            )

        both = [threading.Thread(target=act, args=pair) for pair in (("ada", "approve"), ("bob", "reject"))]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert sorted(answer.status_code for answer in told.values()) == [200, 409]
        winner, loser = sorted(told, key=lambda name: told[name].status_code)
        assert told[loser].get_json()["detail"].startswith(f"{winner} has ")
        by_people = [one for one in case(either_house, made["id"])["decisions"] if not one["automated"]]
        assert [one["actor"] for one in by_people] == [winner]


def test_a_decision_about_a_text_that_was_edited_meanwhile_is_refused(either_house: House) -> None:
    made = either_house.post("A harmless text.")
    looked_at = case(either_house, made["id"])["revision"]
    edit(either_house, made, "Something else entirely.")
    late = decide(either_house, made["id"], action="approve", reasons=[], revision=looked_at)
    assert late.status_code == 409
    assert late.get_json()["detail"] == "The author has changed this comment since you looked at it."
    assert either_house.thread().get_json()["comments"] == []


def test_a_late_machine_does_not_overrule_a_person(either_house: House) -> None:
    made = either_house.post("Look at www.bit.ly/x")
    worker = build_worker(either_house.settings)
    screening = worker.screening((), lambda: False)
    with worker.database.write() as connection:
        claimed = claims.claim(connection, now=now(), lease=screening.lease, limit=9)
    assert [str(claim.comment_id) for claim in claimed] == [made["id"]]
    either_house.decide(made["id"])
    sites = {"daily": screening.policies.get("daily")[0]}
    verdicts = [screening._judge(each) for each in screening._cases(claimed, [], [], sites)]
    with worker.database.write() as connection:
        assert record(connection, verdicts) == []
    worker.database.close()
    assert case(either_house, made["id"])["status"] == "approved"


def test_an_approved_edit_replaces_what_was_up_and_a_rejected_one_leaves_it(either_house: House) -> None:
    made = either_house.post("First words.")
    either_house.decide(made["id"])
    edit(either_house, made, "Second words.")
    waiting = case(either_house, made["id"])
    assert (waiting["status"], waiting["awaiting"]) == ("approved", "pending")
    assert waiting["edit"]["text"] == "Second words."
    assert ids(queue(either_house, status="pending")) == [made["id"]]
    given = either_house.decide(made["id"], "reject", reasons=["off_topic"])
    assert (given["status"], given["awaiting"]) == ("approved", None)
    assert either_house.thread().get_json()["comments"][0]["html"] == "<p>First words.</p>"
    edit(either_house, made, "Third words.")
    either_house.decide(made["id"])
    assert either_house.thread().get_json()["comments"][0]["html"] == "<p>Third words.</p>"


def test_what_its_author_withdrew_cannot_be_decided_about(either_house: House) -> None:
    made = either_house.post()
    bearer = {"Authorization": f"Bearer {made['edit_token']}"}
    assert either_house.client.delete(f"/v1/comments/{made['id']}", headers=bearer).status_code == 200
    late = decide(either_house, made["id"], action="approve", reasons=[], revision=1)
    assert late.status_code == 409
    assert late.get_json()["detail"] == "The author has withdrawn this comment since you looked at it."
    again = decide(
        either_house, made["id"], action="approve", reasons=[], revision=late.get_json()["revision"]
    )
    assert again.status_code == 409
    assert again.get_json()["type"].endswith("#illegal-move")


def test_the_log_of_decisions_only_grows(either_house: House) -> None:
    made = either_house.post()
    either_house.screen()
    logs: list[list[Any]] = []
    for action in ("approve", "hold", "spam", "undo", "approve"):
        either_house.undo(made["id"]) if action == "undo" else either_house.decide(made["id"], action)
        with either_house.database.read() as connection:
            rows = connection.execute(sa.select(decisions).order_by(decisions.c.id))
            # What a decision replaced is kept for the undo alone, and only for as long as there may be one.
            logs.append(
                [
                    {name: value for name, value in row.items() if name != "replaced"}
                    for row in rows.mappings()
                ]
            )
    for earlier, later in pairwise(logs):
        assert later[: len(earlier)] == earlier
        assert len(later) == len(earlier) + 1
    assert [row["status_before"] for row in logs[-1]] == [
        "pending",
        "held",
        "approved",
        "held",
        "rejected",
        "held",
    ]
