"""Limits are counted exactly, by keyed hashes, and without Redis where it is away."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from service.adapters.counters import KEYS_MAX, Counters
from service.adapters.limiter import NETWORK_SHARE, Limiter, Limits
from service.domain.errors import RateLimited

ORIGIN, OTHER = b"o" * 32, b"p" * 32


def limits(**changes: str) -> Limits:
    return Limits(**{"origin": "3 per minute", "author": "2 per minute", "site": "off", **changes})


def allowed(act: Callable[[], Any], tries: int = 20) -> int:
    """How many of these are let through before the first that is not."""
    for number in range(tries):
        try:
            act()
        except RateLimited:
            return number
    return tries


# --- counters ----------------------------------------------------------------------------------------------------


class Hand:
    def __init__(self) -> None:
        self.at = 1_000_000.0

    def __call__(self) -> float:
        return self.at


@given(
    st.lists(
        st.tuples(st.floats(min_value=0, max_value=40), st.integers(min_value=1, max_value=3)), max_size=40
    )
)
def test_a_window_slides_as_the_library_defines_it(steps: list[tuple[float, int]]) -> None:
    """Of two fixed windows the last one counts by the share of it that the sliding window still covers."""
    hand = Hand()
    counters = Counters(hand)
    hits: list[tuple[float, int]] = []
    for pause, amount in steps:
        hand.at += pause
        number, share = int(hand.at // 60), 1 - (hand.at / 60) % 1
        before = sum(n for at, n in hits if int(at // 60) == number - 1)
        current = sum(n for at, n in hits if int(at // 60) == number)
        expected = int(before * share + current) + amount <= 10
        assert counters.acquire_sliding_window_entry("k", 10, 60, amount) is expected
        if expected:
            hits.append((hand.at, amount))


def test_every_hit_counts_once_however_many_threads_come() -> None:
    counters = Counters()
    let_through: list[bool] = []

    def hit() -> None:
        for _ in range(500):
            let_through.append(counters.acquire_sliding_window_entry("k", 1_000, 3_600))

    threads = [threading.Thread(target=hit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(let_through) == 1_000


def test_what_is_over_is_let_go() -> None:
    hand = Hand()
    counters = Counters(hand)
    for number in range(1_000):
        counters.acquire_sliding_window_entry(f"k{number}", 5, 60)
    hand.at += 3_600
    counters.acquire_sliding_window_entry("one more", 5, 60)
    assert counters.reset() == 1


def test_an_attacker_with_any_number_of_origins_fills_a_bounded_room() -> None:
    counters = Counters(Hand())
    for number in range(KEYS_MAX + 10):
        counters.acquire_sliding_window_entry(str(number), 5, 3_600)
    assert counters.reset() <= KEYS_MAX


def test_a_clock_that_is_set_back_gives_nobody_more_and_locks_nobody_out() -> None:
    hand = Hand()
    counters = Counters(hand)
    assert [counters.acquire_sliding_window_entry("k", 3, 60) for _ in range(4)] == [True, True, True, False]
    hand.at -= 86_400
    assert counters.acquire_sliding_window_entry("k", 3, 60) is False
    hand.at += 86_400 + 120
    assert counters.acquire_sliding_window_entry("k", 3, 60) is True


# --- the limiter ---------------------------------------------------------------------------------------------------


def test_each_origin_and_each_author_has_a_limit_of_its_own() -> None:
    limiter = Limiter(limits(), None)
    assert allowed(lambda: limiter.check_origin(ORIGIN)) == 3
    assert allowed(lambda: limiter.check_origin(OTHER)) == 3
    assert allowed(lambda: limiter.check_author(ORIGIN)) == 2
    assert allowed(lambda: limiter.check_site("daily")) == 20


def test_the_network_around_an_origin_may_do_ten_times_as_much() -> None:
    limiter = Limiter(limits(), None)
    origins = iter(number.to_bytes(32, "big") for number in range(100))
    assert allowed(lambda: limiter.check_origin(next(origins), OTHER), 100) == 3 * NETWORK_SHARE


def test_whoever_is_limited_is_told_by_what_and_for_how_long() -> None:
    limiter = Limiter(limits(origin="1 per minute; 100 per hour"), None)
    limiter.check_origin(ORIGIN)
    with pytest.raises(RateLimited) as caught:
        limiter.check_origin(ORIGIN)
    assert caught.value.limit == "origin"
    assert 1 <= caught.value.retry_after_seconds <= 60


def test_processes_share_their_counts_and_redis_sees_hashes_alone(valkey_url: str) -> None:
    with Redis.from_url(valkey_url) as client:
        client.flushall()
        one, two = Limiter(limits(), valkey_url), Limiter(limits(), valkey_url)
        assert allowed(lambda: one.check_origin(ORIGIN)) == 3
        assert allowed(lambda: two.check_origin(ORIGIN)) == 0
        assert one.fallbacks == two.fallbacks == 0
        keys = [key.decode() for key in client.scan_iter()]
    assert keys
    assert all(ORIGIN.hex() in key for key in keys)


@pytest.mark.parametrize("redis", ["away", "silent"])
def test_with_redis_away_a_process_counts_by_itself_and_waits_once(tmp_path: Path, redis: str) -> None:
    path = tmp_path / "nobody.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        if redis == "silent":
            listener.bind(str(path))
            listener.listen()
        limiter = Limiter(limits(), f"unix://{path}")
        began = time.monotonic()
        assert allowed(lambda: limiter.check_origin(ORIGIN)) == 3
        # One time-out of a fifth of a second, then Redis is left alone for a while.
        assert time.monotonic() - began < 1.0
        assert limiter.fallbacks == 1
