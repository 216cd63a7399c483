"""What follows from what was found: a truth table, and what no policy can do."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidPolicy
from service.domain.policy import (
    DEFAULT_DOCUMENT,
    STRICTNESS,
    Action,
    Evidence,
    Finding,
    Mode,
    Outcome,
    Reason,
    as_stored,
    decide,
    from_stored,
    read_policy,
)

APPROVES = {
    "otherwise": "approve",
    "rules": [
        {"label": "spam", "check": "trap", "at": 0.9, "action": "discard"},
        {"label": "spam", "at": 0.9, "action": "reject"},
        {"label": "spam", "at": 0.4, "action": "hold"},
        {"label": "offensive", "at": 0.5, "action": "hold"},
        {"label": "praise", "at": 0.5, "action": "approve"},
    ],
}


def found(label: str, score: float, check: str = "links", mode: Mode = Mode.ENFORCE) -> Finding:
    return Finding(check, "1", label, score, mode=mode)


FAILED = Finding("links", "1", "spam", outcome=Outcome.FAILED, why="ValueError")
SKIPPED = Finding("links", "1", "spam", 1.0, outcome=Outcome.SKIPPED, why="nothing to look at")


@pytest.mark.parametrize(
    ("findings", "action", "reasons"),
    [
        # Nothing was looked at, or nothing was found: what the policy says otherwise.
        ([], "approve", []),
        ([found("spam", 0.0)], "approve", []),
        # Below every threshold, at one, and above.
        ([found("spam", 0.39)], "approve", []),
        ([found("spam", 0.4)], "hold", ["spam"]),
        ([found("spam", 0.9)], "reject", ["spam"]),
        # The strictest wins, whatever came first, and the milder reason stays.
        ([found("offensive", 0.7, "wordlist"), found("spam", 0.95)], "reject", ["spam", "offensive"]),
        ([found("spam", 0.95), found("offensive", 0.7, "wordlist")], "reject", ["spam", "offensive"]),
        # A rule for one check leaves the others' findings alone.
        ([found("spam", 1.0, "trap")], "discard", ["spam"]),
        ([found("spam", 1.0, "links")], "reject", ["spam"]),
        # A label that no rule names, and one that speaks for the comment.
        ([found("other", 1.0)], "approve", []),
        ([found("praise", 1.0), found("spam", 0.5)], "hold", ["spam"]),
        # What only observes decides nothing; what was skipped has found nothing.
        ([found("spam", 1.0, mode=Mode.OBSERVE)], "approve", []),
        ([SKIPPED], "approve", []),
        # A failure holds, also beside a finding that would have let the comment through.
        ([FAILED], "hold", ["check_failed"]),
        ([found("praise", 1.0), FAILED], "hold", ["check_failed"]),
        ([FAILED, found("spam", 0.95)], "reject", ["spam", "check_failed"]),
    ],
)
def test_the_truth_table(findings: list[Finding], action: str, reasons: list[str]) -> None:
    decision = decide(read_policy(APPROVES, 7), tuple(findings))
    assert decision.action.value == action
    assert [reason.code for reason in decision.reasons] == reasons
    assert decision.policy_version == 7


FINDINGS = st.builds(
    Finding,
    check=st.sampled_from(["trap", "links", "wordlist"]),
    version=st.just("1"),
    label=st.sampled_from(["spam", "offensive", "praise", "other"]),
    score=st.floats(min_value=0, max_value=1),
    outcome=st.sampled_from(list(Outcome)),
    mode=st.sampled_from([Mode.ENFORCE, Mode.OBSERVE]),
)


@given(st.lists(FINDINGS, max_size=6), FINDINGS)
def test_another_finding_never_makes_a_decision_milder(findings: list[Finding], more: Finding) -> None:
    policy = read_policy(APPROVES, 1)
    before, after = decide(policy, tuple(findings)), decide(policy, (*findings, more))
    assert STRICTNESS[after.action] >= STRICTNESS[before.action]
    kept = {(reason.code, reason.check) for reason in before.reasons}
    assert kept <= {(reason.code, reason.check) for reason in after.reasons}


@given(st.lists(FINDINGS, max_size=6), st.randoms())
def test_the_order_of_findings_decides_nothing(findings: list[Finding], chance: Any) -> None:
    policy = read_policy(APPROVES, 1)
    shuffled = list(findings)
    chance.shuffle(shuffled)
    assert decide(policy, tuple(findings)).action is decide(policy, tuple(shuffled)).action


@given(st.lists(FINDINGS, max_size=6))
def test_with_the_built_in_policy_no_comment_goes_on_stage_unseen(findings: list[Finding]) -> None:
    assert decide(read_policy(DEFAULT_DOCUMENT, 0), tuple(findings)).action is not Action.APPROVE


@given(FINDINGS)
def test_a_stored_finding_decides_as_it_did(finding: Finding) -> None:
    stored = from_stored(as_stored(finding))
    assert (stored.check, stored.label, stored.score, stored.outcome) == (
        *(finding.check, finding.label, finding.score, finding.outcome),
    )


def test_a_finding_is_stored_with_its_evidence() -> None:
    finding = Finding("links", "2", "spam", 0.5, evidence=(Evidence("a link", 3, 9), Evidence("many")))
    assert as_stored(finding)["evidence"] == [
        {"note": "a link", "start": 3, "end": 9},
        {"note": "many", "start": None, "end": None},
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"ohterwise": "hold"}, "ohterwise"),
        ({"otherwise": "publish"}, "otherwise"),
        ({"on_failure": "approve"}, "on_failure"),
        ({"on_failure": "x"}, "on_failure"),
        ({"checks": {"links": "sometimes"}}, "checks"),
        ({"checks": ["links"]}, "checks"),
        ({"options": {"links": 7}}, "options"),
        ({"options": []}, "options"),
        ({"rules": {}}, "rules"),
        ({"rules": ["spam"]}, r"rules\[0\]"),
        ({"rules": [{"label": "spam", "at": 0.5, "action": "hold", "when": "night"}]}, r"rules\[0\]"),
        ({"rules": [{"label": "spam", "at": 1.5, "action": "hold"}]}, r"rules\[0\].at"),
        ({"rules": [{"label": "spam", "at": True, "action": "hold"}]}, r"rules\[0\].at"),
        ({"rules": [{"label": "spam", "at": float("nan"), "action": "hold"}]}, r"rules\[0\].at"),
        ({"rules": [{"label": "spam", "action": "hold"}]}, r"rules\[0\].at"),
        (
            {"rules": [*APPROVES["rules"], {"label": "spam", "at": 0.5, "action": "keep"}]},
            r"rules\[5\].action",
        ),
        ({"rules": [{"label": 7, "at": 0.5, "action": "hold"}]}, r"rules\[0\].label"),
        ({"rules": [{"label": "spam", "at": 0.5, "action": "hold", "check": 7}]}, r"rules\[0\].check"),
    ],
    ids=str,
)
def test_a_policy_that_makes_no_sense_names_the_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidPolicy, match=place):
        read_policy({**copy.deepcopy(APPROVES), **change}, 1)


def test_an_empty_policy_holds_everything() -> None:
    assert decide(read_policy({}, 1), ()).action is Action.HOLD


def test_reasons_are_those_of_a_statement_of_reasons() -> None:
    assert {reason.value for reason in Reason} == {
        *(
            "spam",
            "advertisement",
            "offensive",
            "insult",
            "threat",
            "hate",
            "sexual",
            "personal_data",
            "off_topic",
        ),
        *("illegal", "duplicate", "flood", "banned_author", "check_failed", "other"),
    }
