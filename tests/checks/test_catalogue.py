"""How checks are run: each on its own, none with consequences, no failure for a pass."""

from __future__ import annotations

from typing import Any

import pytest

from service.checks import catalogue
from service.checks.catalogue import CATALOGUE, run_checks
from service.domain.comment import Case
from service.domain.policy import Action, Finding, Mode, Outcome, Policy, decide
from service.domain.policy_document import read_policy
from tests.checks.cases import case

KESTREL = "kestrel-7413"


class Broken:
    name, version, label = "broken", "1", "spam"

    def __init__(self, options: dict[str, Any]) -> None:
        self._error = options.get("error", "ValueError")

    def run(self, case: Case) -> Finding:
        raise {"ValueError": ValueError, "Timeout": Cut, "KeyError": KeyError}[self._error](case.text)


class Unmade:
    name, version, label = "unmade", "1", "spam"

    def __init__(self, options: dict[str, Any]) -> None:
        raise OSError(KESTREL)


class Cut(Exception):
    pass


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two more checks in the catalogue, as an author of checks adds them."""
    monkeypatch.setitem(CATALOGUE, "broken", (Broken, "raises"))
    monkeypatch.setitem(CATALOGUE, "unmade", (Unmade, "cannot be made"))
    catalogue._made.cache_clear()


def policy(**document: Any) -> Policy:
    return read_policy({"otherwise": "approve", **document}, 1)


@pytest.mark.usefixtures("broken")
def test_a_failing_check_is_a_finding_with_its_class_and_not_its_words() -> None:
    findings = {finding.check: finding for finding in run_checks(case(KESTREL), policy())}
    assert set(findings) == set(CATALOGUE)
    assert findings["broken"].outcome is Outcome.FAILED
    assert findings["broken"].why == "ValueError"
    assert findings["unmade"].why == "OSError"
    assert KESTREL not in repr([findings["broken"], findings["unmade"]])


@pytest.mark.usefixtures("broken")
def test_a_failing_check_holds_the_comment() -> None:
    decision = decide(policy(), run_checks(case(), policy()))
    assert decision.action is Action.HOLD
    assert {reason.code for reason in decision.reasons} == {"check_failed"}
    assert {reason.check for reason in decision.reasons} == {"broken", "unmade"}


@pytest.mark.usefixtures("broken")
def test_a_check_that_is_off_is_not_run_and_one_that_observes_decides_nothing() -> None:
    quiet = policy(checks={"broken": "observe", "unmade": "off"})
    findings = run_checks(case(), quiet)
    assert {finding.check for finding in findings} == set(CATALOGUE) - {"unmade"}
    assert next(finding for finding in findings if finding.check == "broken").mode is Mode.OBSERVE
    assert decide(quiet, findings).action is Action.APPROVE


@pytest.mark.usefixtures("broken")
def test_what_concerns_the_whole_batch_passes_through() -> None:
    with pytest.raises(Cut):
        run_checks(case(), policy(options={"broken": {"error": "Timeout"}}), interrupts=(Cut,))


@pytest.mark.usefixtures("broken")
def test_options_are_the_policys_own() -> None:
    findings = run_checks(case(), policy(options={"broken": {"error": "KeyError"}}))
    assert next(finding for finding in findings if finding.check == "broken").why == "KeyError"


def test_every_check_says_who_it_is() -> None:
    for name, (maker, sentence) in CATALOGUE.items():
        check = maker({})
        assert check.name == name
        assert check.version
        assert check.label
        assert sentence
        seen = check.run(case())
        for finding in seen if isinstance(seen, tuple) else (seen,):
            assert finding.check == name
            # A model's findings carry the version of its weights.
            assert finding.version == check.version or name == "model"
        assert 0 <= finding.score <= 1


def test_a_harmless_comment_raises_no_finding() -> None:
    findings = run_checks(case("I take the boat every morning, and so do half of my pupils."), policy())
    assert [finding.check for finding in findings if finding.score > 0 and finding.check != "model"] == []
    assert max(finding.score for finding in findings) < 0.4
    assert {finding.outcome for finding in findings} <= {Outcome.FOUND, Outcome.SKIPPED}
