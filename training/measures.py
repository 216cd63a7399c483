"""How good scores are: ranking, recall at a bounded share of false alarms, calibration; with intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def roc_auc(truth: NDArray, scores: NDArray) -> float:
    """Chance that a positive ranks above a negative (ties count half); NaN where one of them is missing."""
    order = np.argsort(scores, kind="stable")
    ranked = scores[order]
    _, first, counts = np.unique(ranked, return_index=True, return_counts=True)
    ranks = np.empty(len(scores))
    ranks[order] = np.repeat(first + (counts + 1) / 2, counts)
    positive = truth >= 0.5
    p, n = positive.sum(), (~positive).sum()
    if not p or not n:
        return float("nan")
    return float((ranks[positive].sum() - p * (p + 1) / 2) / (p * n))
