"""The figures as drawings: which numbers go into which plot, and the table that a page offers beside each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from service import plots
from service.domain.figures import ENOUGH, Precision
from service.figures import HouseFigures, Period, Waits
from service.plots import Bar, Series


@dataclass(frozen=True, slots=True)
class Drawing:
    """``svg`` is markup of our own making with all foreign text escaped; ``rows`` are plain texts."""

    title: str
    svg: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def hours(told: HouseFigures) -> Drawing:
    """What was decided in each of the last 48 hours."""
    return _decided("hours", "Decisions per hour", "%d %b %H:%M", "%H:%M", told.hours)


def days(told: HouseFigures) -> Drawing:
    """What was decided on each day of the window."""
    return _decided("days", "Decisions per day", "%d %b %Y", "%d %b", told.daily)


def _decided(name: str, title: str, exactly: str, shortly: str, periods: Sequence[Period]) -> Drawing:
    series = [
        Series("by machines", "machine", [_all(period, automated=True) for period in periods]),
        Series("by people", "people", [_all(period, automated=False) for period in periods]),
    ]
    rows = tuple(
        (
            period.start.strftime(exactly),
            str(period.comments),
            *(
                str(n)
                for c in (period.by_machine, period.by_people)
                for n in (c.approved, c.rejected, c.held)
            ),
        )
        for period in periods
    )
    came, made = sum(period.comments for period in periods), [sum(v or 0 for v in s.values) for s in series]
    about = f"{came} comments came; machines made {made[0]} decisions and people {made[1]}. Times are UTC."
    svg = plots.stacked_bars(
        name, title, about, [period.start.strftime(shortly) for period in periods], series
    )
    by = [f"{what} by {who}" for who in ("machines", "people") for what in ("approved", "rejected", "held")]
    return Drawing(title, svg, ("from (UTC)", "came", *by), rows)


def _all(period: Period, *, automated: bool) -> int:
    counts = period.by_machine if automated else period.by_people
    return counts.approved + counts.rejected + counts.held


def waits(told: HouseFigures) -> Drawing:
    """How long comments waited for their first decision, on each day of the window."""
    title = "Time to decision"
    about = (
        f"Half of the comments were decided within {_told(told.waits.p50)}, nine of ten within"
        f" {_told(told.waits.p90)}; of those that people decided, within {_told(told.waits_by_people.p50)} and"
        f" {_told(told.waits_by_people.p90)}."
    )
    of_days = [period.waits or Waits(0, 0, None, None) for period in told.daily]
    series = [
        Series("half within", "p50", [_seconds(day.p50) for day in of_days]),
        Series("nine of ten within", "p90", [_seconds(day.p90) for day in of_days]),
    ]
    labels = [period.start.strftime("%d %b") for period in told.daily]
    svg = plots.durations("waits", title, about, labels, series)
    rows = tuple(
        (period.start.strftime("%d %b %Y"), _told(day.p50), _told(day.p90), str(day.count))
        for period, day in zip(told.daily, of_days, strict=True)
    )
    return Drawing(title, svg, ("day (UTC)", "half within", "nine of ten within", "comments looked at"), rows)


def _seconds(wait: timedelta | None) -> float | None:
    return None if wait is None else wait.total_seconds()


def _told(wait: timedelta | None) -> str:
    return "–" if wait is None else plots.duration(wait.total_seconds())


def precision(told: HouseFigures) -> Drawing:
    """How often people rejected what a check had found something in."""
    title = "Precision of the checks, as people judged"
    about = "Of the comments in which a check found something, the share that people rejected, with 95 % intervals."
    whole = [one for one in told.precision if one.code is None]
    svg = plots.intervals("precision", title, about, [_bar(one) for one in whole])
    rows = tuple(
        (one.check, one.code or "all", str(one.rejected.whole), str(one.rejected.part), _share(one))
        for one in told.precision
    )
    return Drawing(title, svg, ("check", "reason", "judged", "rejected", "share"), rows)


def _bar(one: Precision) -> Bar:
    told = one.rejected
    if not told.enough:
        return Bar(one.check, _share(one))
    return Bar(one.check, _share(one), told.share, told.lowest, told.highest)


def _share(one: Precision) -> str:
    told = one.rejected
    if not told.enough or told.share is None or told.lowest is None or told.highest is None:
        return f"not enough yet ({told.whole} of {ENOUGH})"
    return f"{told.share:.0%} ({told.lowest:.0%}–{told.highest:.0%}) of {told.whole}"


DRAWINGS: dict[str, Callable[[HouseFigures], Drawing]] = {
    "hours": hours,
    "days": days,
    "waits": waits,
    "precision": precision,
}
