"""Counters of this process and what the database knows, in Prometheus' text format.

Labels are sites and outcomes, never anything of a person. With several web processes on a machine the counters
are shared through files (``PROMETHEUS_MULTIPROC_DIR``, set by ``greenroom serve``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service import __version__
from service.store import desk, leases
from service.store.database import Database

if TYPE_CHECKING:
    from service.bootstrap import WebRooms

REGISTRY = CollectorRegistry()
SUBMISSIONS = Counter(
    "greenroom_submissions",
    "Comments sent, by what became of them at the door.",
    ["site", "result"],
    registry=REGISTRY,
)
PROBLEMS = Counter("greenroom_problems", "Answers that were problems.", ["type"], registry=REGISTRY)
BELL_DROPPED = Counter("greenroom_bell_dropped", "Comments that the sweeper had to find.", registry=REGISTRY)
LIMIT_FALLBACKS = Counter("greenroom_limit_fallbacks", "Rate limits counted locally.", registry=REGISTRY)


def count(rooms: WebRooms) -> None:
    """Count from now on what these rooms do behind the door."""
    rooms.bell.on_drop = BELL_DROPPED.inc
    rooms.limiter.on_fallback = LIMIT_FALLBACKS.inc


class Waiting(Collector):
    """What waits, read from the database at scrape time."""

    def __init__(self, rooms: WebRooms, now: datetime, alive_since: datetime) -> None:
        self._rooms = rooms
        self._now = now
        self._alive_since = alive_since

    def collect(self) -> Iterator[Metric]:
        database: Database = self._rooms.database
        with database.read() as connection:
            queues = desk.summary(connection, None)
            workers, _ = leases.alive(connection, since=self._alive_since)
        by_status = GaugeMetricFamily("greenroom_comments", "Comments by status.", labels=["status"])
        oldest = GaugeMetricFamily(
            "greenroom_oldest_waiting_seconds", "Age of the oldest comment that waits.", labels=["status"]
        )
        for status, (count, since) in sorted(queues.items()):
            by_status.add_metric([status], count)
            if since is not None:
                oldest.add_metric([status], max(0.0, (self._now - since).total_seconds()))
        yield by_status
        yield oldest
        yield GaugeMetricFamily("greenroom_workers", "Workers seen lately.", value=workers)
        info = GaugeMetricFamily("greenroom_build_info", "The running version.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info


def exposition(rooms: WebRooms, *, now: datetime, alive_since: datetime) -> bytes:
    """All metrics as text."""
    waiting = CollectorRegistry()
    waiting.register(Waiting(rooms, now, alive_since))
    shared = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shared = CollectorRegistry()
        multiprocess.MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return generate_latest(shared) + generate_latest(waiting)
