"""What a past of decisions adds up to: times, shares with their intervals, agreement, and when somebody should rest.

Pure. A comment's past is the list of its decisions, oldest first. A decision that was taken back is no judgement, and
neither is what took it back; holding or escalating is none either, but what somebody does who leaves it to another.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from uuid import UUID

from service.domain.comment import Status
from service.domain.policy import Reason
from service.domain.risk import is_grim

# Below this many a share says more of chance than of what it is the share of.
ENOUGH = 20
# The 97.5th percentile of the standard normal distribution: intervals hold with 95 %.
_Z = 1.959964
VERDICTS: dict[str, Status] = {
    "approve": Status.APPROVED,
    "reject": Status.REJECTED,
    "discard": Status.REJECTED,
    "spam": Status.REJECTED,
    "hold": Status.HELD,
    "escalate": Status.HELD,
}
# These end a comment's wait.
ENDS = tuple(action for action, verdict in VERDICTS.items() if verdict is not Status.HELD)


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision. ``findings`` are (check, reason code) of a machine's; ``revision`` is the one decided about."""

    id: UUID
    comment_id: UUID
    revision: int
    action: str
    actor: str
    automated: bool
    at: datetime
    undoes: UUID | None = None
    findings: tuple[tuple[str, str], ...] = ()

    @property
    def verdict(self) -> Status | None:
        """What it says of the comment; ``None`` for what an author or an operator did, and for taking back."""
        return VERDICTS.get(self.action) if self.undoes is None else None

    @property
    def ends(self) -> bool:
        return self.verdict in (Status.APPROVED, Status.REJECTED)


Past = Sequence[Decided]


@dataclass(frozen=True, slots=True)
class Counts:
    """Decisions by what they say of the comment; ``taken_back`` are those that took another one back."""

    approved: int = 0
    rejected: int = 0
    held: int = 0
    taken_back: int = 0


# --- numbers ---------------------------------------------------------------------------------------------------------


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value that ``share`` (0–1) of the sorted ``values`` do not exceed, between two of them in proportion
    (Hyndman and Fan's seventh definition); ``None`` of nothing."""
    if not values:
        return None
    place = share * (len(values) - 1)
    below = math.floor(place)
    above = min(below + 1, len(values) - 1)
    # In this form, two that are alike stay as they are.
    return values[below] + (values[above] - values[below]) * (place - below)


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole`` with Wilson's interval at 95 %; the three shares are ``None`` where ``whole`` is nought.

    ``enough``: whether there are so many that the share says something.
    """

    part: int
    whole: int

    @property
    def enough(self) -> bool:
        return self.whole >= ENOUGH

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def lowest(self) -> float | None:
        return self._bound(-1)

    @property
    def highest(self) -> float | None:
        return self._bound(1)

    def _bound(self, side: int) -> float | None:
        # E. B. Wilson, Probable Inference, JASA 22 (1927): it stays within 0 and 1, and holds for few, too.
        if not self.whole:
            return None
        n, p, z = self.whole, self.part / self.whole, _Z
        middle = p + z * z / (2 * n)
        reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return min(1.0, max(0.0, (middle + side * reach) / (1 + z * z / n)))


def kappa(table: Mapping[tuple[bool, bool], int]) -> float | None:
    """Cohen's kappa of how often two said (yes, no): -1 to 1, 0 being what chance does.

    ``None`` where chance alone agrees always, because both only ever said one thing.
    """
    whole = sum(table.values())
    if not whole:
        return None
    first, second = (sum(count for said, count in table.items() if said[who]) / whole for who in (0, 1))
    alike = sum(count for said, count in table.items() if said[0] == said[1]) / whole
    by_chance = first * second + (1 - first) * (1 - second)
    return (alike - by_chance) / (1 - by_chance) if by_chance < 1 else None


# --- a comment's past ------------------------------------------------------------------------------------------------


def first_end(past: Past) -> Decided | None:
    """The decision that first ended the comment's wait, whatever became of it."""
    return next((one for one in past if one.ends), None)


def standing(past: Past) -> list[tuple[int, Decided]]:
    """The judgements that nobody took back, each with the number of the text that it is about.

    A person's decision raises the revision by one and a machine's does not: where it grew by more, the author wrote.
    """
    undone = {one.undoes for one in past if one.undoes is not None}
    text, expected = 0, past[0].revision if past else 0
    found = []
    for one in past:
        text += one.revision > expected
        expected = one.revision + (not one.automated)
        if one.verdict is not None and one.id not in undone:
            found.append((text, one))
    return found


@dataclass(frozen=True, slots=True)
class Judged:
    """What a machine said of a text, and what a person decided about it afterwards."""

    machine: Decided
    person: Decided

    @property
    def rejected(self) -> bool:
        return self.person.verdict is Status.REJECTED


def judged(past: Past) -> Judged | None:
    """The last standing judgement of a person, and the machine's before it; ``None`` without either."""
    judgements = standing(past)
    for place in range(len(judgements) - 1, -1, -1):
        text, person = judgements[place]
        if person.automated or not person.ends:
            continue
        for other, machine in reversed(judgements[:place]):
            if machine.automated and other == text:
                return Judged(machine, person)
        return None
    return None


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the comments that a check found something in, the share that people rejected; ``code`` narrows it to one
    reason, ``None`` stands for all of the check's."""

    check: str
    code: str | None
    rejected: Share


def precision(cases: Iterable[Judged]) -> tuple[Precision, ...]:
    """By check, and below it by reason, in order of their names."""
    seen: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for case in cases:
        # A check that could not run found nothing that a person could agree to.
        grounds = {(check, code) for check, code in case.machine.findings if code != Reason.CHECK_FAILED}
        for ground in grounds | {(check, "") for check, _ in grounds}:
            seen[ground] += 1
            right[ground] += case.rejected
    return tuple(
        Precision(check, code or None, Share(right[check, code], seen[check, code]))
        for check, code in sorted(seen)
    )


@dataclass(frozen=True, slots=True)
class Reversals:
    """How many approvals and how many rejections of the machine people turned into their opposite."""

    approvals: int
    rejections: int


def reversals(cases: Iterable[Judged]) -> Reversals:
    found = Counter(case.rejected for case in cases if case.machine.ends and _differ(case))
    return Reversals(approvals=found[True], rejections=found[False])


def _differ(case: Judged) -> bool:
    return case.machine.verdict is not case.person.verdict


# --- agreement -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """Two moderators who judged the same texts, in order of their names. ``kappa`` is ``None`` where they have too
    few in common, or both only ever said the same one thing."""

    moderators: tuple[str, str]
    agreed: Share
    kappa: float | None

    @property
    def overturned(self) -> int:
        """How often one of them decided otherwise than the other; which of them came last is not told."""
        return self.agreed.whole - self.agreed.part


def agreement(pasts: Iterable[Past]) -> tuple[Share, tuple[Pair, ...]]:
    """How often two people who judged the same text agreed: altogether, and by pair in order of their names."""
    tables: dict[tuple[str, str], Counter[tuple[bool, bool]]] = {}
    for past in pasts:
        said: dict[int, dict[str, bool]] = {}
        for text, one in standing(past):
            if one.ends and not one.automated:
                said.setdefault(text, {})[one.actor] = one.verdict is Status.APPROVED
        for by_actor in said.values():
            for first, second in combinations(sorted(by_actor), 2):
                tables.setdefault((first, second), Counter())[by_actor[first], by_actor[second]] += 1
    pairs = tuple(_pair(names, tables[names]) for names in sorted(tables))
    return Share(sum(p.agreed.part for p in pairs), sum(p.agreed.whole for p in pairs)), pairs


def _pair(names: tuple[str, str], table: Counter[tuple[bool, bool]]) -> Pair:
    agreed = Share(table[True, True] + table[False, False], table.total())
    return Pair(names, agreed, kappa(table) if agreed.enough else None)


# --- rest ------------------------------------------------------------------------------------------------------------

PAUSE = timedelta(minutes=10)
LONG = timedelta(minutes=90)
HOUR = timedelta(hours=1)
GRIM_IN_AN_HOUR = 50
REST_AFTER_LONG = (
    "You have decided for an hour and a half without a pause. Ten minutes away from the screen help."
)
REST_AFTER_GRIM = (
    "You have seen many grim comments within an hour. Take a break, or let a colleague take over."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One comment that a moderator decided about themselves; ``risk`` is 0–1."""

    at: datetime
    risk: float


@dataclass(frozen=True, slots=True)
class Load:
    """What a moderator has done today, comment by comment; decisions in bulk are told apart.

    ``longest`` is the longest stretch of today without a pause, ``grim`` the share of comments with a high risk.
    ``rest`` is a sentence that asks to take a break, empty where there is no reason for one.
    """

    moderator: str
    today: int
    last_hour: int
    in_bulk: int
    longest: timedelta
    grim: Share
    rest: str

    @property
    def should_rest(self) -> bool:
        return bool(self.rest)


def load(moderator: str, seen: Sequence[Seen], *, now: datetime, today: datetime, in_bulk: int = 0) -> Load:
    """The load of one moderator. ``seen`` comes oldest first and may begin before ``today`` (a moment) does, so that a
    stretch over midnight is one."""
    stretches = _stretches([one.at for one in seen])
    of_today = [one for one in seen if one.at >= today]
    of_the_hour = [one for one in seen if one.at > now - HOUR]
    return Load(
        moderator=moderator,
        today=len(of_today),
        last_hour=len(of_the_hour),
        in_bulk=in_bulk,
        longest=max((end - start for start, end in stretches if end >= today), default=timedelta(0)),
        grim=Share(_grim(of_today), len(of_today)),
        rest=_rest(stretches, _grim(of_the_hour), now),
    )


def _grim(seen: Iterable[Seen]) -> int:
    return sum(is_grim(one.risk) for one in seen)


def _stretches(moments: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    """(first, last) of each run of moments with less than a pause between any two neighbours."""
    found: list[tuple[datetime, datetime]] = []
    for moment in moments:
        if found and moment - found[-1][1] < PAUSE:
            found[-1] = (found[-1][0], moment)
        else:
            found.append((moment, moment))
    return found


def _rest(stretches: list[tuple[datetime, datetime]], grim: int, now: datetime) -> str:
    if grim >= GRIM_IN_AN_HOUR:
        return REST_AFTER_GRIM
    if stretches:
        start, end = stretches[-1]
        # Whoever pauses just now needs not be told.
        if now - end < PAUSE and now - start >= LONG:
            return REST_AFTER_LONG
    return ""
