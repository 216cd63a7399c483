"""Where links lead, as far as that is known here: what became of other comments that name the same host.

One text under many names is found by its likeness; many texts with one link are found by the link.
"""

from __future__ import annotations

from typing import Any

from service.domain.comment import Case, HostRecord
from service.domain.policy import Evidence, Finding, Outcome

# That many comments within a day, under as many names, none of which anybody let through: a campaign.
BURST = 4
REJECTED_BEFORE = 2


class Hosts:
    """Options: ``trusted`` (hosts that say nothing), ``burst`` (how many comments in a day make one)."""

    name, version, label = "hosts", "1", "spam"

    def __init__(self, options: dict[str, Any]) -> None:
        self._trusted = frozenset(str(host).lower() for host in options.get("trusted", []))
        self._burst = int(options.get("burst", BURST))

    def run(self, case: Case) -> Finding:
        known = [record for record in case.hosts if record.host not in self._trusted]
        if not known:
            return Finding(self.name, self.version, self.label, outcome=Outcome.SKIPPED, why="no links")
        judged = [self._judged(record) for record in known]
        evidence = tuple(Evidence(note) for score, note in judged if score > 0)
        return Finding(
            self.name, self.version, self.label, max(score for score, _ in judged), evidence=evidence
        )

    def _judged(self, record: HostRecord) -> tuple[float, str]:
        decided = record.approved + record.rejected
        if record.rejected >= REJECTED_BEFORE and record.rejected / decided > 0.5:
            score = min(0.95, 0.5 + 0.1 * record.rejected)
            return round(
                score, 2
            ), f"{record.rejected} of {decided} decided comments with a link to {record.host} were rejected"
        # What people let through is news that many share, not a campaign.
        if record.lately + 1 >= self._burst and record.names + 1 >= self._burst and record.approved == 0:
            score = min(0.9, 0.5 + 0.05 * (record.lately + 1 - self._burst))
            return round(score, 2), f"{record.lately} other comments within a day link to {record.host}"
        return 0.0, ""
