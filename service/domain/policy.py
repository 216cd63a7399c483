"""From findings to a decision: the pure heart of screening.

A check only says what it saw (a finding); what follows from it stands in the site's policy. ``decide`` looks
at every finding, the strictest action wins, and all reasons stay, so that a policy can be replayed over stored
findings and a moderator sees everything that was found, not only what was found first. How an editor writes a policy
down is ``service.domain.policy_document``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from service.domain.stories import path_of


class Action(StrEnum):
    """What is done with a comment, from the mildest to the strictest."""

    APPROVE = "approve"
    HOLD = "hold"
    REJECT = "reject"
    DISCARD = "discard"  # rejected, and not shown in any queue unless asked for


STRICTNESS = {Action.APPROVE: 0, Action.HOLD: 1, Action.REJECT: 2, Action.DISCARD: 3}


class Reason(StrEnum):
    """The codes that a decision may carry; the grounds of a statement of reasons (DSA, Article 17)."""

    SPAM = "spam"
    ADVERTISEMENT = "advertisement"
    OFFENSIVE = "offensive"
    INSULT = "insult"
    THREAT = "threat"
    HATE = "hate"
    SEXUAL = "sexual"
    PERSONAL_DATA = "personal_data"
    OFF_TOPIC = "off_topic"
    ILLEGAL = "illegal"
    DUPLICATE = "duplicate"
    FLOOD = "flood"
    BANNED_AUTHOR = "banned_author"
    CHECK_FAILED = "check_failed"
    OTHER = "other"


# Under which ground a label of the trained models is told to an author; other labels are reason codes themselves.
REASON_OF: dict[str, Reason] = {
    "toxicity": Reason.OFFENSIVE,
    "severe": Reason.OFFENSIVE,
    "obscene": Reason.OFFENSIVE,
    "identity_attack": Reason.HATE,
    "storm": Reason.OTHER,
}
# All that comes is held for a person. No policy can be written that lets this check's finding pass.
STORM = "storm"
# A person has vouched for the author: what ``otherwise = "trust"`` approves.
TRUSTED, TRUSTED_FROM = "trusted", 0.5
# Under this name stands, among the findings, that a comment could not be screened at all.
SCREENING = "screening"
STORIES_KEPT = 4096


class Outcome(StrEnum):
    FOUND = "found"  # it ran; ``score`` says how much was found, 0 being nothing
    SKIPPED = "skipped"  # it had nothing to look at; ``why`` says what was missing
    FAILED = "failed"  # it could not run; ``why`` names the error's class, never its text


class Mode(StrEnum):
    ENFORCE = "enforce"  # the finding counts
    OBSERVE = "observe"  # the finding is stored and decides nothing
    OFF = "off"  # the check is not run


# Looking a member up in its class is a call each time until Python 3.12, and each finding of each comment needs four.
_ENFORCE, _OFF, _APPROVE, _HOLD = Mode.ENFORCE, Mode.OFF, Action.APPROVE, Action.HOLD
_FOUND, _SKIPPED, _FAILED = Outcome.FOUND, Outcome.SKIPPED, Outcome.FAILED
_WORDS = {member: member.value for kind in (Outcome, Mode) for member in kind}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a check found something. ``start`` and ``end`` are character offsets into the comment's source
    (end exclusive), or ``None`` where the evidence is not a place in the text. ``note`` is for a moderator."""

    note: str
    start: int | None = None
    end: int | None = None


# Nobody changes a finding, and yet it is not frozen: that takes four times as long to make, and each comment has
# seventeen.
@dataclass(slots=True)
class Finding:
    """What one check says of one case. ``score`` is 0–1; ``label`` is a reason code or a check's own word."""

    check: str
    version: str
    label: str
    score: float = 0.0
    outcome: Outcome = Outcome.FOUND
    evidence: tuple[Evidence, ...] = ()
    why: str = ""
    mode: Mode = Mode.ENFORCE


def as_stored(finding: Finding) -> dict[str, Any]:
    """A finding as it is stored and shown."""
    # Spelled out: dataclasses.asdict copies deeply, which took a sixth of a worker's time.
    return {
        "check": finding.check,
        "version": finding.version,
        "label": finding.label,
        "score": finding.score,
        "outcome": _WORDS[finding.outcome],
        "evidence": [{"note": e.note, "start": e.start, "end": e.end} for e in finding.evidence]
        if finding.evidence
        else [],
        "why": finding.why,
        "mode": _WORDS[finding.mode],
    }


def from_stored(stored: dict[str, Any]) -> Finding:
    """A stored finding as a policy wants it (evidence is left out: it decides nothing)."""
    return Finding(
        check=stored["check"],
        version=stored["version"],
        label=stored["label"],
        score=stored["score"],
        outcome=Outcome(stored["outcome"]),
        why=stored["why"],
        mode=Mode(stored["mode"]),
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """``label`` at or above ``at`` leads to ``action``. ``check`` narrows the rule to one check's findings."""

    label: str
    at: float
    action: Action
    check: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A site's rules, versioned. ``otherwise`` is what happens when no rule catches anything; where it ``trusts``,
    a finding that the author is trusted approves instead.

    ``sections`` (by path, the longest first) and ``threads`` (by canonical URL) hold the whole policy for stories that
    have rules of their own. ``close_after_days`` counts from a thread's first comment. ``learned_version`` says whose
    thresholds the rules at "site" have, ``None`` where nothing was learned.
    """

    version: int
    rules: tuple[Rule, ...]
    otherwise: Action = Action.HOLD
    on_failure: Action = Action.HOLD
    modes: dict[str, Mode] = field(default_factory=dict)
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    trusts: bool = False
    close_after_days: int | None = None
    learned_version: int | None = None
    sections: tuple[tuple[str, Policy], ...] = ()
    threads: dict[str, Policy] = field(default_factory=dict)
    _by_label: dict[str, list[Rule]] = field(init=False, repr=False, compare=False)
    _lowest: dict[str, float] = field(init=False, repr=False, compare=False)
    _by_story: dict[str, Policy] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A screened comment has some fifteen findings, and a policy twenty rules.
        by_label: dict[str, list[Rule]] = {}
        for rule in self.rules:
            by_label.setdefault(rule.label, []).append(rule)
        object.__setattr__(self, "_by_label", by_label)
        lowest = {label: min(rule.at for rule in rules) for label, rules in by_label.items()}
        object.__setattr__(self, "_lowest", lowest)
        object.__setattr__(self, "_by_story", {})

    def for_story(self, url: str) -> Policy:
        """What holds for the story at this canonical URL: its own, else that of the longest section it lies in."""
        if not self.sections and not self.threads:
            return self
        found = self._by_story.get(url)
        if found is None:
            found = self.threads.get(url) or self._of_section(path_of(url))
            if len(self._by_story) >= STORIES_KEPT:
                self._by_story.clear()
            self._by_story[url] = found
        return found

    def closes_at(self, url: str, created_at: datetime) -> datetime | None:
        """When the thread of this story, begun at ``created_at``, takes no more comments; None: never."""
        days = self.for_story(url).close_after_days
        return created_at + timedelta(days=days) if days is not None else None

    def _of_section(self, path: str) -> Policy:
        # Whole steps of a path: /sport/ holds /sport and /sport/tennis, and not /sports.
        return next(
            (own for section, own in self.sections if (path.rstrip("/") + "/").startswith(section)), self
        )

    def catching(self, finding: Finding) -> list[Rule]:
        """The rules that this finding meets, in the policy's order. Nothing found meets none, not even one at 0."""
        check, score = finding.check, finding.score
        if score <= 0 or finding.outcome is not _FOUND:
            return []
        return [
            rule
            for rule in self._by_label.get(finding.label, ())
            if score >= rule.at and (rule.check is None or rule.check == check)
        ]

    def mode(self, check: str) -> Mode:
        return _ENFORCE if check == STORM else self.modes.get(check, _ENFORCE)


@dataclass(frozen=True, slots=True)
class GroundedReason:
    """A reason with what stands behind it: the check and score of a machine's finding, or a person's choice."""

    code: str
    check: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided and every reason for it, the strictest first."""

    action: Action
    reasons: tuple[GroundedReason, ...]
    policy_version: int | None = None


# Above every score: what no rule is about is caught by none.
NEVER = 2.0


def decide(policy: Policy, findings: tuple[Finding, ...]) -> Decision:
    """The policy's answer to these findings.

    Every enforced finding is looked at. A failed check counts as ``policy.on_failure`` with the reason
    ``check_failed``: a check that cannot run must never mean "fine". Skipped checks decide nothing. In a storm the
    decision is at least to hold, whatever the policy.
    """
    # Of several labels of one check that are one ground, the one that weighs most stands for all.
    grounded: dict[tuple[str, str], tuple[int, GroundedReason]] = {}
    strictest = _APPROVE if policy.trusts and _is_trusted(findings) else policy.otherwise
    for finding in findings:
        storm = finding.check == STORM
        if (finding.mode is not _ENFORCE and not storm) or finding.outcome is _SKIPPED:
            continue
        if finding.outcome is _FAILED:
            hit, code, score = policy.on_failure, str(Reason.CHECK_FAILED), None
        elif not storm and finding.score < policy._lowest.get(finding.label, NEVER):
            # Most findings of most comments, and known at a glance.
            continue
        else:
            caught = [rule.action for rule in policy.catching(finding)]
            if storm and finding.score > 0:
                caught.append(_HOLD)
            if not caught:
                continue
            hit = max(caught, key=STRICTNESS.__getitem__)
            code = str(REASON_OF.get(finding.label, finding.label))
            score = finding.score
        if hit is not _APPROVE:
            weight = (STRICTNESS[hit], GroundedReason(code, finding.check, score))
            known = grounded.setdefault((code, finding.check), weight)
            if (weight[0], score or 0.0) > (known[0], known[1].score or 0.0):
                grounded[code, finding.check] = weight
        strictest = max(strictest, hit, key=STRICTNESS.__getitem__)
    ordered = sorted(grounded.values(), key=lambda pair: -pair[0])
    return Decision(strictest, tuple(reason for _, reason in ordered), policy.version)


def _is_trusted(findings: Iterable[Finding]) -> bool:
    return any(
        one.label == TRUSTED and one.score >= TRUSTED_FROM and one.mode is _ENFORCE and one.outcome is _FOUND
        for one in findings
    )


# Of a comment that could not be screened: no policy was asked.
GIVEN_UP = Decision(Action.HOLD, (GroundedReason(Reason.CHECK_FAILED.value, SCREENING),))


def replay(policy: Policy, stored: list[dict[str, Any]]) -> Decision:
    """What ``policy`` (that of the story) makes of stored findings; its modes hold, not those of then.

    With the policy and thresholds of then it is what screening decided then. A check that was off then has left no
    finding, and nothing is known of it.
    """
    findings = []
    for finding in map(from_stored, stored):
        if finding.check == SCREENING:
            return GIVEN_UP
        mode = policy.mode(finding.check)
        if mode is not _OFF:
            findings.append(finding if finding.mode is mode else replace(finding, mode=mode))
    return decide(policy, tuple(findings))
