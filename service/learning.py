"""What moderators teach: the spam model's correction for their site, and where its thresholds lie.

Learned anew from the decisions that still stand, as a job beside the screening: an undo unlearns, and of an erased
comment nothing is left the next time. Nothing here decides anything; what was learned changes scores and thresholds.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.policy import THRESHOLDS, Reason
from service.domain.site import Site
from service.scoring.labels import UNTAUGHT
from service.scoring.learner import Lesson, learn, logit_of
from service.store import lessons, threads
from service.store.database import Database

log = logging.getLogger("greenroom.learning")

# A moderator decides every few seconds; what was learned a moment ago is as good.
EVERY = timedelta(minutes=5)
# A threshold from fewer approved comments than these would be one of chance.
FEWEST_APPROVED = 200
SPAM_REASONS = {Reason.SPAM.value, Reason.ADVERTISEMENT.value}
LOWEST, HIGHEST = 0.02, 0.99


@dataclass(frozen=True)
class Learning:
    """The use case of the job ``learn``."""

    database: Database
    now: Callable[[], datetime]

    def due(self) -> list[str]:
        """The sites at which people have decided something since it was last learned from, five minutes ago or more."""
        now = self.now()
        with self.database.read() as connection:
            known = lessons.load(connection)
            sites = list(threads.load_sites(connection))
            newest = {site: lessons.newest_by_people(connection, site) for site in sites}
        return [
            site
            for site in sites
            if newest[site] is not None
            and (
                (row := known.get(site)) is None
                or (row.seen != newest[site] and not timedelta(0) <= now - row.learned_at < EVERY)
            )
        ]

    def learn(self, key: str) -> lessons.LearnedRow | None:
        """Learn from what stands now, and keep it; None where there is no such site."""
        with self.database.read() as connection:
            site = threads.load_sites(connection).get(key)
            newest = lessons.newest_by_people(connection, key)
            decided = lessons.decided(connection, key)
        if site is None:
            return None
        found = learn([lesson for row in decided if (lesson := _lesson(row)) is not None])
        with self.database.write() as connection:
            before = lessons.load(connection).get(key)
            row = lessons.LearnedRow(
                site=key,
                version=before.version + 1 if before else 1,
                correction=found.correction.to_bytes() if found.correction else None,
                thresholds=_thresholds(site, decided),
                lessons=found.lessons,
                why=found.why,
                seen=newest,
                learned_at=self.now(),
            )
            lessons.save(connection, row)
        log.info("learned site=%s lessons=%d used=%s", key, found.lessons, found.correction is not None)
        return row


def _lesson(row: lessons.DecidedRow) -> Lesson | None:
    """A lesson about spam, where the decision is one: approved, or rejected as spam."""
    spam = row.action == "reject"
    if spam and not SPAM_REASONS & set(row.reasons):
        return None
    scores = {one["label"]: one["score"] for one in row.findings if one["check"] == "model"}
    score = scores.get(UNTAUGHT, scores.get("spam"))
    if score is None:
        return None
    return Lesson(
        key=str(row.comment_id),
        text=row.text,
        author_name=row.author_name,
        logit=logit_of(score),
        spam=spam,
        day=f"{row.actor} {row.decided_at:%Y-%m-%d}",
    )


def _thresholds(site: Site, decided: list[lessons.DecidedRow]) -> dict[str, float]:
    """For each label the score that the site's share of false alarms among its approved comments reach."""
    approved = [row for row in decided if row.action == "approve" and row.findings]
    found: dict[str, float] = {}
    for label in THRESHOLDS:
        scores = sorted(
            one["score"]
            for row in approved
            for one in row.findings
            if one["check"] == "model" and one["label"] == label and one["outcome"] == "found"
        )
        if len(scores) >= FEWEST_APPROVED:
            place = math.ceil(len(scores) * (1 - site.false_alarms_permille / 1000)) - 1
            threshold = scores[max(0, place)] + 0.0001
            found[label] = round(min(HIGHEST, max(LOWEST, threshold)), 4)
    return found
