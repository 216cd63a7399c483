"""Traps for programs: a field that people cannot see, a form sent faster than anyone types, and a proof of work that a
flood does not bring along."""

from __future__ import annotations

from typing import Any

from service.domain.comment import Case
from service.domain.policy import Evidence, Finding, Outcome

TOO_FAST_SECONDS = 2.0


class Trap:
    name, version, label = "trap", "2", "spam"

    def __init__(self, options: dict[str, Any]) -> None:
        self._fast = float(options.get("seconds", TOO_FAST_SECONDS))

    def run(self, case: Case) -> Finding:
        signals = case.signals
        if signals.trap_filled:
            return Finding(
                self.name,
                self.version,
                self.label,
                1.0,
                evidence=(Evidence("the hidden field was filled in"),),
            )
        if signals.unproved:
            note = "sent without a proof of work while many comments came"
            # Not "spam": its author is told the ground, and may be anybody whose browser runs no scripts.
            return Finding(self.name, self.version, "flood", 0.6, evidence=(Evidence(note),))
        if signals.seconds is None:
            why = "the time spent on the form is not known"
            return Finding(self.name, self.version, self.label, outcome=Outcome.SKIPPED, why=why)
        if signals.seconds < self._fast:
            note = f"sent {signals.seconds:.1f} s after the form was opened"
            return Finding(self.name, self.version, self.label, 0.6, evidence=(Evidence(note),))
        return Finding(self.name, self.version, self.label)
