"""Figures of a house whose past is told here, each worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from service import figures as use_case
from service.domain.errors import Forbidden, Unavailable
from service.domain.figures import REST_AFTER_GRIM, REST_AFTER_LONG, Counts, Share
from service.domain.roles import Role
from service.domain.site import Site
from service.figures import Figures, HouseFigures, Waits
from service.people import Moderator
from service.store import threads
from service.store.database import Database
from tests.conftest import Clock
from tests.past import Past
from tests.people import NOW, add_site

OTHER = threads.Story("other", "https://other.example/x")
ALICE = Moderator("Alice", Role.MODERATOR, None)
BOSS = Moderator("Boss", Role.ADMINISTRATOR, None)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def at(day: int, clock: str) -> datetime:
    """A moment of November 2026; it is 9 o'clock on the 24th."""
    return datetime.fromisoformat(f"2026-11-{day:02} {clock}").replace(tzinfo=UTC)


@pytest.fixture
def past(database: Database) -> Past:
    add_site(database)
    add_site(database, Site("other", "The Other", ("https://other.example",)))
    return Past(database)


@pytest.fixture
def waiting(past: Past) -> UUID:
    """The whole past; the comment that waits longest."""
    links, rude, model = ("links", "spam"), ("model", "offensive"), ("model", "spam")
    # Approved by the machine and never touched.
    untouched = past.came(at(22, "10:00:00"))
    past.screened(untouched, "approve", at(22, "10:00:02"))
    # Held for two reasons, rejected within an hour.
    held = past.came(at(22, "11:00:00"))
    past.screened(held, "hold", at(22, "11:00:04"), links, rude)
    past.decided(held, "reject", at(22, "12:00:00"), "Alice")
    # Rejected by the machine, approved by a person.
    saved = past.came(at(23, "08:00:00"))
    past.screened(saved, "discard", at(23, "08:00:06"), links)
    past.decided(saved, "approve", at(23, "09:00:00"), "Bob")
    # Approved by the machine; the person who rejected it took that back.
    spared = past.came(at(23, "09:00:00"))
    past.screened(spared, "approve", at(23, "09:00:02"))
    past.took_back(past.decided(spared, "reject", at(23, "09:30:00"), "Alice"), at(23, "09:31:00"), "Alice")
    # Held by the machine and by a person, approved by another one.
    passed_on = past.came(at(23, "20:00:00"))
    past.screened(passed_on, "hold", at(23, "20:00:02"), rude)
    past.decided(passed_on, "hold", at(23, "20:10:00"), "Alice")
    past.decided(passed_on, "approve", at(23, "20:20:00"), "Bob")
    # Rejected by one person, approved by another.
    disputed = past.came(at(24, "08:00:00"))
    past.screened(disputed, "hold", at(24, "08:00:02"), model, risk=0.7)
    past.decided(disputed, "reject", at(24, "08:30:00"), "Alice")
    past.decided(disputed, "approve", at(24, "08:40:00"), "Bob")
    # Not screened yet, and held.
    past.came(at(24, "08:50:00"))
    longest = past.came(at(24, "07:00:00"))
    past.screened(longest, "hold", at(24, "07:00:02"))
    # Came before the window and was decided in it; came and was decided before.
    late = past.came(at(20, "10:00:00"))
    past.screened(late, "hold", at(20, "10:00:02"), links)
    past.decided(late, "reject", at(22, "10:00:00"), "Alice")
    gone = past.came(at(19, "10:00:00"))
    past.screened(gone, "hold", at(19, "10:00:02"), links)
    past.decided(gone, "approve", at(19, "11:00:00"), "Bob")
    # Rewritten by its author before the machine came to it; withdrawn by its author.
    rewritten = past.came(at(24, "06:00:00"))
    past.rewritten(rewritten, at(24, "06:01:00"))
    past.screened(rewritten, "approve", at(24, "06:01:10"))
    withdrawn = past.came(at(24, "05:00:00"))
    past.decided(withdrawn, "withdraw", at(24, "05:01:00"), "the author")
    # And elsewhere.
    elsewhere = past.came(at(24, "08:00:00"), OTHER)
    past.screened(elsewhere, "hold", at(24, "08:00:02"), links)
    past.decided(elsewhere, "reject", at(24, "08:10:00"), "Zoe")
    return longest


def told(
    database: Database, who: Moderator = BOSS, *, site: str | None = "daily", days: int = 3
) -> HouseFigures:
    return Figures(database, lambda: NOW).of(who, site=site, days=days)


def test_each_day_tells_what_came_and_what_machines_and_people_decided(
    database: Database, waiting: UUID
) -> None:
    daily = told(database).daily
    assert [day.start for day in daily] == [at(n, "00:00") for n in (22, 23, 24)]
    assert [day.comments for day in daily] == [2, 3, 5]
    assert [day.by_machine for day in daily] == [
        Counts(approved=1, held=1),
        Counts(approved=1, rejected=1, held=1),
        Counts(approved=1, held=2),
    ]
    # That an author withdrew is no decision of a moderator.
    assert [day.by_people for day in daily] == [
        Counts(rejected=2),
        Counts(approved=2, rejected=1, held=1, taken_back=1),
        Counts(approved=1, rejected=1),
    ]


def test_each_of_the_last_48_hours_is_told(database: Database, waiting: UUID) -> None:
    # However long the window is.
    hours = told(database, days=1).hours
    assert [hour.start for hour in hours] == [NOW - (47 - n) * HOUR for n in range(48)]
    busy = {
        hour.start: (hour.comments, hour.by_machine, hour.by_people)
        for hour in hours
        if (hour.comments, hour.by_machine, hour.by_people) != (0, Counts(), Counts())
    }
    assert busy == {
        at(22, "10:00"): (1, Counts(approved=1), Counts(rejected=1)),
        at(22, "11:00"): (1, Counts(held=1), Counts()),
        at(22, "12:00"): (0, Counts(), Counts(rejected=1)),
        at(23, "08:00"): (1, Counts(rejected=1), Counts()),
        at(23, "09:00"): (1, Counts(approved=1), Counts(approved=1, rejected=1, taken_back=1)),
        at(23, "20:00"): (1, Counts(held=1), Counts(approved=1, held=1)),
        at(24, "05:00"): (1, Counts(), Counts()),
        at(24, "06:00"): (1, Counts(approved=1), Counts()),
        at(24, "07:00"): (1, Counts(held=1), Counts()),
        at(24, "08:00"): (2, Counts(held=1), Counts(approved=1, rejected=1)),
    }


def test_the_time_to_decision_ends_with_the_first_approval_or_rejection(
    database: Database, waiting: UUID
) -> None:
    figures = told(database)
    # By machines 2, 2, 6 and 70 seconds; by people 20, 30 and 60 minutes, and two days.
    assert figures.waits == Waits(8, 8, 635 * SECOND, 54_360 * SECOND)
    assert figures.waits_by_people == Waits(4, 4, 2_700 * SECOND, 122_040 * SECOND)
    assert [day.waits for day in figures.daily] == [
        # 2 seconds, an hour, and two days
        Waits(3, 3, 3_600 * SECOND, 3_600 * SECOND + 0.8 * 169_200 * SECOND),
        # 2 and 6 seconds, 20 minutes
        Waits(3, 3, 6 * SECOND, 6 * SECOND + 0.8 * 1_194 * SECOND),
        # 70 seconds, 30 minutes
        Waits(2, 2, 935 * SECOND, 70 * SECOND + 0.9 * 1_730 * SECOND),
    ]


def test_what_waits_longest_is_told(database: Database, waiting: UUID) -> None:
    oldest = told(database).oldest
    assert oldest is not None
    assert (oldest.comment_id, oldest.since) == (waiting, at(24, "07:00"))


def test_a_new_text_of_an_approved_comment_is_no_comment_that_waits(database: Database, past: Past) -> None:
    first, second = past.came(at(24, "06:00")), past.came(at(24, "07:00"))
    past.screened(first, "approve", at(24, "06:01"))
    past.rewritten(first, at(24, "06:02"))
    oldest = told(database).oldest
    assert oldest is not None
    assert oldest.comment_id == second


def test_the_machines_share_is_what_no_person_touched(database: Database, waiting: UUID) -> None:
    machine = told(database).machine
    # Eight comments were decided, four of them by the machine first; two of these a person touched, in one case for
    # nothing.
    assert machine.alone == Share(2, 8)
    assert machine.approvals_reversed == Share(0, 3)
    assert machine.rejections_reversed == Share(1, 1)


def test_each_check_is_measured_by_what_people_decided_last(database: Database, waiting: UUID) -> None:
    figures = told(database)
    assert [(one.check, one.code, one.rejected) for one in figures.precision] == [
        ("links", None, Share(2, 3)),
        ("links", "spam", Share(2, 3)),
        ("model", None, Share(1, 3)),
        ("model", "offensive", Share(1, 2)),
        ("model", "spam", Share(0, 1)),
    ]
    assert not any(one.rejected.enough for one in figures.precision)


def test_agreement_is_told_of_those_who_judged_the_same_text(database: Database, waiting: UUID) -> None:
    figures = told(database)
    assert figures.agreed == Share(0, 1)
    [pair] = figures.pairs
    assert (pair.moderators, pair.overturned, pair.kappa) == (("Alice", "Bob"), 1, None)


def test_the_load_of_each_moderator_is_told(database: Database, waiting: UUID) -> None:
    team = told(database).team
    assert team is not None
    assert [(one.moderator, one.today, one.last_hour, one.grim) for one in team] == [
        ("Alice", 1, 1, Share(1, 1)),
        ("Bob", 1, 1, Share(1, 1)),
    ]
    assert [one.longest for one in team] == [timedelta(0), timedelta(0)]


def test_another_sites_figures_stay_out(database: Database, waiting: UUID) -> None:
    whole, theirs = told(database, site=None), told(database, site="other")
    assert [day.comments for day in whole.daily] == [2, 3, 6]
    assert [day.comments for day in theirs.daily] == [0, 0, 1]
    assert (whole.waits.count, theirs.waits.count) == (9, 1)
    assert (theirs.oldest, whole.oldest) == (None, told(database).oldest)
    assert [(one.check, one.rejected.whole) for one in theirs.precision if one.code is None] == [("links", 1)]
    assert {one.check: one.rejected.whole for one in whole.precision if one.code is None}["links"] == 4
    assert [one.moderator for one in theirs.team or ()] == ["Zoe"]
    assert [one.moderator for one in whole.team or ()] == ["Alice", "Bob", "Zoe"]
    narrow = Moderator("Zoe", Role.ADMINISTRATOR, "other")
    assert told(database, narrow, site=None).daily == theirs.daily
    with pytest.raises(Forbidden):
        told(database, narrow, site="daily")


def test_moderators_see_their_own_load_and_their_own_pairs(database: Database, waiting: UUID) -> None:
    mine = told(database, ALICE)
    assert mine.team is None
    assert (mine.own.moderator, mine.own.today) == ("Alice", 1)
    assert [pair.moderators for pair in mine.pairs] == [("Alice", "Bob")]
    # Her own day is all of it, whichever site she looks at.
    assert told(database, ALICE, site="other").own == mine.own
    theirs = told(database, Moderator("Cem", Role.EDITOR, None))
    assert (theirs.pairs, theirs.team, theirs.own.moderator, theirs.own.today) == ((), None, "Cem", 0)
    # How often people agree is no secret, and names nobody.
    assert theirs.agreed == mine.agreed
    with pytest.raises(Forbidden):
        told(database, Moderator("scraper", Role.SCRAPER, None))


def test_an_empty_house_has_figures(database: Database, past: Past) -> None:
    for site in ("daily", None):
        figures = told(database, site=site, days=90)
        assert len(figures.daily) == 90
        assert {day.comments for day in figures.daily} == {0}
        assert figures.waits == Waits(0, 0, None, None)
        assert (figures.oldest, figures.precision, figures.pairs, figures.team) == (None, (), (), ())
        assert figures.machine.alone.share is None


def test_a_house_without_sites_has_figures(database: Database) -> None:
    assert told(database, site=None).waits.count == 0


def test_decisions_in_bulk_tire_nobody(database: Database, past: Past) -> None:
    bulk = uuid4()
    for n in range(60):
        comment_id = past.came(NOW - 20 * MINUTE + n * SECOND)
        past.screened(comment_id, "hold", NOW - 19 * MINUTE + n * SECOND, risk=0.9)
        past.decided(comment_id, "reject", NOW - 10 * MINUTE + n * SECOND, "Alice", bulk_id=bulk)
    own = told(database, ALICE).own
    assert (own.today, own.in_bulk, own.should_rest) == (0, 60, False)


def test_who_decides_for_long_or_sees_much_that_is_grim_is_asked_to_rest(
    database: Database, past: Past
) -> None:
    def day_of(who: str, moments: list[datetime], risk: float) -> str:
        for moment in moments:
            comment_id = past.came(moment - 5 * SECOND)
            past.screened(comment_id, "hold", moment - 3 * SECOND, risk=risk)
            past.decided(comment_id, "approve", moment, who)
        return told(database, Moderator(who, Role.MODERATOR, None)).own.rest

    assert day_of("Alice", [NOW - n * 9 * MINUTE for n in range(1, 11)], 0.1) == REST_AFTER_LONG
    assert day_of("Bob", [NOW - n * MINUTE for n in range(5, 55)], 0.5) == REST_AFTER_GRIM
    assert day_of("Cem", [NOW - n * MINUTE for n in range(5, 55)], 0.4) == ""


def test_answers_are_kept_for_a_minute(database: Database, past: Past, clock: Clock) -> None:
    figures = Figures(database, clock)

    def came() -> int:
        return figures.of(BOSS, site="daily", days=1).daily[-1].comments

    assert came() == 0
    past.came(NOW - MINUTE)
    clock.move(seconds=59)
    assert came() == 0
    # Another window is another answer.
    assert figures.of(BOSS, site="daily", days=2).daily[-1].comments == 1
    clock.move(seconds=1)
    assert came() == 1
    past.came(NOW - MINUTE)
    # A clock that was put back keeps nothing.
    clock.move(seconds=-30)
    assert came() == 2


def test_whoever_would_wait_too_long_for_figures_is_told_so(
    database: Database, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_case, "PATIENCE_SECONDS", 0.01)
    refused: list[bool] = []

    def ask_again() -> datetime:
        # While one answer is being made, somebody else asks.
        if not refused:
            refused.append(True)
            with pytest.raises(Unavailable):
                figures.of(BOSS, site=None, days=1)
        return NOW

    figures = Figures(database, ask_again)
    assert figures.of(BOSS, site="daily", days=1).days == 1
    assert refused


def test_what_is_kept_for_one_asker_is_not_shown_to_another(database: Database, waiting: UUID) -> None:
    figures = Figures(database, lambda: NOW)
    of_all = figures.of(BOSS, site="daily", days=3)
    mine = figures.of(ALICE, site="daily", days=3)
    assert of_all.team
    assert (mine.team, mine.own.moderator) == (None, "Alice")


def test_where_people_decide_much_a_fair_share_is_looked_at_and_put_up_to_the_whole(
    database: Database, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(80):
        comment_id = past.came(NOW - 3 * HOUR + n * MINUTE)
        past.screened(comment_id, "hold", NOW - 3 * HOUR + n * MINUTE + SECOND, ("links", "spam"))
        past.decided(comment_id, "reject", NOW - 3 * HOUR + (n + 10) * MINUTE, "Alice")
    monkeypatch.setattr(use_case, "MOST_BY_PEOPLE", 40)
    figures = told(database)
    assert figures.looked_at == 0.5
    assert figures.daily[-1].by_people == Counts(rejected=80)
    waits, [links, _] = figures.waits_by_people, figures.precision
    assert 10 < waits.looked_at < 70
    assert waits.count == 2 * waits.looked_at == figures.machine.alone.whole
    assert (waits.p50, waits.p90) == (10 * MINUTE, 10 * MINUTE)
    # An interval is as wide as what was looked at makes it.
    assert links.rejected == Share(waits.looked_at, waits.looked_at)


def test_a_machines_second_look_at_a_comment_is_no_second_wait(database: Database, past: Past) -> None:
    comment_id = past.came(NOW - 4 * MINUTE)
    past.screened(comment_id, "approve", NOW - 3 * MINUTE)
    past.rewritten(comment_id, NOW - 2 * MINUTE)
    past.screened(comment_id, "reject", NOW - MINUTE)
    figures = told(database)
    assert figures.waits == Waits(1, 1, MINUTE, MINUTE)
    assert figures.machine.alone == Share(1, 1)


def test_many_waits_are_drawn_from_and_all_counted(
    database: Database, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_case, "MOST_BY_MACHINE", 30)
    past.approved_at_once(60, NOW - 2 * HOUR, every=MINUTE)
    waits = told(database).waits
    assert waits.count == 60
    # Half of them on average: with fifteen standard deviations of room this is no matter of luck.
    assert 1 <= waits.looked_at < 60
    assert (waits.p50, waits.p90) == (2 * SECOND, 2 * SECOND)


def test_no_name_of_a_comment_or_reader_is_among_the_figures(database: Database, waiting: UUID) -> None:
    everything: Any = told(database, site=None)
    assert "Ada" not in repr(everything)
