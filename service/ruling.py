"""A site's rules: what other rules would have done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from service.domain.policy import Action, GroundedReason, Mode, decide, from_stored, read_policy
from service.store import desk, lessons
from service.store.database import Database


@dataclass(frozen=True, slots=True)
class Difference:
    """A comment that another policy would have treated differently."""

    comment_id: UUID
    was: Action
    would_be: Action
    reasons: tuple[GroundedReason, ...]


def try_policy(
    database: Database, site: str, document: dict[str, Any], *, since: datetime
) -> tuple[int, list[Difference]]:
    """Replay a policy over the stored findings of a site; (how many were looked at, what would differ).

    Findings are taken as they were; the modes are the new document's. Raises ``InvalidPolicy``.
    """
    with database.read() as connection:
        known = lessons.load(connection).get(site)
        stored = desk.screened_since(connection, site, since)
        past = desk.decisions_of(connection, [row[0] for row in stored])
    policy = read_policy(document, 0, known.thresholds if known else None)
    differences = []
    for comment_id, _version, findings in stored:
        first = next((d for d in past.get(comment_id, []) if d.automated), None)
        if first is None:
            continue
        replayed = tuple(
            replace(finding, mode=policy.mode(finding.check))
            for finding in map(from_stored, findings)
            if policy.mode(finding.check) is not Mode.OFF
        )
        decision = decide(policy, replayed)
        was = Action(first.action)
        if decision.action is not was:
            differences.append(Difference(comment_id, was, decision.action, decision.reasons))
    return len(stored), differences
