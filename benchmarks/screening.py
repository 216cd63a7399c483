"""How fast one worker works off a backlog: comments that waited while no worker was there, in a house with a past.

The rate is taken from the database: the number of decisions over the time between the first and the last of them.
"""

from __future__ import annotations

import statistics
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from benchmarks import greenroom
from benchmarks.accounting import processor_seconds
from benchmarks.corpus import written
from benchmarks.greenroom import COMMAND, Greenroom, is_waiting
from benchmarks.ground import Ground, running, wait_until
from benchmarks.seeding import Seeder, more_written
from service.store.tables import comments, decisions

PATIENCE_SECONDS = 120.0


def measure(ground: Ground) -> dict[str, Any]:
    past, backlog = ground.pick((10_000, 20_000), (2_000, 4_000))
    house = greenroom.installed(ground, "greenroom-backlog")
    seeder = Seeder(house)
    seeder.approved(more_written(past))
    seeder.waiting(written(backlog))
    rounds = [_work_off(ground, house, number) for number in range(1, ground.pick(3, 1) + 1)]
    return {
        "backlog": backlog,
        "past": past,
        "per_second": round(statistics.median(each["per_second"] for each in rounds), 1),
        "per_second_all": [each["per_second"] for each in rounds],
        "cpu_ms": round(statistics.median(each["cpu_ms"] for each in rounds), 4),
        "decided": rounds[0]["decided"],
    }


def _work_off(ground: Ground, house: Greenroom, number: int) -> dict[str, Any]:
    folder = ground.folder("copy")
    folder.rmdir()
    ours = house.copy_to(folder)
    with (
        ours.valkey(),
        ours.open() as database,
        running([*COMMAND, "work"], log=ours.log, environment=ours.environment) as worker,
    ):
        wait_until(
            lambda: not is_waiting(database), seconds=PATIENCE_SECONDS, what="an empty backlog", pause=0.2
        )
        spent = processor_seconds([worker.pid])
        mine = decisions.c.decided_at > sa.select(sa.func.max(comments.c.created_at)).scalar_subquery()
        with database.read() as connection:
            count, first, last = connection.execute(
                sa.select(
                    sa.func.count(), sa.func.min(decisions.c.decided_at), sa.func.max(decisions.c.decided_at)
                ).where(mine)
            ).one()
            verdicts = sa.select(decisions.c.status, sa.func.count()).where(mine).group_by(decisions.c.status)
            decided = {str(status): int(number) for status, number in connection.execute(verdicts)}
    rate = round((count - 1) / max((last - first) / timedelta(seconds=1), 0.001), 1)
    ground.say(f"screening {number}  {count} comments, {rate:.0f}/s")
    return {
        "per_second": rate,
        "cpu_ms": spent * 1000 / count,
        "decided": decided,
    }
