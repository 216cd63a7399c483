"""Plots as SVG text: numbers in, a picture out, and nothing else is known here.

A page sets one into its own markup. It takes the page's colour (``currentColor``) and tells its parts apart by how
dense they are; a style sheet can give them colours of their own by their classes. No style attribute is used, because
our pages' Content-Security-Policy refuses those. ``title`` and ``description`` are read to whoever does not see the
picture; the numbers themselves belong into a table beside it. The same numbers give the same text, byte by byte.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT, TOP, PLOT, FOOT = 720, 64, 16, 40, 200, 34
ROW, LABELS, VALUES = 30, 184, 204
TICKS = 4
LABELS_MOST = 8
# How dense the parts of a stack are, from the axis outwards; a style sheet may give them colours instead.
DENSITIES = (0.85, 0.5, 0.22)
DASHES = ("", "6 4", "2 3")

# What XML 1.0 (section 2.2) cannot hold, however it is escaped.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3600.0, 86400.0
# Waits reach from the seconds of a machine to the days of people: each step is some four to ten times the last.
_DURATIONS = (
    (0.01, "10 ms"),
    (0.1, "0.1 s"),
    (SECOND, "1 s"),
    (10 * SECOND, "10 s"),
    (MINUTE, "1 min"),
    (10 * MINUTE, "10 min"),
    (HOUR, "1 h"),
    (6 * HOUR, "6 h"),
    (DAY, "1 day"),
    (7 * DAY, "7 days"),
    (30 * DAY, "30 days"),
    (365 * DAY, "1 year"),
    (3650 * DAY, "10 years"),
)


@dataclass(frozen=True, slots=True)
class Series:
    """``kind`` becomes a class, such as "approved"; a value of ``None`` is a gap."""

    name: str
    kind: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Bar:
    """A share (0–1) with its interval; ``None`` where it is not told, and ``text`` then says why."""

    label: str
    text: str
    value: float | None = None
    lowest: float | None = None
    highest: float | None = None


def stacked_bars(
    name: str, title: str, description: str, labels: Sequence[str], series: Sequence[Series]
) -> str:
    """One bar for each label, its parts from the axis upwards in the order of ``series``; linear from nought.

    ``name`` is unique on the page; the ids of title and description begin with it.
    """
    sums = [sum(one.values[n] or 0 for one in series) for n in range(len(labels))]
    step = _step(max(sums, default=0))
    top = step * TICKS
    parts = _frame([(n * step / top, shortly(n * step)) for n in range(TICKS + 1)])
    parts += _legend(series, lines=False) + _under(labels, between=True)
    wide = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    bar = max(0.5, min(wide * 0.8, 40))
    for n, label in enumerate(labels):
        told = ", ".join(f"{shortly(one.values[n] or 0)} {one.name}" for one in series)
        parts.append(f"<g><title>{_text(label)}: {_text(told)}</title>")
        under = 0.0
        for place, one in enumerate(series):
            value = one.values[n] or 0
            high = PLOT * value / top
            if high > 0:
                x, y = LEFT + wide * n + (wide - bar) / 2, TOP + PLOT * (1 - under / top) - high
                parts.append(
                    f'<rect class="plot-bar plot-{_text(one.kind)}" x="{_n(x)}" y="{_n(y)}" width="{_n(bar)}"'
                    f' height="{_n(high)}" fill="currentColor" fill-opacity="{DENSITIES[place % 3]}"/>'
                )
            under += value
        parts.append("</g>")
    if not any(sums):
        parts.append(_nothing(TOP + PLOT * 0.4))
    return _document(name, title, description, TOP + PLOT + FOOT, parts)


def durations(
    name: str, title: str, description: str, labels: Sequence[str], series: Sequence[Series]
) -> str:
    """A line for each series of seconds over ``labels``, on a scale where each tick is several times the last."""
    seconds = [value for one in series for value in one.values if value is not None]
    ticks = _duration_ticks(min(seconds, default=SECOND), max(seconds, default=HOUR))
    low, high = math.log(ticks[0][0]), math.log(ticks[-1][0])

    def share(value: float) -> float:
        return min(1.0, max(0.0, (math.log(max(value, ticks[0][0])) - low) / (high - low)))

    parts = _frame([(share(value), text) for value, text in ticks])
    parts += _legend(series, lines=True) + _under(labels, between=False)
    for place, one in enumerate(series):
        points = [
            None if value is None else (_across(n, len(labels)), TOP + PLOT * (1 - share(value)))
            for n, value in enumerate(one.values)
        ]
        parts += _line(one, place, points)
    if not seconds:
        parts.append(_nothing(TOP + PLOT * 0.4))
    return _document(name, title, description, TOP + PLOT + FOOT, parts)


def intervals(name: str, title: str, description: str, bars: Sequence[Bar]) -> str:
    """A row for each share: its bar, its interval as a whisker, and its text; from 0 to 100 %."""
    wide = WIDTH - LABELS - VALUES
    high = TOP + max(1, len(bars)) * ROW
    parts: list[str] = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0) if bars else ():
        x = _n(LABELS + wide * share)
        parts += [
            f'<path class="plot-grid" d="M{x} {TOP - 8}V{_n(high)}" stroke="currentColor" stroke-opacity="0.2"/>',
            f'<text class="plot-text" x="{x}" y="{TOP - 16}" text-anchor="middle">{share:.0%}</text>',
        ]
    for n, bar in enumerate(bars):
        middle = TOP + n * ROW + ROW / 2
        label, text = _text(bar.label), _text(bar.text)
        parts.append(f"<g><title>{label}: {text}</title>")
        parts.append(
            f'<text class="plot-label" x="{LABELS - 10}" y="{_n(middle + 4.5)}" text-anchor="end">'
            f"{_text(_cut(bar.label))}</text>"
        )
        if bar.value is not None:
            parts.append(
                f'<rect class="plot-bar plot-share" x="{LABELS}" y="{_n(middle - 8)}"'
                f' width="{_n(max(1.0, wide * bar.value))}" height="16" fill="currentColor" fill-opacity="0.45"/>'
            )
        if bar.lowest is not None and bar.highest is not None:
            first, last = _n(LABELS + wide * bar.lowest), _n(LABELS + wide * bar.highest)
            y, above, below = _n(middle), _n(middle - 5), _n(middle + 5)
            parts.append(
                f'<path class="plot-interval" d="M{first} {y}H{last}M{first} {above}V{below}M{last} {above}V{below}"'
                ' fill="none" stroke="currentColor" stroke-width="1.5"/>'
            )
        parts.append(
            f'<text class="plot-value" x="{WIDTH - VALUES + 12}" y="{_n(middle + 4.5)}">{text}</text></g>'
        )
    if not bars:
        parts.append(_nothing(TOP + ROW / 2))
    return _document(name, title, description, high + 12, parts)


# --- parts -----------------------------------------------------------------------------------------------------------


def _document(name: str, title: str, description: str, height: float, parts: Sequence[str]) -> str:
    heading, about = f"{_text(name)}-title", f"{_text(name)}-description"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {WIDTH} {_n(height)}" role="img"'
            f' aria-labelledby="{heading} {about}" font-family="system-ui, sans-serif" font-size="13"'
            ' fill="currentColor">',
            f'<title id="{heading}">{_text(title)}</title>',
            f'<desc id="{about}">{_text(description)}</desc>',
            *parts,
            "</svg>\n",
        ]
    )


def _frame(ticks: Sequence[tuple[float, str]]) -> list[str]:
    """Lines across the plot at these heights (0–1) with their texts; the one at the bottom is the axis."""
    parts = []
    for height, text in ticks:
        y = _n(TOP + PLOT * (1 - height))
        kind, opacity = ("axis", 0.7) if height == 0 else ("grid", 0.2)
        parts += [
            f'<path class="plot-{kind}" d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="currentColor"'
            f' stroke-opacity="{opacity}"/>',
            f'<text class="plot-text" x="{LEFT - 8}" y="{y}" dy="0.35em" text-anchor="end">{_text(text)}</text>',
        ]
    return parts


def _under(labels: Sequence[str], *, between: bool) -> list[str]:
    """At most some eight of the labels under the axis; ``between``: in the middle of as many parts of it."""
    every = max(1, math.ceil(len(labels) / LABELS_MOST))
    wide = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    return [
        f'<text class="plot-text" x="{_n(LEFT + wide * (n + 0.5) if between else _across(n, len(labels)))}"'
        f' y="{TOP + PLOT + 20}" text-anchor="middle">{_text(labels[n])}</text>'
        for n in range(0, len(labels), every)
    ]


def _across(n: int, count: int) -> float:
    # Points are kept off the edges, so that the labels under the first and the last of them have room.
    edge = 24
    return LEFT + edge + (WIDTH - LEFT - RIGHT - 2 * edge) * (n / (count - 1) if count > 1 else 0.5)


def _legend(series: Sequence[Series], *, lines: bool) -> list[str]:
    parts, x = [], LEFT
    for place, one in enumerate(series):
        kind = _text(one.kind)
        parts.append(
            f'<path class="plot-line plot-{kind}" d="M{x} 14h22" fill="none" stroke="currentColor"'
            f' stroke-width="2"{_dashed(place)}/>'
            if lines
            else f'<rect class="plot-bar plot-{kind}" x="{x + 6}" y="8" width="12" height="12" fill="currentColor"'
            f' fill-opacity="{DENSITIES[place % 3]}"/>'
        )
        parts.append(f'<text class="plot-text" x="{x + 28}" y="18">{_text(one.name)}</text>')
        x += 48 + 8 * len(one.name)
    return parts


def _line(series: Series, place: int, points: Sequence[tuple[float, float] | None]) -> list[str]:
    """The line through the points, broken at gaps, and a dot on each: one alone shows, too."""
    path, joined, dots = "", False, []
    kind = _text(series.kind)
    for point in points:
        if point is None:
            joined = False
            continue
        x, y = _n(point[0]), _n(point[1])
        path += f"{'L' if joined else 'M'}{x} {y}"
        joined = True
        dots.append(
            f'<circle class="plot-dot plot-{kind}" cx="{x}" cy="{y}" r="2.5" fill="currentColor" stroke="none"/>'
        )
    if not path:
        return []
    return [
        f'<path class="plot-line plot-{kind}" d="{path}" fill="none" stroke="currentColor" stroke-width="2"'
        f' stroke-linejoin="round"{_dashed(place)}/>',
        *dots,
    ]


def _dashed(place: int) -> str:
    dash = DASHES[place % 3]
    return f' stroke-dasharray="{dash}"' if dash else ""


def _nothing(y: float) -> str:
    return (
        f'<text class="plot-text plot-nothing" x="{WIDTH // 2}" y="{_n(y)}" text-anchor="middle">'
        "Nothing in this time.</text>"
    )


def _step(most: float) -> float:
    """The distance of four ticks that reach over ``most``: 1, 2, 2.5 or 5 times a power of ten, and whole."""
    least = max(1.0, most / TICKS)
    power = 10.0 ** math.floor(math.log10(least))
    for times in (1, 2, 2.5, 5, 10):
        step = times * power
        if step >= least and step == int(step):
            return step
    return 10 * power


def _duration_ticks(least: float, most: float) -> list[tuple[float, str]]:
    """Neighbouring ticks from the last one not above ``least`` to the first one not below ``most``, two at least."""
    first = max((n for n, (value, _) in enumerate(_DURATIONS) if value <= least), default=0)
    last = min((n for n, (value, _) in enumerate(_DURATIONS) if value >= most), default=len(_DURATIONS) - 1)
    if last <= first:
        first, last = max(0, first - 1), min(len(_DURATIONS) - 1, first + 1)
    return list(_DURATIONS[first : last + 1])


def shortly(number: float) -> str:
    """A count for people: 950, 12.5 k, 3.4 M."""
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
        if number >= size:
            return f"{number / (1e3 if size == 1e4 else size):.1f}".removesuffix(".0") + unit
    return f"{number:.1f}".removesuffix(".0")


def duration(seconds: float) -> str:
    """A duration for people, in the largest unit of which it has one: 0.4 s, 25 min, 2.5 h, 3 days."""
    for size, unit in ((2 * DAY, "days"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= size:
            return f"{seconds / min(size, DAY):.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:.1f}".removesuffix(".0") + " s"


def _cut(label: str, most: int = 24) -> str:
    return label if len(label) <= most else label[: most - 1] + "…"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _text(value: str) -> str:
    return escape(_NO_XML.sub("�", value))
