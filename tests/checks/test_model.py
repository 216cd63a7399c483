"""The trained models as a check: a finding for each label, and never a pass for a model that cannot answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import service.checks.model as room
from service.checks.catalogue import CATALOGUE, catalogue_faults, run_checks
from service.checks.model import NOT_ENGLISH, Model
from service.domain.errors import InvalidPolicy
from service.domain.policy import Action, Outcome, decide
from service.domain.policy_document import read_policy
from service.scoring.labels import LABELS
from service.scoring.scorer import Scorer, WeightsDamaged
from tests.checks.cases import case, marked

RUDE = "Well, you are an idiot and everybody knows it."
MODEL_ALONE = {
    "otherwise": "approve",
    "checks": {name: "off" for name in CATALOGUE if name not in ("model", "storm")},
}


def test_there_is_a_finding_for_every_label_with_the_models_version() -> None:
    findings = Model({"tier": "linear"}).run(case(RUDE))
    assert tuple(finding.label for finding in findings) == LABELS
    assert {finding.check for finding in findings} == {"model"}
    assert all(finding.version.startswith("linear-") for finding in findings)


def test_the_words_that_weighed_are_marked_where_they_stand() -> None:
    toxicity = Model({"tier": "linear"}).run(case(RUDE))[0]
    assert "idiot" in marked(toxicity, RUDE)


def test_a_calm_comment_has_no_words_marked() -> None:
    assert all(not finding.evidence for finding in Model({}).run(case("Does the library open on Sunday?")))


def test_a_model_that_cannot_be_loaded_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(tier: str) -> Scorer:
        raise WeightsDamaged("no weights")

    monkeypatch.setattr(room, "scorer", broken)
    policy = read_policy(MODEL_ALONE, 1)
    findings = run_checks(case("Lovely."), policy)
    assert [finding.outcome for finding in findings if finding.check == "model"] == [Outcome.FAILED]
    assert decide(policy, findings).action is Action.HOLD


def test_a_missing_deep_tier_is_a_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lonely = Scorer("linear")
    lonely.fallback = "ImportError: the deep tier cannot be loaded"
    monkeypatch.setattr(room, "scorer", lambda tier: lonely)
    last = Model({}).run(case(RUDE))[-1]
    assert (last.label, last.outcome) == ("deep", Outcome.SKIPPED)
    assert "deep tier" in last.why


def test_the_default_policy_holds_an_insult_for_its_kind_and_offence() -> None:
    from service.domain.policy_document import DEFAULT_DOCUMENT

    policy = read_policy({**DEFAULT_DOCUMENT, **MODEL_ALONE}, 1)
    decision = decide(policy, run_checks(case(RUDE), policy))
    assert decision.action is Action.HOLD
    assert {reason.code for reason in decision.reasons} >= {"offensive", "insult"}
    assert len({(reason.code, reason.check) for reason in decision.reasons}) == len(decision.reasons)


def test_an_unknown_tier_is_refused_when_the_policy_is_set() -> None:
    [fault] = catalogue_faults({"options": {"model": {"tier": "huge"}}})
    assert fault.pointer == "/options/model"
    assert "tier" in fault.detail


def test_no_policy_rejects_for_an_identity_alone() -> None:
    for action in ("reject", "discard"):
        with pytest.raises(InvalidPolicy, match="identity_attack"):
            read_policy({"rules": [{"label": "identity_attack", "at": 0.9, "action": action}]}, 1)


# --- other languages ------------------------------------------------------------------------------------------------

GERMAN = (
    "Die Brücke ist wirklich schön geworden, und ich freue mich jeden Tag darauf, mit der Fähre zu fahren."
)


def test_a_friendly_german_waits_for_a_person_and_is_told_of_no_spam() -> None:
    from service.domain.policy_document import DEFAULT_DOCUMENT

    policy = read_policy({**DEFAULT_DOCUMENT, **MODEL_ALONE}, 1)
    findings = run_checks(case(GERMAN), policy)
    decision = decide(policy, findings)
    assert decision.action is Action.HOLD
    assert [reason.code for reason in decision.reasons] == ["check_failed"]
    scored = [finding for finding in findings if finding.label in LABELS]
    # Kept, so that a policy can be tried over them; shown as what they are.
    assert {finding.outcome for finding in scored} == {Outcome.SKIPPED}
    assert {finding.why for finding in findings if finding.check == "model"} == {NOT_ENGLISH}


def test_a_newsroom_may_have_every_language_judged() -> None:
    options = {"options": {"model": {"any_language": True}}}
    findings = run_checks(case(GERMAN), read_policy({**MODEL_ALONE, **options}, 1))
    assert {finding.outcome for finding in findings} == {Outcome.FOUND}


class Taught:
    """A site that has learned, among English comments, to call nearly everything spam and offensive."""

    version = 7

    def scores(self, scores: Mapping[str, float], text: str, author_name: str) -> dict[str, float]:
        return {"spam": 0.97, "toxicity": 0.97}


def test_what_an_english_site_has_taught_judges_no_german() -> None:
    from service.domain.policy_document import DEFAULT_DOCUMENT

    policy = read_policy({**DEFAULT_DOCUMENT, **MODEL_ALONE}, 1)
    decision = decide(policy, run_checks(replace(case(GERMAN), taught=Taught()), policy))
    assert [reason.code for reason in decision.reasons] == ["check_failed"]


def test_what_a_site_of_another_language_has_taught_counts_there() -> None:
    options = {"options": {"model": {"any_language": True}}}
    policy = read_policy({**MODEL_ALONE, **options}, 1)
    findings = run_checks(replace(case(GERMAN), taught=Taught()), policy)
    [spam] = [finding for finding in findings if finding.label == "spam"]
    assert (spam.outcome, spam.score) == (Outcome.FOUND, 0.97)
