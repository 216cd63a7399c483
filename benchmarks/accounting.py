"""What processes cost, from /proc: processor time and memory of whole trees, and what the rest of the machine does."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PARENT, _TIMES = 1, slice(11, 15)


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name in parentheses may hold anything, spaces and parentheses too.
    return text.rpartition(")")[2].split()


def _everything() -> dict[int, list[str]]:
    pids = (int(name) for name in os.listdir("/proc") if name.isdigit())
    return {pid: found for pid in pids if (found := _stat(pid)) is not None}


def tree(roots: Iterable[int]) -> dict[int, list[str]]:
    """The living processes at and below ``roots``, with their fields of /proc/PID/stat after the name."""
    found = _everything()
    children: dict[int, list[int]] = defaultdict(list)
    for pid, fields in found.items():
        children[int(fields[_PARENT])].append(pid)
    below: dict[int, list[str]] = {}
    waiting = [root for root in roots if root in found]
    while waiting:
        pid = waiting.pop()
        if pid not in below:
            below[pid] = found[pid]
            waiting += children[pid]
    return below


def processor_seconds(roots: Iterable[int]) -> float:
    """User and system time of the living tree, and of its children that have ended."""
    return sum(sum(map(int, fields[_TIMES])) for fields in tree(roots).values()) / TICKS_PER_SECOND


def kernel_seconds(roots: Iterable[int]) -> float:
    """The part of ``processor_seconds`` that was spent in the kernel."""
    return sum(int(fields[12]) + int(fields[14]) for fields in tree(roots).values()) / TICKS_PER_SECOND


def busiest(roots: Iterable[int]) -> int:
    """The process of the tree that has used most time by itself."""
    return max(tree(roots).items(), key=lambda item: sum(map(int, item[1][11:13])))[0]


def proportional_megabytes(pid: int) -> float:
    """PSS of one process: its own pages, and its share of pages that it shares with others."""
    return _rolled_up(pid, "Pss")


def resident_megabytes(pid: int) -> float:
    """RSS of one process: all its pages, whoever shares them; unlike PSS the same whoever comes and goes."""
    return _rolled_up(pid, "Rss")


def _rolled_up(pid: int, name: str) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def machine_busy_seconds() -> float:
    """Time that all cores together were not idle since the machine started; the hypervisor's share counts too."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS_PER_SECOND
