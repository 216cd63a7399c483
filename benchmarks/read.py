"""Reading a thread of a hundred comments: beside Isso, and beside a floor that sends the same bytes from memory.

All ask with ``Accept-Encoding: gzip``, as browsers do. "304" rounds ask with the ETag of the answer before.
"""

from __future__ import annotations

import gzip
import json
from contextlib import ExitStack
from typing import Any

from benchmarks import floors, greenroom, isso
from benchmarks.corpus import written
from benchmarks.ground import Answer, Ground, NotMeasured, ask
from benchmarks.load import Contender, Target, interleaved, request, summary
from benchmarks.seeding import PER_THREAD, Seeder

FILE = "thread.json.gz"


def measure(ground: Ground) -> dict[str, Any]:
    comments = written(PER_THREAD)
    with ExitStack() as stack:
        ours = greenroom.installed(ground, "greenroom-read")
        # Isso's thread is flat too: replies would make its answers something else.
        (story,) = Seeder(ours).approved(comments, replies=False)
        target = stack.enter_context(ours.running())
        yardstick = stack.enter_context(isso.isso(ground))
        isso.fill_thread(yardstick, comments)
        floor, folder = stack.enter_context(floors.floor(ground))
        pinned, pinned_folder = stack.enter_context(floors.floor(ground, pinned=True))

        path = greenroom.thread_path(story)
        first = _first(target, path)
        if len(json.loads(gzip.decompress(first.body))["comments"]) != PER_THREAD:
            raise NotMeasured("the thread does not have a hundred comments")
        for each in (folder, pinned_folder):
            (each / FILE).write_bytes(first.body)
        of_floor = _first(floor, f"/memory/{FILE}")
        of_isso = _first(yardstick, isso.THREAD_PATH)
        rounds = interleaved(
            ground,
            "read",
            [
                Contender("greenroom", target, [request(target, path)]),
                Contender("isso", yardstick, [request(yardstick, isso.THREAD_PATH)]),
                Contender("floor", floor, [request(floor, f"/memory/{FILE}")]),
                Contender("floor, pinned", pinned, [request(pinned, f"/memory/{FILE}")]),
                Contender("304", target, [_again(target, path, first)]),
                Contender("304 of floor", floor, [_again(floor, f"/memory/{FILE}", of_floor)]),
            ],
            rounds=ground.pick(4, 2),
            seconds=ground.pick(3, 2),
        )
        repeat = ask(
            target.port, path, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["etag"]}
        )
    return {
        "contenders": {name: summary(each) for name, each in rounds.items()},
        "body_bytes": {"greenroom": len(first.body), "isso": len(of_isso.body), "plain": _plain_size(first)},
        "isso_encoding": of_isso.headers.get("content-encoding", "none"),
        "isso_etag": "etag" in of_isso.headers,
        "repeat_status": repeat.status,
        "repeat_bytes": len(repeat.body),
    }


def _first(target: Target, path: str) -> Answer:
    answer = ask(target.port, path, headers={"Accept-Encoding": "gzip", **target.headers})
    if answer.status != 200:
        raise NotMeasured(f"{target.name} answered {answer.status} for its thread")
    return answer


def _again(target: Target, path: str, first: Answer) -> bytes:
    return request(target, path, headers={"If-None-Match": first.headers["etag"]})


def _plain_size(answer: Answer) -> int:
    return len(gzip.decompress(answer.body))
