"""What a past adds up to, against numbers worked out elsewhere and against what must hold of any numbers."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.comment import Status
from service.domain.figures import (
    GRIM_IN_AN_HOUR,
    LONG,
    PAUSE,
    REST_AFTER_GRIM,
    REST_AFTER_LONG,
    Decided,
    Seen,
    Share,
    agreement,
    first_end,
    judged,
    kappa,
    load,
    precision,
    quantile,
    reversals,
    standing,
)

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
MIDNIGHT = NOW.replace(hour=0)
MINUTE = timedelta(minutes=1)

# --- numbers ---------------------------------------------------------------------------------------------------------


def test_quantiles_lie_between_neighbours_in_proportion() -> None:
    assert quantile([], 0.5) is None
    assert quantile([7.0], 0.9) == 7.0
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5
    assert quantile([0.0, 10.0], 0.9) == pytest.approx(9.0)


@given(st.lists(st.floats(0, 1e9), min_size=2).map(sorted))
def test_quantiles_are_those_of_the_standard_library(values: list[float]) -> None:
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    assert quantile(values, 0.5) == pytest.approx(statistics.median(values))
    assert quantile(values, 0.9) == pytest.approx(tenths[8])


@given(st.lists(st.floats(0, 1e9), min_size=1).map(sorted), st.floats(0, 1), st.floats(0, 1))
def test_quantiles_never_fall_and_stay_among_the_values(values: list[float], one: float, two: float) -> None:
    low, high = sorted((one, two))
    first, second = quantile(values, low), quantile(values, high)
    assert first is not None
    assert second is not None
    slack = 1e-9 * values[-1]
    assert values[0] <= first <= second + slack
    assert second <= values[-1] + slack


def test_wilsons_interval_is_as_newcombe_printed_it() -> None:
    # R. G. Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3.
    for part, whole, lowest, highest in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        told = Share(part, whole)
        assert told.lowest == pytest.approx(lowest, abs=5e-5)
        assert told.highest == pytest.approx(highest, abs=5e-5)


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_share_lies_in_its_interval_and_that_within_nought_and_one(one: int, two: int) -> None:
    part, whole = sorted((one, two))
    told = Share(part, whole)
    if not whole:
        assert (told.share, told.lowest, told.highest, told.enough) == (None, None, None, False)
        return
    assert told.share is not None
    assert told.lowest is not None
    assert told.highest is not None
    assert 0 <= told.lowest <= told.share + 1e-12
    assert told.share - 1e-12 <= told.highest <= 1
    assert told.enough is (whole >= 20)


def test_kappa_is_what_its_definition_says() -> None:
    # Both 20 times yes, 15 times no, and 5 and 10 times apart: 0.7 observed, 0.5 by chance.
    assert kappa(
        {(True, True): 20, (True, False): 5, (False, True): 10, (False, False): 15}
    ) == pytest.approx(0.4)
    assert kappa({(True, True): 10, (False, False): 10}) == 1
    assert kappa({(True, False): 10, (False, True): 10}) == -1
    # Whoever only ever says yes agrees by chance as much as at all.
    assert kappa({(True, True): 30}) is None
    assert kappa({}) is None


@given(st.dictionaries(st.tuples(st.booleans(), st.booleans()), st.integers(0, 1000)))
def test_kappa_is_symmetric_and_within_its_bounds(table: dict[tuple[bool, bool], int]) -> None:
    found = kappa(table)
    turned = kappa({(b, a): count for (a, b), count in table.items()})
    assert (found is None) == (turned is None)
    if found is not None and turned is not None:
        assert found == pytest.approx(turned)
        assert -1 - 1e-9 <= found <= 1 + 1e-9


# --- a comment's past ------------------------------------------------------------------------------------------------

COMMENT = UUID(int=99)


def past(*steps: tuple[str, str, int] | tuple[str, str, int, int]) -> list[Decided]:
    """Decisions from (actor, action, revision), and for an undo the number (from nought) of what it takes back; "m" is
    the machine, which finds spam by ``links``."""
    return [
        Decided(
            id=UUID(int=n),
            comment_id=COMMENT,
            revision=step[2],
            action=step[1],
            actor=step[0],
            automated=step[0] == "m",
            at=NOW + n * MINUTE,
            undoes=UUID(int=step[3]) if len(step) == 4 else None,
            findings=(("links", "spam"),) if step[0] == "m" else (),
        )
        for n, step in enumerate(steps)
    ]


def test_the_wait_ends_with_the_first_approval_or_rejection_even_if_it_was_taken_back() -> None:
    end = first_end(
        past(("m", "hold", 1), ("Alice", "reject", 1), ("Alice", "undo", 2, 1), ("Bob", "approve", 3))
    )
    assert end is not None
    assert (end.actor, end.action) == ("Alice", "reject")
    assert first_end(past(("m", "hold", 1), ("the author", "withdraw", 1))) is None


def test_what_was_taken_back_and_what_took_it_back_stand_for_nothing() -> None:
    story = past(("m", "hold", 1), ("Alice", "reject", 1), ("Alice", "undo", 2, 1), ("Bob", "approve", 3))
    assert [one.action for _, one in standing(story)] == ["hold", "approve"]
    case = judged(story)
    assert case is not None
    assert (case.person.actor, case.rejected) == ("Bob", False)
    # Whatever the one that takes back is called.
    assert judged(past(("m", "hold", 1), ("Alice", "reject", 1), ("Alice", "approve", 2, 1))) is None


def test_the_text_changes_where_the_revision_grew_without_a_decision() -> None:
    story = past(
        ("m", "hold", 1),
        ("Alice", "approve", 1),
        ("m", "approve", 3),
        ("Bob", "reject", 3),
        ("Bob", "hold", 4),
        ("Bob", "hold", 6),
    )
    assert [text for text, _ in standing(story)] == [0, 0, 1, 1, 1, 2]


def test_a_person_judges_what_the_machine_said_of_the_same_text_alone() -> None:
    told = judged(past(("m", "approve", 1), ("m", "hold", 2), ("Alice", "reject", 2)))
    assert told is not None
    assert told.machine.action == "hold"
    # The author wrote after the machine had looked.
    assert judged(past(("m", "hold", 1), ("Alice", "reject", 2))) is None
    assert judged(past(("Alice", "reject", 1))) is None
    assert judged(past(("m", "hold", 1), ("Alice", "hold", 1))) is None


def test_only_the_opposite_is_a_reversal() -> None:
    stories = [
        past(("m", "approve", 1), ("Alice", "reject", 1)),
        past(("m", "approve", 1), ("Alice", "hold", 1), ("Bob", "spam", 2)),
        past(("m", "approve", 1), ("Alice", "approve", 1)),
        past(("m", "discard", 1), ("Alice", "approve", 1)),
        past(("m", "reject", 1), ("Alice", "reject", 1)),
        past(("m", "hold", 1), ("Alice", "reject", 1)),
    ]
    found = reversals([case for story in stories if (case := judged(story))])
    assert (found.approvals, found.rejections) == (2, 1)


def test_a_check_is_measured_once_for_each_comment_and_each_reason() -> None:
    def case(action: str, *findings: tuple[str, str]) -> list[Decided]:
        machine, person = past(("m", "hold", 1), ("Alice", action, 1))
        return [
            Decided(
                machine.id, COMMENT, 1, "hold", "m", automated=True, at=machine.at, findings=tuple(findings)
            ),
            person,
        ]

    stories = [
        case("reject", ("model", "spam"), ("model", "offensive")),
        case("approve", ("model", "spam"), ("links", "spam")),
        case("reject", ("links", "check_failed")),
    ]
    cases = [found for story in stories if (found := judged(story))]
    told = {(one.check, one.code): (one.rejected.part, one.rejected.whole) for one in precision(cases)}
    assert told == {
        ("links", None): (0, 1),
        ("links", "spam"): (0, 1),
        ("model", None): (1, 2),
        ("model", "spam"): (1, 2),
        ("model", "offensive"): (1, 1),
    }


# --- agreement -------------------------------------------------------------------------------------------------------


def test_two_agree_when_their_last_words_on_one_text_are_the_same() -> None:
    stories = [
        past(("Alice", "approve", 1), ("Bob", "reject", 2)),
        past(("Alice", "approve", 1), ("Bob", "hold", 2), ("Cem", "approve", 3)),
        # Holding is no judgement, and a new text is another matter.
        past(("Alice", "hold", 1), ("Bob", "reject", 2)),
        past(("Alice", "approve", 1), ("Bob", "reject", 3)),
        past(("Alice", "reject", 1), ("Alice", "undo", 2, 0), ("Bob", "approve", 3)),
    ]
    whole, pairs = agreement(stories)
    assert (whole.part, whole.whole) == (1, 2)
    assert [(pair.moderators, pair.agreed.part, pair.overturned) for pair in pairs] == [
        (("Alice", "Bob"), 0, 1),
        (("Alice", "Cem"), 1, 0),
    ]
    assert {pair.kappa for pair in pairs} == {None}


def test_kappa_is_told_from_twenty_on() -> None:
    alike = past(("Alice", "approve", 1), ("Bob", "approve", 2))
    no = past(("Alice", "reject", 1), ("Bob", "reject", 2))
    [short] = agreement([alike] * 10 + [no] * 9)[1]
    [enough] = agreement([alike] * 10 + [no] * 10)[1]
    assert (short.kappa, enough.kappa) == (None, 1)


ACTIONS = st.sampled_from(["approve", "reject", "hold", "spam", "escalate"])


@given(st.lists(st.lists(st.tuples(st.sampled_from("ABC"), ACTIONS), max_size=6), max_size=30))
def test_pairs_add_up_and_stand_in_order_of_their_names(lives: list[list[tuple[str, str]]]) -> None:
    stories = [past(*((who, what, n + 1) for n, (who, what) in enumerate(life))) for life in lives]
    whole, pairs = agreement(stories)
    assert whole.whole == sum(pair.agreed.whole for pair in pairs)
    assert whole.part + sum(pair.overturned for pair in pairs) == whole.whole
    assert [pair.moderators for pair in pairs] == sorted(pair.moderators for pair in pairs)
    for pair in pairs:
        assert pair.moderators[0] < pair.moderators[1]
        in_common = [
            story
            for story in stories
            if {one.actor for one in story if one.verdict is not Status.HELD} >= set(pair.moderators)
        ]
        assert pair.agreed.whole == len(in_common)


# --- rest ------------------------------------------------------------------------------------------------------------


def seen(*minutes_ago: float, risk: float = 0.0) -> list[Seen]:
    return [Seen(NOW - ago * MINUTE, risk) for ago in sorted(minutes_ago, reverse=True)]


def test_ninety_minutes_without_a_pause_ask_for_one() -> None:
    def rest(*minutes_ago: float) -> str:
        return load("Alice", seen(*minutes_ago), now=NOW, today=MIDNIGHT).rest

    without = range(1, 90, 9)
    assert rest(*without) == ""
    assert rest(*without, 90) == REST_AFTER_LONG
    # Whoever stopped ten minutes ago is resting already, and ten minutes in between were a pause.
    assert rest(*range(10, 100, 9)) == ""
    assert rest(*range(1, 40, 9), *range(47, 100, 9)) == ""


def test_many_grim_comments_within_an_hour_ask_for_a_rest() -> None:
    def told(count: int, minutes: int, risk: float) -> str:
        grim = [Seen(NOW - timedelta(minutes=minutes, seconds=n), risk) for n in range(count, 0, -1)]
        return load("Alice", grim, now=NOW, today=MIDNIGHT).rest

    assert told(GRIM_IN_AN_HOUR - 1, 20, 0.5) == ""
    assert told(GRIM_IN_AN_HOUR, 20, 0.5) == REST_AFTER_GRIM
    assert told(GRIM_IN_AN_HOUR, 20, 0.49) == ""
    assert told(GRIM_IN_AN_HOUR, 60, 0.9) == ""


def test_a_day_is_told_and_a_stretch_over_midnight_is_one() -> None:
    early = MIDNIGHT + 20 * MINUTE
    moments = [*(MIDNIGHT + n * 5 * MINUTE for n in range(-4, 4)), early + 30 * MINUTE]
    told = load(
        "Alice", [Seen(at, 0.5) for at in moments], now=early + 31 * MINUTE, today=MIDNIGHT, in_bulk=7
    )
    assert (told.today, told.last_hour, told.in_bulk) == (5, 6, 7)
    assert told.longest == 35 * MINUTE
    assert (told.grim.part, told.grim.whole) == (5, 5)
    assert not told.should_rest
    nothing = load("Alice", [], now=NOW, today=MIDNIGHT)
    assert (nothing.today, nothing.longest, nothing.grim.share) == (0, timedelta(0), None)


@given(st.lists(st.floats(0, 900), max_size=200), st.floats(0, 1))
def test_nobody_is_sent_to_rest_without_a_cause(minutes_ago: list[float], risk: float) -> None:
    told = load("Alice", seen(*minutes_ago, risk=risk), now=NOW, today=MIDNIGHT)
    assert told.today == len(minutes_ago)
    assert told.last_hour == sum(ago < 60 for ago in minutes_ago)
    if told.rest == REST_AFTER_LONG:
        assert told.longest >= LONG - PAUSE
    if told.rest == REST_AFTER_GRIM:
        assert risk >= 0.5
        assert told.last_hour >= GRIM_IN_AN_HOUR
    assert told.longest <= timedelta(minutes=max(minutes_ago, default=0))
