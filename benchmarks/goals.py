"""The goals, one row each: what was asked for, and how it is read off the figures that are kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Figures = dict[str, Any]


@dataclass(frozen=True)
class Measured:
    """``value`` is what the goal bounds; ``ours`` and ``beside`` are the figures that it was made of, as text."""

    value: float
    ours: str
    beside: str = ""


# Of figures that were kept before this was measured: shown as such, and never as met.
NOT_YET = "not measured yet"
NOTHING = Measured(math.nan, NOT_YET)


@dataclass(frozen=True)
class Goal:
    """``at_least``: the bound is a floor rather than a ceiling. ``form`` shows bound and value."""

    what: str
    source: str
    read: Callable[[Figures], Measured]
    bound: float
    form: str
    at_least: bool = False

    def met(self, measured: Measured) -> bool:
        # A value that is none is on neither side of a bound.
        return measured.value >= self.bound if self.at_least else measured.value <= self.bound

    @property
    def asked(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.show(self.bound)}"

    def show(self, value: float) -> str:
        return NOT_YET if math.isnan(value) else self.form.format(value)


DOORS = {
    "perspective": "callers of Perspective",
    "akismet": "callers of Akismet",
    "coral": "Coral's moderation phases",
}
TIMES, SHARE, CHANGE = "{:.3g} ×", "{:.0%}", "{:+.0%}"


def total(row: Figures) -> float:
    """Processor milliseconds of all parts for each answer."""
    costs: dict[str, float] = row["cpu_ms"]
    return sum(costs.values())


def _rates(ours: Figures, other: Figures, unit: str) -> Measured:
    one, two = ours["per_second"], other["per_second"]
    return Measured(one / two, f"{one:,.0f} {unit}", f"{two:,.0f} {unit}")


def _milliseconds(ours: float, other: float) -> Measured:
    return Measured(ours / other, f"{ours:.2f} ms", f"{other:.2f} ms")


def _growth(small: float, large: float) -> Measured:
    return Measured(large / small - 1, f"{large:.3f} ms", f"{small:.3f} ms")


def _whole(costs: dict[str, float]) -> float:
    return sum(costs.values())


GOALS = (
    Goal(
        "comments accepted, beside Isso",
        "write",
        lambda f: _rates(f["sqlite"]["greenroom"], f["sqlite"]["isso"], "/s"),
        4,
        TIMES,
        at_least=True,
    ),
    Goal(
        "comments accepted, beside the bare group commit",
        "write",
        lambda f: _rates(f["sqlite"]["greenroom"], f["sqlite"]["floor"], "/s"),
        0.4,
        SHARE,
        at_least=True,
    ),
    Goal(
        "p99 of accepting, beside the bare group commit",
        "write",
        lambda f: _milliseconds(f["sqlite"]["greenroom"]["p99_ms"], f["sqlite"]["floor"]["p99_ms"]),
        3,
        TIMES,
    ),
    Goal(
        "processor time to accept one, beside Isso",
        "write",
        lambda f: _milliseconds(f["sqlite"]["greenroom"]["cpu_ms"]["web"], total(f["sqlite"]["isso"])),
        0.35,
        TIMES,
    ),
    Goal(
        "the same with screening by the worker, and Valkey",
        "write",
        lambda f: _milliseconds(total(f["sqlite"]["greenroom"]), total(f["sqlite"]["isso"])),
        0.35,
        TIMES,
    ),
    Goal(
        "fdatasync for each comment (Isso beside it)",
        "fsyncs",
        lambda f: Measured(f["greenroom"]["web"], f"{f['greenroom']['web']:.3f}", f"{f['isso']['web']:.2f}"),
        0.25,
        "{:.2f}",
    ),
    Goal(
        "comments accepted on PostgreSQL, beside a bare INSERT",
        "write",
        lambda f: _rates(f["postgresql"]["greenroom"], f["postgresql"]["floor"], "/s"),
        0.4,
        SHARE,
        at_least=True,
    ),
    Goal(
        "reading a thread of 100, beside Isso",
        "read",
        lambda f: _rates(f["contenders"]["greenroom"], f["contenders"]["isso"], "/s"),
        100,
        TIMES,
        at_least=True,
    ),
    Goal(
        "reading it, beside the same bytes from memory",
        "read",
        lambda f: _rates(f["contenders"]["greenroom"], f["contenders"]["floor"], "/s"),
        0.5,
        SHARE,
        at_least=True,
    ),
    Goal(
        "bytes on the wire for it, beside Isso",
        "read",
        lambda f: _bytes(f["contenders"]["greenroom"]["wire_bytes"], f["contenders"]["isso"]["wire_bytes"]),
        1 / 8,
        "{:.3f} ×",
    ),
    Goal(
        "a repeated question is answered 304, without a body",
        "read",
        lambda f: Measured(
            float(f["repeat_status"] == 304 and f["repeat_bytes"] == 0),
            f"{f['repeat_status']}, {f['contenders']['304']['per_second']:,.0f} /s",
            f"{f['contenders']['304 of floor']['per_second']:,.0f} /s (floor)",
        ),
        1,
        "{:.0f}",
        at_least=True,
    ),
    Goal(
        "processor time of accepting, full house beside small",
        "growth",
        lambda f: _growth(_whole(f["write"]["small"]), _whole(f["write"]["large"])),
        0.1,
        CHANGE,
    ),
    Goal(
        "processor time of reading, full house beside small",
        "growth",
        lambda f: _growth(total(f["read"]["small"]), total(f["read"]["large"])),
        0.1,
        CHANGE,
    ),
    Goal(
        "processor time of an answer made anew, full beside small",
        "growth",
        lambda f: _growth(total(f["read_anew"]["small"]), total(f["read_anew"]["large"])),
        0.1,
        CHANGE,
    ),
    *(
        Goal(
            f"p99 of moderators' pages, {large} comments beside 1,000 ({name}; the page that grew most)",
            "desk",
            lambda f, backend=backend: _slowest(f, backend),
            2,
            TIMES,
        )
        for backend, name, large in (
            ("postgresql", "PostgreSQL", "1,000,000"),
            ("sqlite", "SQLite", "100,000"),
        )
    ),
    Goal(
        "the desk's first load with 100,000 comments held, on the wire",
        "desk_load",
        lambda f: Measured(f["bytes"], f"{f['bytes']:,}"),
        60_000,
        "{:,.0f} bytes",
    ),
    Goal(
        "until its first comment is painted in Chromium",
        "desk_load",
        lambda f: Measured(f["first_row_ms"], f"{f['first_row_ms']:.0f} ms"),
        1_000,
        "{:,.0f} ms",
    ),
    Goal(
        "until the next comment is painted after a key decided one, p95 (the service's answer beside)",
        "desk_load",
        lambda f: _decided(f["deciding"]) if "deciding" in f else NOTHING,
        100,
        "{:,.0f} ms",
    ),
    Goal(
        "script and style of the embed's first view, gzipped (Isso's, were they gzipped, beside)",
        "embed",
        lambda f: _beside_isso(f, "gzip_bytes", "{:,}"),
        10_000,
        "{:,.0f} bytes",
    ),
    Goal(
        "requests after the script until the first comment is seen",
        "embed",
        lambda f: _beside_isso(f, "after_script", "{}"),
        2,
        "{:.0f}",
    ),
    Goal(
        "how far the page is shifted while the comments come (cumulative layout shift, worst load)",
        "embed",
        lambda f: _beside_isso(f, "shift", "{:.3f}"),
        0,
        "{:.3g}",
    ),
    Goal(
        "screening of a backlog by one worker, rules alone",
        "screening",
        lambda f: Measured(f["per_second"], f"{f['per_second']:,.0f} /s"),
        1_000,
        "{:,.0f} /s",
        at_least=True,
    ),
    Goal(
        "the same with the linear tier, on one core (beside its bare sums)",
        "models",
        lambda f: _pace(f, "linear"),
        1_000,
        "{:,.0f} /s",
        at_least=True,
    ),
    Goal(
        "the same with both tiers, on one core (beside the bare graph)",
        "models",
        lambda f: _pace(f, "both"),
        150,
        "{:,.0f} /s",
        at_least=True,
    ),
    Goal(
        "one comment's checks with the linear tier, p95",
        "models",
        lambda f: _alone(f, "linear"),
        2,
        "{:.2f} ms",
    ),
    Goal(
        "one comment's checks with both tiers, p95",
        "models",
        lambda f: _alone(f, "both"),
        30,
        "{:.1f} ms",
    ),
    Goal(
        "memory of a worker with both tiers over 100,000 comments (RSS)",
        "models",
        lambda f: Measured(f["memory"]["highest_mb"], f"{f['memory']['highest_mb']:.0f} MB"),
        350,
        "{:.0f} MB",
    ),
    Goal(
        "its growth from the second fifth of them to the last",
        "models",
        lambda f: Measured(
            f["memory"]["last_fifth_mb"] - f["memory"]["second_fifth_mb"],
            f"{f['memory']['last_fifth_mb']:.1f} MB",
            f"{f['memory']['second_fifth_mb']:.1f} MB",
        ),
        5,
        "{:+.1f} MB",
    ),
    *(
        Goal(
            f"{callers} wait at the doors, 50 questions/s on one core, p99",
            "doors",
            lambda f, door=door: Measured(f["doors"][door]["p99_ms"], f"{f['doors'][door]['p99_ms']:.0f} ms"),
            200,
            "{:.0f} ms",
        )
        for door, callers in DOORS.items()
    ),
    Goal(
        "first answer after `greenroom serve`",
        "startup",
        lambda f: Measured(f["first_answer_s"], f"{f['first_answer_s']:.2f} s"),
        0.6,
        "{:.2f} s",
    ),
    Goal(
        "idle memory of everything that `up` starts (PSS)",
        "startup",
        lambda f: Measured(f["idle_pss_mb"], f"{f['idle_pss_mb']:.0f} MB"),
        110,
        "{:.0f} MB",
    ),
)


def _slowest(found: Figures, backend: str) -> Measured:
    """What grew most, of the API's answers and the desk's pages; the answers alone are not the goal."""
    if "pages" not in found:
        return NOTHING
    rows = [*found[backend].values(), *found["pages"][backend].values()]
    return max(
        (_milliseconds(row["large"]["p99_ms"], row["small"]["p99_ms"]) for row in rows),
        key=lambda measured: measured.value,
    )


def _decided(found: Figures) -> Measured:
    seen, answered = found["seen"]["p95_ms"], found["answered"]["p95_ms"]
    return Measured(seen, f"{seen:.0f} ms", f"{answered:.0f} ms")


def _beside_isso(found: Figures, what: str, form: str) -> Measured:
    if not found:
        return NOTHING
    ours, other = found["greenroom"][what], found["isso"][what]
    return Measured(ours, form.format(ours), form.format(other))


def _bytes(ours: float, other: float) -> Measured:
    return Measured(ours / other, f"{ours:,.0f}", f"{other:,.0f}")


def _pace(found: Figures, tier: str) -> Measured:
    ours, floor = found["backlog"][tier]["per_second"], 1000 / found["alone"][tier]["floor"]["mean_ms"]
    return Measured(ours, f"{ours:,.0f} /s", f"{floor:,.0f} /s")


def _alone(found: Figures, tier: str) -> Measured:
    ours, floor = found["alone"][tier]["comment"]["p95_ms"], found["alone"][tier]["floor"]["p95_ms"]
    return Measured(ours, f"{ours:.2f} ms", f"{floor:.2f} ms")
