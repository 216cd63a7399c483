"""From findings to a decision: the pure heart of screening.

A check only says what it saw (a finding); what follows from it stands in the site's policy. ``decide`` looks
at every finding, the strictest action wins, and all reasons stay, so that a policy can be replayed over stored
findings and a moderator sees everything that was found, not only what was found first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from service.domain.errors import InvalidPolicy


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
}
# Where a rule's threshold is "site": what holds until a site has approved enough comments to set its own.
THRESHOLDS = {
    "toxicity": 0.7,
    "severe": 0.4,
    "insult": 0.7,
    "threat": 0.4,
    "identity_attack": 0.5,
    "obscene": 0.7,
    "sexual": 0.6,
    "spam": 0.6,
}
SITE = "site"
# A model that takes a word for hatred errs most about those whom the word names: a person looks at these.
NEVER_REJECTED_FOR = ("identity_attack",)


class Outcome(StrEnum):
    FOUND = "found"  # it ran; ``score`` says how much was found, 0 being nothing
    SKIPPED = "skipped"  # it had nothing to look at; ``why`` says what was missing
    FAILED = "failed"  # it could not run; ``why`` names the error's class, never its text


class Mode(StrEnum):
    ENFORCE = "enforce"  # the finding counts
    OBSERVE = "observe"  # the finding is stored and decides nothing
    OFF = "off"  # the check is not run


# Looking a member up in its class is a call each time until Python 3.12, and each finding of each comment needs four.
_ENFORCE, _APPROVE = Mode.ENFORCE, Action.APPROVE
_FOUND, _SKIPPED, _FAILED = Outcome.FOUND, Outcome.SKIPPED, Outcome.FAILED
_WORDS = {member: member.value for kind in (Outcome, Mode) for member in kind}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a check found something. ``start`` and ``end`` are character offsets into the comment's source
    (end exclusive), or ``None`` where the evidence is not a place in the text. ``note`` is for a moderator."""

    note: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
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
    """A site's rules, versioned. ``otherwise`` is what happens when no rule catches anything."""

    version: int
    rules: tuple[Rule, ...]
    otherwise: Action = Action.HOLD
    on_failure: Action = Action.HOLD
    modes: dict[str, Mode] = field(default_factory=dict)
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    _by_label: dict[str, list[Rule]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A screened comment has some fifteen findings, and a policy twenty rules.
        by_label: dict[str, list[Rule]] = {}
        for rule in self.rules:
            by_label.setdefault(rule.label, []).append(rule)
        object.__setattr__(self, "_by_label", by_label)

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
        return self.modes.get(check, Mode.ENFORCE)


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


def decide(policy: Policy, findings: tuple[Finding, ...]) -> Decision:
    """The policy's answer to these findings.

    Every enforced finding is looked at. A failed check counts as ``policy.on_failure`` with the reason
    ``check_failed``: a check that cannot run must never mean "fine". Skipped checks decide nothing.
    """
    # Of several labels of one check that are one ground, the one that weighs most stands for all.
    grounded: dict[tuple[str, str], tuple[int, GroundedReason]] = {}
    strictest = policy.otherwise
    for finding in findings:
        if finding.mode is not _ENFORCE or finding.outcome is _SKIPPED:
            continue
        if finding.outcome is _FAILED:
            hit, code, score = policy.on_failure, str(Reason.CHECK_FAILED), None
        else:
            caught = [rule.action for rule in policy.catching(finding)]
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


DEFAULT_DOCUMENT: dict[str, Any] = {
    "otherwise": "hold",
    "on_failure": "hold",
    "checks": {},
    "options": {},
    "rules": [
        {"label": "banned_author", "check": "standing", "at": 0.5, "action": "reject"},
        {"label": "spam", "check": "trap", "at": 0.9, "action": "discard"},
        {"label": "spam", "check": "links", "at": 0.95, "action": "reject"},
        {"label": "spam", "check": "duplicates", "at": 0.95, "action": "reject"},
        {"label": "spam", "check": "trap", "at": 0.4, "action": "hold"},
        {"label": "spam", "check": "links", "at": 0.4, "action": "hold"},
        {"label": "spam", "check": "hosts", "at": 0.4, "action": "hold"},
        {"label": "spam", "check": "duplicates", "at": 0.4, "action": "hold"},
        {"label": "spam", "check": "model", "at": "site", "action": "hold"},
        {"label": "offensive", "at": 0.5, "action": "hold"},
        {"label": "toxicity", "at": "site", "action": "hold"},
        {"label": "severe", "at": "site", "action": "hold"},
        {"label": "insult", "at": "site", "action": "hold"},
        {"label": "threat", "at": "site", "action": "hold"},
        {"label": "identity_attack", "at": "site", "action": "hold"},
        {"label": "obscene", "at": "site", "action": "hold"},
        {"label": "sexual", "at": "site", "action": "hold"},
        {"label": "personal_data", "at": 0.5, "action": "hold"},
        {"label": "duplicate", "at": 0.5, "action": "hold"},
        {"label": "flood", "at": 0.5, "action": "hold"},
        {"label": "other", "at": 0.5, "action": "hold"},
    ],
}


def read_policy(
    document: dict[str, Any], version: int, thresholds: Mapping[str, float] | None = None
) -> Policy:
    """A policy from its document (the JSON or TOML that an editor writes). ``thresholds`` are the site's own, by
    label, for rules at "site"; for a label that has none, ``THRESHOLDS`` holds.

    Raises ``InvalidPolicy`` naming the place of the first fault.
    """
    if not isinstance(document, dict):
        raise InvalidPolicy("a policy is a table of otherwise, on_failure, checks, options and rules")
    known = {"otherwise", "on_failure", "checks", "options", "rules"}
    if unknown := set(document) - known:
        raise InvalidPolicy(f"unknown entry: {sorted(unknown)[0]}")
    try:
        otherwise = Action(document.get("otherwise", "hold"))
        on_failure = Action(document.get("on_failure", "hold"))
    except ValueError:
        raise InvalidPolicy("otherwise and on_failure take approve, hold, reject or discard") from None
    if on_failure is Action.APPROVE:
        raise InvalidPolicy("on_failure cannot be approve: a check that did not run has approved nothing")
    checks = document.get("checks", {})
    try:
        modes = {str(name): Mode(mode) for name, mode in checks.items()}
    except (ValueError, AttributeError):
        raise InvalidPolicy("checks: each takes enforce, observe or off") from None
    options = document.get("options", {})
    if not isinstance(options, dict) or not all(isinstance(v, dict) for v in options.values()):
        raise InvalidPolicy("options: a table for each check")
    rules = document.get("rules", [])
    if not isinstance(rules, list):
        raise InvalidPolicy("rules: a list")
    return Policy(
        version=version,
        rules=tuple(_read_rule(rule, place, thresholds or {}) for place, rule in enumerate(rules)),
        otherwise=otherwise,
        on_failure=on_failure,
        modes=modes,
        options=options,
    )


def _read_rule(rule: Any, place: int, thresholds: Mapping[str, float]) -> Rule:
    if not isinstance(rule, dict) or set(rule) - {"label", "at", "action", "check"}:
        raise InvalidPolicy(f"rules[{place}]: takes label, at, action and check")
    at = rule.get("at")
    if at == SITE:
        label = rule.get("label")
        if label not in THRESHOLDS:
            known = ", ".join(THRESHOLDS)
            raise InvalidPolicy(
                f"rules[{place}].at: only labels of the models have a site's threshold: {known}"
            )
        at = thresholds.get(label, THRESHOLDS[label])
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at <= 1:
        raise InvalidPolicy(f'rules[{place}].at: a number from 0 to 1, or "site"')
    try:
        action = Action(str(rule.get("action")))
    except ValueError:
        raise InvalidPolicy(f"rules[{place}].action: approve, hold, reject or discard") from None
    if not isinstance(rule.get("label"), str):
        raise InvalidPolicy(f"rules[{place}].label: a label")
    if action in (Action.REJECT, Action.DISCARD) and rule["label"] in NEVER_REJECTED_FOR:
        raise InvalidPolicy(
            f"rules[{place}]: {rule['label']} may hold a comment for a person, and never reject it"
        )
    check = rule.get("check")
    if check is not None and not isinstance(check, str):
        raise InvalidPolicy(f"rules[{place}].check: the name of a check")
    return Rule(rule["label"], float(at), action, check)
