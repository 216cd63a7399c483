"""One worker process: RQ's simple worker on one queue, with our job class, and the loop that outlives Redis.

One queue per process, because RQ loses popped jobs of a killed worker that listens to several. No fork per
job, because a fork costs more than the work; a poisonous comment is dealt with by claims and attempts.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from contextlib import suppress
from types import FrameType

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException

from service.adapters.queue import QUEUE, connect, enqueue, screening_queue
from workers.hard_limit import screening_now
from workers.jobs import DRAIN, AllowedJob

log = logging.getLogger("greenroom.worker")

WORKER_TTL_SECONDS = 45
MAINTENANCE_SECONDS = 60
RETRY_SECONDS = 1.0
FAREWELL_SECONDS = 3.0
INTERRUPTS: tuple[type[BaseException], ...] = (JobTimeoutException,)


class GreenroomWorker(SimpleWorker):
    """RQ's simple worker with our bounds."""

    max_connection_wait_time = 3.0

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()  # type: ignore[no-untyped-call]
        # Whoever asked before this moment was heard by ours alone.
        self._stop_requested = self._stop_requested or STOPPING.is_set()

    def set_shutdown_requested_date(self) -> None:
        """Nothing: a signal must not wait for Redis to take a note that nobody reads."""

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        STOPPING.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


# Set by the first signal to stop, also while Redis is away and no RQ worker is there to hear it.
STOPPING = threading.Event()


def _stop(_signum: int, _frame: FrameType | None) -> None:
    STOPPING.set()


def make_worker(client: Redis, name: str) -> GreenroomWorker:
    queue = Queue(QUEUE, connection=client, serializer=JSONSerializer, job_class=AllowedJob)
    return GreenroomWorker(
        [queue],
        name=name,
        connection=client,
        serializer=JSONSerializer,
        job_class=AllowedJob,
        worker_ttl=WORKER_TTL_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
        log_job_description=False,
    )


def call_for_what_waits(client: Redis) -> None:
    """Ask for a look at the database: whom calls came for may have died with them, or Redis may have.

    A Redis that takes no job is not yet one that gives none: then the sweeper looks.
    """
    with suppress(RedisError):
        enqueue(screening_queue(client), DRAIN)


def leave_in_time() -> None:
    """Once asked to stop: end this process soon after its last batch, also where a silent Redis holds it."""

    def watch() -> None:
        STOPPING.wait()
        while screening_now():
            time.sleep(0.05)
        time.sleep(FAREWELL_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, name="farewell", daemon=True).start()


def work(redis_url: str, name: str) -> None:
    """Work until asked to stop. While Redis is away the sweeper screens; this keeps knocking."""
    away = False
    rounds = 0
    while not STOPPING.is_set():
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        rounds += 1
        client = connect(redis_url, timeout=None)
        try:
            client.ping()
            if away:
                log.info("redis is back")
                away = False
            call_for_what_waits(client)
            make_worker(client, f"{name}-{rounds}").work(logging_level="WARNING")
            if not STOPPING.is_set():
                log.warning("the worker's loop ended; starting it again")
        except RedisError as error:
            if not away:
                log.warning(
                    "redis is away (%s); comments are taken from the database meanwhile", type(error).__name__
                )
                away = True
        except Exception as error:
            log.error("the worker's loop ended with %s; starting it again", type(error).__name__)
        finally:
            client.close()
        if not STOPPING.is_set():
            STOPPING.wait(RETRY_SECONDS)
