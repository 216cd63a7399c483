"""A comment's walk through the doors: in, screened, decided, read."""

from __future__ import annotations

from tests.web.conftest import House


def test_a_comment_waits_until_a_moderator_lets_it_on_stage(either_house: House) -> None:
    made = either_house.post("A bridge is a promise.")
    assert made["status"] == "pending"
    assert either_house.thread().get_json()["comments"] == []
    either_house.screen()
    queue = either_house.client.get("/v1/admin/comments?status=held", headers=either_house.admin).get_json()
    assert [one["id"] for one in queue["comments"]] == [made["id"]]
    assert either_house.thread().get_json()["comments"] == []
    either_house.decide(made["id"])
    shown = either_house.thread().get_json()["comments"]
    assert [one["id"] for one in shown] == [made["id"]]
    assert shown[0]["html"] == "<p>A bridge is a promise.</p>"
