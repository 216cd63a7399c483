"""How a policy is written down: the document that an editor writes, read with all its faults at once.

The same table is JSON for programs and TOML for people. What follows from a policy is ``service.domain.policy``; that
the checks it names are there, and take the options it gives them, is for the catalogue to say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from service.domain.errors import FieldError, InvalidPolicy
from service.domain.policy import STORM, Action, Mode, Policy, Rule
from service.domain.stories import UrlFault, canonical_path, canonical_url

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


# What a part of a document may hold: the site's own, and that of a section or a thread, beside its path or url.
ENTRIES = ("otherwise", "on_failure", "close_after_days", "checks", "options", "rules")
PARTS = {"sections": "path", "threads": "url"}
TRUST = "trust"
DAYS_LEAST, DAYS_MOST = 1, 3650
# An editor's document has a few dozen of each; these keep reading and matching one cheap.
RULES_MAX, PARTS_MAX, TEXT_MAX, DEPTH_MAX = 200, 200, 1_000, 6
FAULTS_MAX = 50
# Among these are NUL, which PostgreSQL refuses, and halves of characters.
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

Faults = list[FieldError]


def read_policy(
    document: dict[str, Any],
    version: int,
    thresholds: Mapping[str, float] | None = None,
    learned_version: int | None = None,
) -> Policy:
    """A policy from its document (the JSON or TOML that an editor writes). ``thresholds`` are the site's own, by
    label, for rules at "site", as of ``learned_version``; for a label that has none, ``THRESHOLDS`` holds.

    Raises ``InvalidPolicy`` with every fault.
    """
    faults: Faults = storable_faults(document)
    if faults or not isinstance(document, dict):
        raise InvalidPolicy(
            faults or [FieldError("", f"A policy is a table of {', '.join((*ENTRIES, *PARTS))}.")]
        )
    whole = Policy(version=version, rules=(), learned_version=learned_version)
    whole = _lay_over(whole, document, "", faults, thresholds or {}, also=tuple(PARTS))
    parts: dict[str, dict[str, Policy]] = {}
    for name, named in PARTS.items():
        parts[name] = {}
        for place, part in enumerate(_listed(document, name, faults)):
            pointer = f"/{name}/{place}"
            if not isinstance(part, dict):
                faults.append(FieldError(pointer, f"This is a table with {named} and rules of its own."))
                continue
            own = _lay_over(whole, part, pointer, faults, thresholds or {}, also=(named,))
            if (story := _story(part.get(named), named, f"{pointer}/{named}", faults)) is None:
                continue
            if story in parts[name]:
                faults.append(FieldError(f"{pointer}/{named}", "This stands here twice."))
            parts[name][story] = own
    if faults:
        raise InvalidPolicy(faults[:FAULTS_MAX])
    longest_first = sorted(parts["sections"].items(), key=lambda pair: -len(pair[0]))
    return replace(whole, sections=tuple(longest_first), threads=parts["threads"])


def parts_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(JSON pointer, table) of the site's own part of a document and of each section and thread; pure."""
    yield "", document
    for name in PARTS:
        listed = document.get(name)
        for place, part in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(part, dict):
                yield f"/{name}/{place}", part


def pointer_to(*steps: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _lay_over(
    base: Policy,
    part: dict[str, Any],
    pointer: str,
    faults: Faults,
    thresholds: Mapping[str, float],
    *,
    also: tuple[str, ...],
) -> Policy:
    """``base`` with what this part of a document says; its rules replace those of ``base``."""
    known = (*ENTRIES, *also)
    for name in part:
        if name not in known:
            faults.append(
                FieldError(
                    pointer + pointer_to(name), f"There is no such entry; there are: {', '.join(known)}."
                )
            )
    changes: dict[str, Any] = {}
    if "otherwise" in part:
        trusts = part["otherwise"] == TRUST
        action = Action.HOLD if trusts else _action(part["otherwise"])
        if action is None:
            faults.append(
                FieldError(f"{pointer}/otherwise", "This is approve, hold, reject, discard or trust.")
            )
        changes |= {"otherwise": action, "trusts": trusts}
    if "on_failure" in part:
        action = _action(part["on_failure"])
        if action in (None, Action.APPROVE):
            sentence = "This is hold, reject or discard: a check that did not run has approved nothing."
            faults.append(FieldError(f"{pointer}/on_failure", sentence))
        changes["on_failure"] = action
    if "close_after_days" in part:
        days = part["close_after_days"]
        if isinstance(days, bool) or not isinstance(days, int) or not DAYS_LEAST <= days <= DAYS_MOST:
            sentence = f"This is a whole number of days from {DAYS_LEAST} to {DAYS_MOST}."
            faults.append(FieldError(f"{pointer}/close_after_days", sentence))
        changes["close_after_days"] = days
    if "checks" in part:
        changes["modes"] = base.modes | _read_modes(part["checks"], f"{pointer}/checks", faults)
    if "options" in part:
        changes["options"] = base.options | _read_options(part["options"], f"{pointer}/options", faults)
    if "rules" in part:
        rules = _listed(part, "rules", faults, pointer)
        read = [
            _read_rule(rule, f"{pointer}/rules/{place}", thresholds, faults)
            for place, rule in enumerate(rules)
        ]
        changes["rules"] = tuple(rule for rule in read if rule is not None)
    return base if faults else replace(base, **changes)


def _action(value: Any) -> Action | None:
    return Action(value) if isinstance(value, str) and value in set(Action) else None


def _read_modes(checks: Any, pointer: str, faults: Faults) -> dict[str, Mode]:
    if not isinstance(checks, dict):
        faults.append(FieldError(pointer, "This is a table with a mode for each check."))
        return {}
    modes: dict[str, Mode] = {}
    for name, mode in checks.items():
        if not isinstance(mode, str) or mode not in set(Mode):
            faults.append(FieldError(pointer + pointer_to(name), "This is enforce, observe or off."))
        elif name == STORM and mode != Mode.ENFORCE:
            sentence = "What a storm holds, no policy lets through: this check is always enforced."
            faults.append(FieldError(pointer + pointer_to(name), sentence))
        else:
            modes[name] = Mode(mode)
    return modes


def _read_options(options: Any, pointer: str, faults: Faults) -> dict[str, dict[str, Any]]:
    if not isinstance(options, dict):
        faults.append(FieldError(pointer, "This is a table with a table for each check."))
        return {}
    for name, own in options.items():
        if not isinstance(own, dict):
            faults.append(FieldError(pointer + pointer_to(name), "This is a table of the check's options."))
    return options


def _listed(part: dict[str, Any], name: str, faults: Faults, pointer: str = "") -> list[Any]:
    """The list under a name, empty where there is none."""
    listed = part.get(name, [])
    most = RULES_MAX if name == "rules" else PARTS_MAX
    if not isinstance(listed, list):
        faults.append(FieldError(f"{pointer}/{name}", "This is a list of tables."))
        return []
    if len(listed) > most:
        faults.append(FieldError(f"{pointer}/{name}", f"There are more than {most} of these."))
    return listed[:most]


def _story(raw: Any, named: str, pointer: str, faults: Faults) -> str | None:
    """The path of a section or the URL of a thread, in its canonical form."""
    try:
        if isinstance(raw, str):
            return canonical_path(raw) if named == "path" else canonical_url(raw)
        sentence = f"The {named} is missing."
    except UrlFault as fault:
        sentence = str(fault)
    faults.append(FieldError(pointer, sentence))
    return None


def _read_rule(rule: Any, pointer: str, thresholds: Mapping[str, float], faults: Faults) -> Rule | None:
    if not isinstance(rule, dict):
        faults.append(FieldError(pointer, "This is a table with label, at and action, and perhaps check."))
        return None
    before = len(faults)
    for name in set(rule) - {"label", "at", "action", "check"}:
        sentence = "There is no such entry; a rule has label, at, action and check."
        faults.append(FieldError(pointer + pointer_to(name), sentence))
    label, at, check = rule.get("label"), rule.get("at"), rule.get("check")
    if not isinstance(label, str) or not label:
        faults.append(FieldError(f"{pointer}/label", "This is the label of a finding."))
        label = ""
    if at == SITE and label:
        at = thresholds.get(label, THRESHOLDS.get(label))
        if at is None:
            known = ", ".join(THRESHOLDS)
            sentence = f"Only labels of the models have a threshold of the site: {known}."
            faults.append(FieldError(f"{pointer}/at", sentence))
            at = 0
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at <= 1:
        faults.append(FieldError(f"{pointer}/at", 'This is a number from 0 to 1, or "site".'))
    action = _action(rule.get("action"))
    if action is None:
        faults.append(FieldError(f"{pointer}/action", "This is approve, hold, reject or discard."))
    elif action in (Action.REJECT, Action.DISCARD) and label in NEVER_REJECTED_FOR:
        sentence = f"{label} may hold a comment for a person, and never reject it."
        faults.append(FieldError(f"{pointer}/action", sentence))
    if check is not None and not isinstance(check, str):
        faults.append(FieldError(f"{pointer}/check", "This is the name of a check."))
    if len(faults) > before or action is None:
        return None
    return Rule(label, float(at), action, check)  # type: ignore[arg-type]


def storable_faults(document: Any) -> Faults:
    """Where a document holds what could not be kept, shown or sent; nothing else can be said of it then."""
    faults: Faults = []
    _hold_storable(document, "", faults)
    return faults


def _hold_storable(value: Any, pointer: str, faults: Faults, depth: int = 0) -> None:
    """Faults for what a database, JSON and TOML would not all three give back as it was."""
    sentence = None
    if depth > DEPTH_MAX:
        sentence = "This lies too deep."
    elif isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in pairs:
            if len(faults) < FAULTS_MAX:
                if isinstance(name, str) and not _is_plain(name):
                    faults.append(
                        FieldError(pointer, "There is a name here that is too long, or not plain text.")
                    )
                else:
                    _hold_storable(inner, pointer + pointer_to(name), faults, depth + 1)
    elif isinstance(value, str):
        if not _is_plain(value):
            sentence = f"This is longer than {TEXT_MAX} characters, or not plain text."
    elif isinstance(value, float):
        if not math.isfinite(value):
            sentence = "This is not a number."
    elif isinstance(value, int):
        if abs(value) >= 2**53:
            sentence = "This number is too large."
    else:
        sentence = "This is neither text, a number, true or false, a list nor a table."
    if sentence is not None:
        faults.append(FieldError(pointer, sentence))


def _is_plain(text: str) -> bool:
    return len(text) <= TEXT_MAX and _UNSTORABLE.search(text) is None
