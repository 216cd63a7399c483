"""Reading bodies from senders who take their time, so that they hold up nobody who only reads.

The server reads a body when it is asked for, and such a read cannot be broken off: it ends when the body is there or
its sender goes away. As many silent connections as there are threads would keep everybody out. So a quarter of the
threads is kept from it: half of that waits a moment for a place, the rest always serves what has no body. Whoever
finds no place is told to come again. Telling a slow sender so while its read waits is not possible: the server stops.
"""

from __future__ import annotations

import threading
from typing import Protocol

from service.domain.errors import Unavailable

# A body that came along with its head takes no time, so places are free again at once, unless their holders are slow.
PLACE_SECONDS = 0.25


class Busy(Unavailable):
    """Too many bodies are on their way already. Nothing of this one was read."""


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Patience:
    """``threads`` is how many the process serves with."""

    def __init__(self, threads: int, place_seconds: float = PLACE_SECONDS) -> None:
        self._place_seconds = place_seconds
        self._places = threading.BoundedSemaphore(max(1, threads * 3 // 4))
        self._queue = threading.BoundedSemaphore(max(1, threads // 8))

    def read(self, stream: Stream, length: int) -> bytes:
        """Up to ``length`` bytes. Raises ``Busy``."""
        if not self._places.acquire(blocking=False):
            self._wait_for_a_place()
        try:
            return stream.read(length)
        finally:
            self._places.release()

    def _wait_for_a_place(self) -> None:
        if not self._queue.acquire(blocking=False):
            raise Busy
        try:
            if not self._places.acquire(timeout=self._place_seconds):
                raise Busy
        finally:
            self._queue.release()
