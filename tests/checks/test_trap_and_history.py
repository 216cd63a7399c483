"""Traps for programs, and what became of earlier comments."""

from __future__ import annotations

from typing import Any

import pytest

from service.checks.history import History
from service.checks.trap import Trap
from service.domain.comment import Record, Signals
from service.domain.policy import Outcome
from tests.checks.cases import case


@pytest.mark.parametrize(
    ("signals", "options", "score"),
    [
        (Signals(trap_filled=True, seconds=30), {}, 1.0),
        (Signals(trap_filled=True), {}, 1.0),
        (Signals(seconds=0.4), {}, 0.6),
        (Signals(seconds=2.0), {}, 0.0),
        (Signals(seconds=40), {}, 0.0),
        (Signals(seconds=4), {"seconds": 5}, 0.6),
    ],
)
def test_what_a_program_does_is_noticed(signals: Signals, options: dict[str, Any], score: float) -> None:
    finding = Trap(options).run(case(signals=signals))
    assert (finding.label, finding.score, finding.outcome) == ("spam", score, Outcome.FOUND)
    assert bool(finding.evidence) is (score > 0)


def test_without_a_form_there_is_no_time_to_judge() -> None:
    finding = Trap({}).run(case())
    assert finding.outcome is Outcome.SKIPPED
    assert finding.why == "the time spent on the form is not known"


@pytest.mark.parametrize(
    ("author", "origin", "label", "score"),
    [
        # One or two rejected comments are no record.
        (Record(approved=1, rejected=2), None, "other", 0.0),
        (Record(rejected=3), None, "other", 1.0),
        (Record(approved=3, rejected=3), None, "other", 0.5),
        # The worse of the two counts.
        (Record(approved=20), Record(approved=1, rejected=4), "other", 0.8),
        # Many that wait are a flood, whoever decides about them later.
        (Record(pending=9), None, "other", 0.0),
        (Record(pending=6, held=4), None, "flood", 0.6),
        (None, Record(held=12), "flood", 0.6),
        (Record(rejected=9, held=12), None, "flood", 1.0),
    ],
)
def test_a_record_speaks_for_or_against(
    author: Record | None, origin: Record | None, label: str, score: float
) -> None:
    finding = History({}).run(case(author_record=author, origin_record=origin))
    assert (finding.label, finding.score) == (label, score)
    assert bool(finding.evidence) is (score > 0)


def test_a_newsroom_says_what_a_burst_is() -> None:
    waiting = case(author_record=Record(pending=3))
    assert History({"burst": 3}).run(waiting).label == "flood"


def test_a_first_comment_has_no_record() -> None:
    assert History({}).run(case()).outcome is Outcome.SKIPPED


def test_evidence_counts_and_names_nobody() -> None:
    finding = History({}).run(
        case(author_record=Record(approved=1, rejected=4), origin_record=Record(held=11))
    )
    assert [each.note for each in finding.evidence] == [
        "4 of the author's last 5 comments were rejected",
        "11 comments of this network wait already",
    ]
