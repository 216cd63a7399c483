"""Whether an editor has a storm over the thread or the site: then all that comes waits for a person.

Enforced always; ``decide`` holds for this finding whatever the policy says.
"""

from __future__ import annotations

from typing import Any

from service.domain.comment import Case
from service.domain.policy import STORM, Evidence, Finding


class Storm:
    """No options."""

    name, version, label = STORM, "1", STORM

    def __init__(self, options: dict[str, Any]) -> None:
        del options

    def run(self, case: Case) -> Finding:
        if not case.storm:
            return Finding(self.name, self.version, self.label)
        note = Evidence("a storm is declared: all that comes is held")
        return Finding(self.name, self.version, self.label, 1.0, evidence=(note,))
