"""Questions about queues: read strictly, written in one way, and an order that spares whoever works them off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidSubmission
from service.domain.policy import Finding, Mode, Outcome
from service.domain.queue import (
    Cursor,
    Filters,
    QueueName,
    Sort,
    Wanted,
    as_query,
    cursor_text,
    moment_of,
    paced,
    read_cursor,
    read_query,
    read_wanted,
)
from service.domain.risk import GRIM, risk_of

ID = "01938a6e-7b1c-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("queue", "nonsense"),
        ("sort", "loud"),
        ("thread", "x"),
        ("author_of", "x"),
        ("story", "javascript:alert(1)"),
        ("author", "\u200b"),
        ("label", "Spam!"),
        ("check", "a" * 61),
        ("score_from", "1.1"),
        ("score_to", "nan"),
        ("older_than", "-1"),
        ("newer_than", "2026-11-24T09:00:00"),
        ("older_than", "0001-01-01T00:00:00+14:00"),
        ("failed", "perhaps"),
        ("q", "-only"),
    ],
)
def test_a_value_that_means_nothing_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidSubmission) as caught:
        read_wanted({name: [value]})
    assert [fault.pointer for fault in caught.value.errors] == [f"/{name}"]


def test_every_fault_of_a_question_is_told_at_once() -> None:
    with pytest.raises(InvalidSubmission) as caught:
        read_wanted({"queue": ["x"], "score_from": ["2"], "label": ["spam", "threat"]})
    assert [fault.pointer for fault in caught.value.errors] == ["/queue", "/label", "/score_from"]


def test_only_what_is_held_is_sorted_by_risk() -> None:
    assert read_wanted({"sort": ["risk"]}).sort is Sort.RISK
    for more in ({"queue": ["spam"]}, {"q": ["bridge"], "queue": ["held"]}):
        with pytest.raises(InvalidSubmission):
            read_wanted({"sort": ["risk"], **more})


def test_a_search_is_in_everything_unless_a_queue_is_named() -> None:
    assert read_wanted({"q": ["bridge"]}).queue is QueueName.EVERYTHING
    assert read_wanted({"q": ["bridge"], "queue": ["spam"]}).queue is QueueName.SPAM
    assert read_wanted({}) == Wanted()


def test_a_kept_question_knows_no_other_names() -> None:
    for text in ("queue=held&colour=red", "=x", "cursor=x", "q=%ff"):
        with pytest.raises(InvalidSubmission):
            read_query(text)


ages = st.one_of(
    st.integers(0, 87_600 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    st.integers(0, 10**10).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.none(),
)
scores = st.one_of(st.none(), st.integers(0, 1000).map(lambda n: n / 1000))
questions = st.builds(
    Wanted,
    queue=st.sampled_from(QueueName),
    sites=st.lists(st.sampled_from(["daily", "weekly", "a&b=c", "ü"]), unique=True).map(
        lambda sites: tuple(sorted(sites))
    ),
    filters=st.builds(
        Filters,
        thread=st.one_of(st.none(), st.uuids()),
        story=st.sampled_from([None, "https://daily.example/a&b"]),
        author=st.sampled_from(["", "ada & co", "q=1"]),
        author_of=st.one_of(st.none(), st.uuids()),
        label=st.sampled_from(["", "spam", "identity_attack"]),
        check=st.sampled_from(["", "model"]),
        score_from=scores,
        score_to=scores,
        older_than=ages,
        newer_than=ages,
        failed=st.booleans(),
        decided_by=st.sampled_from(["", "machine", "Bob + Co"]),
    ),
    words=st.sampled_from(["", 'bridge "old ferry" -x', "a+b&c"]),
)


@given(questions)
def test_a_question_survives_being_kept(wanted: Wanted) -> None:
    kept = as_query(wanted)
    assert as_query(read_query(kept)) == kept
    again = read_query(kept)
    assert (again.queue, again.sites, again.words) == (wanted.queue, wanted.sites, wanted.words)
    for name in ("thread", "story", "author", "author_of", "label", "check", "failed", "decided_by"):
        assert getattr(again.filters, name) == getattr(wanted.filters, name)
    assert again.filters.score_from == wanted.filters.score_from
    if isinstance(wanted.filters.older_than, datetime):
        assert again.filters.older_than == wanted.filters.older_than


def test_hours_are_counted_from_when_the_question_is_asked() -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert moment_of(read_wanted({"older_than": ["1.5"]}).filters.older_than, now) == datetime(
        2026, 11, 24, 7, 30, tzinfo=UTC
    )
    assert moment_of(None, now) is None


# --- cursors -----------------------------------------------------------------------------------------------------

RISKY, FOUND = Wanted(sort=Sort.RISK), Wanted(words="x")


@given(st.one_of(st.none(), st.tuples(st.floats(0.5, 1), st.uuids())), st.one_of(st.none(), st.uuids()))
def test_a_cursor_leads_back_to_where_it_was_given_out(
    grim: tuple[float, UUID] | None, after: UUID | None
) -> None:
    cursor = Cursor(after=after, grim=grim)
    assert read_cursor(cursor_text(cursor, RISKY), RISKY) == cursor
    assert read_cursor(cursor_text(Cursor(number=7), FOUND), FOUND) == Cursor(number=7)


@given(st.text(max_size=80))
def test_a_cursor_that_was_not_given_out_is_refused(raw: str) -> None:
    for wanted in (Wanted(), RISKY, FOUND):
        if raw:
            with pytest.raises(InvalidSubmission):
                read_cursor(raw, wanted)


def test_a_cursor_is_good_for_its_own_kind_of_question() -> None:
    by_age = cursor_text(Cursor(after=UUID(ID)), Wanted())
    for other in (RISKY, FOUND):
        with pytest.raises(InvalidSubmission):
            read_cursor(by_age, other)
    for broken in ("cjB4MS5mcCs5OTk5", by_age + "=", by_age[:-2], "r" * 300):
        with pytest.raises(InvalidSubmission):
            read_cursor(broken, Wanted())


# --- sparing people ----------------------------------------------------------------------------------------------


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 5))
def test_no_more_than_a_few_grim_comments_follow_each_other_where_a_milder_one_is_at_hand(
    grims: list[bool], most: int
) -> None:
    items = list(enumerate(grims))
    placed = paced(items, lambda item: item[1], most)
    assert sorted(placed) == items
    for grim in (True, False):
        assert [item for item in placed if item[1] is grim] == [item for item in items if item[1] is grim]
    for start in range(len(placed) - most):
        window = placed[start : start + most + 1]
        if all(grim for _, grim in window):
            assert all(grim for _, grim in placed[start + most :]), "a milder one was at hand"


def test_what_needs_no_pacing_stays_as_it_is() -> None:
    assert paced([1, 2, 3], lambda item: item < 3) == [1, 2, 3]


# --- risk --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("findings", "risk"),
    [
        ((), 0.0),
        ((Finding("model", "1", "threat", 0.6),), 0.6),
        ((Finding("model", "1", "insult", 1.0), Finding("model", "1", "sexual", 0.9)), 0.9),
        ((Finding("model", "1", "spam", 1.0), Finding("trap", "1", "spam", 1.0)), 0.0),
        ((Finding("model", "1", "threat", 1.0, mode=Mode.OBSERVE),), 0.0),
        ((Finding("model", "1", "threat", 1.0, outcome=Outcome.FAILED),), 0.0),
    ],
)
def test_risk_is_the_worst_that_counts(findings: tuple[Finding, ...], risk: float) -> None:
    assert risk_of(findings) == pytest.approx(risk)


def test_an_equally_sure_insult_comes_after_a_threat_and_personal_data_is_not_grim() -> None:
    sure = {
        label: risk_of((Finding("c", "1", label, 1.0),)) for label in ("threat", "insult", "personal_data")
    }
    assert sure["threat"] > sure["insult"] > GRIM > sure["personal_data"]
