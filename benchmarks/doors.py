"""How long other systems wait at the doors: questions that come at a fixed pace, whoever is still waiting.

The doors' process has one processor to itself and the callers another, where there are two. A question's time counts
from the moment that it was due, so that a hold-up is billed to everyone behind it.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import queue
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from benchmarks import greenroom
from benchmarks.accounting import processor_seconds
from benchmarks.corpus import written
from benchmarks.greenroom import COMMAND, ORIGIN, SITE
from benchmarks.ground import Ground, NotMeasured, free_port, run, running, wait_for

PER_SECOND = 50
CALLERS = 64
# What Coral waits for Perspective before it publishes a comment unread.
GIVEN_UP_SECONDS = 0.8
SECRET = "a-signing-secret-for-benchmarks"


@dataclass(frozen=True)
class Question:
    path: str
    body: bytes
    headers: dict[str, str]


def measure(ground: Ground) -> dict[str, Any]:
    seconds = ground.pick(30, 4)
    house = replace(greenroom.installed(ground, "greenroom-doors"), port=free_port())
    environment = {
        **house.environment,
        "GREENROOM_DOORS_PORT": str(house.port),
        "GREENROOM_PORT": str(free_port()),
        "GREENROOM_CORAL_SECRETS": f"{SITE}:{SECRET}",
        "GREENROOM_RATE_DOOR": "off",
    }
    keys = {
        door: run(
            [*COMMAND, "token", "create", door, "--door", door, "--site", SITE], environment=environment
        ).strip()
        for door in ("perspective", "akismet", "coral")
    }
    texts = [one.text for one in written(PER_SECOND * seconds)]
    askers: dict[str, Callable[[str, str], Question]] = {
        "perspective": _analyze,
        "akismet": _comment_check,
        "coral": _moderation,
    }
    found: dict[str, Any] = {}
    mine, theirs = _processors()
    os.sched_setaffinity(0, theirs)
    try:
        command = ["taskset", "-c", ",".join(map(str, mine)), *COMMAND, "doors"]
        with running(command, log=house.log, environment=environment) as process:
            wait_for(house.port, "/healthz", process, house.log, seconds=60)
            for door, ask in askers.items():
                questions = [ask(text, keys[door]) for text in texts]
                _drive(house.port, questions[: PER_SECOND * 2])
                before = processor_seconds([process.pid])
                waited = _drive(house.port, questions)
                used = processor_seconds([process.pid]) - before
                found[door] = _described(waited, used)
                row = found[door]
                ground.say(f"doors  {door:<12} p50 {row['p50_ms']:6.1f} ms  p99 {row['p99_ms']:6.1f} ms")
    finally:
        os.sched_setaffinity(0, mine | theirs)
    return {"per_second": PER_SECOND, "seconds": seconds, "doors": found}


def _processors() -> tuple[set[int], set[int]]:
    """One processor for the doors, the others for the callers."""
    all_of_them = sorted(os.sched_getaffinity(0))
    return {all_of_them[0]}, set(all_of_them[1:]) or {all_of_them[0]}


def _described(waited: Sequence[float], used: float) -> dict[str, Any]:
    ordered = sorted(waited)
    return {
        "answered": len(ordered),
        "p50_ms": round(statistics.median(ordered) * 1000, 2),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1000, 2),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
        "longest_ms": round(ordered[-1] * 1000, 2),
        "too_late": sum(one > GIVEN_UP_SECONDS for one in ordered),
        "cpu_ms": round(used * 1000 / len(ordered), 3),
    }


def _drive(port: int, questions: Sequence[Question]) -> list[float]:
    """Seconds that each question waited, asked at ``PER_SECOND``. Raises ``NotMeasured`` for one without an answer."""
    due: queue.SimpleQueue[tuple[float, Question] | None] = queue.SimpleQueue()
    waited: list[float] = []
    refused: list[int] = []

    def call() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while (item := due.get()) is not None:
            at, question = item
            connection.request("POST", question.path, question.body, question.headers)
            answer = connection.getresponse()
            answer.read()
            waited.append(time.perf_counter() - at)
            if answer.status not in (200, 204):
                refused.append(answer.status)
        connection.close()

    callers = [threading.Thread(target=call) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    begin = time.perf_counter()
    for number, question in enumerate(questions):
        at = begin + number / PER_SECOND
        time.sleep(max(0.0, at - time.perf_counter()))
        due.put((at, question))
    for _ in callers:
        due.put(None)
    for caller in callers:
        caller.join()
    if refused or len(waited) != len(questions):
        raise NotMeasured(f"the doors answered {len(refused)} of {len(questions)} questions with a fault")
    return waited


# --- what is asked ---------------------------------------------------------------------------------------------


def _analyze(text: str, key: str) -> Question:
    asked = {
        "comment": {"text": text},
        "languages": ["en"],
        "doNotStore": True,
        "requestedAttributes": {"TOXICITY": {}},
    }
    body = json.dumps(asked).encode()
    return Question(f"/v1alpha1/comments:analyze?key={key}", body, {"Content-Type": "application/json"})


def _comment_check(text: str, key: str) -> Question:
    asked = {"api_key": key, "blog": ORIGIN, "user_ip": "192.0.2.7", "comment_content": text}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return Question("/1.1/comment-check", urlencode(asked).encode(), form)


def _moderation(text: str, key: str) -> Question:
    asked = {
        "action": "NEW",
        "comment": {"body": text, "parentID": None},
        "author": {"id": "a", "role": "COMMENTER"},
        "story": {"id": "s", "url": f"{ORIGIN}/2026/write"},
    }
    body = json.dumps(asked).encode()
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Coral-Signature": signature}
    return Question(f"/coral/v1/moderation?key={key}", body, headers)
