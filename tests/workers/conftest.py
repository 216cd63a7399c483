"""A real Valkey that is empty, and RQ's worker in this process, for as long as there are jobs."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from redis import Redis
from rq import Queue

from service.adapters.queue import connect, screening_queue
from workers import jobs
from workers.worker import make_worker

names = count(1)


@pytest.fixture
def client(valkey_url: str) -> Iterator[Redis]:
    """A client of a Valkey that holds nothing."""
    found = connect(valkey_url)
    found.flushall()
    yield found
    found.close()


@pytest.fixture
def queue(client: Redis) -> Queue:
    """The queue as the product rings and hears it."""
    return screening_queue(client)


@pytest.fixture
def work(valkey_url: str, client: Redis) -> Iterator[Callable[[], None]]:
    """Work off all jobs that wait, as a worker process does."""
    before = {signum: signal.getsignal(signum) for signum in (signal.SIGINT, signal.SIGTERM)}

    def work_off() -> None:
        patient = connect(valkey_url, timeout=None)
        make_worker(patient, f"worker-{next(names)}").work(burst=True, logging_level="WARNING")
        patient.close()

    yield work_off
    for signum, handler in before.items():
        signal.signal(signum, handler)
    jobs._screening = jobs._carrying_out = None
