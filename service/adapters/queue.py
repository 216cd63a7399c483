"""The bell: telling workers over RQ that comments wait. Best effort, and never on a request's time.

A thread of the web process takes the ids of all batches that were committed since the last ring and enqueues
one job for them, by name. If Redis is away, slow or full, the ids are dropped: the rows are in the database, and
the sweeper finds them, or workers do whom the bell calls once Redis is back. Past ``bound`` waiting jobs nothing
more is enqueued, so that a flood never fills Redis. The payload is JSON and holds ids only.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from redis import Redis
    from rq import Queue

log = logging.getLogger("greenroom.queue")

QUEUE = "greenroom"
SCREEN = "workers.jobs.screen"
DRAIN = "workers.jobs.drain"
CARRY_OUT = "workers.jobs.carry_out"
TIMEOUT_SECONDS = 0.2
REST_SECONDS = 2.0
# Rings closer together than this are joined; a lone comment rings at once.
GAP_SECONDS = 0.05
IDS_PER_JOB = 500
JOB_TIMEOUT_SECONDS = 30
RESULT_TTL_SECONDS = 60
FAILURE_TTL_SECONDS = 3600
RETRIES = 3


def connect(url: str, *, timeout: float | None = TIMEOUT_SECONDS) -> Redis:
    """A client that fails fast: redis-py's own defaults stall a caller for four to five seconds."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    client: Redis = Redis.from_url(
        url, socket_timeout=timeout, socket_connect_timeout=TIMEOUT_SECONDS, retry=Retry(NoBackoff(), 0)
    )
    return client


def screening_queue(client: Redis) -> Queue:
    from rq import Queue
    from rq.serializers import JSONSerializer

    return Queue(QUEUE, connection=client, serializer=JSONSerializer, default_timeout=JOB_TIMEOUT_SECONDS)


def enqueue(queue: Queue, job: str, *args: Any) -> None:
    """One job of ours, by the name of its function; ``args`` are written as JSON. Raises what redis-py raises."""
    from rq import Retry

    queue.enqueue(
        job,
        args=args,
        result_ttl=RESULT_TTL_SECONDS,
        failure_ttl=FAILURE_TTL_SECONDS,
        retry=Retry(max=RETRIES),
        description=job.rpartition(".")[2],
    )


def enqueue_screening(queue: Queue, ids: list[UUID]) -> None:
    """One job for these comments. Raises what redis-py raises."""
    enqueue(queue, SCREEN, [str(comment_id) for comment_id in ids])


def enqueue_bulk(queue: Queue, bulk_id: UUID) -> None:
    """One job for this bulk. Raises what redis-py raises."""
    enqueue(queue, CARRY_OUT, str(bulk_id))


class Bell:
    """Rings for committed comments and bulks from a thread of its own; see the module's text."""

    def __init__(self, url: str, *, bound: int) -> None:
        self._url = url
        self._bound = bound
        self._ids: list[UUID] = []
        self._bulks: list[UUID] = []
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self.dropped = 0
        self.rung = 0
        # Whoever counts for all processes of this machine sets this.
        self.on_drop: Callable[[int], object] = lambda count: None

    def announce(self, ids: list[UUID]) -> None:
        """Take note of committed comments; returns at once and never fails."""
        self._note(ids, [])

    def announce_bulk(self, bulk_id: UUID) -> None:
        """Take note of a committed bulk; returns at once and never fails."""
        self._note([], [bulk_id])

    def _note(self, ids: list[UUID], bulks: list[UUID]) -> None:
        with self._wake:
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
                self._thread.start()
            self._ids.extend(ids)
            self._bulks.extend(bulks)
            self._wake.notify()

    def close(self) -> None:
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def _run(self) -> None:
        queue: Queue | None = None
        resting_until = 0.0
        missed = False
        while True:
            with self._wake:
                while not self._ids and not self._bulks and not self._closing:
                    if not self._wake.wait(REST_SECONDS if missed else None):
                        break
                if self._closing and not self._ids and not self._bulks:
                    return
                ids, self._ids = self._ids, []
                bulks, self._bulks = self._bulks, []
            if time.monotonic() < resting_until:
                self._drop(len(ids))
                continue
            try:
                queue = queue or screening_queue(connect(self._url))
                if missed:
                    enqueue(queue, DRAIN)
                    missed = False
                self._ring(queue, ids, bulks)
            except Exception as error:
                # Whatever happens to the bell, the comments are safe.
                if not missed:
                    log.warning("redis is away (%s); the sweeper takes over", type(error).__name__)
                self._drop(len(ids))
                queue, resting_until, missed = None, time.monotonic() + REST_SECONDS, True
            if not self._closing:
                time.sleep(GAP_SECONDS)

    def _drop(self, count: int) -> None:
        self.dropped += count
        self.on_drop(count)

    def _ring(self, queue: Queue, ids: list[UUID], bulks: list[UUID]) -> None:
        for start in range(0, len(ids), IDS_PER_JOB):
            part = ids[start : start + IDS_PER_JOB]
            if queue.count >= self._bound:
                self._drop(len(part))
                continue
            enqueue_screening(queue, part)
            self.rung += len(part)
        for bulk_id in bulks:
            if queue.count < self._bound:
                enqueue_bulk(queue, bulk_id)
