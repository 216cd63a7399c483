"""Turns at the deep tier, for those who must have an answer soon: who waits too long is answered by the linear one.

A caller of another system gives up after a moment, and what follows then is often that a comment is published
unread. An answer of the smaller model in time is better than one of the larger too late.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from service.scoring.scorer import Tier

PATIENCE_SECONDS = 0.2


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Turns:
    """``places`` score at the same time with the deep tier; ``missed`` counts who did not get one in time."""

    def __init__(self, places: int | None = None, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._places = threading.BoundedSemaphore(places or processors())
        self._patience_seconds = patience_seconds
        self.missed = 0

    @contextmanager
    def tier(self) -> Iterator[Tier]:
        """The tier to score with inside the block: "both", or "linear" after ``patience_seconds``."""
        if not self._places.acquire(timeout=self._patience_seconds):
            self.missed += 1
            yield "linear"
            return
        try:
            yield "both"
        finally:
            self._places.release()
