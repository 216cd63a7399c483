"""The bell: it rings for what was committed, and nothing that happens to Redis reaches whoever rings it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from redis import Redis

from service.adapters.queue import DRAIN, IDS_PER_JOB, SCREEN, Bell, connect, screening_queue
from service.adapters.valkey import EmbeddedValkey

Until = Callable[..., None]


@pytest.fixture
def server() -> Iterator[EmbeddedValkey]:
    """A Valkey of this test's own, to be hurt."""
    folder = Path(tempfile.mkdtemp(prefix="grq-"))
    found = EmbeddedValkey(folder, folder / "v.sock")
    found.start()
    yield found
    with suppress(ProcessLookupError):
        found.resume()
    found.stop()
    shutil.rmtree(folder)


@pytest.fixture
def url(server: EmbeddedValkey) -> str:
    return f"unix://{server._socket_path}?db=0"


@pytest.fixture
def client(url: str) -> Iterator[Redis]:
    found = connect(url, timeout=5)
    yield found
    found.close()


@pytest.fixture
def bell(url: str) -> Iterator[Bell]:
    found = Bell(url, bound=20)
    yield found
    found.close()


def jobs(client: Redis) -> list[tuple[str, list[list[str]]]]:
    """The function and the arguments of every job that waits."""
    queue = screening_queue(client)
    found = [json.loads(zlib.decompress(client.hget(f"rq:job:{job}", "data"))) for job in queue.job_ids]
    return [(function, args) for function, _, args, _ in found]


def rung(client: Redis) -> list[list[str]]:
    """The ids of every job that waits and has some."""
    return [args[0] for function, args in jobs(client) if function == SCREEN]


def some(count: int) -> list[UUID]:
    return [uuid4() for _ in range(count)]


def test_what_was_committed_together_is_one_job_with_its_ids(bell: Bell, client: Redis, until: Until) -> None:
    ids = some(3)
    bell.announce(ids)
    until(lambda: rung(client), what="rung")
    assert rung(client) == [[str(each) for each in ids]]


def test_rings_that_come_close_together_are_joined(bell: Bell, client: Redis, until: Until) -> None:
    ids = some(300)
    for each in ids:
        bell.announce([each])
    until(lambda: sum(map(len, rung(client))) == 300, what="all rung")
    assert len(rung(client)) < 20
    assert [each for job in rung(client) for each in job] == [str(each) for each in ids]


def test_a_job_holds_a_bounded_number_of_ids(bell: Bell, client: Redis, until: Until) -> None:
    bell.announce(some(IDS_PER_JOB + 1))
    until(lambda: len(rung(client)) == 2, what="rung")
    assert [len(job) for job in rung(client)] == [IDS_PER_JOB, 1]


def test_a_flood_never_fills_redis(bell: Bell, client: Redis, until: Until) -> None:
    for _ in range(30):
        bell.announce(some(1))
        until(lambda: not bell._ids, what="taken")
        time.sleep(0.06)
    assert len(rung(client)) == 20
    assert bell.dropped == 10


@pytest.mark.parametrize("fault", ["gone", "silent", "full", "read-only", "other data"])
def test_whatever_is_wrong_with_redis_announcing_is_instant_and_never_fails(
    server: EmbeddedValkey, client: Redis, url: str, until: Until, fault: str
) -> None:
    bell = Bell(url, bound=20)
    if fault == "gone":
        server.kill()
    elif fault == "silent":
        os.kill(server.pid, signal.SIGSTOP)
    elif fault == "full":
        client.config_set("maxmemory", "1")
    elif fault == "read-only":
        client.replicaof("127.0.0.1", "1")
    else:
        client.set("rq:queue:greenroom", "not a list")
    slowest = 0.0
    for _ in range(50):
        began = time.process_time()
        bell.announce(some(2))
        slowest = max(slowest, time.process_time() - began)
    until(lambda: bell.dropped == 100, seconds=15, what="given to the sweeper")
    assert slowest < 0.1
    bell.close()


def test_the_bell_rings_again_when_redis_is_back(
    server: EmbeddedValkey, client: Redis, url: str, until: Until
) -> None:
    bell = Bell(url, bound=20)
    server.kill()
    bell.announce(some(1))
    until(lambda: bell.dropped == 1, what="dropped")
    server.start()

    def heard() -> bool:
        bell.announce(some(1))
        time.sleep(0.2)
        return bool(rung(connect(url)))

    until(heard, seconds=15, what="rung again")
    bell.close()


def test_workers_are_called_for_what_was_dropped_as_soon_as_redis_is_back(
    server: EmbeddedValkey, client: Redis, url: str, until: Until
) -> None:
    bell = Bell(url, bound=20)
    bell.announce(some(1))
    until(lambda: rung(client), what="rung")
    server.kill()
    bell.announce(some(1))
    until(lambda: bell.dropped == 1, what="dropped")
    server.start()
    # Nothing else is announced.
    until(lambda: (DRAIN, []) in jobs(connect(url)), seconds=15, what="workers were called")
    bell.close()
    assert [function for function, _ in jobs(connect(url))].count(DRAIN) == 1


def test_what_waits_is_rung_before_the_process_ends(url: str, client: Redis) -> None:
    bell = Bell(url, bound=20)
    ids = some(2)
    bell.announce(ids)
    bell.close()
    assert rung(client) == [[str(each) for each in ids]]
