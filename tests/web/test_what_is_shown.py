"""What the public sees of a comment on stage, of one that is gone, and of whoever wrote it: this and no more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from service.store.ids import new_id
from tests.web.asks import (
    STORY,
    ask_everything,
)
from tests.web.conftest import House
from tests.web.hiding import (
    HIDDEN_WORDS,
    Made,
    Way,
    assert_same,
    erased,
    held_by_a_person,
    rejected,
    send,
    told,
    withdrawn,
)

COMMENT_KEYS = {
    *("id", "parent_id", "depth", "status", "author", "html", "created_at", "edited_at"),
    *("likes", "picked", "staff"),
}
THREAD_KEYS = {
    "site",
    "url",
    "title",
    "closed",
    "count",
    "email_required",
    "text_max",
    "name_max",
    "comments",
    "next_cursor",
    "links",
}


def test_a_public_comment_has_exactly_these_keys(stage: House) -> None:
    for view, more in (("tree", {"replies"}), ("flat", set())):
        document = stage.thread(view=view).get_json()
        assert set(document) == THREAD_KEYS
        assert set(document["links"]) == {"page"}
        [shown] = document["comments"]
        assert set(shown) == COMMENT_KEYS | more
        assert set(shown["author"]) == {"name"}
    [counted] = stage.client.get("/v1/counts", query_string={"site": "daily", "url": STORY}).get_json()[
        "counts"
    ]
    assert set(counted) == {"url", "count"}


@pytest.mark.parametrize(
    "leave",
    [rejected, held_by_a_person, withdrawn, erased],
    ids=lambda way: way.__name__,
)
def test_a_comment_that_is_gone_keeps_a_place_for_its_answers_and_shows_nothing(
    either_stage: House, leave: Way
) -> None:
    parent = send(either_stage)
    parent.decide("approve")
    reply = either_stage.approved("I agree with you.", parent_id=parent.id)
    leave(parent)
    tree = either_stage.thread().get_json()
    [tombstone] = [one for one in tree["comments"] if one["id"] == parent.id]
    assert [one["id"] for one in tombstone["replies"]] == [str(reply)]
    assert tombstone["status"] == "removed"
    assert (tombstone["author"], tombstone["html"], tombstone["edited_at"]) == (None, None, None)
    assert (tombstone["likes"], tombstone["picked"], tombstone["staff"]) == (None, False, False)
    assert tree["count"] == 2
    flat = either_stage.thread(view="flat").get_json()["comments"]
    assert [one["id"] for one in flat if one["status"] == "removed"] == []
    assert str(reply) in [one["id"] for one in flat]
    for heard in told(either_stage, parent.id).values():
        assert not any(word in heard.body for word in HIDDEN_WORDS)


def test_a_comment_that_is_gone_takes_its_hidden_answers_with_it(stage: House) -> None:
    before = ask_everything(stage.app, str(new_id()))
    parent = send(stage)
    parent.decide("approve")
    reply = Made(stage, stage.post("I agree with you.", parent_id=parent.id))
    parent.withdraw()
    assert_same(before, told(stage, reply.id))


def test_a_new_and_a_known_address_get_answers_of_one_shape(stage: House) -> None:
    def shape(email: str, **changes: Any) -> Any:
        answer = stage.client.post(
            "/v1/comments",
            json=stage.submission("One more thing.", author={"name": "Ada", "email": email}, **changes),
        )
        document = answer.get_json()
        lengths = {name: len(document[name]) for name in ("id", "status", "edit_token")}
        headers = {
            name: value for name, value in answer.headers.items() if name not in ("X-Request-Id", "Date")
        }
        return answer.status_code, lengths, sorted(document["links"]), headers

    stage.approved(author={"name": "Ada", "email": "approved@example.org"})
    rejected(Made(stage, stage.post(author={"name": "Ada", "email": "rejected@example.org"})))
    stage.post(site="other", url="https://other.example/x", author={"name": "A", "email": "next@example.org"})
    new = shape("new@example.org")
    assert new[0] == 202
    for known in ("new@example.org", "approved@example.org", "rejected@example.org", "next@example.org"):
        assert shape(known) == new


def test_ids_tell_nothing_but_their_time(stage: House) -> None:
    made = [UUID(stage.post(f"Text {n}.")["id"]) for n in range(3)]
    assert made == sorted(made)
    # 62 random bits: whoever knows one comment cannot count to the next.
    assert all(one.version == 7 for one in made)
    assert len({one.int & (1 << 62) - 1 for one in made}) == 3
