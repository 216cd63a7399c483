"""Counters in this process for ``limits``: a storage whose cost does not grow with the number of origins.

The one that comes with ``limits`` looks at every key it holds each time a hundredth of a second has passed, in a
thread that it starts for it: with 100,000 origins in an hour a process does little else. This one keeps a pair of
numbers for each key, looks at nothing but the key that is asked for, and now and then lets go of what is over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from limits.storage import Storage
from limits.storage.base import SlidingWindowCounterSupport

SWEEP_SECONDS = 30.0
# About 40 MB. Beyond it the oldest go: an attacker with so many origins meets the limit of the whole site.
KEYS_MAX = 200_000


class Counters(Storage, SlidingWindowCounterSupport):
    """Sliding windows as ``limits`` defines them: the last window's count, weighted by what is left of it."""

    STORAGE_SCHEME = None

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._now = now
        self._lock = threading.Lock()
        # key -> (number of the window, count in the one before, count in it, when all of it is over)
        self._windows: dict[str, tuple[int, int, int, float]] = {}
        self._sweep_at = now() + SWEEP_SECONDS

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count ``amount`` under ``key`` if at most ``limit`` stays within ``expiry`` seconds; whether it did."""
        now = self._now()
        number = int(now // expiry)
        with self._lock:
            previous, current = self._counts(key, number)
            left = 1 - (now / expiry) % 1
            if int(previous * left + current) + amount > limit:
                return False
            self._windows[key] = (number, previous, current + amount, (number + 2) * expiry)
            if now >= self._sweep_at or len(self._windows) > KEYS_MAX:
                self._sweep(now)
        return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """(count before, seconds that it still weighs, count now, seconds that this one still weighs)."""
        now = self._now()
        previous, current = self._counts(key, int(now // expiry))
        left = (1 - (now / expiry) % 1) * expiry
        return previous, left if previous else 0.0, current, left + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        self.clear(key)

    def _counts(self, key: str, number: int) -> tuple[int, int]:
        kept = self._windows.get(key)
        if kept is None or kept[0] < number - 1:
            return 0, 0
        # A clock that was set back counts on in the window that it finds.
        return (kept[2], 0) if kept[0] == number - 1 else (kept[1], kept[2])

    def _sweep(self, now: float) -> None:
        self._sweep_at = now + SWEEP_SECONDS
        self._windows = {key: kept for key, kept in self._windows.items() if kept[3] > now}
        for key in list(self._windows)[: max(0, len(self._windows) - KEYS_MAX * 3 // 4)]:
            del self._windows[key]

    # What fixed windows would need; ``limits`` asks every storage for it.

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        number = int(self._now() // expiry)
        with self._lock:
            previous, current = self._counts(key, number)
            self._windows[key] = (number, previous, current + amount, (number + 1) * expiry)
        return current + amount

    def get(self, key: str) -> int:
        kept = self._windows.get(key)
        return kept[2] if kept is not None and kept[3] > self._now() else 0

    def get_expiry(self, key: str) -> float:
        kept = self._windows.get(key)
        return kept[3] if kept is not None else self._now()

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        count = len(self._windows)
        self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        self._windows.pop(key, None)
