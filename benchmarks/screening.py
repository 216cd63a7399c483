"""How fast one worker works off a backlog: comments that waited while no worker was there, in a house with a past.

Here by the rules alone, for the trained models cost several times as much; ``benchmarks.models`` is about those. The
rate is taken from the database: the number of decisions over the time between the first and the last of them.
"""

from __future__ import annotations

import os
import statistics
import time
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from benchmarks import greenroom
from benchmarks.accounting import machine_busy_seconds, processor_seconds
from benchmarks.corpus import written
from benchmarks.greenroom import COMMAND, Greenroom, is_waiting
from benchmarks.ground import Ground, NotMeasured, running, wait_until
from benchmarks.seeding import Seeder, more_written
from service.domain.policy_document import DEFAULT_DOCUMENT
from service.store.database import Database
from service.store.tables import comments, decisions, screenings

PATIENCE_SECONDS = 180.0
RULES_ALONE = {**DEFAULT_DOCUMENT, "checks": {"model": "off"}}


def measure(ground: Ground) -> dict[str, Any]:
    past, backlog = ground.pick((10_000, 20_000), (2_000, 4_000))
    house = greenroom.installed(ground, "greenroom-backlog")
    house.set_policy(RULES_ALONE)
    seeder = Seeder(house)
    seeder.approved(more_written(past))
    seeder.waiting(written(backlog))
    rounds = [work_off(ground, house, str(number)) for number in range(1, ground.pick(3, 1) + 1)]
    return {
        "backlog": backlog,
        "past": past,
        "per_second": round(statistics.median(each["per_second"] for each in rounds), 1),
        "per_second_all": [each["per_second"] for each in rounds],
        "cpu_ms": round(statistics.median(each["cpu_ms"] for each in rounds), 4),
        "decided": rounds[0]["decided"],
    }


def work_off(ground: Ground, house: Greenroom, name: str, *, processor: int | None = None) -> dict[str, Any]:
    """One worker and a copy of a house's backlog; on one ``processor`` if it is given.

    ``cpu_ms`` is the worker's processor time for each comment after the first ones were decided, so without its start;
    ``foreign_cores`` what the rest of the machine used. Raises ``NotMeasured`` where a check failed.
    """
    ours = house.copy_to(ground.unmade("copy"))
    with (
        ours.valkey(),
        ours.open() as database,
        running([*COMMAND, "work"], log=ours.log, environment=ours.environment) as worker,
    ):
        if processor is not None:
            os.sched_setaffinity(worker.pid, {processor})
        began, busy, own = time.monotonic(), machine_busy_seconds(), time.process_time()
        wait_until(lambda: _decided(database) > 0, seconds=PATIENCE_SECONDS, what="a first decision")
        first, before = _decided(database), processor_seconds([worker.pid])
        wait_until(
            lambda: not is_waiting(database), seconds=PATIENCE_SECONDS, what="an empty backlog", pause=0.2
        )
        spent = processor_seconds([worker.pid])
        used = machine_busy_seconds() - busy - spent - (time.process_time() - own)
        foreign = max(0.0, used / (time.monotonic() - began))
        _check_findings(database)
        with database.read() as connection:
            count, begun, ended = connection.execute(
                sa.select(
                    sa.func.count(), sa.func.min(decisions.c.decided_at), sa.func.max(decisions.c.decided_at)
                ).where(_MINE)
            ).one()
            verdicts = (
                sa.select(decisions.c.status, sa.func.count()).where(_MINE).group_by(decisions.c.status)
            )
            decided = {str(status): int(number) for status, number in connection.execute(verdicts)}
    rate = round((count - 1) / max((ended - begun) / timedelta(seconds=1), 0.001), 1)
    cost = (spent - before) * 1000 / max(1, count - first)
    ground.say(
        f"screening {name}  {count} comments, {rate:.0f}/s, {cost:.3f} ms of processor time each,"
        f" others {foreign:.2f} cores"
    )
    return {"per_second": rate, "cpu_ms": cost, "foreign_cores": foreign, "decided": decided}


# Those of the past were decided before the last comment of the backlog came.
_MINE = decisions.c.decided_at > sa.select(sa.func.max(comments.c.created_at)).scalar_subquery()


def _decided(database: Database) -> int:
    with database.read() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(decisions).where(_MINE)) or 0)


def _check_findings(database: Database) -> None:
    with database.read() as connection:
        failed = connection.scalar(
            sa.select(sa.func.count())
            .select_from(screenings)
            .where(sa.cast(screenings.c.findings, sa.Text).contains('"outcome": "failed"'))
        )
    if failed:
        raise NotMeasured(f"a check failed with {failed} comments")
