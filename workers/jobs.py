"""The functions that a job may name. Each is safe to run twice and takes ids only.

``ALLOWED`` is checked by our job class: RQ's JSON serializer alone would still import and call any dotted
path that somebody puts into Redis.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError
from rq import get_current_job
from rq.exceptions import NoSuchJobError
from rq.job import Job

from service.adapters.queue import CARRY_OUT as CARRY_OUT
from service.adapters.queue import DRAIN as DRAIN
from service.adapters.queue import SCREEN as SCREEN
from service.adapters.queue import enqueue_bulk, screening_queue
from service.bulks import CarryOut
from service.domain.ids import parse_id
from service.learning import Learning
from service.screening import Screening
from workers.hard_limit import hard_limit

log = logging.getLogger("greenroom.jobs")

LEARN = "workers.jobs.learn"
ALLOWED = frozenset({SCREEN, DRAIN, LEARN, CARRY_OUT})

_screening: Screening | None = None
_learning: Learning | None = None
_carrying_out: CarryOut | None = None


def install(
    screening: Screening, learning: Learning | None = None, carrying_out: CarryOut | None = None
) -> None:
    """Give the jobs of this process their use cases; a worker does this once before its first job."""
    global _screening, _learning, _carrying_out
    _screening, _learning, _carrying_out = screening, learning, carrying_out


class JobRefused(PermissionError):
    """A job names a function that is not on the list."""


class AllowedJob(Job):
    """A job that can only be one of ours."""

    def restore(self, raw_data: object) -> None:
        try:
            super().restore(raw_data)
        except Exception:
            # To RQ it would be an error of the worker: its loop would end over this job again and again.
            log.error("dropped a job that cannot be read")
            raise NoSuchJobError from None
        # Ours have none of these. Whoever can write into Redis could name any function or address in them.
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []

    def perform(self) -> Any:
        with hard_limit():
            return super().perform()

    @property
    def func(self) -> Callable[..., object] | None:
        if self.func_name not in ALLOWED:
            log.error("refused a job that names a foreign function")
            raise JobRefused("not an allowed job")
        allowed: Callable[..., object] | None = super().func
        return allowed


class JobFailed(Exception):
    """Carries only the class of what went wrong: RQ stores and logs the text of an exception."""


def screen(raw_ids: list[str]) -> int:
    """Screen these comments, then whatever else waits; the number that got a verdict.

    What else waits is taken along because a backlog must not be worked off at RQ's pace of one job at a time.
    """
    ids = [comment_id for raw in raw_ids if (comment_id := parse_id(raw)) is not None]
    return _run(lambda screening: _screen(screening, ids))


def _screen(screening: Screening, ids: list[UUID]) -> int:
    done = screening.screen(ids)
    return done + screening.drain(seconds=5.0) if done else done


def drain() -> int:
    """Screen whatever waits, in batches from the database; the number that got a verdict."""
    return _run(lambda screening: screening.drain())


def learn(site: str) -> int:
    """Learn from what people decided at a site; the number of lessons."""
    if _learning is None:
        raise RuntimeError("this worker has no learning installed")
    try:
        found = _learning.learn(site)
    except Exception as error:
        raise JobFailed(type(error).__name__) from None
    return found.lessons if found else 0


def carry_out(raw_id: str) -> int:
    """Work at a bulk for some seconds, and call for another turn if there is more to do; how many were called."""
    if _carrying_out is None:
        raise RuntimeError("this worker has no bulks installed")
    bulk_id = parse_id(raw_id)
    if bulk_id is None:
        return 0
    try:
        over = _carrying_out(bulk_id)
    except Exception as error:
        raise JobFailed(type(error).__name__) from None
    # At the end of the queue, so that comments are screened between two turns.
    return 0 if over else _call_again(bulk_id)


def _call_again(bulk_id: UUID) -> int:
    job = get_current_job()
    if job is None:
        return 0
    try:
        enqueue_bulk(screening_queue(job.connection), bulk_id)
    except RedisError:
        # The sweeper finds it.
        return 0
    return 1


def _run(work: Callable[[Screening], int]) -> int:
    if _screening is None:
        raise RuntimeError("this worker has no screening installed")
    try:
        return work(_screening)
    except _screening.interrupts:
        raise
    except Exception as error:
        raise JobFailed(type(error).__name__) from None
