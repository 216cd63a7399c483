"""The linear tier: hashed n-grams and signs of spam, weighed in numpy. Always there, and the reader of evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.domain.plain import READING, plain
from service.scoring.features import HASHING, buckets, grams, sums_of
from service.scoring.labels import LABELS
from service.scoring.spam_signs import SIGNS, Around, spam_signs

Scores = NDArray[np.float32]
SPAM = LABELS.index("spam")
_EDGES = ".,;:!?\"'()[]{}<>…“”‘’"


@dataclass(frozen=True, slots=True)
class Weighed:
    """A word and how much it added to a label's logit; ``start`` and ``end`` are its place in the text as given."""

    word: str
    start: int
    end: int
    weight: float


class Linear:
    """Weights of shape (buckets, 8), from int8 roots with a scale for each label. Raises ``ValueError`` for
    another format."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as kept:
            made_for = tuple(int(n) for n in kept["made_for"])
            if made_for != (READING, HASHING):
                raise ValueError(
                    f"{path.name} was trained on reading and hashing {made_for}, not {READING, HASHING}"
                )
            if tuple(kept["labels"].tolist()) != LABELS or tuple(kept["signs"].tolist()) != SIGNS:
                raise ValueError(f"{path.name} is for other labels or signs")
            small: NDArray[np.int16] = kept["weights"].astype(np.int16)
            # Kept as the signed root of a weight: fine steps near nothing, where most weights are, coarse ones far out.
            self._weights: NDArray[np.int16] = small * np.abs(small)
            self._scales: Scores = kept["scales"]
            self._intercepts: Scores = kept["intercepts"]
            self._of_signs: Scores = kept["sign_weights"]
        self._ready: dict[str, tuple[NDArray[np.int32], int]] = {}

    def logits(self, texts: Sequence[str], around: Sequence[Around | None] | None = None) -> Scores:
        """Logits of shape (texts, 8), not calibrated. A text's are the same in any company."""
        out = np.empty((len(texts), len(LABELS)), np.float32)
        for row, text in enumerate(texts):
            added, count = self._ready.get(text) or self._sum(text)
            out[row] = added * self._scales / math.sqrt(max(1, count)) + self._intercepts
            signs = spam_signs(text, around[row] if around else None)
            # One after the other, as everywhere: BLAS adds in an order that depends on the machine.
            out[row, SPAM] += math.fsum((signs * self._of_signs).tolist())
        return out

    def of_label(self, texts: Sequence[str], label: str) -> NDArray[np.float64]:
        """Logits of one label, of shape (texts,), by their words alone."""
        column = LABELS.index(label)
        summed = sums_of([plain(text).text for text in texts], self._weights)
        sums = np.array([added[column] / math.sqrt(max(1, count)) for added, count in summed])
        made: NDArray[np.float64] = sums * float(self._scales[column]) + float(self._intercepts[column])
        return made

    def make_ready(self, texts: Sequence[str]) -> None:
        """Do for many texts at once what ``logits`` will be asked for one by one: it comes to the same."""
        summed = sums_of([plain(text).text for text in texts], self._weights)
        self._ready = dict(zip(texts, summed, strict=True))

    def _sum(self, text: str) -> tuple[NDArray[np.int32], int]:
        found = buckets(plain(text).text)
        # Whole numbers: their sum is the same in any order. ``take`` is four times as quick as an index here.
        return self._weights.take(found, axis=0).sum(axis=0, dtype=np.int32), len(found)

    def words(self, text: str, label: str, *, most: int = 8) -> list[Weighed]:
        """The words that raised ``label`` most, the weightiest first. A word's weight is that of all n-grams in it."""
        reading = plain(text)
        found = grams(reading.text)
        if not len(found.buckets):
            return []
        column = LABELS.index(label)
        _, first, counts = np.unique(found.buckets, return_index=True, return_counts=True)
        # A bucket counts once, however often it stands there: its weight is shared by those places.
        share = np.zeros(len(found.buckets))
        share[first] = 1.0
        weights = (
            self._weights[found.buckets, column]
            * share
            * float(self._scales[column])
            / math.sqrt(len(counts))
        )
        spread = np.zeros(len(reading.text) + 1)
        each = weights / np.maximum(1, found.ends - found.starts)
        np.add.at(spread, found.starts, each)
        np.add.at(spread, found.ends, -each)
        sums = np.concatenate([[0.0], np.cumsum(np.cumsum(spread[:-1]))])
        made: list[Weighed] = []
        position = 0
        for word in reading.text.split(" "):
            start, end = position, position + len(word)
            position = end + 1
            weight = float(sums[end] - sums[start]) if word else 0.0
            if weight > 0.05:
                made.append(Weighed(word, *_whole(text, *reading.original(start, end)), round(weight, 3)))
        made.sort(key=lambda one: -one.weight)
        return [one for one in made if one.weight > made[0].weight / 5][:most]


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """The place widened to what stands between spaces, without marks at its ends."""
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    while end - start > 1 and text[end - 1] in _EDGES:
        end -= 1
    while end - start > 1 and text[start] in _EDGES:
        start += 1
    return start, end
