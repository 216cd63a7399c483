"""What is overdue is called up again, by one of many, whatever became of jobs, workers, clocks and Redis."""

from __future__ import annotations

import json
import socket
import threading
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from redis import Redis
from rq import Queue

from service.bulks import CarryOut
from service.learning import Learning
from service.store import comments as claims
from service.store import leases, lessons
from service.store.database import Database
from service.store.tables import idempotency, vault
from tests.conftest import Clock
from tests.people import NOW, add_site, arrival, store
from tests.screening_room import decide_as_person, decided_once, screening_on, waiting
from workers import jobs
from workers.jobs import DRAIN, LEARN
from workers.sweeper import FORGET_EVERY, Sweeper

Sweepers = Callable[..., Sweeper]
EVERY = timedelta(seconds=15)


@pytest.fixture
def sweepers(database: Database, clock: Clock, valkey_url: str, client: Redis) -> Sweepers:
    """Sweepers of several workers, told when to sweep."""
    add_site(database)

    def make(name: str = "one", redis_url: str = valkey_url) -> Sweeper:
        return Sweeper(
            database=database,
            screening=screening_on(database, clock),
            learning=Learning(database, clock),
            carrying_out=CarryOut(database, clock),
            redis_url=redis_url,
            name=name,
            now=clock,
            stopping=threading.Event(),
            origin_days=30,
            every=EVERY,
        )

    return make


def decided_by_a_person(database: Database, clock: Clock) -> None:
    [comment_id] = store(database, arrival("I like the boat."))
    screening_on(database, clock).screen([comment_id])
    decide_as_person(database, comment_id, "approve")


def learned_sites(database: Database) -> set[str]:
    with database.read() as connection:
        return set(lessons.load(connection))


def test_what_people_decided_is_learned_from_by_a_job_asked_for_once(
    sweepers: Sweepers, database: Database, clock: Clock, queue: Queue
) -> None:
    sweeper = sweepers()
    sweeper.sweep()
    assert jobs_of(queue) == []
    decided_by_a_person(database, clock)
    for _ in range(3):
        clock.move(seconds=15)
        sweeper.sweep()
    assert jobs_of(queue) == [LEARN]
    assert learned_sites(database) == set()
    clock.move(minutes=6)
    sweeper.sweep()
    assert jobs_of(queue) == [LEARN, LEARN]


def test_with_redis_away_the_sweeper_learns_by_itself(
    sweepers: Sweepers, database: Database, clock: Clock
) -> None:
    decided_by_a_person(database, clock)
    sweepers(redis_url="redis://127.0.0.1:1/0").sweep()
    assert learned_sites(database) == {"daily"}


def overdue(database: Database, clock: Clock, count: int = 1) -> list[Any]:
    """Comments whose jobs were lost: they have waited for a minute."""
    ids = store(database, *(arrival(f"Number {n} about the boat.", created_at=clock()) for n in range(count)))
    clock.move(minutes=1)
    return ids


def jobs_of(queue: Queue) -> list[str]:
    client = queue.connection
    return [json.loads(zlib.decompress(client.hget(f"rq:job:{job}", "data")))[0] for job in queue.job_ids]


def test_what_is_overdue_is_called_up_by_one_job_for_each_living_worker(
    sweepers: Sweepers, database: Database, clock: Clock, queue: Queue
) -> None:
    overdue(database, clock, 3)
    with database.write() as connection:
        for name in ("one", "two", "three"):
            leases.beat(connection, name, now=clock(), redis_reachable=True)
        leases.beat(connection, "dead", now=clock() - timedelta(minutes=5), redis_reachable=True)
    sweepers().sweep()
    assert jobs_of(queue) == [DRAIN] * 3
    # Nobody came to fetch them: a backlog is no reason to call ever louder.
    clock.move(seconds=15)
    sweepers().sweep()
    assert jobs_of(queue) == [DRAIN] * 3


def test_what_is_called_up_is_decided(
    sweepers: Sweepers, database: Database, clock: Clock, work: Callable[[], None]
) -> None:
    overdue(database, clock, 5)
    sweepers().sweep()
    jobs.install(screening_on(database, clock))
    work()
    assert decided_once(database)


def test_what_is_new_or_in_someones_hands_is_left_alone(
    sweepers: Sweepers, database: Database, clock: Clock, queue: Queue
) -> None:
    overdue(database, clock)
    with database.write() as connection:
        assert claims.claim(connection, now=clock(), lease=timedelta(seconds=60), limit=5)
    store(database, arrival(created_at=clock()))
    sweepers().sweep()
    assert queue.count == 0


def test_of_many_sweepers_one_sweeps_until_it_is_gone(
    sweepers: Sweepers, database: Database, clock: Clock, queue: Queue
) -> None:
    one, two = sweepers("one"), sweepers("two")
    one.sweep()
    overdue(database, clock)
    one.sweep()
    queue.empty()
    clock.move(seconds=10)
    two.sweep()
    assert queue.count == 0, "two swept while one had the lease"
    # One dies without a word: its lease runs out.
    clock.move(seconds=31)
    two.sweep()
    assert queue.count == 1
    queue.empty()
    # One stops in order: nobody has to wait.
    two.stop()
    sweepers("three").sweep()
    assert queue.count == 1


@pytest.mark.parametrize("redis", ["away", "silent"])
def test_with_redis_away_the_sweeper_screens_by_itself(
    sweepers: Sweepers, database: Database, clock: Clock, tmp_path: Path, redis: str
) -> None:
    overdue(database, clock, 3)
    path = tmp_path / "nobody.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        if redis == "silent":
            listener.bind(str(path))
            listener.listen()
        sweepers(redis_url=f"unix://{path}").sweep()
    assert decided_once(database)


def test_with_redis_away_the_sweeper_looks_at_every_beat_for_what_came_just_now(
    sweepers: Sweepers,
    database: Database,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    until: Callable[..., None],
) -> None:
    monkeypatch.setattr("workers.sweeper.BEAT_SECONDS", 0.02)
    sweeper = sweepers(redis_url="unix:///nowhere/nobody.sock")
    thread = threading.Thread(target=sweeper.run)
    thread.start()
    try:
        for _ in range(3):
            # The clock hardly moves: the time for a sweep never comes.
            store(database, arrival(created_at=clock()))
            clock.move(seconds=0.01)
            until(lambda: decided_once(database), what="decided")
    finally:
        sweeper.stopping.set()
        thread.join(5)


def test_a_worker_says_whether_it_reaches_redis(sweepers: Sweepers, database: Database, clock: Clock) -> None:
    sweepers("one")._beat()
    sweepers("two", redis_url="unix:///nowhere/nobody.sock")._beat()
    with database.read() as connection:
        assert leases.alive(connection, since=clock() - timedelta(seconds=1)) == (2, 1)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_jumps_by_a_day_neither_storms_nor_stalls(
    sweepers: Sweepers, database: Database, clock: Clock, queue: Queue, days: int
) -> None:
    sweeper = sweepers()
    sweeper.sweep()
    ids = store(database, arrival(created_at=clock()), arrival(created_at=clock()))
    with database.write() as connection:
        claims.claim(connection, now=clock(), lease=timedelta(seconds=60), limit=1)
    clock.move(days=days)
    sweeper.sweep()
    assert queue.count <= 1
    # Within a lease's time whoever holds one by the old clock is taken for gone, too.
    for _ in range(12):
        clock.move(seconds=15)
        sweeper.sweep()
    assert queue.count == 1
    assert screening_on(database, clock).drain() >= 1
    clock.move(minutes=3)
    screening_on(database, clock).drain()
    assert waiting(database) == 0
    assert len(ids) == 2


def test_no_failure_ends_the_loop(
    sweepers: Sweepers,
    database: Database,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    until: Callable[..., None],
) -> None:
    sweeper = sweepers()
    sweeper.every = timedelta(seconds=0.02)
    calls: list[int] = []

    def fails() -> None:
        calls.append(1)
        clock.move(seconds=1)
        raise OSError

    monkeypatch.setattr(sweeper, "sweep", fails)
    thread = threading.Thread(target=sweeper.run)
    thread.start()
    until(lambda: len(calls) > 3, what="swept again after a failure")
    sweeper.stopping.set()
    thread.join(5)
    assert not thread.is_alive()
    with database.read() as connection:
        assert leases.alive(connection, since=NOW - timedelta(days=1)) == (0, 0), "no farewell"


def test_what_may_not_be_kept_is_forgotten_once_in_a_while(
    sweepers: Sweepers, database: Database, clock: Clock
) -> None:
    old = arrival("Old.", created_at=clock() - timedelta(days=31), vault={"origin_index": b"o" * 32})
    old.idempotency_key, old.body_hash, old.created_at = b"k" * 32, b"b" * 32, clock() - timedelta(days=3)
    fresh = arrival("Fresh.", created_at=clock(), vault={"origin_index": b"f" * 32})
    fresh.idempotency_key, fresh.body_hash, fresh.created_at = b"l" * 32, b"b" * 32, clock()
    old_id, fresh_id = store(database, old, fresh)

    def kept() -> tuple[dict[Any, Any], set[bytes]]:
        with database.read() as connection:
            origins = dict(connection.execute(sa.select(vault.c.comment_id, vault.c.origin_index)).all())
            return origins, set(connection.scalars(sa.select(idempotency.c.key_hash)))

    sweeper = sweepers()
    sweeper.sweep()
    assert kept() == ({old_id: None, fresh_id: b"f" * 32}, {b"l" * 32})
    clock.move(days=40)
    sweeper.sweep()
    assert kept() == ({old_id: None, fresh_id: None}, set())
    assert timedelta(minutes=1) < FORGET_EVERY < timedelta(days=1)
