"""From ``greenroom serve`` to the first answer that a reader gets, and the memory of a whole idle installation."""

from __future__ import annotations

import statistics
import time
from typing import Any

from benchmarks import greenroom
from benchmarks.accounting import command_line, proportional_megabytes, tree
from benchmarks.greenroom import COMMAND, STORY, Greenroom, thread_path
from benchmarks.ground import Ground, NotMeasured, ask, free_port, running, wait_until

PAUSE_SECONDS = 0.005


def measure(ground: Ground) -> dict[str, Any]:
    ours = greenroom.installed(ground, "greenroom-start")
    # The first start is not counted: it brings the interpreter's files into memory.
    seconds = [_first_answer(ground, ours) for _ in range(ground.pick(6, 3))][1:]
    ground.say(f"startup  {statistics.median(seconds):.3f} s (median of {len(seconds)})")
    return {
        "first_answer_s": round(statistics.median(seconds), 3),
        "first_answer_s_all": [round(each, 3) for each in seconds],
        **_memory(ground),
    }


def _first_answer(ground: Ground, ours: Greenroom) -> float:
    """Seconds until a thread is read; it has no comments yet, but everything is opened for it."""
    ours.port = free_port()
    began = time.perf_counter()
    with running([*COMMAND, "serve"], log=ours.log, environment=ours.environment) as process:
        while True:
            try:
                answer = ask(ours.port, thread_path(STORY))
            except OSError:
                if process.poll() is not None or time.perf_counter() - began > 20:
                    raise NotMeasured(f"serve did not answer:\n{ours.log.read_text()[-800:]}") from None
                time.sleep(PAUSE_SECONDS)
                continue
            if answer.status != 200:
                raise NotMeasured(f"the first answer was {answer.status}")
            return time.perf_counter() - began


def _memory(ground: Ground) -> dict[str, Any]:
    """``greenroom up`` on an empty folder, left alone."""
    ours = Greenroom(ground.folder("greenroom-idle"))
    with running([*COMMAND, "up"], log=ours.log, environment=ours.environment) as process:
        wait_until(lambda: _is_ready(ours), seconds=40, what="greenroom up being ready")
        time.sleep(ground.pick(20, 5))
        by_process = [
            {"process": _name(pid), "pss_mb": round(proportional_megabytes(pid), 1)}
            for pid in sorted(tree([process.pid]))
        ]
    total = round(sum(each["pss_mb"] for each in by_process), 1)  # type: ignore[misc]
    ground.say(f"startup  {total} MB PSS idle in {len(by_process)} processes")
    return {"idle_pss_mb": total, "processes": by_process}


def _is_ready(ours: Greenroom) -> bool:
    try:
        return ask(ours.port, "/readyz").status == 200
    except OSError:
        return False


def _name(pid: int) -> str:
    """What a process is, without the paths of this machine."""
    line = command_line(pid)
    return next((name for name, words in NAMES if words in line), "other")


NAMES = (
    ("valkey", "valkey-server"),
    ("valkey", "redis-server"),
    ("supervisor", "service.cli up"),
    ("worker", "service.cli work"),
    ("worker", "-m workers"),
    ("web", "service.cli serve"),
    ("web", "-m service.web"),
)
