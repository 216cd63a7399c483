"""The machine of a measurement in words: enough to compare with one's own, nothing that names it."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.ground import Ground

PROBES = 300
PAGE_BYTES = 4096


def describe(ground: Ground) -> dict[str, Any]:
    return {
        "on": datetime.now(UTC).strftime("%Y-%m-%d"),
        "quick": ground.quick,
        "took_seconds": round(time.monotonic() - ground.began),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
        "fdatasync_ms": _fdatasync_ms(ground.scratch),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.machine()


def _fdatasync_ms(folder: Path) -> float:
    """Median time until 4 KiB at the end of a file are durable."""
    path = folder / "probe"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    spent = []
    try:
        for _ in range(PROBES):
            began = time.perf_counter()
            os.write(descriptor, b"x" * PAGE_BYTES)
            os.fdatasync(descriptor)
            spent.append(time.perf_counter() - began)
    finally:
        os.close(descriptor)
        path.unlink()
    return round(statistics.median(spent) * 1000, 3)
