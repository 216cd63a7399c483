"""What a house full of comments costs: the same work with a thousand comments in the database and with very many.

The small house's threads are in the large one too, spread over it, and those are read: the same answers from both.

Writing starts from a fresh copy of the same installation in each round, because writing makes a house grow. Reading
is measured twice: answers that are kept in memory, and answers that have to be made anew (the same threads asked for
in more ways than are kept).
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from benchmarks import greenroom
from benchmarks.corpus import Written, written
from benchmarks.greenroom import Greenroom
from benchmarks.ground import Ground
from benchmarks.load import Contender, Target, drive, interleaved, request, summary
from benchmarks.seeding import PER_THREAD, Seeder, more_written

SMALL = 1_000
# 10 threads x 60 page sizes x 2 orders x 2 views: more answers than a process keeps, so each has to be made.
PAGE_SIZES = range(41, 101)


def measure(ground: Ground) -> dict[str, Any]:
    sizes = {"small": SMALL, "large": ground.pick(100_000, 10_000)}
    houses = {name: _filled(ground, name, size) for name, size in sizes.items()}
    return {
        "sizes": sizes,
        "write": _write(ground, {name: house for name, (house, _) in houses.items()}),
        **_read(ground, houses),
    }


def _filled(ground: Ground, name: str, size: int) -> tuple[Greenroom, list[str]]:
    """A house of this size, and the stories of the threads that both houses have."""
    ours = greenroom.installed(ground, f"greenroom-{name}")
    comments = more_written(size)
    common, others = comments[:SMALL], comments[SMALL:]
    threads = SMALL // PER_THREAD
    between = len(others) // threads
    mixed: list[Written] = []
    for number in range(threads):
        mixed += common[number * PER_THREAD : (number + 1) * PER_THREAD]
        mixed += others[number * between : (number + 1) * between]
    stories = Seeder(ours).approved(mixed)
    ground.say(f"growth  a house with {size} comments")
    return ours, stories[:: 1 + between // PER_THREAD]


def _write(ground: Ground, houses: dict[str, Greenroom]) -> dict[str, Any]:
    """Processor milliseconds for each accepted comment, by size and part."""
    comments = written(ground.pick(10_000, 3_000))
    found: dict[str, list[dict[str, float]]] = {name: [] for name in houses}
    rounds = ground.pick(4, 2)
    for number in range(1, rounds + 1):
        for name, house in houses.items():
            with house.copy_to(ground.unmade("copy")).running() as target:
                contender = Contender(name, target, greenroom.writes(target, comments))
                drive(contender, seconds=1, first=0)
                result = drive(contender, seconds=2, first=5_000)
            cost = {part: spent * 1000 / result.answered for part, spent in result.processor.items()}
            found[name].append(cost)
            ground.say(
                f"growth write {number}/{rounds}  {name:<6} web {cost['web']:.3f} ms  worker {cost['worker']:.3f} ms"
                f"  others {result.foreign_cores:.2f} cores"
            )
    return {
        name: {part: round(statistics.median(cost[part] for cost in costs), 4) for part in costs[0]}
        for name, costs in found.items()
    }


def _read(ground: Ground, houses: dict[str, tuple[Greenroom, list[str]]]) -> dict[str, Any]:
    with ExitStack() as stack:
        targets = {name: stack.enter_context(house.running()) for name, (house, _) in houses.items()}
        chosen = {name: stories for name, (_, stories) in houses.items()}
        kept = [
            Contender(name, target, [_question(target, chosen[name][0])]) for name, target in targets.items()
        ]
        anew = [Contender(name, target, _questions(target, chosen[name])) for name, target in targets.items()]
        rounds, seconds = ground.pick(4, 2), ground.pick(3, 2)
        return {
            kind: {
                name: summary(each)
                for name, each in interleaved(
                    ground, f"growth {kind}", contenders, rounds=rounds, seconds=seconds
                ).items()
            }
            for kind, contenders in (("read", kept), ("read_anew", anew))
        }


def _question(target: Target, story: str, **asked: str) -> bytes:
    return request(target, greenroom.thread_path(story, **asked))


def _questions(target: Target, stories: Sequence[str]) -> list[bytes]:
    return [
        _question(target, story, limit=str(size), sort=sort, view=view)
        for size in PAGE_SIZES
        for story in stories
        for sort in ("oldest", "newest")
        for view in ("tree", "flat")
    ]
