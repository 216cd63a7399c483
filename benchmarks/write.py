"""Taking comments in: how many, how fast, at what cost, beside Isso and beside a bare INSERT.

16 clients; each comment another text of another author from another network. Greenroom's worker screens all the while,
and a round is over when nothing waits any more, so the processor time of screening is on Greenroom's bill. Afterwards
the rows are counted: each accepted comment has to be one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from benchmarks import floors, greenroom, isso
from benchmarks.corpus import written
from benchmarks.greenroom import Greenroom
from benchmarks.ground import Ground, NotMeasured
from benchmarks.load import CLIENTS, Contender, Round, interleaved, summary
from benchmarks.postgres import postgres

COMMENTS = 20_000


def measure(ground: Ground) -> dict[str, Any]:
    comments = written(ground.pick(COMMENTS, 5_000))
    return {"sqlite": _sqlite(ground, comments), "postgresql": _postgresql(ground, comments)}


def _sqlite(ground: Ground, comments: Sequence[Any]) -> dict[str, Any]:
    with ExitStack() as stack:
        ours = greenroom.installed(ground, "greenroom")
        target = stack.enter_context(ours.running())
        floor, _ = stack.enter_context(floors.floor(ground))
        pinned, _ = stack.enter_context(floors.floor(ground, pinned=True))
        yardstick = stack.enter_context(isso.isso(ground))
        half = len(comments) // 2
        rounds = interleaved(
            ground,
            "write",
            [
                Contender("greenroom", target, greenroom.writes(target, comments[:half])),
                Contender("isso", yardstick, isso.writes(yardstick, comments)),
                Contender("floor", floor, floors.writes(floor, "/sqlite_group", comments)),
                Contender("floor, pinned", pinned, floors.writes(pinned, "/sqlite_group", comments)),
                # A key for each comment, as the embed sends it, is one more row to store.
                Contender("with a key", target, greenroom.writes(target, comments[half:], keyed=True)),
            ],
            rounds=ground.pick(5, 2),
            seconds=ground.pick(4, 2),
        )
        _check_rows(ours, rounds)
    return {name: summary(each) for name, each in rounds.items()}


def _postgresql(ground: Ground, comments: Sequence[Any]) -> dict[str, Any]:
    with ExitStack() as stack:
        server = stack.enter_context(postgres(ground))
        ours = greenroom.installed(
            ground, "greenroom-on-postgresql", database_url=server.make_database("greenroom")
        )
        target = stack.enter_context(ours.running(others={"postgres": [server.pid]}))
        floor, _ = stack.enter_context(floors.floor(ground, postgres=server))
        rounds = interleaved(
            ground,
            "write to PostgreSQL",
            [
                Contender("greenroom", target, greenroom.writes(target, comments)),
                Contender("floor", floor, floors.writes(floor, "/pg", comments)),
            ],
            rounds=ground.pick(4, 2),
            seconds=ground.pick(4, 2),
        )
        _check_rows(ours, rounds)
    return {name: summary(each) for name, each in rounds.items()}


def _check_rows(ours: Greenroom, rounds: Mapping[str, Sequence[Round]]) -> None:
    """A 2xx is a row. wrk leaves at the end of a round without hearing of what is on its way, so there may be more."""
    accepted = sum(each.answered for name in rounds if name in OURS for each in rounds[name])
    stored = ours.count()
    if stored < accepted:
        raise NotMeasured(f"{accepted} comments were accepted and {stored} are stored (clients: {CLIENTS})")


OURS = ("greenroom", "with a key")
