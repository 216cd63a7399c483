"""What follows from what was found: a truth table, and what no policy can do."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidPolicy
from service.domain.policy import (
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
    replay,
)
from service.domain.policy_document import DEFAULT_DOCUMENT, read_policy

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
    assert stored == replace(finding, evidence=())


def test_a_finding_is_stored_with_its_evidence() -> None:
    finding = Finding("links", "2", "spam", 0.5, evidence=(Evidence("a link", 3, 9), Evidence("many")))
    assert as_stored(finding)["evidence"] == [
        {"note": "a link", "start": 3, "end": 9},
        {"note": "many", "start": None, "end": None},
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"ohterwise": "hold"}, "/ohterwise"),
        ({"otherwise": "publish"}, "/otherwise"),
        ({"otherwise": ["hold"]}, "/otherwise"),
        ({"on_failure": "approve"}, "/on_failure"),
        ({"on_failure": "trust"}, "/on_failure"),
        ({"on_failure": "x"}, "/on_failure"),
        ({"close_after_days": 0}, "/close_after_days"),
        ({"close_after_days": 3651}, "/close_after_days"),
        ({"close_after_days": True}, "/close_after_days"),
        ({"close_after_days": 14.0}, "/close_after_days"),
        ({"checks": {"links": "sometimes"}}, "/checks/links"),
        ({"checks": {"links": 7}}, "/checks/links"),
        ({"checks": {"storm": "off"}}, "/checks/storm"),
        ({"checks": {"storm": "observe"}}, "/checks/storm"),
        ({"checks": ["links"]}, "/checks"),
        ({"options": {"links": 7}}, "/options/links"),
        ({"options": {"a/b~": 7}}, "/options/a~1b~0"),
        ({"options": []}, "/options"),
        ({"rules": {}}, "/rules"),
        ({"rules": ["spam"]}, "/rules/0"),
        ({"rules": [{"label": "spam", "at": 0.5, "action": "hold", "when": "night"}]}, "/rules/0/when"),
        ({"rules": [{"label": "spam", "at": 1.5, "action": "hold"}]}, "/rules/0/at"),
        ({"rules": [{"label": "spam", "at": True, "action": "hold"}]}, "/rules/0/at"),
        ({"rules": [{"label": "spam", "at": float("nan"), "action": "hold"}]}, "/rules/0/at"),
        ({"rules": [{"label": "spam", "action": "hold"}]}, "/rules/0/at"),
        ({"rules": [{"label": "praise", "at": "site", "action": "hold"}]}, "/rules/0/at"),
        ({"rules": [*APPROVES["rules"], {"label": "spam", "at": 0.5, "action": "keep"}]}, "/rules/5/action"),
        ({"rules": [{"label": "spam", "at": 0.5, "action": "trust"}]}, "/rules/0/action"),
        ({"rules": [{"label": 7, "at": 0.5, "action": "hold"}]}, "/rules/0/label"),
        ({"rules": [{"label": "spam", "at": 0.5, "action": "hold", "check": 7}]}, "/rules/0/check"),
        ({"rules": [{"label": "identity_attack", "at": 0.9, "action": "reject"}]}, "/rules/0/action"),
        ({"rules": [{"label": "spam", "at": 1, "action": "hold"}] * 201}, "/rules"),
        ({"sections": {}}, "/sections"),
        ({"sections": ["/sport/"]}, "/sections/0"),
        ({"sections": [{"otherwise": "hold"}]}, "/sections/0/path"),
        ({"sections": [{"path": "sport"}]}, "/sections/0/path"),
        ({"sections": [{"path": "//sport"}]}, "/sections/0/path"),
        ({"sections": [{"path": "/sport?page=2"}]}, "/sections/0/path"),
        ({"sections": [{"path": "/sport"}, {"path": "/sport/"}]}, "/sections/1/path"),
        ({"sections": [{"path": "/sport/", "url": "https://daily.example/x"}]}, "/sections/0/url"),
        ({"sections": [{"path": "/sport/", "sections": []}]}, "/sections/0/sections"),
        ({"sections": [{"path": "/sport/", "rules": [{}]}]}, "/sections/0/rules/0/label"),
        ({"sections": [{"path": "/sport/", "checks": {"storm": "off"}}]}, "/sections/0/checks/storm"),
        ({"threads": [{"url": "/budget"}]}, "/threads/0/url"),
        (
            {"threads": [{"url": "https://a.example/x"}, {"url": "HTTPS://A.example:443/x#y"}]},
            "/threads/1/url",
        ),
        # What a database, JSON or TOML would not give back as it was.
        ({"options": {"trap": {"seconds": None}}}, "/options/trap/seconds"),
        ({"options": {"trap": {"seconds": float("inf")}}}, "/options/trap/seconds"),
        ({"options": {"trap": {"seconds": 10**300}}}, "/options/trap/seconds"),
        ({"options": {"wordlist": {"hold": ["a\x00b"]}}}, "/options/wordlist/hold/0"),
        ({"options": {"wordlist": {"hold": ["\ud800"]}}}, "/options/wordlist/hold/0"),
        ({"options": {"wordlist": {"hold": ["x" * 1_001]}}}, "/options/wordlist/hold/0"),
        ({"options": {"wordlist": {"a\x00": 1}}}, "/options/wordlist"),
        ({"options": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}}, "/options/a/b/c/d/e/f"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_policy_that_makes_no_sense_names_the_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        read_policy({**copy.deepcopy(APPROVES), **change}, 1)
    assert place in [error.pointer for error in caught.value.errors]
    assert place in str(caught.value)


def test_every_fault_of_a_policy_is_told_at_once() -> None:
    wrong = {
        "otherwise": "publish",
        "on_failure": "approve",
        "rules": [{"label": "spam", "at": 2, "action": "keep"}],
        "sections": [{"path": "sport", "close_after_days": 0}],
        "threads": [{"rules": 7}],
    }
    with pytest.raises(InvalidPolicy) as caught:
        read_policy(wrong, 1)
    assert [error.pointer for error in caught.value.errors] == [
        "/otherwise",
        "/on_failure",
        "/rules/0/at",
        "/rules/0/action",
        "/sections/0/close_after_days",
        "/sections/0/path",
        "/threads/0/rules",
        "/threads/0/url",
    ]


@pytest.mark.parametrize("document", [None, [], "hold", 7, b"x"])
def test_what_is_no_table_is_no_policy(document: Any) -> None:
    with pytest.raises(InvalidPolicy):
        read_policy(document, 1)


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


# --- trust -----------------------------------------------------------------------------------------------------------

TRUSTS = {**APPROVES, "otherwise": "trust"}


@pytest.mark.parametrize(
    ("findings", "action", "reasons"),
    [
        # Nobody vouched for the author: a person looks.
        ([], "hold", []),
        ([found("other", 1.0)], "hold", []),
        # Trusted, whichever check says so, from a half on.
        ([found("trusted", 1.0, "standing")], "approve", []),
        ([found("trusted", 0.5, "history")], "approve", []),
        ([found("trusted", 0.49, "standing")], "hold", []),
        # Trust that is only observed, or was not looked up, is none.
        ([found("trusted", 1.0, mode=Mode.OBSERVE)], "hold", []),
        ([Finding("standing", "1", "trusted", 1.0, outcome=Outcome.SKIPPED)], "hold", []),
        ([Finding("standing", "1", "trusted", 1.0, outcome=Outcome.FAILED)], "hold", ["check_failed"]),
        # Trust is no licence: rules catch, and a failed check holds.
        ([found("trusted", 1.0), found("spam", 0.5)], "hold", ["spam"]),
        ([found("trusted", 1.0), found("spam", 0.95)], "reject", ["spam"]),
        ([found("trusted", 1.0), FAILED], "hold", ["check_failed"]),
        ([found("trusted", 1.0), found("storm", 1.0, "storm")], "hold", ["other"]),
    ],
)
def test_with_trust_only_the_trusted_go_on_stage_unseen(
    findings: list[Finding], action: str, reasons: list[str]
) -> None:
    decision = decide(read_policy(TRUSTS, 7), tuple(findings))
    assert decision.action.value == action
    assert [reason.code for reason in decision.reasons] == reasons


# --- what no policy can do -------------------------------------------------------------------------------------------

ACTIONS = st.sampled_from(["approve", "hold", "reject", "discard"])
LABELS = st.sampled_from(["spam", "offensive", "praise", "other", "trusted", "storm", "identity_attack"])
PARTS = {
    "otherwise": ACTIONS | st.just("trust"),
    "on_failure": st.sampled_from(["hold", "reject", "discard"]),
    "close_after_days": st.integers(1, 3650),
    "checks": st.dictionaries(
        st.sampled_from(["trap", "links", "wordlist", "standing"]),
        st.sampled_from(["enforce", "observe", "off"]),
    ),
    "rules": st.lists(
        st.fixed_dictionaries(
            {"label": LABELS, "at": st.floats(0, 1), "action": ACTIONS},
            optional={"check": st.sampled_from(["trap", "links", "storm"])},
        ).filter(lambda rule: rule["label"] != "identity_attack" or rule["action"] in ("approve", "hold")),
        max_size=6,
    ),
}
DOCUMENTS = st.fixed_dictionaries({}, optional=PARTS)
ANY_FINDINGS = st.lists(
    st.builds(
        Finding,
        check=st.sampled_from(["trap", "links", "wordlist", "standing"]),
        version=st.just("1"),
        label=LABELS.filter(lambda label: label != "storm"),
        score=st.floats(0, 1),
        outcome=st.sampled_from(list(Outcome)),
        mode=st.sampled_from([Mode.ENFORCE, Mode.OBSERVE]),
    ),
    max_size=6,
)


@given(DOCUMENTS, ANY_FINDINGS, st.sampled_from(list(Mode)))
def test_in_a_storm_no_policy_lets_anything_through(
    document: dict[str, Any], findings: list[Finding], mode: Mode
) -> None:
    storm = Finding("storm", "1", "storm", 1.0, mode=mode)
    decision = decide(read_policy(document, 1), (*findings, storm))
    assert decision.action is not Action.APPROVE
    assert ("other", "storm", 1.0) in {(one.code, one.check, one.score) for one in decision.reasons}


@given(DOCUMENTS, ANY_FINDINGS)
def test_no_policy_approves_where_an_enforced_check_failed(
    document: dict[str, Any], findings: list[Finding]
) -> None:
    failed = Finding("links", "1", "spam", outcome=Outcome.FAILED)
    assert decide(read_policy(document, 1), (*findings, failed)).action is not Action.APPROVE


@given(DOCUMENTS, st.floats(0, 1))
def test_no_policy_rejects_for_an_identity(document: dict[str, Any], score: float) -> None:
    policy = read_policy({**document, "otherwise": "hold"}, 1)
    assert decide(policy, (found("identity_attack", score, "model"),)).action in (
        Action.APPROVE,
        Action.HOLD,
    )


@given(DOCUMENTS, st.lists(FINDINGS, max_size=6))
def test_what_was_found_replays_to_what_was_decided(
    document: dict[str, Any], findings: list[Finding]
) -> None:
    policy = read_policy(document, 3)
    ran = [replace(one, mode=policy.mode(one.check)) for one in findings]
    ran = [one for one in ran if one.mode is not Mode.OFF]
    assert replay(policy, [as_stored(one) for one in ran]) == decide(policy, tuple(ran))
