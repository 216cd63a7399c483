"""Whether the author is banned at the site, or trusted. What follows from either stands in the policy."""

from __future__ import annotations

from typing import Any

from service.domain.comment import Case, Record
from service.domain.policy import Finding, Outcome, Reason

BANNED, TRUSTED = Reason.BANNED_AUTHOR.value, "trusted"
# So many that people approved, and none rejected, are as good as a moderator's word.
EARNED = 3


class Standing:
    """Findings have the label banned_author, or trusted; whoever is banned is not trusted."""

    name, version, label = "standing", "1", BANNED

    def __init__(self, options: dict[str, Any]) -> None:
        pass

    def run(self, case: Case) -> Finding:
        standing = case.standing
        if standing is None:
            why = "bans and trust are for authors who write here"
            return Finding(self.name, self.version, self.label, outcome=Outcome.SKIPPED, why=why)
        if (ban := standing.banned) is not None:
            # No name of a moderator, and nothing of whom the ban is of: findings are kept and shown.
            why = f"banned by {ban.of.value} since {ban.since:%Y-%m-%d}: {ban.cause}"
            return Finding(self.name, self.version, BANNED, 1.0, why=why)
        if standing.trusted:
            return Finding(self.name, self.version, TRUSTED, 1.0, why="a moderator trusts this author")
        if (record := case.author_record) is not None and _earned(record):
            why = f"people approved {record.welcomed} of this author's last comments, and none was rejected"
            return Finding(self.name, self.version, TRUSTED, 1.0, why=why)
        return Finding(self.name, self.version, self.label)


def _earned(record: Record) -> bool:
    return record.welcomed >= EARNED and not record.rejected
