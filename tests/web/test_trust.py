"""Trust from end to end over HTTP: given by a moderator, minded by the policy, lifted, and told wherever it counts."""

from __future__ import annotations

from typing import Any

import pytest

from service.domain.roles import Role
from tests.web.conftest import ADDRESS, STORY, House

EVE = {"name": "Eve", "email": "eve@example.org"}
# "weirbridge" waits for a person, whoever writes it.
POLICY: dict[str, Any] = {
    "otherwise": "trust",
    "options": {"wordlist": {"hold": ["weirbridge"]}},
    "rules": [{"label": "offensive", "at": 0.5, "action": "hold"}],
}


@pytest.fixture
def editor(house: House) -> dict[str, str]:
    return house.token_for("Edith", Role.EDITOR, "daily")


@pytest.fixture
def mia(house: House) -> dict[str, str]:
    """A moderator."""
    return house.token_for("Mia", Role.MODERATOR, "daily")


def put(house: House, editor: dict[str, str], base_version: int = 0, **changes: Any) -> None:
    sent = {"document": {**POLICY, **changes}, "base_version": base_version}
    answer = house.client.put("/v1/admin/policy?site=daily", json=sent, headers=editor)
    assert answer.status_code == 200, answer.text


def case_of(house: House, comment_id: str) -> dict[str, Any]:
    found: dict[str, Any] = house.client.get(
        f"/v1/admin/comments/{comment_id}", headers=house.admin
    ).get_json()
    return found


def screened(house: House, text: str, **changes: Any) -> dict[str, Any]:
    """The case of a new comment, Ada's unless another author is named, after a worker was there."""
    made = house.post(text, **changes)
    house.screen()
    return case_of(house, made["id"])


def trust(house: House, headers: dict[str, str], comment_id: str) -> str:
    sent = {"comment": comment_id, "kind": "trust", "of": "address"}
    answer = house.client.post("/v1/admin/standings", json=sent, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def lift(house: House, headers: dict[str, str], standing_id: str) -> None:
    answer = house.client.post(f"/v1/admin/standings/{standing_id}/lift", headers=headers)
    assert answer.status_code == 200, answer.text


def on_stage(house: House) -> set[str]:
    return {one["id"] for one in house.thread(view="flat").get_json()["comments"]}


def standings_of(case: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["id"], one["kind"], one["moderator"]) for one in case["author_record"]["standings"]]


def standing_found(case: dict[str, Any]) -> tuple[str, float]:
    [found] = [one for one in case["findings"] if one["check"] == "standing"]
    return found["label"], found["score"]


def test_whoever_is_trusted_goes_on_stage_until_that_is_lifted(
    house: House, editor: dict[str, str], mia: dict[str, str]
) -> None:
    put(house, editor)
    first = screened(house, "What about the bridge?")
    assert (first["status"], standings_of(first)) == ("held", [])
    standing = trust(house, mia, first["id"])
    # What waits already waits on: a person looks at it.
    assert case_of(house, first["id"])["status"] == "held"
    # More of them than people would have to approve for trust to be earned.
    shown = [screened(house, f"The mayor spoke for {n} hours about it.") for n in (2, 3, 5, 7)]
    for case in shown:
        assert (case["status"], standing_found(case)) == ("approved", ("trusted", 1.0))
        assert (case["decision"]["automated"], case["decision"]["actor"]) == (True, "policy 1")
        assert standings_of(case) == [(standing, "trust", "Mia")]
    assert on_stage(house) == {case["id"] for case in shown}
    lift(house, mia, standing)
    late = screened(house, "And who pays for all of that?")
    assert (late["status"], standings_of(late)) == ("held", [])
    assert standing_found(late) == ("banned_author", 0.0)
    # Lifting is no verdict on what was let through.
    assert on_stage(house) == {case["id"] for case in shown}


def test_trust_outweighs_nothing_that_the_policy_minds(
    house: House, editor: dict[str, str], mia: dict[str, str]
) -> None:
    put(house, editor)
    trust(house, mia, screened(house, "What about the bridge?")["id"])
    minded = screened(house, "They call it the weirbridge.")
    assert (minded["status"], standing_found(minded)) == ("held", ("trusted", 1.0))
    assert [reason["code"] for reason in minded["decision"]["reasons"]] == ["offensive"]
    # What is only observed speaks against nobody.
    put(house, editor, 1, checks={"wordlist": "observe"})
    assert screened(house, "I still call it the weirbridge, like everybody.")["status"] == "approved"
    # And trust that is only observed speaks for nobody.
    put(house, editor, 2, checks={"standing": "observe"})
    assert screened(house, "The ferry was cheaper.")["status"] == "held"


def test_trust_is_of_one_address_and_of_no_name(
    house: House, editor: dict[str, str], mia: dict[str, str]
) -> None:
    put(house, editor)
    trust(house, mia, screened(house, "What about the bridge?")["id"])
    assert screened(house, "I was there as well.", author=EVE)["status"] == "held"
    named_alike = {"name": "Ada", "email": "another.ada@example.org"}
    assert screened(house, "So was I, in the rain.", author=named_alike)["status"] == "held"
    under_another_name = {"name": "Eve", "email": ADDRESS}
    assert screened(house, "By another name, it is me.", author=under_another_name)["status"] == "approved"


def test_without_a_policy_that_minds_it_trust_lets_nobody_through(house: House, mia: dict[str, str]) -> None:
    trust(house, mia, screened(house, "What about the bridge?")["id"])
    later = screened(house, "The mayor spoke for hours about it.")
    assert (later["status"], standing_found(later)) == ("held", ("trusted", 1.0))


def test_the_case_and_the_journal_tell_who_trusted_and_who_lifted_it(
    house: House, editor: dict[str, str], mia: dict[str, str]
) -> None:
    put(house, editor)
    first = screened(house, "What about the bridge?")
    standing = trust(house, mia, first["id"])
    shown = screened(house, "The mayor spoke for hours about it.")
    session = house.signed_in(house.admin)

    def page(path: str) -> str:
        answer = house.client.get(f"/moderation{path}", headers=session)
        assert answer.status_code == 200
        return answer.text

    assert "a moderator trusts this author" in page(f"/comments/{shown['id']}")
    assert f"/moderation/standings/{standing}/lift" in page(f"/comments/{shown['id']}")
    lift(house, house.token_for("Moritz", Role.MODERATOR, "daily"), standing)
    # Of the decision it stays true; there is nothing left to lift.
    assert "a moderator trusts this author" in page(f"/comments/{shown['id']}")
    assert f"/moderation/standings/{standing}/lift" not in page(f"/comments/{shown['id']}")
    entries = house.client.get("/v1/admin/journal?site=daily", headers=house.admin).get_json()["entries"]
    told = [
        (one["act"], one["actor"], one["subject"])
        for one in reversed(entries)
        if one["act"].startswith(("policy.", "trust."))
    ]
    assert told == [
        ("policy.set", "Edith", "site daily"),
        ("trust.create", "Mia", f"standing {standing}"),
        ("trust.lift", "Moritz", f"standing {standing}"),
    ]
    assert all(one["detail"]["comment"] == first["id"] for one in entries if "trust." in one["act"])
    drawn = page("/journal?site=daily")
    assert "trust.create" in drawn
    assert "trust.lift" in drawn
    # And no reader can tell.
    assert "trust" not in house.thread(STORY).text
