"""What a site's moderators teach: a small correction of the spam model, learned from what they decided.

Spam does not look alike everywhere, so a shipped model only begins: some dozens of a site's own decisions are
worth more than many thousands of foreign ones. The correction is fitted anew from the decisions that still stand,
so that an undo unlearns and an erased comment is forgotten. It is used once it has proved itself: on decisions it
was not fitted to it must do better than the model alone.
"""

from __future__ import annotations

import io
import math
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.domain.plain import plain
from service.scoring.calibration import calibrated, logit_of
from service.scoring.features import words
from service.scoring.measures import roc_auc
from service.scoring.spam_signs import SIGNS, Around, spam_signs

# What is never learned from: fewer decisions than these say too little.
FEWEST = 30
FEWEST_OF_EACH = 8
BITS = 13
BUCKETS = 1 << BITS
PENALTY_WORDS = 0.001
PENALTY_SIGNS = 0.01
STEPS = 200
FOLDS = 8
# Decisions that nothing in the comments explains, such as those by the toss of a coin, teach nothing.
LEAST_AUC = 0.65
# A day is set aside when a correction made without it ranks its decisions the wrong way round.
OPPOSITE_AUC = 0.35
SMALLEST_DAY, DAYS_LOOKED_AT = 10, 20
# One moderator's day weighs at most this share of all decisions, so that a bad one can be outweighed.
DAY_SHARE = 0.25
# Version of what is stored of a comment: signs and the words' hashing must be those that are learned from.
_FORM = b"\x01"


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the learner sees of a comment: hashed words (``BITS`` bits each) and signs. It makes no text again."""

    buckets: NDArray[np.int64]
    signs: NDArray[np.float32]

    def to_bytes(self) -> bytes:
        """As it is stored, two bytes a word."""
        return _FORM + self.signs.astype("<f4").tobytes() + self.buckets.astype("<u2").tobytes()

    @classmethod
    def from_bytes(cls, stored: bytes) -> Seen | None:
        """None where it was stored by another version of the learner."""
        signs_end = len(_FORM) + 4 * len(SIGNS)
        if not stored.startswith(_FORM) or len(stored) < signs_end:
            return None
        signs = np.frombuffer(stored[len(_FORM) : signs_end], "<f4").astype(np.float32)
        return cls(np.frombuffer(stored[signs_end:], "<u2").astype(np.int64), signs)


def see(text: str, author_name: str = "") -> Seen:
    """What the learner sees of a comment."""
    return Seen(_buckets(text, author_name), spam_signs(text, Around(author_name=author_name)))


@dataclass(frozen=True, slots=True)
class Lesson:
    """A comment that a person decided about. ``logit`` is the model's for spam; ``day`` is whose day it was.

    ``seen`` is given instead of text and name where those were not kept.
    """

    key: str
    text: str
    author_name: str
    logit: float
    spam: bool
    day: str
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """logit' = slope · logit + shift + words + signs."""

    slope: float
    shift: float
    of_words: NDArray[np.float32]
    of_signs: NDArray[np.float32]

    def logit(self, logit: float, text: str, author_name: str) -> float:
        """The model's spam logit, corrected by what this site taught."""
        found = _buckets(text, author_name)
        signs = spam_signs(text, Around(author_name=author_name))
        of_words = float(self.of_words[found].sum(dtype=np.float64)) / math.sqrt(max(1, len(found)))
        return self.slope * logit + self.shift + of_words + math.fsum((signs * self.of_signs).tolist())

    def to_bytes(self) -> bytes:
        """As it is stored, a few kilobytes."""
        file = io.BytesIO()
        head = np.array([self.slope, self.shift])
        np.savez(file, head=head, of_words=self.of_words.astype(np.float16), of_signs=self.of_signs)
        return zlib.compress(file.getvalue(), 6)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Correction:
        with np.load(io.BytesIO(zlib.decompress(stored)), allow_pickle=False) as kept:
            slope, shift = kept["head"].tolist()
            return cls(slope, shift, kept["of_words"].astype(np.float32), kept["of_signs"])


@dataclass(frozen=True, slots=True)
class Taught:
    """What a site taught, in use; ``version`` grows with each learning. ``calibration``: for each label that has one
    the slope and shift of its logit."""

    version: int
    correction: Correction | None
    calibration: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def scores(self, scores: Mapping[str, float], text: str, author_name: str) -> dict[str, float]:
        """Those of the model's probabilities that this site changes, changed."""
        changed = {
            label: calibrated(scores[label], pair)
            for label, pair in self.calibration.items()
            if label in scores
        }
        if self.correction is not None and "spam" in scores:
            logit = self.correction.logit(logit_of(scores["spam"]), text, author_name)
            changed["spam"] = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
        return changed


@dataclass(frozen=True, slots=True)
class Learned:
    """``correction`` is None where it is not (yet) to be trusted; ``why`` then says why, for people."""

    correction: Correction | None
    lessons: int
    why: str = ""


def learn(lessons: Sequence[Lesson]) -> Learned:
    """A correction from these decisions, if there are enough and it does better than none. The same lessons give the
    same correction, in any order."""
    lessons = sorted(lessons, key=lambda one: one.key)
    count = len(lessons)
    spam = sum(one.spam for one in lessons)
    if count < FEWEST or min(spam, count - spam) < FEWEST_OF_EACH:
        return Learned(
            None,
            count,
            f"{spam} decisions for spam and {count - spam} against: {FEWEST} are needed, {FEWEST_OF_EACH} of each",
        )
    lessons = _without_bad_days(lessons)
    examples = _Examples(lessons)
    count = len(lessons)
    fold = np.array([zlib.crc32(one.key.encode()) % FOLDS for one in lessons])
    found = np.zeros(count)
    for number in range(FOLDS):
        if (fold == number).any() and (fold != number).any():
            found[fold == number] = examples.logits(examples.fit(fold != number), fold == number)
    ranks = roc_auc(examples.truth, found)
    better = ranks >= max(LEAST_AUC, roc_auc(examples.truth, examples.given))
    if not better or examples.loss(found) >= examples.loss(examples.given):
        return Learned(None, count, "what was learned does no better than the model alone")
    return Learned(examples.fit(np.ones(count, bool)), count)


def _without_bad_days(lessons: list[Lesson]) -> list[Lesson]:
    """Without the days of moderators that say the opposite of what all others say (the largest days are looked at)."""
    examples = _Examples(lessons)
    days = np.array([one.day for one in lessons])
    bad = np.zeros(len(lessons), bool)
    for day, size in Counter(days.tolist()).most_common(DAYS_LOOKED_AT):
        its = days == day
        if size >= SMALLEST_DAY and size <= len(lessons) / 2:
            ranks = roc_auc(examples.truth[its], examples.logits(examples.fit(~its), its))
            if ranks < OPPOSITE_AUC:
                bad |= its
    return [one for one, out in zip(lessons, bad, strict=True) if not out]


class _Examples:
    def __init__(self, lessons: Sequence[Lesson]) -> None:
        seen = [one.seen or see(one.text, one.author_name) for one in lessons]
        rows = [one.buckets for one in seen]
        self._row = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        self._bucket = np.concatenate(rows)
        self._share = np.concatenate([np.full(len(row), 1 / math.sqrt(max(1, len(row)))) for row in rows])
        self._signs = np.array([one.signs for one in seen], float)
        self.given = np.array([one.logit for one in lessons], float)
        self.truth = np.array([one.spam for one in lessons], float)
        days = Counter(one.day for one in lessons)
        most = max(10.0, DAY_SHARE * len(lessons))
        weights = np.array([min(1.0, most / days[one.day]) for one in lessons])
        self._weights = weights * len(lessons) / weights.sum()

    def loss(self, logits: NDArray[np.float64]) -> float:
        """Mean log loss over all of them."""
        losses = np.logaddexp(0, logits) - self.truth * logits
        return float((self._weights * losses).sum() / self._weights.sum())

    def logits(self, correction: Correction, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Corrected logits of the chosen."""
        of_words = np.bincount(
            self._row, correction.of_words[self._bucket] * self._share, minlength=len(self.given)
        )
        whole = (
            correction.slope * self.given + correction.shift + of_words + self._signs @ correction.of_signs
        )
        chosen_ones: NDArray[np.float64] = whole[chosen]
        return chosen_ones

    def fit(self, chosen: NDArray[np.bool_]) -> Correction:
        """The correction with the least penalised loss over the chosen, by a fixed number of steps (Adam)."""
        size, weights = len(self.given), self._weights * chosen
        total = weights.sum()
        theta = np.zeros(2 + BUCKETS + len(SIGNS))
        theta[0] = 1.0
        begin = theta.copy()
        penalty = np.concatenate(
            [[0.01, 0.001], np.full(BUCKETS, PENALTY_WORDS), np.full(len(SIGNS), PENALTY_SIGNS)]
        )
        # In units of one decision: what few lessons say counts for little, what many say prevails.
        penalty = penalty * 100 / max(100.0, total)
        mean, square = np.zeros_like(theta), np.zeros_like(theta)
        for step in range(1, STEPS + 1):
            of_words = theta[2 : 2 + BUCKETS]
            z = theta[0] * self.given + theta[1] + self._signs @ theta[2 + BUCKETS :]
            z += np.bincount(self._row, of_words[self._bucket] * self._share, minlength=size)
            wrong = weights * (1 / (1 + np.exp(-np.clip(z, -30, 30))) - self.truth) / total
            gradient = np.concatenate(
                [
                    [wrong @ self.given, wrong.sum()],
                    np.bincount(self._bucket, wrong[self._row] * self._share, minlength=BUCKETS),
                    wrong @ self._signs,
                ]
            )
            gradient += penalty * (theta - begin)
            mean = 0.9 * mean + 0.1 * gradient
            square = 0.99 * square + 0.01 * gradient**2
            rate = 0.1 * min(1.0, 2 * (1 - step / (STEPS + 1)))
            theta = theta - rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-6)
        of_words, of_signs = theta[2 : 2 + BUCKETS], theta[2 + BUCKETS :]
        return Correction(
            float(theta[0]), float(theta[1]), of_words.astype(np.float32), of_signs.astype(np.float32)
        )


def _buckets(text: str, author_name: str) -> NDArray[np.int64]:
    own = words(plain(text).text)
    if author_name:
        # A name is a word of another kind: "casino" in the text and as a name are two things.
        own = np.concatenate([own, words(plain(author_name).text) ^ np.uint32(0x5BD1E)])
    return np.unique(own & np.uint32(BUCKETS - 1)).astype(np.int64)
