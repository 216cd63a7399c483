"""How good scores are: ranking, recall at a bounded share of false alarms, calibration; with intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Measure = Callable[[Numbers, Numbers], float]


def roc_auc(truth: Numbers, scores: Numbers) -> float:
    """Chance that a positive ranks above a negative (ties count half); NaN where one of them is missing."""
    order = np.argsort(scores, kind="stable")
    _, first, counts = np.unique(scores[order], return_index=True, return_counts=True)
    ranks = np.empty(len(scores))
    ranks[order] = np.repeat(first + (counts + 1) / 2, counts)
    positive = truth >= 0.5
    p, n = int(positive.sum()), int((~positive).sum())
    if not p or not n:
        return float("nan")
    return float((ranks[positive].sum() - p * (p + 1) / 2) / (p * n))


def pr_auc(truth: Numbers, scores: Numbers) -> float:
    """Average precision; ties are taken together. NaN without a positive."""
    positive = truth >= 0.5
    if not positive.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(positive[order])
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    found = hits[last]
    precision = found / (last + 1)
    gained = np.diff(np.concatenate([[0], found]))
    return float((precision * gained).sum() / positive.sum())


def recall_at(truth: Numbers, scores: Numbers, false_alarms: float = 0.05) -> float:
    """Share of positives above the threshold that at most ``false_alarms`` of the negatives pass."""
    positive = truth >= 0.5
    if not positive.any() or positive.all():
        return float("nan")
    threshold = np.quantile(scores[~positive], 1 - false_alarms, method="higher")
    return float((scores[positive] > threshold).mean())


def calibration_error(truth: Numbers, scores: Numbers, bins: int = 15) -> float:
    """Expected calibration error: how far the mean score of a bin is from its share of positives, on average."""
    place = np.minimum((scores * bins).astype(int), bins - 1)
    error = 0.0
    for number in np.unique(place):
        here = place == number
        error += here.mean() * abs(float((truth[here] >= 0.5).mean()) - float(scores[here].mean()))
    return error


def interval(
    measure: Measure, truth: Numbers, scores: Numbers, *, rounds: int = 200, seed: int = 1
) -> tuple[float, float]:
    """95 % interval of a measure by drawing the examples anew (bootstrap), the same draws each time."""
    draw = np.random.default_rng(seed)
    values = []
    for _ in range(rounds):
        chosen = draw.integers(0, len(truth), len(truth))
        value = measure(truth[chosen], scores[chosen])
        if not np.isnan(value):
            values.append(value)
    if not values:
        return float("nan"), float("nan")
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
