"""Writes docs/performance.md and its pictures from the figures that are kept. Takes no measurement."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import report_desk, report_embed, report_models
from benchmarks.chart import Bar, Panel, draw, table
from benchmarks.goals import GOALS, Figures, Goal, Measured, total
from benchmarks.ground import NotMeasured
from benchmarks.tools import LOCK

SAMPLES_ENOUGH = 300
NOTES = Path(__file__).with_name("notes.md")
SOURCES = (
    *("write", "fsyncs", "read", "growth", "desk", "desk_load"),
    *("screening", "models", "doors", "startup", "profile"),
)
# Measured later than the others: until it is, the page says so.
LATER = ("embed",)
DISTURBED_CORES = 0.1


def write(results: Path, page: Path) -> None:
    """The page, and ``images/performance-*.svg`` beside it. Raises ``NotMeasured`` when figures are missing."""
    figures = load(results)
    images = page.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures(figures).items():
        (images / f"performance-{name}.svg").write_text(picture)
    page.write_text(text(figures))


def load(results: Path) -> dict[str, Figures]:
    missing = [name for name in SOURCES if not (results / f"{name}.json").exists()]
    if missing:
        raise NotMeasured(f"no figures yet of: {', '.join(missing)}")
    later = [name for name in LATER if (results / f"{name}.json").exists()]
    read = {name: json.loads((results / f"{name}.json").read_text()) for name in (*SOURCES, *later)}
    return {**{name: {} for name in LATER}, **read}


def judged(figures: dict[str, Figures]) -> list[tuple[Goal, Measured]]:
    return [(goal, goal.read(figures[goal.source])) for goal in GOALS]


def text(figures: dict[str, Figures]) -> str:
    """The whole page."""
    rows = judged(figures)
    missed = [(goal, measured) for goal, measured in rows if not goal.met(measured)]
    parts = [
        "# Performance",
        _opening(figures),
        "## Goals",
        _goal_table(rows),
        "![Taking comments in](images/performance-write.svg)",
        "![Reading a thread of a hundred comments](images/performance-read.svg)",
        "## What was measured, and how",
        _method(figures),
        "## Figures",
        _rates_table(figures),
        _details(figures),
        "## What stands in the way" if missed else "## Where the time goes",
        *([_missed(missed)] if missed else []),
        *([NOTES.read_text().strip()] if NOTES.exists() else []),
        _profile(figures["profile"]),
        report_models.steps(figures["models"]),
        "## How to read these figures",
        _limits(),
    ]
    return "\n\n".join(parts) + "\n"


def _other_days(figures: dict[str, Figures]) -> dict[str, list[str]]:
    """What was not measured on the day that the page names first: names of measurements by day."""
    first = figures["write"]["measured"]["on"]
    days: dict[str, list[str]] = {}
    for name, found in figures.items():
        if found and found["measured"]["on"] != first:
            days.setdefault(found["measured"]["on"], []).append(f"`{name}`")
    return dict(sorted(days.items()))


# --- the page's parts ---------------------------------------------------------------------------------------------


def _opening(figures: dict[str, Figures]) -> str:
    machine = figures["write"]["measured"]
    lines = [
        f"Measured on {machine['on']} by `python -m benchmarks` ([benchmarks/](../benchmarks/README.md)) on a virtual"
        f" machine with {machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB of memory and a"
        f" disk that makes 4 KiB durable in {machine['fdatasync_ms']:.2f} ms (median of `fdatasync`);"
        f" {machine['system']}, Python {machine['python']}, SQLite {machine['sqlite']}. Everything that is compared"
        " ran on one machine in the same run, in rounds that take turns. This page is made by"
        " `python -m benchmarks report`."
    ]
    lines += [
        f"\nOf {day}, on other machines of this kind, quicker or slower ones: {', '.join(names)}."
        for day, names in _other_days(figures).items()
    ]
    if any(found["measured"]["quick"] for found in figures.values() if found):
        lines.append(
            "\n**These are short rounds (`--quick`), which prove the tools: the figures are rough.**"
        )
    if (others := max(disturbances(figures))) > DISTURBED_CORES:
        lines.append(
            f"\n**The machine was not at rest: other programs used up to {others:.1f} of its cores meanwhile.**"
        )
    return "\n".join(lines)


def disturbances(figures: dict[str, Figures]) -> Iterator[float]:
    """How much of the cores other programs used, for each row (the median of its rounds)."""

    def walk(found: Any) -> Iterator[float]:
        if isinstance(found, dict):
            if "foreign_cores" in found:
                yield found["foreign_cores"]
            for value in found.values():
                yield from walk(value)

    yield 0.0
    yield from walk(figures)


def _goal_table(rows: list[tuple[Goal, Measured]]) -> str:
    return table(
        ("goal", "Greenroom", "beside", "measured", "asked", "met"),
        [
            (
                goal.what,
                measured.ours,
                measured.beside or "–",
                goal.show(measured.value),
                goal.asked,
                "yes" if goal.met(measured) else "**no**",
            )
            for goal, measured in rows
        ],
    )


def _method(figures: dict[str, Figures]) -> str:
    sizes, screening = figures["growth"]["sizes"], figures["screening"]
    return f"""\
Greenroom is started as its operator would: `migrate`, `serve` with one process of 64 threads, `work`, and the
embedded Valkey; SQLite with `synchronous=FULL`. Nothing is switched off: validation, sealing, rendering and
sanitizing, all three rate limits (so high that they refuse nobody, and so all are counted, in the one web process),
group commit, the bell, and a worker that screens all the while. 16 clients (wrk), each comment another text of another
reader from another network; texts of 30 to 600 characters, some with Markdown, links, quotes and emoji.

- **Isso {_version("isso")}**: gunicorn with two preloaded workers, its guard off, publishing at once, nothing screened.
- **Floors**, on the same granian (1 process, 64 threads) and Flask: *group commit*, one `INSERT` of five columns by
  a thread that commits what waits, `synchronous=FULL`; *bare INSERT* into PostgreSQL; *memory*, the same gzipped
  bytes of a thread with ETag and 304. Greenroom keeps its web process on one processor with SQLite; *pinned* is the
  same floor kept so, too.
- **Processor time** is that of the whole process tree, from the kernel's accounts, until nothing waits any more:
  comments that were accepted faster than they could be screened are on the bill of their round.
- **fdatasync**: strace with a filter in the kernel, under the same load.
- **Growth**: houses with {sizes["small"]:,} and {sizes["large"]:,} comments, the same threads in both. Writing starts
  from a fresh copy in each round. *Anew*: the same threads asked for in more ways than answers are kept.
{report_desk.method(figures["desk"])}
{report_embed.method(figures["embed"])}
- **Screening**: {screening["backlog"]:,} comments that waited, in a house with {screening["past"]:,} decided ones; the
  rate is the number of decisions over the time from the first to the last, from the database. By the rules alone.
{report_models.method(figures["models"])}
{report_models.doors_method(figures["doors"])}
- **First answer**: from starting the command to the first thread read, median of
  {len(figures["startup"]["first_answer_s_all"])}. **Memory**: PSS of every process of `up`, 20 s after it was ready."""


def _version(name: str) -> str:
    """The pinned version of something that is measured beside the product."""
    found = re.search(rf"^{re.escape(name)}==(\S+)", LOCK.read_text(), re.MULTILINE)
    return found[1] if found else "unknown"


def _rates_table(figures: dict[str, Figures]) -> str:
    rows = []
    for what, found in (
        ("write", figures["write"]["sqlite"]),
        ("write, PostgreSQL", figures["write"]["postgresql"]),
        ("read", figures["read"]["contenders"]),
        ("read, small house", {"kept": figures["growth"]["read"]["small"]}),
        ("read, full house", {"kept": figures["growth"]["read"]["large"]}),
        ("read, small house", {"anew": figures["growth"]["read_anew"]["small"]}),
        ("read, full house", {"anew": figures["growth"]["read_anew"]["large"]}),
    ):
        for name, row in found.items():
            rows.append(
                (
                    what,
                    name,
                    f"{row['per_second']:,.0f}",
                    f"{row['per_second_lowest']:,.0f}–{row['per_second_highest']:,.0f}",
                    f"{row['p50_ms']:.1f}",
                    f"{row['p99_ms']:.1f}",
                    f"{total(row):.3f}",
                    f"{row['wire_bytes']:,.0f}",
                    f"{row['foreign_cores']:.2f}",
                )
            )
    heads = (
        "load",
        "who",
        "answers/s",
        "rounds from–to",
        "p50 ms",
        "p99 ms",
        "CPU ms",
        "bytes",
        "others' cores",
    )
    return table(heads, rows)


def _details(figures: dict[str, Figures]) -> str:
    write, fsyncs, growth = figures["write"]["sqlite"], figures["fsyncs"], figures["growth"]
    parts = write["greenroom"]["cpu_ms"]
    memory = ", ".join(f"{each['process']} {each['pss_mb']:.0f}" for each in figures["startup"]["processes"])
    read = figures["read"]
    lines = [
        f"Processor time of one accepted comment: {_parts(parts)}; on PostgreSQL"
        f" {_parts(figures['write']['postgresql']['greenroom']['cpu_ms'])}.",
        f"In a house with {growth['sizes']['small']:,} comments {_parts(growth['write']['small'])}; with"
        f" {growth['sizes']['large']:,} {_parts(growth['write']['large'])}.",
        f"Durable writes for each comment: web {fsyncs['greenroom']['web']:.3f}, worker"
        f" {fsyncs['greenroom']['worker']:.3f}; Isso {fsyncs['isso']['web']:.2f}.",
        f"A thread of a hundred: {read['body_bytes']['greenroom']:,} bytes (gzip; {read['body_bytes']['plain']:,}"
        f" plain); Isso {read['body_bytes']['isso']:,} (encoding: {read['isso_encoding']};"
        f" {'with' if read['isso_etag'] else 'without'} ETag).",
        f"Screening a backlog: {figures['screening']['cpu_ms']:.3f} ms of processor time for each comment;"
        f" rounds {', '.join(f'{rate:,.0f}/s' for rate in figures['screening']['per_second_all'])}.",
        *report_desk.details(figures["desk"], figures["desk_load"]),
        *report_embed.details(figures["embed"]),
        *report_models.details(figures["models"]),
        *report_models.doors(figures["doors"]),
        f"Idle memory in MB PSS: {memory}.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _parts(costs: dict[str, float]) -> str:
    return ", ".join(f"{part} {cost:.3f} ms" for part, cost in costs.items())


def _missed(missed: list[tuple[Goal, Measured]]) -> str:
    lines = [f"- {goal.what}: {goal.show(found.value)}, asked {goal.asked}." for goal, found in missed]
    return "Not reached in this run:\n\n" + "\n".join(lines)


def _profile(profile: Figures) -> str:
    headings = {
        "write": "One accepted comment, in the web process",
        "screening": "One screened comment, in the worker",
        "read": "One answered reader, in the web process",
    }
    parts = []
    for name, heading in headings.items():
        found = profile[name]
        rows = [
            (step["step"], f"{step['microseconds']:.0f}", f"{step['share']:.0%}")
            for step in found["steps"]
            if step["share"] >= 0.005
        ]
        parts.append(
            f"**{heading}**: {found['microseconds']:.0f} µs of processor time under load"
            f" ({found['samples']:,} samples)."
        )
        if found["samples"] < SAMPLES_ENOUGH:
            parts.append(
                "Too few samples to say where they go: under the interpreter's one lock most looks meet nobody."
            )
        else:
            parts.append(table(("step", "µs", "share"), rows))
    return "\n\n".join(parts)


def _limits() -> str:
    return """\
- The load's own process shares the cores with what it measures, and a fast target leaves it less. So only ratios of
  one run mean anything; another machine gives other figures.
- Closed loop: each client waits for its answer before it asks again. Latencies under an open flood are longer.
- A median of few rounds: the lowest and highest of them stand beside it. Differences within that span are none.
- Profiles come from sampling whichever thread runs Python under load: shares are good to some percent, and small rows
  are not to be trusted."""


# --- the pictures -------------------------------------------------------------------------------------------------


def pictures(figures: dict[str, Figures]) -> dict[str, str]:
    sqlite, postgresql = figures["write"]["sqlite"], figures["write"]["postgresql"]
    read = figures["read"]["contenders"]
    accepted = Panel(
        "Comments accepted per second, SQLite, 16 clients",
        [
            _rate("Greenroom, all switched on", sqlite["greenroom"], own=True),
            _rate("Isso", sqlite["isso"]),
            _rate("bare group commit", sqlite["floor"]),
        ],
    )
    on_postgresql = Panel(
        "Comments accepted per second, PostgreSQL, 16 clients",
        [
            _rate("Greenroom, all switched on", postgresql["greenroom"], own=True),
            _rate("bare INSERT", postgresql["floor"]),
        ],
    )
    costs = Panel(
        "Processor time for one accepted comment",
        [
            _cost("Greenroom, accepting", sqlite["greenroom"]["cpu_ms"]["web"], own=True),
            _cost("… and screening it", total(sqlite["greenroom"]), own=True),
            _cost("Isso", total(sqlite["isso"])),
        ],
    )
    answers = Panel(
        "Answers per second: a thread of 100 comments, 16 clients",
        [
            _rate("Greenroom", read["greenroom"], own=True),
            _rate("Greenroom, 304", read["304"], own=True),
            _rate("Isso", read["isso"]),
            _rate("same bytes from memory", read["floor"]),
        ],
    )
    wire = Panel(
        "Bytes on the wire for it",
        [
            Bar(
                "Greenroom",
                read["greenroom"]["wire_bytes"],
                f"{read['greenroom']['wire_bytes']:,.0f}",
                own=True,
            ),
            Bar("Isso", read["isso"]["wire_bytes"], f"{read['isso']['wire_bytes']:,.0f}"),
        ],
    )
    return {
        "write": draw(
            [accepted, on_postgresql, costs], description="Taking comments in, beside Isso and bare floors"
        ),
        "read": draw(
            [answers, wire], description="Reading a thread of a hundred comments, beside Isso and a floor"
        ),
    }


def _rate(label: str, row: Figures, *, own: bool = False) -> Bar:
    return Bar(
        label,
        row["per_second"],
        f"{row['per_second']:,.0f}/s",
        own,
        row["per_second_lowest"],
        row["per_second_highest"],
    )


def _cost(label: str, milliseconds: float, *, own: bool = False) -> Bar:
    return Bar(label, milliseconds, f"{milliseconds:.2f} ms", own)
