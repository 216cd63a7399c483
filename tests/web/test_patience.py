"""Senders who are slow on purpose keep no reader waiting, and leave their places when they go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from service.web.patience import Busy, Patience
from tests.web.conftest import House

THREADS = 8
PLACES, QUEUE = 6, 1


class Sender:
    """A connection that has sent its head, and goes on with its body when it is told to."""

    def __init__(self, body: bytes = b"{}") -> None:
        self.goes_on = threading.Event()
        self.is_waited_for = threading.Event()
        self._body = body

    def read(self, _size: int) -> bytes:
        self.is_waited_for.set()
        assert self.goes_on.wait(30)
        return self._body


class Gone:
    """A connection that breaks."""

    def read(self, _size: int) -> bytes:
        raise OSError("the other side is gone")


Send = Callable[[Sender], Future[TestResponse]]


@pytest.fixture
def send(house: House) -> Iterator[Send]:
    """Sends slowly, each sender on a thread of its own; all of them go on at the end."""
    house.app.extensions["greenroom.patience"] = Patience(THREADS)
    senders: list[Sender] = []

    def post(sender: Sender) -> TestResponse:
        return house.client.post(
            "/v1/comments",
            data=b"{}",
            content_type="application/json",
            environ_overrides={"wsgi.input": sender},
        )

    with ThreadPoolExecutor(THREADS) as pool:

        def begin(sender: Sender) -> Future[TestResponse]:
            senders.append(sender)
            return pool.submit(post, sender)

        yield begin
        for sender in senders:
            sender.goes_on.set()


def take_all_places(send: Send) -> tuple[list[Sender], list[Future[TestResponse]]]:
    senders = [Sender() for _ in range(PLACES)]
    answers = [send(sender) for sender in senders]
    for sender in senders:
        assert sender.is_waited_for.wait(10)
    return senders, answers


def slug(answer: TestResponse) -> str:
    found: str = answer.get_json()["type"].partition("#")[2]
    return found


def test_slow_senders_are_waited_for(send: Send) -> None:
    senders, answers = take_all_places(send)
    for sender in senders:
        sender.goes_on.set()
    assert {slug(answer.result(10)) for answer in answers} == {"invalid-submission"}


def test_when_many_are_slow_the_next_one_is_told_to_come_again(send: Send) -> None:
    take_all_places(send)
    answer = send(Sender()).result(10)
    assert (answer.status_code, slug(answer)) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Connection"] == "close", "what is left of its body is not the next request"


def test_when_many_are_slow_readers_are_served_as_ever(house: House, send: Send) -> None:
    house.approved()
    take_all_places(send)
    assert house.thread().get_json()["count"] == 1


def test_places_are_free_again_when_the_slow_have_gone(send: Send) -> None:
    senders, answers = take_all_places(send)
    for sender in senders:
        sender.goes_on.set()
    for answer in answers:
        answer.result(10)
    take_all_places(send)


def test_not_everybody_may_wait_for_a_place() -> None:
    patience = Patience(THREADS, place_seconds=30)
    held = [Sender() for _ in range(PLACES)]
    waits = Sender()
    with ThreadPoolExecutor(THREADS) as pool:
        for sender in held:
            pool.submit(patience.read, sender, 2)
            assert sender.is_waited_for.wait(10)
        # Of two who come now one may wait; the other is refused at once, while nothing else happens.
        both = [pool.submit(patience.read, waits, 2) for _ in range(QUEUE + 1)]
        refused, _ = wait(both, timeout=10, return_when=FIRST_COMPLETED)
        assert [type(one.exception()) for one in refused] == [Busy]
        for sender in (*held, waits):
            sender.goes_on.set()
    assert sum(one.exception() is None for one in both) == 1


def test_whoever_goes_away_frees_the_place() -> None:
    patience = Patience(1)
    for _ in range(20):
        with pytest.raises(OSError, match="gone"):
            patience.read(Gone(), 2)
    assert patience.read(BytesIO(b"{}"), 2) == b"{}"
