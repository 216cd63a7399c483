"""A worker process with one more check, which does to the process what a comment's first word says.

Run as ``python -m tests.workers.poisoned``: the product's own worker, with short limits, so that a test need not wait.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from typing import Any

from service.adapters import queue
from service.checks.catalogue import CATALOGUE
from service.domain.comment import Case
from service.domain.policy import Finding
from workers import hard_limit
from workers.__main__ import main

JOB_SECONDS = 2
HARD_SECONDS = 4.0


class Poison:
    name, version, label = "poison", "1", "other"

    def __init__(self, options: dict[str, Any]) -> None:
        pass

    def run(self, case: Case) -> Finding:
        word = case.text.split()[0]
        if word == "Exit":
            os._exit(7)
        if word == "Hang":
            # Between two steps of Python, where RQ's own limit reaches it.
            end = time.monotonic() + 60
            while time.monotonic() < end:
                pass
        if word == "Lost":
            # Inside a library that holds the interpreter's lock and that no signal wakes.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            ctypes.PyDLL(None).sleep(60)
        if word == "Eat":
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, resource.RLIM_INFINITY))
            bytearray(1 << 31)
        return Finding(self.name, self.version, self.label)


if __name__ == "__main__":
    CATALOGUE["poison"] = (Poison, "does as it is told")
    hard_limit.HARD_LIMIT_SECONDS = HARD_SECONDS
    queue.JOB_TIMEOUT_SECONDS = JOB_SECONDS
    sys.exit(main())
