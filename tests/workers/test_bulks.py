"""Bulks in worker processes: called up by id alone, gone on with after a kill, with Redis and without."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from redis import Redis
from rq import Queue

from service.adapters import queue as bell
from service.adapters.queue import Bell
from service.bulks import LEASE, Bulks, CarryOut, Meant
from service.domain.decision import Choice, DeskAction
from service.domain.queue import QueueName, Wanted
from service.domain.roles import Role
from service.learning import Learning
from service.people import Moderator
from service.store.database import Database
from service.store.tables import decisions
from tests.conftest import Clock, wait_until
from tests.people import add_site, arrival, store
from tests.screening_room import screening_on, waiting
from tests.workers.test_sweeper import Sweepers, jobs_of, sweepers  # noqa: F401
from workers import jobs
from workers.jobs import CARRY_OUT

BOB = Moderator("bob", Role.MODERATOR, None)
PENDING = Meant(query=Wanted(QueueName.PENDING))
HERE = Path(__file__).parents[2]

# A worker that does two batches whole, and stops in the middle of the third, when all of it is written and nothing is
# committed.
HALF = """
import sys, time
from datetime import datetime
from uuid import UUID
from service.bulks import CarryOut
from service.store import journal
from service.store.database import Database

append, batches = journal.append, 0

def append_and_wait(connection, **entry):
    global batches
    append(connection, **entry)
    batches += 1
    if batches == 3:
        print("in the middle", flush=True)
        time.sleep(600)

journal.append = append_and_wait
now = datetime.fromisoformat(sys.argv[3])
CarryOut(Database(sys.argv[1]), lambda: now, batch=10)(UUID(sys.argv[2]), seconds=600)
"""


def made_by(database: Database, bulk_id: UUID) -> Counter[UUID]:
    with database.read() as connection:
        query = sa.select(decisions.c.comment_id).where(decisions.c.bulk_id == bulk_id)
        return Counter(connection.scalars(query))


def bulk_about(database: Database, clock: Clock, count: int, announce: Any = None) -> tuple[UUID, list[UUID]]:
    """A bulk about so many comments that wait, and those."""
    ids = store(database, *(arrival(f"Number {number}") for number in range(count)))
    book = Bulks(database, announce or (lambda bulk_id: None), clock)
    return book.create(BOB, "daily", Choice(DeskAction.SPAM, note="Roofing."), PENDING).id, ids


def test_a_worker_that_is_killed_in_the_middle_loses_nothing_and_decides_nothing_twice(
    database: Database, clock: Clock
) -> None:
    add_site(database)
    bulk_id, ids = bulk_about(database, clock, 45)
    url = database.url.render_as_string(hide_password=False)
    worker = subprocess.Popen(
        [sys.executable, "-c", HALF, url, str(bulk_id), clock().isoformat()],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    with worker, worker.stdout:
        assert worker.stdout.readline() == "in the middle\n"
        assert len(made_by(database, bulk_id)) == 20
        worker.send_signal(signal.SIGKILL)
    other = CarryOut(database, clock, batch=10)
    clock.move(seconds=LEASE.total_seconds() + 1)
    assert other.waiting() == [bulk_id]
    # PostgreSQL lets go of the dead one's locks once it has noticed.
    assert other(bulk_id)
    assert made_by(database, bulk_id) == Counter(ids)
    assert other.waiting() == []
    assert other(bulk_id)
    assert made_by(database, bulk_id) == Counter(ids)


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """One kind is enough for what Redis and a job do."""
    opened = Database(sqlite_url)
    add_site(opened)
    yield opened
    opened.close()


def test_the_bell_calls_for_a_bulk_by_its_id_and_nothing_else(
    sqlite_database: Database, clock: Clock, valkey_url: str, client: Redis, queue: Queue
) -> None:
    assert bell.CARRY_OUT == jobs.CARRY_OUT
    rope = Bell(valkey_url, bound=20)
    bulk_id, _ = bulk_about(sqlite_database, clock, 1, rope.announce_bulk)
    wait_until(lambda: queue.count == 1)
    rope.close()
    [key] = client.keys("rq:job:*")
    raw = client.hgetall(key)
    told = zlib.decompress(raw[b"data"])
    assert json.loads(told) == ["workers.jobs.carry_out", None, [str(bulk_id)], {}]
    everything = b" ".join(part for pair in raw.items() for part in pair) + told
    for private in (b"Roofing", b"Number", b"bob", b"daily", b"spam"):
        assert private not in everything


def test_a_bulk_is_made_though_redis_is_away(sqlite_database: Database, clock: Clock) -> None:
    rope = Bell("redis://127.0.0.1:1/0", bound=20)
    bulk_id, ids = bulk_about(sqlite_database, clock, 3, rope.announce_bulk)
    rope.close()
    assert CarryOut(sqlite_database, clock).waiting() == [bulk_id]
    assert len(ids) == 3


def test_a_job_works_in_turns_until_nothing_is_left(
    sqlite_database: Database, clock: Clock, queue: Queue, work: Callable[[], None]
) -> None:
    class Brief(CarryOut):
        """A worker whose turn is over after each batch."""

        def __call__(self, bulk_id: UUID, *, seconds: float = 0.0) -> bool:
            return super().__call__(bulk_id, seconds=0.0)

    jobs.install(
        screening_on(sqlite_database, clock),
        Learning(sqlite_database, clock),
        Brief(sqlite_database, clock, batch=10),
    )
    bulk_id, ids = bulk_about(sqlite_database, clock, 35)
    queue.enqueue(CARRY_OUT, str(bulk_id))
    queue.enqueue(CARRY_OUT, "no id")
    queue.enqueue(CARRY_OUT, "00000000-0000-7000-8000-000000000000")
    work()
    assert made_by(sqlite_database, bulk_id) == Counter(ids)
    assert queue.failed_job_registry.count == 0
    assert queue.count == 0


def test_a_job_that_fails_says_its_kind_of_failure_and_nothing_else(
    sqlite_database: Database, clock: Clock
) -> None:
    jobs.install(screening_on(sqlite_database, clock), None, CarryOut(sqlite_database, clock))
    bulk_id, _ = bulk_about(sqlite_database, clock, 1)
    with sqlite_database.write() as connection:
        connection.exec_driver_sql("DROP TABLE bulk_items")
    with pytest.raises(jobs.JobFailed, match=r"^OperationalError$"):
        jobs.carry_out(str(bulk_id))


def test_the_sweeper_calls_for_bulks_that_nobody_is_at_and_not_again_at_once(
    sweepers: Sweepers,  # noqa: F811
    database: Database,
    clock: Clock,
    queue: Queue,
) -> None:
    sweeper = sweepers()
    bulk_id, _ = bulk_about(database, clock, 30)
    mine = CarryOut(database, clock, batch=10)
    assert mine._one_batch(bulk_id, None) is not None
    sweeper.sweep()
    assert CARRY_OUT not in jobs_of(queue)
    clock.move(seconds=LEASE.total_seconds() + 1)
    for _ in range(3):
        sweeper.sweep()
        clock.move(seconds=15)
    assert jobs_of(queue).count(CARRY_OUT) == 1
    clock.move(minutes=1)
    sweeper.sweep()
    assert jobs_of(queue).count(CARRY_OUT) == 2


def test_with_redis_away_the_sweeper_carries_bulks_out_by_itself(
    sweepers: Sweepers,  # noqa: F811
    database: Database,
    clock: Clock,
) -> None:
    sweeper = sweepers(redis_url="redis://127.0.0.1:1/0")
    bulk_id, ids = bulk_about(database, clock, 5)
    sweeper.sweep()
    assert made_by(database, bulk_id) == Counter(ids)
    assert sweeper.carrying_out.waiting() == []


def test_with_redis_away_bulks_that_fail_wait_a_minute_and_keep_no_comment_from_being_screened(
    sweepers: Sweepers,  # noqa: F811
    database: Database,
    clock: Clock,
) -> None:
    tried: list[UUID] = []

    class Failing(CarryOut):
        """A worker none of whose batches comes to an end."""

        def __call__(self, bulk_id: UUID, *, seconds: float = 0.0) -> bool:
            tried.append(bulk_id)
            raise OSError

    sweeper = sweepers(redis_url="redis://127.0.0.1:1/0")
    sweeper.carrying_out = Failing(database, clock)
    failing = {bulk_about(database, clock, 1)[0] for _ in range(4)}
    clock.move(minutes=1)
    for _ in range(5):
        sweeper.sweep()
        assert waiting(database) == 0
        store(database, arrival("One more.", created_at=clock()))
        clock.move(seconds=15)
    assert set(tried[:4]) == failing
    assert tried[4] == tried[0]


def test_a_lease_from_a_clock_that_was_set_back_is_nobodys(database: Database, clock: Clock) -> None:
    add_site(database)
    bulk_id, _ = bulk_about(database, clock, 20)
    assert CarryOut(database, lambda: ahead(clock), batch=10)._one_batch(bulk_id, None) is not None
    assert CarryOut(database, clock).waiting() == [bulk_id]


def ahead(clock: Clock) -> datetime:
    return clock() + timedelta(days=1)
