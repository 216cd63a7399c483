"""A comment that kills, hangs or fills whatever looks at it is held for a person, and others flow."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from redis import Redis
from rq import Queue, Retry

from service.store.database import Database
from tests.people import add_site, arrival, store
from tests.screening_room import books
from tests.workers.poisoned import JOB_SECONDS
from workers.jobs import SCREEN

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]
ATTEMPTS = 2


@pytest.fixture
def worker(
    database_url: str, valkey_url: str, tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts the poisoned worker again whenever it is found dead, as the supervisor would."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GREENROOM_")}
    environment = {
        **kept,
        "GREENROOM_DATABASE_URL": database_url,
        "GREENROOM_REDIS_URL": valkey_url,
        "GREENROOM_DATA_DIR": str(tmp_path),
        "GREENROOM_SWEEP_SECONDS": "1",
        "GREENROOM_LEASE_SECONDS": "2",
        "GREENROOM_MAX_ATTEMPTS": str(ATTEMPTS),
    }
    running: list[subprocess.Popen[bytes]] = []

    def tend() -> subprocess.Popen[bytes]:
        if not running or running[-1].poll() is not None:
            with (tmp_path / "log").open("ab") as log:
                command = [sys.executable, "-m", "tests.workers.poisoned"]
                running.append(subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log))
        return running[-1]

    yield tend
    for process in running:
        if process.poll() is None:
            process.terminate()
            process.wait(10)


def ring(queue: Queue, ids: list[UUID]) -> None:
    queue.enqueue(SCREEN, args=([str(each) for each in ids],), job_timeout=JOB_SECONDS, retry=Retry(max=3))


@pytest.mark.parametrize("word", ["Exit", "Hang", "Lost"])
def test_a_poisonous_comment_is_held_in_the_end_and_its_neighbours_are_decided(
    client: Redis,
    queue: Queue,
    database: Database,
    worker: Callable[[], subprocess.Popen[bytes]],
    until: Callable[..., None],
    word: str,
) -> None:
    add_site(database)
    before, poison, after = store(
        database, arrival("A harmless text."), arrival(f"{word} and nothing else."), arrival("Another one.")
    )
    ring(queue, [before, poison, after])

    def settled() -> bool:
        worker()
        return all(one.awaiting != "pending" for one in books(database).values())

    until(settled, seconds=60, what="all decided")
    found = books(database)
    assert found[poison].status == "held"
    assert found[poison].reasons == ["check_failed"]
    assert len(found[poison].decisions) == 1
    for healthy in (before, after):
        assert found[healthy].reasons == []
        assert len(found[healthy].decisions) == 1


def test_a_check_that_finds_no_memory_fails_and_holds_and_the_worker_lives(
    client: Redis,
    queue: Queue,
    database: Database,
    worker: Callable[[], subprocess.Popen[bytes]],
    until: Callable[..., None],
) -> None:
    add_site(database)
    hungry, other = store(database, arrival("Eat all of it."), arrival("A harmless text."))
    process = worker()
    ring(queue, [hungry, other])
    until(
        lambda: all(one.awaiting != "pending" for one in books(database).values()), seconds=30, what="decided"
    )
    assert process.poll() is None
    found = books(database)
    assert found[hungry].reasons == ["check_failed"]
    assert found[other].reasons == []


def test_a_worker_that_is_asked_to_stop_stops_in_order_and_soon(
    client: Redis,
    queue: Queue,
    database: Database,
    worker: Callable[[], subprocess.Popen[bytes]],
    until: Callable[..., None],
) -> None:
    add_site(database)
    process = worker()
    [first] = store(database, arrival("A harmless text."))
    ring(queue, [first])
    until(lambda: books(database)[first].awaiting != "pending", seconds=30, what="decided")
    began = time.monotonic()
    process.terminate()
    assert process.wait(10) == 0
    assert time.monotonic() - began < 8
