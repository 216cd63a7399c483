"""The same text again: a double click, a campaign, or somebody else's comment copied."""

from __future__ import annotations

from typing import Any

from service.domain.comment import Case
from service.domain.policy import Evidence, Finding, Outcome

# Fewer letters than this is a greeting that many people write.
SHORT = 24
NEAR = 3


class Duplicates:
    """Findings have the label duplicate (one author, or copied), or spam for many authors with one text."""

    name, version, label = "duplicates", "1", "duplicate"

    def __init__(self, options: dict[str, Any]) -> None:
        self._short = int(options.get("short", SHORT))

    def run(self, case: Case) -> Finding:
        # Of most texts the beginning is long enough.
        if _letters(case.text[: 4 * self._short]) < self._short and _letters(case.text) < self._short:
            why = "too short to compare"
            return Finding(self.name, self.version, self.label, outcome=Outcome.SKIPPED, why=why)
        near = [one for one in case.lookalikes if one.same_text or one.distance <= NEAR]
        if not near:
            return Finding(self.name, self.version, self.label)
        same = [one for one in near if one.same_text]
        by_author = [one for one in near if one.same_author]
        others = len(near) - len(by_author)
        found = "1 earlier comment reads" if len(near) == 1 else f"{len(near)} earlier comments read"
        evidence = [Evidence(f"{found} {'the same' if same else 'nearly the same'}")]
        if by_author:
            evidence.append(Evidence(f"{len(by_author)} of them by this author"))
        if any(one.status == "rejected" for one in near):
            evidence.append(Evidence("one like it was rejected before"))
        if others >= 2:
            score = min(1.0, 0.5 + 0.1 * others)
            return Finding(self.name, self.version, "spam", round(score, 2), evidence=tuple(evidence))
        score = 1.0 if any(one.same_text and one.same_author for one in near) else 0.7 if by_author else 0.5
        return Finding(self.name, self.version, self.label, score, evidence=tuple(evidence))


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
