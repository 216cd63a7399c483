"""How often the disk is asked to make something durable, for each accepted comment; strace counts it.

The processes are started under strace with a filter in the kernel, so that no other call is slowed down.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import greenroom, isso
from benchmarks.corpus import written
from benchmarks.ground import Ground
from benchmarks.load import Contender, drive

CALLS = ("fsync", "fdatasync")


def measure(ground: Ground) -> dict[str, Any]:
    comments = written(ground.pick(10_000, 3_000))
    seconds = ground.pick(4, 2)
    logs = ground.folder("strace")
    trace = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=fsync,fdatasync", "-o", f"{logs}/PART"]
    ours = greenroom.installed(ground, "greenroom-traced")
    with ExitStack() as stack:
        target = stack.enter_context(ours.running(trace=trace))
        drive(Contender("greenroom", target, greenroom.writes(target, comments)), seconds=seconds, first=0)
        accepted = ours.count()
    result = {
        "greenroom": {
            "comments": accepted,
            "web": _calls(logs / "web") / accepted,
            "worker": _calls(logs / "worker") / accepted,
        }
    }
    with isso.isso(ground, trace=trace) as target:
        drive(Contender("isso", target, isso.writes(target, comments)), seconds=seconds, first=0)
        stored = _isso_count(ground.scratch / "isso" / "comments.db")
    result["isso"] = {"comments": stored, "web": _calls(logs / "isso") / stored}
    for name, row in result.items():
        ground.say(f"fsyncs  {name:<12} {row['web']:.3f} for each of {row['comments']} comments")
    return result


def _calls(log: Path) -> int:
    return len(re.findall(rf"\b(?:{'|'.join(CALLS)})\(", log.read_text(errors="replace")))


def _isso_count(database: Path) -> int:
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute("SELECT count(*) FROM comments").fetchone()[0])
    finally:
        connection.close()
