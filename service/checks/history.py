"""What became of earlier comments of the same author, and of the same network origin."""

from __future__ import annotations

from typing import Any

from service.domain.comment import Case, Record
from service.domain.policy import Evidence, Finding, Outcome

REJECTED_MIN = 3
BURST = 10


class History:
    """Findings have the label flood for a burst of undecided comments, else other."""

    name, version, label = "history", "1", "other"

    def __init__(self, options: dict[str, Any]) -> None:
        self._burst = int(options.get("burst", BURST))

    def run(self, case: Case) -> Finding:
        if case.author_record is None and case.origin_record is None:
            why = "nothing is known of this author or origin yet"
            return Finding(self.name, self.version, self.label, outcome=Outcome.SKIPPED, why=why)
        bad, evidence = 0.0, []
        flood = False
        for who, record in (("author", case.author_record), ("network", case.origin_record)):
            if record is None:
                continue
            if (score := _share_rejected(record)) > 0:
                bad = max(bad, score)
                decided = record.approved + record.rejected
                evidence.append(
                    Evidence(f"{record.rejected} of the {who}'s last {decided} comments were rejected")
                )
            if record.pending + record.held >= self._burst:
                flood = True
                evidence.append(
                    Evidence(f"{record.pending + record.held} comments of this {who} wait already")
                )
        label = "flood" if flood else self.label
        return Finding(
            self.name, self.version, label, max(bad, 0.6 if flood else 0.0), evidence=tuple(evidence)
        )


def _share_rejected(record: Record) -> float:
    if record.rejected < REJECTED_MIN:
        return 0.0
    return round(record.rejected / (record.rejected + record.approved), 2)
