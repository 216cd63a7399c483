"""Load from wrk: rounds of one contender after the other, so that whatever disturbs the machine disturbs all alike.

Closed loop: 16 clients that each wait for their answer. wrk shares the cores with what it measures, which is why
only figures of one and the same run are compared.
"""

from __future__ import annotations

import json
import os
import re
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.accounting import machine_busy_seconds, processor_seconds
from benchmarks.ground import Ground, NotMeasured

CLIENTS = 16
NUMBER = "@@@N@@@@@"
NETWORK = "@IP@"
# Running numbers of two contenders at the same target never meet.
FAR_APART = 50_000_000
SETTLE_SECONDS = 90.0
IDLE_SHARE = 0.05
REPLAY = Path(__file__).with_name("replay.lua")


@dataclass(frozen=True)
class Target:
    """Something that serves. ``parts`` names its process trees by their roots; ``settled`` says that it is at rest."""

    name: str
    port: int
    parts: dict[str, list[int]]
    settled: Callable[[], bool] = field(default=lambda: True)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def roots(self) -> list[int]:
        return [pid for pids in self.parts.values() for pid in pids]

    def processor_seconds(self) -> dict[str, float]:
        return {part: processor_seconds(pids) for part, pids in self.parts.items()}


@dataclass(frozen=True)
class Contender:
    """A target with the requests that it gets in its rounds."""

    name: str
    target: Target
    requests: Sequence[bytes]


@dataclass(frozen=True)
class Round:
    """``processor`` is seconds by part, until the target was at rest again. ``foreign_cores``: what the rest of the
    machine used meanwhile; above a tenth of a core the round was disturbed."""

    answered: int
    refused: int
    broken: int
    per_second: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    wire_bytes: float
    processor: dict[str, float]
    foreign_cores: float


def request(
    target: Target, path: str, *, document: object | None = None, headers: dict[str, str] | None = None
) -> bytes:
    """The bytes of one request as a reader behind a proxy sends it; a ``document`` makes it a POST of JSON."""
    body = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
    lines = {
        "Host": f"127.0.0.1:{target.port}",
        "User-Agent": "benchmark",
        "Accept-Encoding": "gzip",
        "X-Forwarded-For": NETWORK,
        **target.headers,
        **(headers or {}),
    }
    if document is not None:
        lines |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    head = [f"{'GET' if document is None else 'POST'} {path} HTTP/1.1"]
    head += [f"{name}: {value}" for name, value in lines.items()]
    return "\r\n".join([*head, "", ""]).encode() + body


def drive(contender: Contender, *, seconds: int, first: int) -> Round:
    """One round of ``seconds``; requests are numbered from ``first``."""
    target = contender.target
    with tempfile.NamedTemporaryFile("wb", suffix=".replay") as file:
        for bytes_ in contender.requests:
            file.write(b"%d\n%s\n" % (len(bytes_), bytes_))
        file.flush()
        before, busy, ours = target.processor_seconds(), machine_busy_seconds(), _own_seconds()
        began = time.monotonic()
        done = subprocess.run(
            [
                *("wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "--timeout", "30s", "-s", str(REPLAY)),
                f"http://127.0.0.1:{target.port}",
            ],
            capture_output=True,
            text=True,
            env={**os.environ, "REPLAY_FILE": file.name, "REPLAY_FIRST": str(first)},
            check=False,
        )
        wall = time.monotonic() - began
    used = sum(target.processor_seconds().values()) - sum(before.values())
    foreign = (machine_busy_seconds() - busy - used - (_own_seconds() - ours)) / wall
    found = re.search(r"RESULT(\{.*\})", done.stdout)
    if found is None:
        raise NotMeasured(f"wrk against {contender.name}: {(done.stdout + done.stderr)[-400:]}")
    told = json.loads(found[1])
    _rest(target)
    after = target.processor_seconds()
    return Round(
        answered=told["requests"] - told["refused"],
        refused=told["refused"],
        broken=told["broken"],
        per_second=(told["requests"] - told["refused"]) / (told["microseconds"] / 1e6),
        p50_ms=told["p50"] / 1000,
        p99_ms=told["p99"] / 1000,
        max_ms=told["max"] / 1000,
        wire_bytes=told["bytes"] / max(1, told["requests"]),
        processor={part: after[part] - before[part] for part in before},
        foreign_cores=max(0.0, foreign),
    )


def _own_seconds() -> float:
    """Time of this process and of wrk."""
    mine, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + ended.ru_utime + ended.ru_stime


def _rest(target: Target) -> None:
    """Until the target is at rest, so that it takes nothing from the next one's round and its own bill is whole."""
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        before = processor_seconds(target.roots)
        time.sleep(0.4)
        if processor_seconds(target.roots) - before < 0.4 * IDLE_SHARE and target.settled():
            return
        if time.monotonic() > end:
            raise NotMeasured(f"{target.name} was not at rest after {SETTLE_SECONDS:.0f} s")


def interleaved(
    ground: Ground, what: str, contenders: Sequence[Contender], *, rounds: int, seconds: int, warm_up: int = 1
) -> dict[str, list[Round]]:
    """Rounds A B C A B C …, after a short one of each that warms up and does not count."""
    firsts = {contender.name: place * FAR_APART for place, contender in enumerate(contenders)}
    measured: dict[str, list[Round]] = {contender.name: [] for contender in contenders}
    for number in range(rounds + 1):
        for contender in contenders:
            result = drive(contender, seconds=seconds if number else warm_up, first=firsts[contender.name])
            # Each goes on in the texts where its last round ended (wrk may have sent a few without an answer).
            firsts[contender.name] += result.answered + result.refused + CLIENTS
            if result.refused > result.answered / 100:
                raise NotMeasured(f"{contender.name} refused {result.refused} of its requests")
            if number:
                measured[contender.name].append(result)
                ground.say(
                    f"{what} {number}/{rounds}  {contender.name:<12} {result.per_second:8.0f}/s"
                    f"  p50 {result.p50_ms:6.1f} ms  p99 {result.p99_ms:6.1f} ms"
                    f"  cpu {_milliseconds(result):.3f} ms each  others {result.foreign_cores:.2f} cores"
                )
    return measured


def _milliseconds(result: Round) -> float:
    return sum(result.processor.values()) * 1000 / max(1, result.answered)


def summary(rounds: Sequence[Round]) -> dict[str, Any]:
    """Medians, the lowest and highest rate, and processor milliseconds for each answer by part."""

    def middle(value: Callable[[Round], float]) -> float:
        return round(statistics.median(value(each) for each in rounds), 4)

    rates = [each.per_second for each in rounds]
    return {
        "per_second": middle(lambda each: each.per_second),
        "per_second_lowest": round(min(rates), 1),
        "per_second_highest": round(max(rates), 1),
        "p50_ms": middle(lambda each: each.p50_ms),
        "p99_ms": middle(lambda each: each.p99_ms),
        "p99_ms_all": [round(each.p99_ms, 2) for each in rounds],
        "wire_bytes": middle(lambda each: each.wire_bytes),
        "cpu_ms": {
            part: middle(lambda each, part=part: each.processor[part] * 1000 / each.answered)  # type: ignore[misc]
            for part in rounds[0].processor
        },
        "answered": sum(each.answered for each in rounds),
        "refused": sum(each.refused for each in rounds),
        "broken": sum(each.broken for each in rounds),
        "foreign_cores": middle(lambda each: each.foreign_cores),
        "rounds": len(rounds),
    }
