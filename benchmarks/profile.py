"""Where the processor time of one accepted comment, of one answered reader and of one screening goes.

py-spy looks at the running process under load, 600 times a second, at the stack of the thread that runs Python just
then. A sample belongs to the innermost function that a row of ``STEPS`` knows. What /proc counts as the kernel's time
is a row of its own; the rest is shared out by samples.
"""

from __future__ import annotations

import re
import subprocess
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks import greenroom
from benchmarks.accounting import busiest, kernel_seconds
from benchmarks.corpus import written
from benchmarks.ground import Ground, NotMeasured
from benchmarks.load import Contender, Target, drive, request
from benchmarks.seeding import PER_THREAD, Seeder, more_written
from benchmarks.tools import tool

RATE = 600
KERNEL = "the kernel: sockets, files, threads"

# Step, and what the path of a function of it looks like; the first row that fits is taken.
STEPS = (
    ("rate limits", r"/limits/|adapters/(limiter|counters)"),
    ("checking the address", r"email_validator|adapters/addresses|/dns/|/idna/|domain/address"),
    ("text to HTML", r"markdown_it|/bleach/|html5lib|linkify_it|adapters/sanitizer"),
    ("sealing and keyed indexes", r"adapters/cipher|/cryptography/|hashlib|base64|secrets\.py|uuid"),
    ("text rules", r"domain/(text|stories|origin|site)|unicodedata|ipaddress|urllib"),
    ("reading the body", r"web/(bodies|schemas)|/pydantic|/json/"),
    ("ringing the bell", r"adapters/queue|/rq/|/redis/"),
    ("fingerprints", r"domain/(fingerprint|folding)|anyascii"),
    ("checks and policy", r"/checks/|domain/policy|ahocorasick"),
    ("database", r"/sqlalchemy/|sqlite3|/psycopg|service/store"),
    ("metrics and logs", r"prometheus_client|/logging/|service/logs"),
    ("Flask and Werkzeug", r"/flask/|/werkzeug/|/blinker/|contextvars"),
    ("granian", r"/granian/"),
    ("the product's own steps", r"service/|workers/"),
)
_KNOWN = tuple((name, re.compile(pattern)) for name, pattern in STEPS)


def measure(ground: Ground) -> dict[str, Any]:
    ours = greenroom.installed(ground, "greenroom-profiled")
    (story,) = Seeder(ours).approved(more_written(PER_THREAD))
    comments = written(ground.pick(20_000, 5_000))
    seconds = ground.pick(8, 3)
    with ours.running() as target:
        writes = Contender("write", target, greenroom.writes(target, comments))
        reads = Contender("read", target, [request(target, greenroom.thread_path(story))])
        drive(writes, seconds=1, first=0)
        return {
            "write": _profile(ground, target, "web", writes, seconds, "write"),
            "screening": _profile(ground, target, "worker", writes, seconds, "screening"),
            "read": _profile(ground, target, "web", reads, seconds, "read"),
        }


def _profile(
    ground: Ground, target: Target, part: str, contender: Contender, seconds: int, name: str
) -> dict[str, Any]:
    """Microseconds for each request by step, the largest first."""
    folded = ground.scratch / f"{name}.folded"
    pid = busiest(target.parts[part])
    watching = threading.Thread(target=_watch, args=(pid, seconds, folded))
    watching.start()
    before = kernel_seconds(target.parts[part])
    result = drive(contender, seconds=seconds + 1, first={"write": 10_000, "read": 0}.get(name, 5_000_000))
    watching.join()
    samples = _by_step(folded)
    total = sum(samples.values())
    each = result.processor[part] * 1e6 / result.answered
    kernel = (kernel_seconds(target.parts[part]) - before) * 1e6 / result.answered
    costs = {step: (each - kernel) * count / total for step, count in samples.items()} | {KERNEL: kernel}
    steps = [
        {"step": step, "microseconds": round(cost, 1), "share": round(cost / each, 4)}
        for step, cost in sorted(costs.items(), key=lambda item: -item[1])
    ]
    ground.say(
        f"profile {name}: " + ", ".join(f"{row['step']} {row['microseconds']:.0f} µs" for row in steps[:5])
    )
    return {"microseconds": round(each, 1), "samples": total, "steps": steps}


def _watch(pid: int, seconds: int, folded: Path) -> None:
    subprocess.run(
        [
            *(
                str(tool("py-spy")),
                "record",
                "--pid",
                str(pid),
                "--duration",
                str(seconds),
                "--rate",
                str(RATE),
            ),
            *("--format", "raw", "--gil", "--full-filenames", "--output", str(folded)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def _by_step(folded: Path) -> Counter[str]:
    if not folded.exists():
        raise NotMeasured("py-spy has seen nothing: it needs the right to look at other processes")
    found: Counter[str] = Counter()
    for line in folded.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        found[_step(stack.split(";"))] += int(count)
    return found


def _step(frames: list[str]) -> str:
    for frame in reversed(frames):
        # A frame is `name (path:line)`; the standard library's own frames belong to whoever called them.
        path = frame.partition(" (")[2]
        for name, pattern in _KNOWN:
            if pattern.search(path):
                return name
    return "other"
