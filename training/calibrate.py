"""How much each tier says where both do, logits to probabilities (Platt's scaling), and the thresholds that the model
ships with.

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
# The one that has whole comments as they come. Where it was asked, it alone tells how much each tier says: the others
# were chosen for something, and small. Of our own sentences both tiers know the frames.
NATURAL = ("jigsaw_wiki",)
CHOSEN = tuple(source for source in SOURCES if source not in (*NATURAL, "own"))
# The mean of both, a little to one side or the other: on other text than this it is not known which of them is better.
LEAST, MOST = 0.4, 0.6


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


def counted(dev: Examples, column: int, of: tuple[str, ...] = SOURCES) -> np.ndarray:
    """How much each text of the development split counts for a label, of shape (texts,); 0 where nobody was asked, and
    for texts that are not ``of`` these sources."""
    sources = np.array(dev.sources)
    known = ~np.isnan(dev.labels[:, column]) & np.isin(sources, of)
    weights = np.zeros(len(dev))
    for source in of:
        here = known & (sources == source)
        positives = int((dev.labels[here, column] >= 0.5).sum())
        if positives >= FEWEST and positives < here.sum():
            weights[here] = dev.weights[here, column] / here.sum()
    # Wikipedia talk has the prevalence of an open comment section; it counts most.
    weights[sources == "jigsaw_wiki"] *= 3
    return weights


def shares(linear: np.ndarray, deep: np.ndarray, dev: Examples) -> dict[str, float]:
    """{label: share of the linear tier in what both say}, with which the development split's labels are the likeliest.

    Takes the logits of each tier, of shape (texts, 8).
    """
    made = {}
    for column, label in enumerate(LABELS):
        weights = counted(dev, column, NATURAL)
        if not weights.any():
            weights = counted(dev, column, CHOSEN)
        used = weights > 0
        truth = dev.labels[used, column]
        tiers = np.stack([linear[used, column], deep[used, column]], axis=1)
        share = _share(tiers, truth, weights[used]) if used.any() else 0.5
        made[label] = round(min(MOST, max(LEAST, share)), 2)
    return made


def _share(tiers: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> float:
    def loss(found: np.ndarray) -> float:
        z = tiers @ found[:2] + found[2]
        far = ((found[:2] - 0.5) ** 2).sum()
        return float((weights * (np.logaddexp(0, z) - truth * z)).sum() / weights.sum() + 1e-4 * far)

    of_linear, of_deep, _ = minimize(loss, np.array([0.5, 0.5, 0.0]), method="BFGS").x
    # A tier that would count against itself counts as nothing.
    of_linear, of_deep = max(0.0, float(of_linear)), max(1e-6, float(of_deep))
    return of_linear / (of_linear + of_deep)


def calibration(logits: np.ndarray, dev: Examples) -> dict[str, list[float]]:
    """{label: [slope, shift]} for logits of shape (texts, 8) of the development split."""
    made = {}
    for column, label in enumerate(LABELS):
        weights = counted(dev, column)
        used = weights > 0
        if not used.any():
            made[label] = [1.0, 0.0]
            continue
        found = platt(logits[used, column], dev.labels[used, column], weights[used])
        made[label] = [round(x, 4) for x in found]
    return made


def thresholds(chances: np.ndarray, dev: Examples) -> dict[str, float]:
    """{label: probability that 0.5 % of clean comments pass (newspaper sentences and Wikipedia talk)}."""
    sources = np.array(dev.sources)
    spam = np.nan_to_num(dev.labels[:, LABELS.index("spam")])
    clean = np.isin(sources, ("jigsaw_wiki", "own")) & (dev.labels[:, 0] < 0.1) & (spam < 0.5)
    return {label: round(float(np.quantile(chances[clean, i], 0.995)), 4) for i, label in enumerate(LABELS)}
