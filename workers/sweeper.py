"""Whatever is overdue is picked up again: lost jobs, dead workers, a Redis that was wiped or is away.

Every worker process runs this thread; a lease in the database lets one of them sweep at a time. With Redis
there, the sweeper only enqueues ``drain`` jobs, at most one for each living worker. With Redis away it screens
by itself, at every beat, so that comments are decided as long as one worker and the database are there.
It also forgets, once in a while, what may not be kept: old network origins and used Idempotency-Keys.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from redis import Redis
from redis.exceptions import RedisError

from service.adapters.queue import connect, enqueue, screening_queue
from service.bulks import CarryOut
from service.learning import Learning
from service.privacy import forget_expired
from service.screening import Screening
from service.store import comments, leases
from service.store.database import Database
from workers.hard_limit import hard_limit
from workers.jobs import CARRY_OUT, DRAIN, LEARN

log = logging.getLogger("greenroom.sweeper")

BEAT_SECONDS = 5.0
LEASE = "sweeper"
FORGET_EVERY = timedelta(hours=1)
ASK_AGAIN = timedelta(minutes=5)
ASK_AGAIN_FOR_BULK = timedelta(minutes=1)


@dataclass
class Sweeper:
    """``screening`` is this thread's own instance; ``every`` is the time between sweeps."""

    database: Database
    screening: Screening
    learning: Learning
    carrying_out: CarryOut
    redis_url: str
    name: str
    now: Callable[[], datetime]
    stopping: threading.Event
    origin_days: int
    every: timedelta = timedelta(seconds=15)

    def __post_init__(self) -> None:
        self._client: Redis | None = None
        self._forgot_at: datetime | None = None
        self._asked: dict[tuple[str, str], datetime] = {}

    def run(self) -> None:
        """Beat and sweep until ``stopping`` is set, then give up the lease; no failure ends the loop."""
        next_sweep = self.now()
        while not self.stopping.is_set():
            try:
                reachable = self._beat()
                # With Redis away nobody is called, and each comment waits for the next sweep.
                if (now := self.now()) >= next_sweep or next_sweep - now > self.every or not reachable:
                    next_sweep = now + self.every
                    self.sweep()
            except Exception as error:
                log.warning("a sweep failed: %s", type(error).__name__)
            self.stopping.wait(min(BEAT_SECONDS, self.every.total_seconds()))
        # At once, and not when all else has ended: Redis may keep the worker's own farewell waiting.
        self.stop()

    def stop(self) -> None:
        """Give up the lease and the sign of life, so that others need not wait for them to run out."""
        try:
            with self.database.write() as connection:
                leases.give_up(connection, self.name)
        except Exception as error:
            log.warning("the lease could not be given up: %s", type(error).__name__)

    def sweep(self) -> None:
        """One look at what is overdue, if it is this process's turn."""
        now = self.now()
        with self.database.write() as connection:
            mine = leases.take(connection, LEASE, self.name, now=now, span=self.every * 2)
        if not mine:
            return
        self._forget(now)
        self._learn()
        self._carry_out()
        called = self._redis() is not None
        with self.database.read() as connection:
            late = comments.overdue(
                connection,
                now=now,
                lease=self.screening.lease,
                before=now - self.every / 2 if called else now,
            )
            workers, _ = leases.alive(connection, since=now - timedelta(seconds=3 * BEAT_SECONDS))
        if not late:
            return
        if not self._enqueue_drains(max(1, workers)):
            with hard_limit():
                count = self.screening.drain()
            log.info("screened %d comments without redis", count)

    def _beat(self) -> bool:
        """Whether Redis answers; told to whoever asks for the worker's health, too."""
        reachable = self._redis() is not None
        with self.database.write() as connection:
            leases.beat(connection, self.name, now=self.now(), redis_reachable=reachable)
        return reachable

    def _redis(self) -> Redis | None:
        if self._client is None:
            self._client = connect(self.redis_url)
        try:
            self._client.ping()
        except RedisError:
            return None
        return self._client

    def _enqueue_drains(self, workers: int) -> bool:
        """Whether Redis took what was to be enqueued."""
        client = self._redis()
        if client is None:
            return False
        try:
            missing = max(0, workers - screening_queue(client).count)
        except RedisError:
            return False
        if not all(self._enqueue(DRAIN) for _ in range(missing)):
            return False
        log.info("overdue comments: workers were called again")
        return True

    def _learn(self) -> None:
        """Have what people decided learned from: by a worker, or here where Redis is away."""
        now = self.now()
        for site in self.learning.due():
            # A worker with a backlog comes to it later; to ask again each time would fill the queue.
            if self._asked_lately(LEARN, site, now):
                continue
            if not self._enqueue(LEARN, site):
                with hard_limit():
                    self.learning.learn(site)

    def _carry_out(self) -> None:
        """Have bulks gone on with that no worker is at: by a worker, or here where Redis is away."""
        now = self.now()
        for bulk_id in self.carrying_out.waiting():
            if self._asked_lately(CARRY_OUT, str(bulk_id), now):
                continue
            if not self._enqueue(CARRY_OUT, str(bulk_id)):
                # One for each sweep: this thread screens, too.
                self._carry_out_here(bulk_id)
                return

    def _carry_out_here(self, bulk_id: UUID) -> None:
        """Work at a bulk; one that failed is tried again in a minute, and keeps nobody from what comes after it."""
        try:
            with hard_limit():
                self.carrying_out(bulk_id)
        except Exception as error:
            log.warning("a bulk could not be carried out: %s", type(error).__name__)
            return
        # Its turn is over and it may have more: the next sweep goes on with it.
        del self._asked[(CARRY_OUT, str(bulk_id))]

    def _asked_lately(self, job: str, what: str, now: datetime) -> bool:
        """Whether this was asked for a moment ago; if not, it counts as asked for now."""
        span = ASK_AGAIN if job == LEARN else ASK_AGAIN_FOR_BULK
        asked = self._asked.get((job, what))
        if asked is not None and timedelta(0) <= now - asked < span:
            return True
        # Bulks come and go: what was asked long ago need not be known.
        self._asked = {one: at for one, at in self._asked.items() if now - at < ASK_AGAIN}
        self._asked[(job, what)] = now
        return False

    def _enqueue(self, job: str, *args: str) -> bool:
        """Whether Redis took the job."""
        client = self._redis()
        if client is None:
            return False
        try:
            enqueue(screening_queue(client), job, *args)
        except RedisError:
            return False
        return True

    def _forget(self, now: datetime) -> None:
        # A clock that was set back tells nothing of how long ago that was.
        if self._forgot_at is not None and timedelta(0) <= now - self._forgot_at < FORGET_EVERY:
            return
        self._forgot_at = now
        forget_expired(self.database, now=now, origin_days=self.origin_days)
