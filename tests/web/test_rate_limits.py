"""Who may send how much, whoever is in front and whatever became of Redis."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from service.domain.site import Site
from tests.web.conftest import Opener
from tests.web.sending import (
    PAGE,
    YEAR,
    author,
    problem,
    send,
)


def limited(answer: TestResponse) -> bool:
    """Whether it was refused by a limit, with all that such an answer needs."""
    if answer.status_code == 202:
        return False
    problem(answer, 429, "rate-limited")
    assert 1 <= int(answer.headers["Retry-After"]) <= 366 * 86_400
    return True


def test_one_origin_is_limited_and_others_are_not(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    assert [limited(send(house, remote="192.0.2.1")) for _ in range(4)] == [False, False, True, True]
    assert not limited(send(house, remote="192.0.2.2"))
    assert len(house.stored()) == 3


def test_one_author_is_limited_from_wherever_and_however_the_address_is_written(open_daily: Opener) -> None:
    house = open_daily(rate_author=f"2 {YEAR}")
    written = ["ada@example.org", "ADA@EXAMPLE.ORG", "ada+news@example.org", " Ada@example.org "]
    answers = [
        limited(send(house, remote=f"192.0.2.{number}", author=author(email)))
        for number, email in enumerate(written)
    ]
    assert answers == [False, False, True, True]
    assert not limited(send(house, author=author("grace@example.org")))


def test_a_site_is_limited_as_a_whole(open_daily: Opener) -> None:
    house = open_daily(rate_site=f"3 {YEAR}")
    answers = [
        limited(send(house, remote=f"192.0.2.{number}", author=author(f"reader{number}@example.org")))
        for number in range(5)
    ]
    assert answers == [False, False, False, True, True]


def test_refused_submissions_count_against_their_origin(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    assert [send(house, "").status_code for _ in range(3)] == [422, 422, 429]


def test_limits_of_two_sites_have_nothing_to_do_with_each_other(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"1 {YEAR}", rate_author=f"1 {YEAR}")
    house.add_site(Site("weekly", "The Weekly", ("https://daily.example",)))
    assert [limited(send(house, site=site)) for site in ("daily", "weekly", "daily")] == [False, False, True]


def test_every_limit_of_a_list_holds(open_daily: Opener) -> None:
    house = open_daily(rate_origin="100 per minute; 2 per year")
    assert [limited(send(house)) for _ in range(3)] == [False, False, True]


def test_edits_count_like_comments(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    made = json.loads(send(house).data)
    answers = [
        house.client.patch(
            f"/v1/comments/{made['id']}",
            json={"text": f"Edit {number}."},
            headers={"Authorization": f"Bearer {made['edit_token']}"},
            environ_base={"REMOTE_ADDR": "192.0.2.1"},
        )
        for number in range(2)
    ]
    assert answers[0].status_code == 202
    assert limited(answers[1])
    assert house.stored()[0]["source"] == "Edit 0."


def test_a_limit_that_is_off_does_not_count(open_daily: Opener) -> None:
    house = open_daily(rate_origin="off", rate_author="off", rate_site="off")
    assert not any(limited(send(house)) for _ in range(5))


def test_ipv6_is_counted_by_64_and_then_by_48(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    same_64 = ["2001:db8:1:1::1", "2001:db8:1:1::2", "2001:db8:1:1:ffff::3", "[2001:db8:1:1::4]:443"]
    assert [limited(send(house, remote=remote)) for remote in same_64] == [False, False, True, True]
    # Whoever has a /48 has 65,536 networks of that size: together they may do ten times as much, and no more.
    others = [limited(send(house, remote=f"2001:db8:1:{number:x}::1")) for number in range(2, 30)]
    assert others.count(False) == 2 * 10 - 2
    assert others == sorted(others), "allowed until the limit is met, and refused from then on"
    assert not limited(send(house, remote="2001:db8:2:1::1")), "another /48 is somebody else"


def test_ipv4_in_the_clothes_of_ipv6_is_the_same_origin(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    same = [
        "192.0.2.1",
        "::ffff:192.0.2.1",
        "::ffff:c000:201",
        "[::ffff:192.0.2.1]:443",
        "64:ff9b::192.0.2.1",
    ]
    assert [limited(send(house, remote=remote)) for remote in same] == [False, False, True, True, True]
    assert not limited(send(house, remote="::ffff:192.0.2.2"))


FORGED = [
    {"X-Forwarded-For": "203.0.113.{n}"},
    {"Forwarded": "for=203.0.113.{n}"},
    {"X-Real-Ip": "203.0.113.{n}"},
    {"Cf-Connecting-Ip": "203.0.113.{n}"},
    {"True-Client-Ip": "203.0.113.{n}"},
]


@pytest.mark.parametrize("forged", FORGED, ids=lambda headers: next(iter(headers)))
def test_without_trusted_proxies_no_header_says_where_a_request_comes_from(
    open_daily: Opener, forged: dict[str, str]
) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    answers = [
        limited(send(house, headers={name: value.format(n=number) for name, value in forged.items()}))
        for number in range(4)
    ]
    assert answers == [False, False, True, True]


@pytest.mark.parametrize(
    ("proxies", "forwarded"),
    [
        # The client's own words stand to the left of what the proxies wrote.
        ("1", "203.0.113.{n}, 198.51.100.7"),
        ("1", "203.0.113.{n},10.0.0.{n},198.51.100.7"),
        ("2", "203.0.113.{n}, 198.51.100.7, 10.0.0.1"),
        ("1", "198.51.100.7:{n}"),
        ("1", "junk{n}, 198.51.100.7"),
    ],
)
def test_trusted_proxies_are_counted_from_the_right(open_daily: Opener, proxies: str, forwarded: str) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}", trusted_proxies=proxies)
    answers = [
        limited(send(house, remote="10.0.0.9", headers={"X-Forwarded-For": forwarded.format(n=number)}))
        for number in range(4)
    ]
    assert answers == [False, False, True, True]
    other = forwarded.format(n=9).replace("198.51.100.7", "198.51.100.8")
    assert not limited(send(house, remote="10.0.0.9", headers={"X-Forwarded-For": other}))


def test_fewer_hops_than_trusted_leave_the_connections_own_address(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}", trusted_proxies="2")
    answers = [
        limited(send(house, remote="10.0.0.9", headers={"X-Forwarded-For": f"203.0.113.{number}"}))
        for number in range(4)
    ]
    assert answers == [False, False, True, True]


def test_a_proxy_does_not_change_our_links(open_daily: Opener) -> None:
    house = open_daily(trusted_proxies="1")
    forwarded = {"Host": "evil.test", "Proto": "gopher", "Port": "1", "Prefix": "/evil", "For": "192.0.2.7"}
    answer = send(house, headers={f"X-Forwarded-{name}": value for name, value in forwarded.items()})
    assert "evil" not in answer.text
    assert json.loads(answer.data)["links"]["page"] == PAGE


def test_processes_share_their_counts_through_redis(open_daily: Opener, valkey_url: str) -> None:
    settings = {"limits": "redis", "redis_url": valkey_url, "rate_origin": f"3 {YEAR}"}
    first, second = open_daily(**settings), open_daily(**settings)
    remote = "2001:db8:77:1::1"
    answers = [limited(send(house, remote=remote)) for house in (first, second, first, second, first)]
    assert answers == [False, False, False, True, True]
    assert first.rooms.limiter.fallbacks == second.rooms.limiter.fallbacks == 0


def silent_redis(folder: Path) -> socket.socket:
    """A Redis that takes connections and never says a word."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / "silent.sock"))
    listening.listen(64)
    return listening


@pytest.mark.parametrize("redis", ["away", "silent"])
def test_with_redis_away_a_process_counts_by_itself_and_nobody_waits(
    open_daily: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis: str
) -> None:
    # A short path: a socket's has little room.
    monkeypatch.chdir(tmp_path)
    listening = silent_redis(Path()) if redis == "silent" else None
    name = "silent.sock" if redis == "silent" else "nobody.sock"
    house = open_daily(
        limits="redis", redis_url=f"unix://{name}", rate_origin=f"2 {YEAR}", rate_author=f"2 {YEAR}"
    )
    answers = []
    for _ in range(4):
        began = time.monotonic()
        answers.append(limited(send(house)))
        assert time.monotonic() - began < 1.0
    assert answers == [False, False, True, True]
    assert house.rooms.limiter.fallbacks >= 1
    assert len(house.stored()) == 2
    if listening is not None:
        listening.close()
