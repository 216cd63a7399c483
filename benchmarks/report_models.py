"""What the page says of screening with the trained models; called by ``report``."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.chart import table
from benchmarks.goals import DOORS, Figures

TIERS = (("linear", "the linear tier"), ("both", "both tiers"))


def method(models: Figures) -> str:
    linear, both = models["backlog"]["linear"], models["backlog"]["both"]
    on, alone, memory = models["measured"]["on"], models["alone"], models["memory"]
    return f"""\
- **With the trained models** ({on}): the same with all checks of the default policy and the worker
  kept on one core, {linear["comments"]:,} comments with the linear tier and {both["comments"]:,} with both. *Beside*:
  what the tier cannot do without, of the same texts made ready before: a sum of weights, and for both a run of the
  graph. *One comment*: all checks in a process that does nothing else, {alone["linear"]["comments"]:,} and
  {alone["both"]["comments"]:,} different texts, in turns with the floor. *Memory*: RSS of a worker over
  {memory["comments"]:,} comments, of a sentence or two but for every fiftieth, looked at {memory["samples"]:,} times.
  *Where the time goes*: a clock of the process's own time around each step."""


def details(models: Figures) -> Iterator[str]:
    for tier, what in TIERS:
        backlog, alone = models["backlog"][tier], models["alone"][tier]
        yield (
            f"A backlog with {what}: {backlog['cpu_ms']:.3f} ms of processor time for each comment; rounds"
            f" {', '.join(f'{rate:,.0f}/s' for rate in backlog['per_second_all'])}. One comment alone: p50"
            f" {alone['comment']['p50_ms']:.2f} ms, p95 {alone['comment']['p95_ms']:.2f} ms (floor"
            f" {alone['floor']['p50_ms']:.2f} and {alone['floor']['p95_ms']:.2f} ms); an abusive one, whose words are"
            f" marked, {alone['marked']['p50_ms']:.2f} and {alone['marked']['p95_ms']:.2f} ms. Of the backlog's"
            f" {alone['marked_share']:.1%} have marked words."
        )
    memory = models["memory"]
    tenths = ", ".join(f"{each:.0f}" for each in memory["by_tenth_mb"])
    yield (
        f"Memory of a worker with both tiers in MB RSS, by tenths of its work: {tenths} ({memory['pss_mb']:.0f} PSS at"
        " the end)."
    )


def doors_method(doors: Figures) -> str:
    on, pace, seconds = doors["measured"]["on"], doors["per_second"], doors["seconds"]
    return f"""\
- **The doors** ({on}): {pace} questions a second at a fixed pace for {seconds} s, each of another
  comment, with both tiers; the doors' process kept on one core, the callers on another. A question's time counts
  from the moment that it was due."""


def doors(doors: Figures) -> Iterator[str]:
    for door, callers in DOORS.items():
        row = doors["doors"][door]
        late = f"{row['too_late']} of {row['answered']:,} took more than the 800 ms that Coral waits"
        yield (
            f"{callers[:1].upper()}{callers[1:]}: p50 {row['p50_ms']:.0f} ms, p95 {row['p95_ms']:.0f} ms, p99"
            f" {row['p99_ms']:.0f} ms, longest {row['longest_ms']:.0f} ms; {late}; {row['cpu_ms']:.1f} ms of"
            " processor time each."
        )


def steps(models: Figures) -> str:
    """Both tiers' steps side by side, in the order of what they take with the linear one."""
    linear, both = models["steps"]["linear"], models["steps"]["both"]
    known = {row["step"]: row for row in linear["steps"]}
    others = {row["step"]: row for row in both["steps"]}
    rows = [
        (step, *_cost_and_share(known.get(step)), *_cost_and_share(others.get(step)))
        for step in {**known, **others}
    ]
    return (
        "**One screened comment with the trained models, in the worker**:"
        f" {linear['microseconds']:,.0f} µs of processor time with the linear tier, {both['microseconds']:,.0f} µs with"
        " both.\n\n" + table(("step", "linear µs", "share", "both µs", "share"), rows)
    )


def _cost_and_share(row: Figures | None) -> tuple[str, str]:
    return (f"{row['microseconds']:,.0f}", f"{row['share']:.0%}") if row else ("–", "–")
