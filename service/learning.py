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

import numpy as np

from service.domain.policy import Reason
from service.domain.policy_document import THRESHOLDS
from service.domain.site import Site
from service.scoring import calibration
from service.scoring.calibration import logit_of
from service.scoring.labels import untaught
from service.scoring.learner import Lesson, Seen, learn
from service.store import lessons, reports, threads
from service.store.database import Database

log = logging.getLogger("greenroom.learning")

# A moderator decides every few seconds; what was learned a moment ago is as good.
EVERY = timedelta(minutes=5)
# A threshold from fewer approved comments than these would be one of chance.
FEWEST_APPROVED = 200
SPAM_REASONS = {Reason.SPAM.value, Reason.ADVERTISEMENT.value}
TOXIC_REASONS = {
    Reason.OFFENSIVE.value,
    Reason.INSULT.value,
    Reason.THREAT.value,
    Reason.HATE.value,
    Reason.SEXUAL.value,
}
# The label whose probability follows the site: the one that moderators decide about in so many words.
CALIBRATED = "toxicity"
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
            newest = {
                site: (
                    lessons.newest_by_people(connection, site),
                    reports.newest_moment(connection, site),
                )
                for site in sites
            }
        return [
            site
            for site in sites
            if newest[site] != (None, None)
            and (
                (row := known.get(site)) is None
                or (
                    (row.seen, row.reported_at) != newest[site]
                    and not timedelta(0) <= now - row.learned_at < EVERY
                )
            )
        ]

    def learn(self, key: str) -> lessons.LearnedRow | None:
        """Learn from what stands now, and keep it; None where there is no such site."""
        with self.database.read() as connection:
            site = threads.load_sites(connection).get(key)
            newest = lessons.newest_by_people(connection, key)
            heard = reports.newest(connection, key)
            decided = [_told(row) for row in lessons.decided(connection, key)]
        if site is None:
            return None
        told = [*decided, *(_heard(report) for report in heard)]
        found = learn([lesson for one in told if (lesson := one.lesson()) is not None])
        pair = _calibration(told)
        with self.database.write() as connection:
            before = lessons.load(connection).get(key)
            row = lessons.LearnedRow(
                site=key,
                version=before.version + 1 if before else 1,
                correction=found.correction.to_bytes() if found.correction else None,
                thresholds=_thresholds(site, told, pair),
                lessons=found.lessons,
                why=found.why,
                seen=newest,
                learned_at=self.now(),
                calibration={CALIBRATED: list(pair)} if pair else {},
                reported_at=heard[0].reported_at if heard else None,
            )
            lessons.save(connection, row)
            reports.forget(connection, key)
        log.info("learned site=%s lessons=%d used=%s", key, found.lessons, found.correction is not None)
        return row


@dataclass(frozen=True, slots=True)
class _Told:
    """What a person said of a comment, here or through a door. ``spam`` and ``toxic``: None where they didn't say.

    ``scores`` are those that stood then; ``own`` those of the models without the site.
    """

    key: str
    spam: bool | None
    toxic: bool | None
    scores: dict[str, float]
    own: dict[str, float]
    day: str
    text: str = ""
    author_name: str = ""
    seen: Seen | None = None

    @property
    def fine(self) -> bool:
        return not self.spam and not self.toxic

    def lesson(self) -> Lesson | None:
        """A lesson about spam, where something was said about it."""
        score = self.own.get("spam")
        if self.spam is None or score is None:
            return None
        return Lesson(self.key, self.text, self.author_name, logit_of(score), self.spam, self.day, self.seen)


def _told(row: lessons.DecidedRow) -> _Told:
    rejected = row.action == "reject"
    scores = {
        one["label"]: one["score"]
        for one in row.findings
        if one["check"] == "model" and one["outcome"] == "found"
    }
    reasons = set(row.reasons)
    spam, toxic = bool(reasons & SPAM_REASONS), bool(reasons & TOXIC_REASONS)
    return _Told(
        key=str(row.comment_id),
        spam=spam or None if rejected else False,
        toxic=toxic or None if rejected else False,
        scores=scores,
        own={label: scores.get(untaught(label), score) for label, score in scores.items()},
        day=f"{row.actor} {row.decided_at:%Y-%m-%d}",
        text=row.text,
        author_name=row.author_name,
    )


def _heard(report: reports.Report) -> _Told:
    seen = Seen.from_bytes(report.seen)
    return _Told(
        key=report.about.hex(),
        # Kept by an earlier version of the learner, it is no lesson any more.
        spam=report.spam if seen is not None else None,
        toxic=report.toxic,
        scores=report.scores,
        own=report.scores,
        day=f"{report.actor} {report.reported_at:%Y-%m-%d}",
        seen=seen,
    )


def _calibration(told: list[_Told]) -> tuple[float, float] | None:
    """How probable the site's own moderators find what the models call toxic."""
    known = [one for one in told if one.toxic is not None and CALIBRATED in one.own]
    if not known:
        return None
    logits = np.array([logit_of(one.own[CALIBRATED]) for one in known])
    return calibration.fit(logits, np.array([bool(one.toxic) for one in known]))


def _thresholds(site: Site, told: list[_Told], pair: tuple[float, float] | None) -> dict[str, float]:
    """For each label the score that the site's share of false alarms among its approved comments reach."""
    approved = [one for one in told if one.fine and (one.spam is False or one.toxic is False)]
    found: dict[str, float] = {}
    for label in THRESHOLDS:
        # Each score as it would be today: what stood then may have been calibrated otherwise.
        today = [one.own if label == CALIBRATED else one.scores for one in approved]
        scores = sorted(score[label] for score in today if label in score)
        if len(scores) >= FEWEST_APPROVED:
            place = math.ceil(len(scores) * (1 - site.false_alarms_permille / 1000)) - 1
            reached = scores[max(0, place)]
            if label == CALIBRATED and pair is not None:
                reached = calibration.calibrated(reached, pair)
            found[label] = round(min(HIGHEST, max(LOWEST, reached + 0.0001)), 4)
    return found
