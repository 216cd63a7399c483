"""Logits to probabilities (Platt's scaling), and the thresholds that the model ships with.

Fitted on the development split, which training never saw: for a label on every source that asked for it, each
source counting alike, so that the largest does not set the scale alone. On other text it does not hold:
thresholds are a site's own.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from service.scoring.labels import LABELS
from training.data import Examples

# Natural prevalence, or near it. Positives-only and lexicon-chosen sources would shift every probability.
SOURCES = (
    "jigsaw_wiki",
    "openai_moderation_half",
    "ruddit",
    "edos",
    "misogyny",
    "own",
    "youtube_spam",
    "sms_spam",
    "janitr_x",
)
FEWEST = 3


def platt(logits: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """(slope, shift) such that sigmoid(slope · logit + shift) is closest to the truth (weighted log loss)."""

    def loss(pair: np.ndarray) -> float:
        z = pair[0] * logits + pair[1]
        return float(
            (weights * (np.logaddexp(0, z) - truth * z)).sum() / weights.sum() + 1e-4 * (pair[0] - 1) ** 2
        )

    found = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead")
    slope, shift = found.x
    return max(0.05, float(slope)), float(shift)


def calibration(logits: np.ndarray, dev: Examples) -> dict[str, list[float]]:
    """{label: [slope, shift]} for logits of shape (texts, 8) of the development split."""
    made = {}
    sources = np.array(dev.sources)
    for column, label in enumerate(LABELS):
        known = ~np.isnan(dev.labels[:, column]) & np.isin(sources, SOURCES)
        truth = np.nan_to_num(dev.labels[:, column])
        weights = np.zeros(len(dev))
        for source in SOURCES:
            here = known & (sources == source)
            positives = int((truth[here] >= 0.5).sum())
            if positives >= FEWEST and positives < here.sum():
                weights[here] = dev.weights[here, column] / here.sum()
        # Wikipedia talk has the prevalence of an open comment section; it counts most.
        if weights[sources == "jigsaw_wiki"].any():
            weights[sources == "jigsaw_wiki"] *= 3
        used = weights > 0
        if not used.any():
            made[label] = [1.0, 0.0]
            continue
        made[label] = [round(x, 4) for x in platt(logits[used, column], truth[used], weights[used])]
    return made


def thresholds(chances: np.ndarray, dev: Examples) -> dict[str, float]:
    """{label: probability that 0.5 % of clean comments pass (newspaper sentences and Wikipedia talk)}."""
    sources = np.array(dev.sources)
    spam = np.nan_to_num(dev.labels[:, LABELS.index("spam")])
    clean = np.isin(sources, ("jigsaw_wiki", "own")) & (dev.labels[:, 0] < 0.1) & (spam < 0.5)
    return {label: round(float(np.quantile(chances[clean, i], 0.995)), 4) for i, label in enumerate(LABELS)}
