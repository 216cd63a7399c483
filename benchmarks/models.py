"""Screening with the trained models: a worker's pace, its memory, one comment's time, and where that time goes.

The worker is the product's own, kept on one processor; what can only be seen from inside happens in a process of its
own on the same one (``benchmarks.inside``). Beside each stands a floor with the same texts: what a bare sum of the
linear tier's weights, or a bare run of the deep tier's graph, takes of texts that were made ready before.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from benchmarks import greenroom
from benchmarks.accounting import proportional_megabytes, resident_megabytes
from benchmarks.corpus import short_and_long, written
from benchmarks.greenroom import COMMAND, Greenroom, is_waiting
from benchmarks.ground import Ground, NotMeasured, run, running
from benchmarks.screening import work_off
from benchmarks.seeding import Seeder, more_written
from service.domain.policy_document import DEFAULT_DOCUMENT
from service.store.database import Database

TIERS = ("linear", "both")
SIZES = {"linear": (20_000, 300), "both": (3_000, 150)}
PAST = (10_000, 200)
MEMORY = (100_000, 400)
# In the first fifth the worker starts, loads the models and warms up.
SECOND_FIFTH, LAST_FIFTH = (0.2, 0.4), (0.8, 1.0)
MEMORY_SECONDS = 1_800.0


def measure(ground: Ground) -> dict[str, Any]:
    houses = {tier: _house(ground, tier) for tier in TIERS}
    processor = max(os.sched_getaffinity(0))
    return {
        "past": ground.pick(*PAST),
        "backlog": {tier: _backlog(ground, tier, house, processor) for tier, house in houses.items()},
        "steps": {tier: _steps(ground, tier, house, processor) for tier, house in houses.items()},
        "alone": {tier: _alone(ground, tier, processor) for tier in TIERS},
        "memory": _memory(ground, processor),
    }


def _house(ground: Ground, tier: str) -> Greenroom:
    """A house with a past, a backlog, and the default policy, but for its tier."""
    house = greenroom.installed(ground, f"greenroom-{tier}")
    if tier != "both":
        house.set_policy({**DEFAULT_DOCUMENT, "options": {"model": {"tier": tier}}})
    seeder = Seeder(house)
    seeder.approved(more_written(ground.pick(*PAST)))
    seeder.waiting(written(ground.pick(*SIZES[tier])))
    ground.say(f"models  a house with a backlog for {tier}")
    return house


def _backlog(ground: Ground, tier: str, house: Greenroom, processor: int) -> dict[str, Any]:
    rounds = [
        work_off(ground, house, f"{tier} {number}", processor=processor)
        for number in range(1, ground.pick(3, 1) + 1)
    ]

    def middle(name: str) -> float:
        return round(statistics.median(each[name] for each in rounds), 4)

    return {
        "comments": ground.pick(*SIZES[tier]),
        "per_second": middle("per_second"),
        "per_second_all": [each["per_second"] for each in rounds],
        "cpu_ms": middle("cpu_ms"),
        "foreign_cores": middle("foreign_cores"),
        "decided": rounds[0]["decided"],
    }


def _steps(ground: Ground, tier: str, house: Greenroom, processor: int) -> dict[str, Any]:
    ours = house.copy_to(ground.unmade("copy"))
    found = _inside(ours, processor, "steps", str(ground.pick(8, 1)))
    ground.say(
        f"models  {tier}: {found['microseconds']:.0f} µs, of which "
        + ", ".join(f"{row['step']} {row['microseconds']:.0f}" for row in found["steps"][:4])
    )
    return found


def _alone(ground: Ground, tier: str, processor: int) -> dict[str, Any]:
    count = {"linear": ground.pick(4_000, 60), "both": ground.pick(1_000, 30)}[tier]
    found = _inside(None, processor, "alone", tier, str(count))
    ground.say(
        f"models  {tier}, one comment: p50 {found['comment']['p50_ms']:.2f} ms, p95 {found['comment']['p95_ms']:.2f} ms"
        f" (bare {found['floor']['p95_ms']:.2f} ms)"
    )
    return found


def _inside(ours: Greenroom | None, processor: int, *words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.inside", str(processor), *words]
    found: dict[str, Any] = json.loads(run(command, environment=ours.environment if ours else None))
    return found


def _memory(ground: Ground, processor: int) -> dict[str, Any]:
    """The memory of a worker with both tiers, again and again, while it works off very many comments."""
    count = ground.pick(*MEMORY)
    house = greenroom.installed(ground, "greenroom-memory")
    Seeder(house).waiting(short_and_long(count))
    ground.say(f"models  a house with a backlog of {count} for memory")
    with (
        house.valkey(),
        house.open() as database,
        running([*COMMAND, "work"], log=house.log, environment=house.environment) as worker,
    ):
        os.sched_setaffinity(worker.pid, {processor})
        samples = _sampled(
            lambda: (resident_megabytes(worker.pid), _decided(database) / count),
            until=lambda: worker.poll() is not None or not is_waiting(database),
            pause=ground.pick(1.0, 0.1),
        )
        proportional = proportional_megabytes(worker.pid)
    second, last = (_median_within(samples, *fifth) for fifth in (SECOND_FIFTH, LAST_FIFTH))
    highest = max(megabytes for megabytes, _ in samples)
    ground.say(f"models  memory {highest:.0f} MB at most, {second:.1f} MB then {last:.1f} MB")
    return {
        "comments": count,
        "highest_mb": round(highest, 1),
        "second_fifth_mb": round(second, 1),
        "last_fifth_mb": round(last, 1),
        "pss_mb": round(proportional, 1),
        "samples": len(samples),
        "by_tenth_mb": [
            round(_median_within(samples, tenth / 10, (tenth + 1) / 10), 1) for tenth in range(10)
        ],
    }


def _decided(database: Database) -> int:
    with database.read() as connection:
        return int(connection.scalar(sa.text("SELECT count(*) FROM decisions")) or 0)


def _sampled(
    look: Callable[[], tuple[float, float]], *, until: Callable[[], bool], pause: float
) -> list[tuple[float, float]]:
    samples = []
    end = time.monotonic() + MEMORY_SECONDS
    done = False
    while not done:
        if time.monotonic() > end:
            raise NotMeasured(f"the backlog was not worked off within {MEMORY_SECONDS:.0f} s")
        # One more look when nothing waits any more.
        done = until()
        samples.append(look())
        time.sleep(pause)
    if samples[-1][1] < 1:
        raise NotMeasured("the worker ended before its backlog did")
    return samples


def _median_within(samples: Sequence[tuple[float, float]], low: float, high: float) -> float:
    """The median of the samples at this share of the work, or the one that is nearest to it."""
    within = [megabytes for megabytes, share in samples if low <= share <= high]
    if not within:
        within = [min(samples, key=lambda sample: abs(sample[1] - (low + high) / 2))[0]]
    return statistics.median(within)
