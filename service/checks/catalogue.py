"""All checks on one screen, and how they are run.

To add one: write its file here, add its row below and its section in docs/checks.md, and give its label a rule
in the default policy if it needs one. A check that knows several labels gives a finding for each.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

from service.checks.duplicates import Duplicates
from service.checks.history import History
from service.checks.hosts import Hosts
from service.checks.links import Links
from service.checks.model import Model
from service.checks.personal_data import PersonalData
from service.checks.standing import Standing
from service.checks.storm import Storm
from service.checks.trap import Trap
from service.checks.wordlist import Wordlist
from service.domain.comment import Case
from service.domain.errors import FieldError
from service.domain.policy import Finding, Mode, Outcome, Policy
from service.domain.policy_document import parts_of, pointer_to

log = logging.getLogger("greenroom.checks")


class Check(Protocol):
    """``label`` is what its findings are about; ``version`` grows when the same text may be judged differently."""

    name: str
    version: str
    label: str

    def run(self, case: Case) -> Finding | tuple[Finding, ...]:
        """What this check sees, or a finding for each of several labels. May raise: that becomes a failed finding."""


@runtime_checkable
class Preparing(Protocol):
    """A check that is quicker when it is told beforehand what it will be asked."""

    def make_ready(self, cases: Sequence[Case]) -> None: ...


# name -> (maker taking the policy's options for it, what it looks at)
CATALOGUE: dict[str, tuple[Callable[[dict[str, Any]], Check], str]] = {
    "trap": (
        Trap,
        "a field that people cannot see, the time spent on the form, and a proof of work that was missing",
    ),
    "links": (Links, "number, share and kind of links, throw-away mail domains"),
    "hosts": (Hosts, "what became of other comments that link to the same place"),
    "wordlist": (Wordlist, "words of a list, also in disguise"),
    "duplicates": (Duplicates, "the same or nearly the same text elsewhere"),
    "personal_data": (PersonalData, "addresses, phone, account and card numbers typed into the text"),
    "history": (History, "what became of earlier comments of this author and origin"),
    "standing": (Standing, "whether the author is banned at the site, or trusted"),
    "model": (Model, "what the trained models make of the text: spam, toxicity and its kinds"),
    "storm": (Storm, "whether all that comes is held just now, whatever the policy"),
}


def catalogue_faults(document: dict[str, Any]) -> list[FieldError]:
    """Where a policy document names a check that is not there, or options that a check cannot take.

    Both would be found out too late: a rule that never catches, or a check that fails with every comment. What has
    not the form of a policy is passed over: reading it says so.
    """
    return [fault for pointer, part in parts_of(document) for fault in _faults_of_part(pointer, part)]


def _faults_of_part(pointer: str, part: dict[str, Any]) -> Iterator[FieldError]:
    unknown = f"There is no such check; there are: {', '.join(CATALOGUE)}."
    checks, options, rules = part.get("checks"), part.get("options"), part.get("rules")
    for name in checks if isinstance(checks, dict) else ():
        if name not in CATALOGUE:
            yield FieldError(pointer + pointer_to("checks", name), unknown)
    for place, rule in enumerate(rules if isinstance(rules, list) else ()):
        named = rule.get("check") if isinstance(rule, dict) else None
        if isinstance(named, str) and named not in CATALOGUE:
            yield FieldError(f"{pointer}/rules/{place}/check", unknown)
    for name, own in options.items() if isinstance(options, dict) else ():
        where = pointer + pointer_to("options", name)
        if name not in CATALOGUE:
            yield FieldError(where, unknown)
        elif isinstance(own, dict):
            try:
                # Of a copy: a document must come out as it went in, whatever a check makes of its options.
                CATALOGUE[name][0](deepcopy(own))
            except Exception as error:
                yield FieldError(where, f"The check cannot take these: {str(error)[:200]}.")


@lru_cache(maxsize=64)
def _made(name: str, frozen_options: str) -> Check:
    import json

    maker, _ = CATALOGUE[name]
    return maker(json.loads(frozen_options))


def _checks(policy: Policy) -> list[tuple[str, Mode, str]]:
    import json

    return [
        (name, mode, json.dumps(policy.options.get(name, {}), sort_keys=True))
        for name in CATALOGUE
        if (mode := policy.mode(name)) is not Mode.OFF
    ]


_planned: dict[int, tuple[Policy, list[tuple[str, Mode, str]]]] = {}


def _plan(policy: Policy) -> list[tuple[str, Mode, str]]:
    kept = _planned.get(id(policy))
    if kept is None or kept[0] is not policy:
        if len(_planned) > 200:
            _planned.clear()
        kept = _planned[id(policy)] = (policy, _checks(policy))
    return kept[1]


def make_ready(
    cases: Sequence[Case], policy: Policy, *, interrupts: tuple[type[BaseException], ...] = ()
) -> None:
    """Let checks do for a whole batch what costs less so. What fails here fails again, and is told, when they run."""
    for name, _, options in _plan(policy):
        try:
            check = _made(name, options)
            if isinstance(check, Preparing):
                check.make_ready(cases)
        except interrupts:
            raise
        except Exception as error:
            log.warning("the check %s could not be made ready: %s", name, type(error).__name__)


def run_checks(
    case: Case, policy: Policy, *, interrupts: tuple[type[BaseException], ...] = ()
) -> tuple[Finding, ...]:
    """What every check that is not off says of this case, in the catalogue's order.

    A check that raises is a failed finding with the error's class as its reason, never its text; exceptions of
    ``interrupts`` pass through, because they are about the whole batch.
    """
    findings: list[Finding] = []
    for name, mode, options in _plan(policy):
        try:
            seen = _made(name, options).run(case)
        except interrupts:
            raise
        except Exception as error:
            seen = Finding(name, "", "check_failed", outcome=Outcome.FAILED, why=type(error).__name__)
        for finding in seen if isinstance(seen, tuple) else (seen,):
            findings.append(replace(finding, mode=mode) if finding.mode is not mode else finding)
    return tuple(findings)
