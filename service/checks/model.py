"""What the trained scorers make of a text: one finding for each label, with the words that weighed most.

They know English. Of a text in another language their scores are kept and decide nothing, also where the site has
taught them, for that is learned on top of them; and the comment waits for a person: to tell a friendly German that this
is spam would be an insult.

The weights are loaded when the first comment is screened, so that only workers ever hold them. A scorer that
cannot answer raises, which is a failed finding, which holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from service.domain.comment import Case
from service.domain.policy import Evidence, Finding, Outcome
from service.scoring.labels import LABELS, TIERS, Tier, untaught

if TYPE_CHECKING:
    from service.scoring.scorer import Scorer

# Below this a moderator is shown no words: everybody's comments have some that weigh a little.
EVIDENCE_FROM = 0.3
EVIDENCE_LABELS = 2
NOT_ENGLISH = "the models know English, and this does not look like it"


def scorer(tier: Tier) -> Scorer:
    """The scorer of this process."""
    # Only here, because the web process holds policies against the catalogue and must hold no numpy.
    import service.scoring.scorer

    return service.scoring.scorer.scorer(tier)


class Model:
    """Options: ``tier``, which is "both" (the default), "deep", or "linear" alone; ``evidence``, false where nobody
    will look at the words that weighed most; ``any_language``, true where texts in every language are to be judged."""

    name, version, label = "model", "1", "toxicity"

    def __init__(self, options: dict[str, Any]) -> None:
        tier = options.get("tier", "both")
        if tier not in TIERS:
            raise ValueError(f"tier is one of {', '.join(TIERS)}")
        self._tier: Tier = tier
        self._shows = bool(options.get("evidence", True))
        self._any_language = bool(options.get("any_language", False))

    def make_ready(self, cases: Sequence[Case]) -> None:
        """Do for a batch at once what ``run`` will ask of the models for one case after the other."""
        scorer(self._tier).make_ready([case.text for case in cases])

    def run(self, case: Case) -> tuple[Finding, ...]:
        """A finding for each label; a skipped one besides where the deep tier did not take part."""
        from service.scoring.spam_signs import Around

        judge = scorer(self._tier)
        around = Around(author_name=case.author_name)
        (scored,) = judge.score([case.text], [around])
        scores, model = scored.scores, scored.model
        own: list[Finding] = []
        if case.taught is not None:
            changed = case.taught.scores(scores, case.text, case.author_name)
            # What the models say without the site is kept: it is what the site learns against.
            own = [Finding(self.name, model, untaught(label), round(scores[label], 4)) for label in changed]
            scores = scores | changed
            model = f"{model}+site-{case.taught.version}"
        foreign = not self._any_language and not judge.knows(case.text)
        outcome, why = (Outcome.SKIPPED, NOT_ENGLISH) if foreign else (Outcome.FOUND, "")
        loudest = sorted(LABELS, key=lambda label: -scores[label])[:EVIDENCE_LABELS]
        findings = [
            Finding(
                self.name,
                model,
                label,
                round(scores[label], 4),
                outcome=outcome,
                why=why,
                evidence=self._evidence(judge, case.text, label)
                if self._shows and not foreign and label in loudest and scores[label] >= EVIDENCE_FROM
                else (),
            )
            for label in LABELS
        ]
        if foreign:
            findings.append(
                Finding(self.name, scored.model, "check_failed", outcome=Outcome.FAILED, why=NOT_ENGLISH)
            )
        if scored.fallback:
            findings.append(
                Finding(self.name, scored.model, "deep", outcome=Outcome.SKIPPED, why=scored.fallback)
            )
        return (*findings, *own)

    @staticmethod
    def _evidence(judge: Scorer, text: str, label: str) -> tuple[Evidence, ...]:
        words = judge.evidence(text, label)
        return tuple(Evidence("the marked words weighed most", word.start, word.end) for word in words)
