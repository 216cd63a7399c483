"""The shape of a conversation, however deep, broken or odd its rows are."""

from __future__ import annotations

from typing import Any

from service.domain.thread import build_tree


def node(name: int, parent: int | None = None) -> dict[str, Any]:
    return {"id": name, "parent_id": parent}


def test_answers_hang_below_what_they_answer_in_order_of_arrival() -> None:
    tree = build_tree([node(1), node(2)], [node(3, 1), node(4, 2), node(5, 1), node(6, 3)])
    assert [root["id"] for root in tree] == [1, 2]
    assert [reply["id"] for reply in tree[0]["replies"]] == [3, 5]
    assert [reply["id"] for reply in tree[0]["replies"][0]["replies"]] == [6]
    assert tree[1]["replies"][0]["replies"] == []


def test_a_conversation_a_hundred_thousand_answers_deep_is_built() -> None:
    [root] = build_tree([node(0)], [node(n, n - 1) for n in range(1, 100_000)])
    depth = 0
    while root["replies"]:
        [root] = root["replies"]
        depth += 1
    assert depth == 99_999


def test_an_answer_to_what_is_not_there_is_left_out() -> None:
    [root] = build_tree([node(1)], [node(2, 7), node(3, 2)])
    assert root["replies"] == []


def test_comments_that_answer_each_other_in_a_circle_hang_nothing() -> None:
    [root] = build_tree([node(1)], [node(2, 3), node(3, 2), node(4, 4), node(5, 1)])
    assert [reply["id"] for reply in root["replies"]] == [5]
