"""``python -m benchmarks``: measures, keeps the figures, writes the page."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from benchmarks import (
    desk,
    desk_load,
    doors,
    embed,
    fsyncs,
    growth,
    models,
    profile,
    read,
    report,
    screening,
    startup,
    write,
)
from benchmarks.greenroom import forget_outer_settings
from benchmarks.ground import BENCH, ROOT, Ground, NotMeasured, ground
from benchmarks.machine import describe
from benchmarks.tools import check_commands, make_tools

MEASUREMENTS: dict[str, tuple[Callable[[Ground], dict[str, Any]], str]] = {
    "write": (write.measure, "accepted comments/s, latency and processor time; SQLite and PostgreSQL"),
    "fsyncs": (fsyncs.measure, "fdatasync calls for each accepted comment"),
    "read": (read.measure, "a thread of 100 comments: answers/s, bytes on the wire, 304s"),
    "growth": (growth.measure, "processor time with 1,000 and with 100,000 comments"),
    "desk": (desk.measure, "how long moderators wait for a page, with 1,000 and with very many comments"),
    "desk_load": (desk_load.measure, "the desk's first load in Chromium with 100,000 comments held"),
    "embed": (
        embed.measure,
        "the embed beside Isso's in Chromium: bytes, requests, its first comment, shifts",
    ),
    "screening": (screening.measure, "comments/s of one worker on a backlog, by the rules alone"),
    "models": (models.measure, "the same with the trained models on one core; memory; one comment's time"),
    "doors": (doors.measure, "how long callers of Perspective, Akismet and Coral's phases wait"),
    "startup": (startup.measure, "time to the first answer; idle memory"),
    "profile": (profile.measure, "where the time of a comment, an answer and a screening goes"),
}
# These need neither wrk nor strace nor anything that is installed apart.
WITHOUT_TOOLS = frozenset({"models", "desk", "desk_load"})
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "performance.md"

HELP = "\n".join(f"  {name:<10} {sentence}" for name, (_, sentence) in MEASUREMENTS.items())


@click.command(
    help=f"""Measure Greenroom beside Isso and beside bare floors, in rounds that take turns.

Without WHAT everything is measured, in about twenty minutes, and the figures are kept in benchmarks/results.
Nothing is needed but wrk and strace: Isso is installed into .bench, and everything is started and stopped here.
On a machine that does something else the figures are of that, too: each row says how much others used.

\b
WHAT is any of
{HELP}
  report     docs/performance.md and its pictures, from the figures that are kept

\b
Examples
  python -m benchmarks                  everything, then:
  python -m benchmarks report           write the page
  python -m benchmarks write --quick    short rounds, kept apart in .bench/results
"""
)
@click.argument("what", nargs=-1, type=click.Choice([*MEASUREMENTS, "report"]), metavar="[WHAT]...")
@click.option(
    "--quick", is_flag=True, help="Short rounds: shows that everything works; the figures are rough."
)
@click.option(
    "--results",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where figures are kept [benchmarks/results, with --quick .bench/results].",
)
@click.option(
    "--page", type=click.Path(dir_okay=False, path_type=Path), default=PAGE, help="What `report` writes."
)
def command(what: tuple[str, ...], quick: bool, results: Path | None, page: Path) -> None:
    folder = results or (BENCH / "results" if quick else RESULTS)
    wanted = [name for name in MEASUREMENTS if name in what or not what]
    try:
        if wanted:
            _measure(wanted, folder, quick=quick)
        if "report" in what:
            report.write(folder, page)
            click.echo(f"wrote {page}", err=True)
    except NotMeasured as problem:
        click.echo(f"benchmarks: {problem}", err=True)
        sys.exit(1)


def _measure(wanted: list[str], folder: Path, *, quick: bool) -> None:
    if set(wanted) - WITHOUT_TOOLS:
        check_commands()
    forget_outer_settings()
    folder.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        with ground(quick=quick) as here:
            if name not in WITHOUT_TOOLS:
                make_tools(here)
            found = MEASUREMENTS[name][0](here)
            document = {"measured": describe(here), **found}
        (folder / f"{name}.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    command(prog_name="python -m benchmarks")
