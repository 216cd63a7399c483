"""How much a comment may hurt whoever reads it: what queues are sorted by, and what moderators are spared in rows."""

from collections.abc import Sequence

from service.domain.policy import Finding, Mode, Outcome

# From here on a comment is grim: no more than so many of them shall follow each other in front of one person.
GRIM = 0.5
GRIM_IN_A_ROW = 3
# A threat, severe abuse and what is sexual count in full: they are the ones that hurt people and that a newsroom has to
# act on first. The others are rude words far more often than harm, and the models are surer of them than they should
# be: a little less, so that a sure insult comes after an equally sure threat. Personal data harms whom it is about and
# is not grim to look at. Spam is a nuisance and no risk.
WEIGHTS = {
    "threat": 1.0,
    "severe": 1.0,
    "sexual": 1.0,
    "identity_attack": 0.9,
    "toxicity": 0.8,
    "insult": 0.8,
    "obscene": 0.8,
    "offensive": 0.8,
    "personal_data": 0.4,
}


def risk_of(findings: Sequence[Finding]) -> float:
    """0–1: the largest score of a harmful label, weighed. What is only observed does not count."""
    return max(
        (
            finding.score * WEIGHTS[finding.label]
            for finding in findings
            if finding.label in WEIGHTS and finding.mode is _ENFORCE and finding.outcome is _FOUND
        ),
        default=0.0,
    )


def is_grim(risk: float) -> bool:
    return risk >= GRIM


# Looked up once: each finding of each comment needs them.
_ENFORCE, _FOUND = Mode.ENFORCE, Outcome.FOUND
