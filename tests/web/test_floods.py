"""Replays, forgeries and floods of what readers may do: they change what one honest reader would, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from service.domain.site import Site
from service.flagging import FlagReason
from tests.web.conftest import STORY, House, Opener
from tests.web.sending import YEAR
from tests.web.stage import put_on_stage

FORGED = [
    {"X-Forwarded-For": "203.0.113.{}"},
    {"Forwarded": "for=203.0.113.{}"},
    {"X-Real-IP": "203.0.113.{}"},
    {"User-Agent": "another browser {}"},
    {"Cookie": "liked={}"},
    {"Authorization": "Bearer {}"},
]


def at_once(house: House, send: Callable[[int], TestResponse], times: int = 40) -> set[int]:
    """What so many requests of one origin, sent side by side, were answered with."""
    with ThreadPoolExecutor(8) as pool:
        return set(pool.map(lambda n: send(n).status_code, range(times)))


def likes(house: House) -> dict[str, int]:
    return {node["id"]: node["likes"] for node in house.thread(view="flat").get_json()["comments"]}


def flags(house: House, comment_id: object) -> int:
    case = house.client.get(f"/v1/admin/comments/{comment_id}", headers=house.admin).get_json()
    return int(case["flags"]["count"])


def public(house: House) -> list[tuple[str, bytes, str | None]]:
    """All that readers get, with its tags."""
    query = {"site": "daily", "url": STORY}
    paths = ("/v1/threads", "/v1/threads.html", "/v1/threads.jsonld", "/v1/counts", "/v1/feeds/thread.atom")
    answers = [(path, house.client.get(path, query_string=query)) for path in paths]
    return [(path, answer.data, answer.headers.get("ETag")) for path, answer in answers]


def test_a_flood_of_likes_from_one_place_is_one_like(either_house: House) -> None:
    house = either_house
    liked, other = put_on_stage(house, [None, None])
    assert at_once(house, lambda n: house.client.post(f"/v1/comments/{liked}/like")) == {200}
    assert likes(house) == {str(liked): 1, str(other): 0}
    assert at_once(house, lambda n: house.client.delete(f"/v1/comments/{liked}/like")) == {200}
    assert likes(house) == {str(liked): 0, str(other): 0}


@pytest.mark.parametrize("forged", FORGED, ids=lambda headers: next(iter(headers)))
def test_nobody_becomes_somebody_else_by_a_header(house: House, forged: dict[str, str]) -> None:
    [liked] = put_on_stage(house, [None])

    def headers(n: int) -> dict[str, str]:
        return {name: value.format(n) for name, value in forged.items()}

    for n in range(10):
        house.client.post(f"/v1/comments/{liked}/like", headers=headers(n))
        house.client.post(f"/v1/comments/{liked}/flag", json={"reason": "spam"}, headers=headers(n))
    assert likes(house) == {str(liked): 1}
    assert flags(house, liked) == 1


def test_a_flood_of_reports_is_one_report_and_readers_see_nothing_of_it(either_house: House) -> None:
    house = either_house
    [shown] = put_on_stage(house, [None])
    before = public(house)
    reasons = [reason.value for reason in FlagReason]

    def report(n: int) -> TestResponse:
        return house.client.post(f"/v1/comments/{shown}/flag", json={"reason": reasons[n % len(reasons)]})

    assert at_once(house, report) == {202}
    assert flags(house, shown) == 1
    assert public(house) == before


def test_a_flood_from_many_places_hides_nothing(house: House) -> None:
    [shown] = put_on_stage(house, [None])
    before = public(house)
    for n in range(60):
        place = {"REMOTE_ADDR": f"198.51.100.{n}"}
        house.client.post(f"/v1/comments/{shown}/flag", json={"reason": "hate"}, environ_base=place)
    assert flags(house, shown) == 60
    # That is for a person to look at: no number of readers takes a comment off stage.
    assert public(house) == before


def unknown(house: House) -> Iterable[str]:
    """Names of comments that readers do not see: none of them, not one that waits, nor one elsewhere."""
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    return (str(uuid4()), "x", "0" * 36, house.post("It waits.")["id"])


def test_likes_and_reports_of_what_is_not_on_stage_leave_no_trace(house: House) -> None:
    put_on_stage(house, [None])
    names = list(unknown(house))
    before = house.contents()
    for name in names * 3:
        assert house.client.post(f"/v1/comments/{name}/like").status_code == 404
        assert house.client.delete(f"/v1/comments/{name}/like").status_code == 404
        assert house.client.post(f"/v1/comments/{name}/flag", json={"reason": "spam"}).status_code == 404
    assert house.contents() == before


def test_a_flood_of_polls_reads_the_same_and_writes_nothing(either_house: House) -> None:
    house = either_house
    put_on_stage(house, [None, 0])
    first = house.thread()
    before = house.contents()
    tag = first.headers["ETag"]
    tags = (tag, f"W/{tag}", '"forged"', '"' + "0" * 3_000 + '"', tag[:-2] + '"', "", "*", f'"x", {tag}')

    def poll(n: int) -> TestResponse:
        query = {"site": "daily", "url": STORY}
        return house.client.get(
            "/v1/threads", query_string=query, headers={"If-None-Match": tags[n % len(tags)]}
        )

    assert at_once(house, poll, 160) == {200, 304}
    assert {poll(n).data for n in range(len(tags))} == {b"", first.data}
    assert house.contents() == before


def test_a_flood_of_likes_costs_nobody_the_right_to_write(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"3 {YEAR}")
    [liked] = put_on_stage(house, [None])
    codes = [house.client.post(f"/v1/comments/{liked}/like").status_code for _ in range(6)]
    assert codes == [200] * 3 + [429] * 3
    assert house.post("Still heard.")["status"] == "pending"
