"""Figures of moderation: how much comes and is decided, how fast, by whom, and how well machines and people agree.

A moderator sees how much they themselves decided, and the pairs that they are one of; what colleagues did, seen one by
one, needs the power to govern. Nobody is ranked.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from service.domain import figures as pure
from service.domain.comment import Status
from service.domain.errors import Unavailable
from service.domain.figures import Counts, Decided, Load, Pair, Precision, Share
from service.domain.roles import Power
from service.people import Moderator
from service.store import figures
from service.store.database import Database
from service.store.ids import moment_of

DAYS_MAX = 90
HOURS = 48
# Of more decisions than these a fair share is looked at one by one, and what it tells is true of all in proportion.
MOST_BY_PEOPLE = 5_000
MOST_BY_MACHINE = 5_000
# A day's decisions of a team, for everybody's load.
MOST_SEEN = 20_000
KEPT = timedelta(seconds=60)
PATIENCE_SECONDS = 5.0
KEPT_ANSWERS = 64
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Waits:
    """From arrival to the first approval or rejection. ``p50`` and ``p90`` are of the ``looked_at`` of ``count``."""

    count: int
    looked_at: int
    p50: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True, slots=True)
class Period:
    """An hour or a day (UTC) from ``start`` on; ``waits`` of an hour are not told."""

    start: datetime
    comments: int
    by_machine: Counts
    by_people: Counts
    waits: Waits | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    comment_id: UUID
    since: datetime


@dataclass(frozen=True, slots=True)
class MachineFigures:
    """``alone``: of the comments decided, those that a machine decided and no person touched afterwards. The reversed
    are of the machine's approvals, and of its rejections."""

    alone: Share
    approvals_reversed: Share
    rejections_reversed: Share


@dataclass(frozen=True, slots=True)
class HouseFigures:
    """All figures of one site, or of all that somebody may see.

    ``hours`` are the last 48, ``daily`` the days of the window, oldest first. ``looked_at`` is the share (0–1) of the
    comments decided by people that was looked at one by one, 1 unless they are many: of these ``precision`` and
    ``pairs`` tell, and other counts are put up to the whole.
    ``own`` is the asker's load at all their sites, ``team`` everybody's, or ``None`` for whom it is not.
    """

    site: str | None
    days: int
    at: datetime
    since: datetime
    looked_at: float
    hours: tuple[Period, ...]
    daily: tuple[Period, ...]
    waits: Waits
    waits_by_people: Waits
    oldest: Waiting | None
    machine: MachineFigures
    precision: tuple[Precision, ...]
    agreed: Share
    pairs: tuple[Pair, ...]
    own: Load
    team: tuple[Load, ...] | None


@dataclass(frozen=True)
class Figures:
    """Answers are kept for a minute: a desk full of moderators costs what one does."""

    database: Database
    now: Callable[[], datetime]
    _kept: OrderedDict[Hashable, tuple[datetime, object]] = field(
        default_factory=OrderedDict, init=False, repr=False, compare=False
    )
    _lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def of(self, moderator: Moderator, *, site: str | None, days: int) -> HouseFigures:
        """The figures of the last ``days`` (1 to 90, today among them). Raises ``Forbidden`` and ``Unavailable``."""
        moderator.must(Power.READ)
        narrowed = moderator.narrowed(site)
        everything = self._keep(("house", narrowed, days), lambda: self._house(narrowed, days))
        governs = moderator.may(Power.GOVERN)
        return replace(
            everything,
            own=self.load_of(moderator),
            team=self._loads(narrowed) if governs else None,
            pairs=tuple(pair for pair in everything.pairs if governs or moderator.name in pair.moderators),
        )

    def load_of(self, moderator: Moderator) -> Load:
        """What the asker decided today, wherever they may decide. Raises ``Forbidden`` and ``Unavailable``."""
        moderator.must(Power.READ)
        loads = {load.moderator: load for load in self._loads(moderator.site)}
        return loads.get(moderator.name) or _nothing_yet(moderator.name)

    def _keep(self, key: Hashable, make: Callable[[], Made]) -> Made:
        # Whoever asks while it is being made waits for it: one look is dearer than the wait. But a database that hangs
        # must not gather everybody's threads here.
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            raise Unavailable
        try:
            now = self.now()
            kept = self._kept.get(key)
            if kept is None or not timedelta(0) <= now - kept[0] < KEPT:
                kept = self._kept[key] = (now, make())
                self._kept.move_to_end(key)
                if len(self._kept) > KEPT_ANSWERS:
                    self._kept.popitem(last=False)
            return kept[1]  # type: ignore[return-value]
        finally:
            self._lock.release()

    def _loads(self, site: str | None) -> tuple[Load, ...]:
        return self._keep(("load", site), lambda: self._look_at_loads(site))

    def _look_at_loads(self, site: str | None) -> tuple[Load, ...]:
        now = self.now()
        with self.database.read() as connection:
            keys = _keys(connection, site)
            # From the day before on, so that a stretch over midnight is seen whole.
            rows = figures.seen(connection, keys, now - DAY, most=MOST_SEEN)
            in_bulk = figures.in_bulk(connection, keys, _midnight(now))
        by_name: dict[str, list[pure.Seen]] = defaultdict(list)
        for name, seen in rows:
            by_name[name].append(seen)
        return tuple(
            pure.load(name, by_name[name], now=now, today=_midnight(now), in_bulk=in_bulk.get(name, 0))
            for name in sorted(by_name.keys() | in_bulk.keys())
        )

    def _house(self, site: str | None, days: int) -> HouseFigures:
        now = self.now()
        since = _midnight(now) - (days - 1) * DAY
        this_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        with self.database.read() as connection:
            keys = _keys(connection, site)
            hours = _periods(connection, site, this_hour - (HOURS - 1) * HOUR, HOUR, HOURS)
            daily = _periods(connection, site, since, DAY, days)
            share = _share_of(MOST_BY_PEOPLE, sum(_all(day.by_people) for day in daily))
            pasts = figures.pasts(connection, keys, since, share=share)
            ends = sum(day.by_machine.approved + day.by_machine.rejected for day in daily)
            # The waits that machines and people ended are drawn from alike, so that together they are a fair share.
            drawn = min(share, _share_of(MOST_BY_MACHINE, ends))
            everything, again = figures.machine_ends(connection, site, since, share=drawn)
            oldest = figures.oldest_waiting(connection, keys)
        ended = max(len(everything), ends - again)
        by_people = _ended_by_people(pasts, since)
        everything += [one for one in by_people if figures.is_drawn(one[0], drawn)]
        ended_by_people = round(len(by_people) / share)
        agreed, pairs = pure.agreement(pasts)
        cases = [case for past in pasts if (case := pure.judged(past)) and case.person.at >= since]
        return HouseFigures(
            site=site,
            days=days,
            at=now,
            since=since,
            looked_at=share,
            hours=hours,
            daily=_with_waits(daily, everything),
            waits=_waits(everything, ended + ended_by_people),
            waits_by_people=_waits(by_people, ended_by_people),
            oldest=Waiting(*oldest) if oldest else None,
            machine=MachineFigures(
                alone=_alone(pasts, since, share, ended=ended, by_people=ended_by_people),
                **_reversed([case for case in cases if case.machine.at >= since], share, daily),
            ),
            precision=pure.precision(cases),
            agreed=agreed,
            pairs=pairs,
            own=_nothing_yet(""),
            team=None,
        )


def _keys(connection: sa.Connection, site: str | None) -> list[str]:
    return [site] if site is not None else figures.site_keys(connection)


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _nothing_yet(name: str) -> Load:
    return Load(name, 0, 0, 0, timedelta(0), Share(0, 0), "")


def _periods(
    connection: sa.Connection, site: str | None, start: datetime, length: timedelta, count: int
) -> tuple[Period, ...]:
    bounds = [start + n * length for n in range(count + 1)]
    came = figures.arrivals(connection, site, bounds)
    by_machine = figures.tallies(connection, site, bounds, automated=True)
    by_people = figures.tallies(connection, site, bounds, automated=False)
    return tuple(map(Period, bounds[:-1], came, by_machine, by_people))


def _all(counts: Counts) -> int:
    return counts.approved + counts.rejected + counts.held + counts.taken_back


def _share_of(most: int, count: int) -> float:
    return min(1.0, most / count) if count else 1.0


Ended = tuple[UUID, UUID]
"""A comment and the decision that first ended its wait."""


def _ended_by_people(pasts: Iterable[pure.Past], since: datetime) -> list[Ended]:
    firsts = (pure.first_end(past) for past in pasts)
    return [(one.comment_id, one.id) for one in firsts if one and not one.automated and one.at >= since]


def _waits(ended: Sequence[Ended], count: int) -> Waits:
    # A clock that was put back must not make a wait shorter than none.
    seconds = sorted(max(0.0, (moment_of(end) - moment_of(begin)).total_seconds()) for begin, end in ended)
    p50, p90 = (pure.quantile(seconds, share) for share in (0.5, 0.9))
    return Waits(
        count,
        len(seconds),
        timedelta(seconds=p50) if p50 is not None else None,
        timedelta(seconds=p90) if p90 is not None else None,
    )


def _with_waits(daily: tuple[Period, ...], ended: Sequence[Ended]) -> tuple[Period, ...]:
    by_day: dict[datetime, list[Ended]] = defaultdict(list)
    for one in ended:
        by_day[_midnight(moment_of(one[1]))].append(one)
    return tuple(replace(day, waits=_waits(by_day[day.start], len(by_day[day.start]))) for day in daily)


def _alone(pasts: Iterable[pure.Past], since: datetime, share: float, *, ended: int, by_people: int) -> Share:
    touched = round(sum(_was_touched(past, since) for past in pasts) / share)
    # What was decided between two of our looks must not make less than nothing.
    return Share(max(0, ended - touched), ended + by_people)


def _reversed(cases: Sequence[pure.Judged], share: float, daily: Iterable[Period]) -> dict[str, Share]:
    found = pure.reversals(cases)
    approvals, rejections = round(found.approvals / share), round(found.rejections / share)
    made = [day.by_machine for day in daily]
    return {
        "approvals_reversed": Share(approvals, max(approvals, sum(one.approved for one in made))),
        "rejections_reversed": Share(rejections, max(rejections, sum(one.rejected for one in made))),
    }


def _was_touched(past: pure.Past, since: datetime) -> bool:
    """Whether a machine ended this comment's wait since then, and a person decided about it afterwards."""
    end = pure.first_end(past)
    return (
        end is not None
        and end.automated
        and end.at >= since
        and any(map(_by_person, past[past.index(end) :]))
    )


def _by_person(one: Decided) -> bool:
    return not one.automated and (one.undoes is not None or one.verdict in set(Status))
