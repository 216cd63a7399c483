"""The hard limit of a worker process: screening that never comes back ends the process that it runs in.

RQ's own time limit is an exception raised between two steps of Python, in the main thread alone. A check that is
lost inside a library never sees it, and neither does the sweeper's thread. This limit is kept by the interpreter's
watchdog, a thread that needs nothing of the interpreter. The comment counts as tried, as after any other death.
"""

from __future__ import annotations

import faulthandler
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# More than a job's own limit and a drain's, less than a claim's lease.
HARD_LIMIT_SECONDS = 45.0

_lock = threading.Lock()
_ends: list[float] = []
# What the watchdog would print is not a line of our log; whoever starts this process again says that it ended.
_nowhere = None


@contextmanager
def hard_limit() -> Iterator[None]:
    """End this process, with status 1, if the block takes longer than ``HARD_LIMIT_SECONDS``."""
    end = time.monotonic() + HARD_LIMIT_SECONDS
    with _lock:
        _ends.append(end)
        _watch()
    try:
        yield
    finally:
        with _lock:
            _ends.remove(end)
            _watch()


def screening_now() -> bool:
    """Whether a block under the limit runs at this moment."""
    return bool(_ends)


def _watch() -> None:
    # There is one watchdog in a process, and it watches for whatever has to be over first.
    global _nowhere
    if not _ends:
        faulthandler.cancel_dump_traceback_later()
        return
    if _nowhere is None:
        _nowhere = open(os.devnull, "w")  # noqa: SIM115 - the watchdog may write for as long as the process lives
    left = max(0.001, min(_ends) - time.monotonic())
    faulthandler.dump_traceback_later(left, exit=True, file=_nowhere)
