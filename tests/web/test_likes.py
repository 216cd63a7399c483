"""Readers' likes: one for each place and comment, counted for everybody to see, and nobody hears whose they are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from service.privacy import Erasure, export_site
from service.store.ids import new_id
from service.store.tables import comments, likes, threads, vault
from tests.people import NOW
from tests.web.asks import Heard
from tests.web.conftest import ADDRESS, STORY, House, Opener
from tests.web.hiding import held_by_a_person, pending, rejected, send, withdrawn
from tests.web.stage import put_on_stage, walk

HERE, THERE = "203.0.113.7", "198.51.100.1"


def like(house: House, comment_id: object, remote: str = HERE, method: str = "POST", **headers: str) -> Any:
    return house.client.open(
        f"/v1/comments/{comment_id}/like",
        method=method,
        headers=headers,
        environ_base={"REMOTE_ADDR": remote},
    )


def liked(house: House, comment_id: object, remote: str = HERE) -> int:
    answer = like(house, comment_id, remote)
    assert (answer.status_code, answer.get_json()["liked"]) == (200, True)
    found: int = answer.get_json()["likes"]
    return found


def taken_back(house: House, comment_id: object, remote: str = HERE) -> int:
    answer = like(house, comment_id, remote, "DELETE")
    assert (answer.status_code, answer.get_json()["liked"]) == (200, False)
    found: int = answer.get_json()["likes"]
    return found


def revision(house: House) -> int:
    with house.database.read() as connection:
        return connection.scalar(sa.select(threads.c.revision)) or 0


def in_order(house: House, **query: Any) -> list[tuple[str, int | None]]:
    shown = house.thread(sort="most_liked", **query).get_json()["comments"]
    return [(node["id"], node["likes"]) for node in shown]


# --- counting --------------------------------------------------------------------------------------------------------


def test_a_place_likes_a_comment_once_and_takes_it_back_once(either_house: House) -> None:
    shown = either_house.approved()
    assert [liked(either_house, shown, one) for one in (HERE, HERE, THERE)] == [1, 1, 2]
    assert [taken_back(either_house, shown, one) for one in (HERE, HERE, "192.0.2.9")] == [1, 1, 1]
    assert liked(either_house, shown) == 2


def test_a_household_with_many_addresses_of_ipv6_is_one_place(house: House) -> None:
    shown = house.approved()
    assert liked(house, shown, "2001:db8:1:2::1") == liked(house, shown, "2001:db8:1:2:ffff::9") == 1
    assert liked(house, shown, "2001:db8:1:3::1") == 2


acts = st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 3))


@given(st.lists(acts, max_size=25))
@settings(max_examples=25)
def test_whatever_is_liked_and_taken_back_the_number_is_that_of_the_places_that_like(
    either_house: House, sequence: list[tuple[bool, int, int]]
) -> None:
    url = f"https://daily.example/{either_house.database.writes}"
    made = put_on_stage(either_house, [None, 0, None], url=url)
    liking: list[set[int]] = [set() for _ in made]
    for likes_it, comment, place in sequence:
        (liking[comment].add if likes_it else liking[comment].discard)(place)
        act = liked if likes_it else taken_back
        assert act(either_house, made[comment], f"192.0.2.{place}") == len(liking[comment])
    flat = either_house.thread(url, view="flat").get_json()["comments"]
    assert [node["likes"] for node in flat] == [len(places) for places in liking]
    expected = sorted(range(len(made)), key=lambda n: (-len(liking[n]), n))
    assert in_order(either_house, url=url, view="flat") == [(str(made[n]), len(liking[n])) for n in expected]


def test_places_that_like_at_the_same_time_are_all_counted(either_house: House) -> None:
    shown, before = either_house.approved(), revision(either_house)
    places = [f"192.0.2.{n}" for n in range(12)]
    with ThreadPoolExecutor(6) as pool:
        # Each twice, so that repeats meet the first as well.
        counted = list(pool.map(lambda place: liked(either_house, shown, place), places * 2))
    assert max(counted) == 12
    assert in_order(either_house) == [(str(shown), 12)]
    assert revision(either_house) == before + 12


# --- what everybody sees ---------------------------------------------------------------------------------------------


def test_an_answer_changes_with_a_like_that_counts_and_with_no_other(either_house: House) -> None:
    shown = either_house.approved()
    before, at = either_house.thread(), revision(either_house)
    liked(either_house, shown)
    after = either_house.thread()
    assert after.get_json()["comments"][0]["likes"] == 1
    assert after.headers["ETag"] != before.headers["ETag"]
    liked(either_house, shown)
    again = either_house.thread()
    assert (again.data, again.headers["ETag"]) == (after.data, after.headers["ETag"])
    assert revision(either_house) == at + 1
    kept = either_house.client.get(
        "/v1/threads",
        query_string={"site": "daily", "url": STORY},
        headers={"If-None-Match": after.headers["ETag"]},
    )
    assert kept.status_code == 304
    taken_back(either_house, shown)
    taken_back(either_house, shown)
    assert either_house.thread().headers["ETag"] == before.headers["ETag"]
    assert revision(either_house) == at + 2


def test_nobody_can_tell_whose_a_like_is(house: House) -> None:
    one, other = house.approved("One."), house.approved("Other.")
    for comment in (one, other):
        liked(house, comment, "127.0.0.1")
    with house.database.read() as connection:
        indexes = set(connection.scalars(sa.select(likes.c.liker)))
        origins = set(connection.scalars(sa.select(vault.c.origin_index)))
    assert len(indexes) == 2
    assert not indexes & origins
    told = [
        house.thread().data,
        like(house, one).data,
        str(list(export_site(house.database, "daily"))).encode(),
    ]
    case = house.client.get(f"/v1/admin/comments/{one}", headers=house.admin).data
    for index in indexes:
        assert not any(index.hex().encode() in heard for heard in (*told, case))


# --- what cannot be liked --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_is_not_on_stage_is_as_unknown_to_a_like_as_what_never_was(house: House, method: str) -> None:
    hidden = []
    for hide in (pending, rejected, held_by_a_person, withdrawn):
        made = send(house)
        hide(made)
        hidden.append(made.id)
    parent = house.approved("Gone.")
    house.decide(house.post("An answer.", parent_id=str(parent))["id"])
    house.decide(str(parent), "reject", reasons=["other"])
    ids = (*hidden, str(parent), str(new_id()), "not-an-id")
    heard = {Heard.of(like(house, one, method=method), one) for one in ids}
    assert [one.status for one in heard] == [404]
    assert {row["likes"] for row in house.stored()} == {0}


def test_only_a_page_of_the_site_sends_likes(house: House) -> None:
    shown = house.approved()
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        for method in ("POST", "DELETE"):
            assert like(house, shown, method=method, **headers).status_code == 403
    page = {"Origin": "https://daily.example", "Sec-Fetch-Site": "cross-site"}
    answer = like(house, shown, **page)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://daily.example"
    asked = house.client.options(f"/v1/comments/{shown}/like", headers=page)
    assert asked.status_code == 204
    assert "DELETE" in asked.headers["Access-Control-Allow-Methods"]


def test_likes_of_one_place_are_bounded_like_comments(open_daily: Opener) -> None:
    house = open_daily(rate_origin="2/minute")
    [shown] = put_on_stage(house, [None])
    assert [like(house, shown, method=one).status_code for one in ("POST", "DELETE", "POST")] == [
        200,
        200,
        429,
    ]
    assert like(house, shown, THERE).status_code == 200


# --- as time goes by -------------------------------------------------------------------------------------------------


def test_a_comment_that_comes_back_on_stage_has_its_likes(either_house: House) -> None:
    first, second = either_house.approved("One."), either_house.approved("Two.")
    liked(either_house, second)
    either_house.decide(str(second), "reject", reasons=["other"])
    assert in_order(either_house) == [(str(first), 0)]
    either_house.undo(str(second))
    assert in_order(either_house) == [(str(second), 1), (str(first), 0)]


def test_erasing_a_comment_takes_its_likes(either_house: House) -> None:
    shown = either_house.approved()
    reply = either_house.approved("I agree.", parent_id=str(shown), author={"name": "B", "email": "b@b.org"})
    liked(either_house, shown)
    liked(either_house, reply)
    Erasure(either_house.database, either_house.rooms.cipher, lambda: NOW).erase(ADDRESS)
    assert {row["id"]: (row["likes"], row["rank"]) for row in either_house.stored()} == {
        shown: (0, 0),
        reply: (1, -1),
    }
    with either_house.database.read() as connection:
        assert list(connection.scalars(sa.select(likes.c.comment_id))) == [reply]


def test_likes_are_exported(house: House) -> None:
    liked(house, house.approved())
    assert [one["likes"] for one in export_site(house.database, "daily")] == [1]


# --- the order -------------------------------------------------------------------------------------------------------


def give(house: House, counts: dict[UUID, int]) -> None:
    """So many likes to each, as though readers had given them."""
    with house.database.write() as connection:
        for comment, count in counts.items():
            connection.execute(
                sa.update(comments).where(comments.c.id == comment).values(likes=count, rank=-count)
            )


@pytest.mark.parametrize("view", ["tree", "flat"])
@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_pages_of_the_most_liked_hold_everything_once_and_in_order(
    either_house: House, view: str, limit: int
) -> None:
    made = put_on_stage(either_house, [None, 0, None, 2, None, None, None, 6, 6])
    give(either_house, dict(zip(made, (0, 9, 3, 0, 3, 10, 0, 1, 2), strict=True)))
    pages = walk(either_house, view=view, sort="most_liked", limit=limit)
    seen = [made.index(UUID(node["id"])) for page in pages for node in page["comments"]]
    assert seen == ([5, 2, 4, 0, 6] if view == "tree" else [5, 1, 2, 4, 8, 7, 0, 3, 6])
    if view == "tree":
        # Answers stay in order of arrival below what they answer.
        below = [[made.index(UUID(one["id"])) for one in n["replies"]] for p in pages for n in p["comments"]]
        assert below == [[], [3], [], [1], [7, 8]]


def test_a_removed_comment_stands_where_one_without_likes_would(either_house: House) -> None:
    made = put_on_stage(either_house, [None, None, 1, None])
    give(either_house, {made[1]: 5, made[3]: 2})
    either_house.decide(str(made[1]), "reject", reasons=["other"])
    assert in_order(either_house) == [(str(made[3]), 2), (str(made[0]), 0), (str(made[1]), None)]
    page = either_house.thread(sort="most_liked", limit=2).get_json()
    assert in_order(either_house, cursor=page["next_cursor"]) == [(str(made[1]), None)]


def test_what_did_not_change_is_shown_once_while_others_are_liked(either_house: House) -> None:
    made = put_on_stage(either_house, [None] * 8)
    give(either_house, {one: 10 * (8 - n) for n, one in enumerate(made)})
    moved = iter((made[6], made[1]))

    def between() -> None:
        give(either_house, dict.fromkeys((one for one in (next(moved, None),) if one), 55))

    pages = walk(either_house, view="flat", sort="most_liked", limit=3, between=between)
    seen = [UUID(node["id"]) for page in pages for node in page["comments"]]
    still = [one for one in made if one not in (made[6], made[1])]
    assert [one for one in seen if one in still] == still


@pytest.mark.parametrize(
    "cursor", ["x", "1", "x.ID", "-1.ID", "1.x", "1.ID.2", "².ID", "9" * 10 + ".ID", "ID"]
)
def test_a_cursor_of_another_order_is_refused(house: House, cursor: str) -> None:
    shown = str(house.approved())
    answer = house.thread(sort="most_liked", cursor=cursor.replace("ID", shown))
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/cursor"
    assert house.thread(cursor=f"1.{shown}").status_code == 422
