"""What can only be seen from inside a process: ``python -m benchmarks.inside PROCESSOR steps|alone ...``.

Prints one JSON document. ``steps SECONDS`` works off the backlog of the installation in its environment, with a clock
around each step; ``alone TIER COUNT`` has the checks look at one comment after the other, in turns with a floor.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import numpy as np

from benchmarks.corpus import Written, written
from benchmarks.greenroom import SITE, STORY
from benchmarks.ground import NotMeasured
from service import screening
from service.bootstrap import build_worker
from service.checks.catalogue import CATALOGUE, run_checks
from service.domain.comment import Case, Signals
from service.domain.plain import plain
from service.domain.policy import Outcome
from service.domain.policy_document import DEFAULT_DOCUMENT, read_policy
from service.logs import set_up_logging
from service.scoring import deep, linear, scorer
from service.scoring.features import buckets
from service.settings import read_settings
from service.store import comments, context, decisions, search
from service.store.database import Database
from service.store.ids import new_id

# One batch, with which the models are loaded.
WARM_UP_SECONDS = 0.01
TURN = 100
RUDE = "You are a pathetic idiot, shut up."


def main(words: list[str]) -> dict[str, Any]:
    processor, what, *rest = words
    os.sched_setaffinity(0, {int(processor)})
    return steps(float(rest[0])) if what == "steps" else alone(rest[0], int(rest[1]))


class Clocks:
    """Processor time by step. A step within another is on its own bill alone; what no step claims is the rest."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._within: list[float] = []

    def around(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def clocked(*args: Any, **kwargs: Any) -> Any:
            began = time.process_time()
            self._within.append(0.0)
            try:
                return function(*args, **kwargs)
            finally:
                took = time.process_time() - began
                self.spent[step] += took - self._within.pop()
                if self._within:
                    self._within[-1] += took

        return clocked

    def put_around(self, step: str, owner: Any, *names: str) -> None:
        for name in names:
            setattr(owner, name, self.around(step, getattr(owner, name)))


def steps(seconds: float) -> dict[str, Any]:
    """Microseconds of processor time for each comment by step, the largest first."""
    settings = read_settings(os.environ)
    set_up_logging(settings.log, "worker")
    rooms = build_worker(settings)
    ours = rooms.screening((), lambda: False)
    ours.drain(seconds=WARM_UP_SECONDS)
    clocks = Clocks()
    _put_clocks(clocks, rooms.database)
    began = time.process_time()
    count = ours.drain(seconds=seconds)
    each = (time.process_time() - began) * 1e6 / max(1, count)
    if not count:
        raise NotMeasured("nothing was left to be screened with a clock")
    found = {step: spent * 1e6 / count for step, spent in clocks.spent.items()}
    found["the rest"] = each - sum(found.values())
    return {
        "comments": count,
        "microseconds": round(each, 1),
        "steps": [
            {"step": step, "microseconds": round(cost, 1), "share": round(cost / each, 4)}
            for step, cost in sorted(found.items(), key=lambda item: -item[1])
        ],
    }


def _put_clocks(clocks: Clocks, database: Database) -> None:
    for name, (check, _) in CATALOGUE.items():
        clocks.put_around(f"check {name}" if name != "model" else "check model: findings", check, "run")
    clocks.put_around("check model: linear tier", linear.Linear, "logits", "make_ready", "of_label")
    clocks.put_around("check model: the words that weighed", scorer.Scorer, "evidence")
    clocks.put_around("check model: word pieces", deep.Deep, "logits")
    clocks.put_around("check model: the deep tier's graph", deep.Deep, "_run")
    clocks.put_around("fingerprints and hosts", screening, "fingerprint", "fold", "hosts_of")
    clocks.put_around("policy", screening, "decide")
    clocks.put_around("findings as documents", screening, "as_stored")
    clocks.put_around("logs", screening.log, "info")
    clocks.put_around("database", comments, "claim")
    clocks.put_around("database", decisions, "record")
    clocks.put_around(
        "database",
        context,
        *("author_records", "origin_records", "lookalikes", "host_records"),
        *("keep_fingerprints", "keep_hosts", "forget_earlier"),
    )
    clocks.put_around("database", search, "keep")
    clocks.put_around("words for searches", screening, "searchable")
    clocks.put_around("database", database.writing.dialect, "do_commit")


def alone(tier: str, count: int) -> dict[str, Any]:
    """Milliseconds of one comment, of one whose words are marked, and of the floor, in turns of a hundred."""
    policy = read_policy({**DEFAULT_DOCUMENT, "options": {"model": {"tier": tier}}}, 1)
    warm_up, *texts = written(count + 1)
    floor = _floor(tier)
    ready = [floor.made_ready(one.text) for one in texts]
    run_checks(_case(warm_up), policy)
    comment, bare, marked = [], [], []
    shown = 0
    for begin in range(0, count, TURN):
        turn = slice(begin, begin + TURN)
        bare += [_timed(floor.run, each)[0] for each in ready[turn]]
        for one in texts[turn]:
            took, findings = _timed(run_checks, _case(one), policy)
            comment.append(took)
            shown += any(found.evidence for found in findings if found.check == "model")
    for one in texts[: max(10, count // 10)]:
        took, findings = _timed(run_checks, _case(one, before=RUDE), policy)
        marked.append(took)
        if any(found.outcome is Outcome.FAILED for found in findings):
            raise NotMeasured("a check failed")
    return {
        "comments": count,
        "comment": _quantiles(comment),
        "marked": _quantiles(marked),
        "marked_share": round(shown / count, 4),
        "floor": _quantiles(bare),
    }


@dataclass(frozen=True)
class Floor:
    """What a tier cannot do without: a sum of weights, and for both a run of the graph, of texts made ready before."""

    judge: scorer.Scorer

    def made_ready(self, text: str) -> tuple[Any, list[Any]]:
        reading = plain(text).text
        if self.judge._deep is None:
            return buckets(reading), []
        pieces = self.judge._deep._pieces
        return buckets(reading), [
            np.array([[pieces.start, *window, pieces.end]], np.int64)
            for window in deep.windows(pieces.encode(reading))
        ]

    def run(self, ready: tuple[Any, list[Any]]) -> None:
        found, windows = ready
        self.judge._linear._weights.take(found, axis=0).sum(axis=0, dtype=np.int32)
        for window in windows:
            self.judge._deep._session.run(None, {"ids": window})  # type: ignore[union-attr]


def _floor(tier: str) -> Floor:
    judge = scorer.scorer(tier)  # type: ignore[arg-type]
    if judge.tier != tier:
        raise NotMeasured(f"the tier {tier} cannot be measured: {judge.fallback}")
    return Floor(judge)


def _case(one: Written, *, before: str = "") -> Case:
    return Case(
        comment_id=new_id(),
        site=SITE,
        thread_id=uuid4(),
        url=STORY,
        author_name=one.name,
        text=f"{before} {one.text}".strip(),
        created_at=datetime.now(UTC),
        signals=Signals(seconds=34.5),
        site_hosts=("news.example.org",),
    )


def _timed(function: Callable[..., Any], *args: Any) -> tuple[float, Any]:
    """Milliseconds, and what came of it."""
    began = time.perf_counter()
    found = function(*args)
    return (time.perf_counter() - began) * 1000, found


def _quantiles(milliseconds: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
    return {
        "mean_ms": round(statistics.fmean(milliseconds), 4),
        "p50_ms": round(cuts[49], 4),
        "p95_ms": round(cuts[94], 4),
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
