"""What the check says of authors who are banned or trusted, and what the built-in policy makes of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.checks.standing import Standing as Check
from service.domain.comment import Record
from service.domain.policy import Action, Outcome, decide
from service.domain.policy_document import DEFAULT_DOCUMENT, read_policy
from service.domain.standing import NEUTRAL, Ban, Of, Standing
from tests.checks.cases import case

POLICY = read_policy(DEFAULT_DOCUMENT, 0)
BAN = Ban(Of.NAME, "spam", datetime(2026, 11, 20, 23, 0, tzinfo=UTC))


def test_a_ban_is_told_with_how_and_since_when_and_rejects() -> None:
    finding = Check({}).run(case(standing=Standing(banned=BAN)))
    assert (finding.label, finding.score) == ("banned_author", 1.0)
    assert finding.why == "banned by name since 2026-11-20: spam"
    decision = decide(POLICY, (finding,))
    assert decision.action is Action.REJECT
    assert [reason.code for reason in decision.reasons] == ["banned_author"]


@pytest.mark.parametrize(
    ("standing", "record", "label"),
    [
        (Standing(trusted=True), None, "trusted"),
        (Standing(trusted=True), Record(rejected=9), "trusted"),
        # Trust is earned with three that people approved, and lost with one that was rejected.
        (NEUTRAL, Record(approved=3, welcomed=3), "trusted"),
        (NEUTRAL, Record(approved=9, welcomed=2), None),
        (NEUTRAL, Record(approved=9, welcomed=9, rejected=1), None),
        (NEUTRAL, None, None),
        # Whoever is banned is not trusted, whatever they earned.
        (Standing(banned=BAN), Record(approved=9, welcomed=9), "banned_author"),
    ],
)
def test_trust_is_given_or_earned(standing: Standing, record: Record | None, label: str | None) -> None:
    finding = Check({}).run(case(standing=standing, author_record=record))
    assert finding.score == (1.0 if label else 0.0)
    assert label is None or finding.label == label


def test_trust_decides_nothing_by_itself() -> None:
    finding = Check({}).run(case(standing=Standing(trusted=True)))
    assert decide(POLICY, (finding,)) == decide(POLICY, ())


def test_of_another_systems_author_nothing_is_known() -> None:
    assert Check({}).run(case()).outcome is Outcome.SKIPPED
