"""A site's own calibration: what a probability of the models is worth where these moderators decide.

The shipped probabilities were fitted on public sources, and a site's readers and moderators are others. Two numbers
for a label, a slope and a shift of its logit, are fitted to what a site's people decided. Unlike ``learner`` this
reads no text and never changes which of two comments stands higher: it mends what a score means, not the ranking.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Truths = NDArray[np.float64] | NDArray[np.bool_]
Pair = tuple[float, float]

# Below these the shipped calibration stands: two numbers from fewer decisions would be of chance.
FEWEST = 100
FEWEST_OF_EACH = 15
# The shipped pair (1, 0) weighs as much as some twelve decisions about comments of which the models make a half.
PENALTY = 3.0
# Flatter, and a model's ranking would hardly show in its scores; steeper, and a few decisions made it certain.
LOWEST_SLOPE, HIGHEST_SLOPE = 0.2, 5.0
_STEPS = 50


def logit_of(score: float) -> float:
    """A probability as a logit, within ±11.5: a stored score is rounded."""
    score = min(1 - 1e-5, max(1e-5, score))
    return math.log(score / (1 - score))


def fit(logits: Numbers, truths: Truths) -> Pair | None:
    """(slope, shift) of sigmoid(slope · logit + shift), or None where there are too few decisions, in all or of a kind.

    ``logits`` and ``truths`` are of shape (decisions,): a finite calibrated logit of the models (``logit_of`` of a
    score), and 1 where people found that the label holds, else 0. The same decisions give the same pair, in any order.

    Platt's scaling with his smoothed targets, by Newton's method: J. Platt, "Probabilistic Outputs for Support Vector
    Machines and Comparisons to Regularized Likelihood Methods" (1999), section 2.2. The penalty towards (1, 0) and the
    bounds of the slope are ours.
    """
    positive = truths >= 0.5
    p, n = int(positive.sum()), int((~positive).sum())
    if p + n < FEWEST or min(p, n) < FEWEST_OF_EACH:
        return None
    # Sums of floats depend on their order in the last digit.
    order = np.lexsort((positive, logits))
    given, positive = logits[order], positive[order]
    targets = np.where(positive, (p + 1) / (p + 2), 1 / (n + 2))
    slope, shift = _least(given, targets, np.array([1.0, 0.0]), free=np.array([True, True]))
    bounded = min(HIGHEST_SLOPE, max(LOWEST_SLOPE, slope))
    if bounded != slope:
        # The loss is convex: beyond a bound, the best pair lies on it.
        slope, shift = _least(given, targets, np.array([bounded, 0.0]), free=np.array([False, True]))
    return round(slope, 6), round(shift, 6)


def calibrated(score: float, pair: Pair) -> float:
    """A score of the models (0–1) as this site's probability (0–1). A higher score never becomes the lower one."""
    slope, shift = pair
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, slope * logit_of(score) + shift))))


def cross_fitted(scores: Numbers, truths: Truths) -> Numbers | None:
    """The scores (0–1) as they would read after the site's own calibration, of shape (decisions,): each of two fixed
    halves with the pair that was fitted on the other. None where a half is too small to fit."""
    count = len(scores)
    # Drawn, not cut in the middle or taken in turn: files are often sorted by label, or alternate.
    half = np.random.default_rng(1).permutation(count) % 2 == 0
    logits = np.array([logit_of(score) for score in scores.tolist()])
    found = np.empty(count)
    for its in (half, ~half):
        pair = fit(logits[~its], truths[~its])
        if pair is None:
            return None
        found[its] = [calibrated(score, pair) for score in scores[its].tolist()]
    return found


def _least(given: Numbers, targets: Numbers, start: Numbers, *, free: NDArray[np.bool_]) -> Pair:
    """The (slope, shift) with the least penalised loss; what is not ``free`` stays as in ``start``."""
    x = np.stack([given, np.ones_like(given)], axis=1)
    shipped = np.array([1.0, 0.0])

    def loss(pair: Numbers) -> float:
        z = x @ pair
        far = float(((pair - shipped) ** 2).sum())
        return float((np.logaddexp(0, z) - targets * z).sum()) + PENALTY / 2 * far

    pair = start
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(x @ pair, -500, 500)))
        gradient = x.T @ (chance - targets) + PENALTY * (pair - shipped)
        curvature = (x * (chance * (1 - chance))[:, None]).T @ x + PENALTY * np.eye(2)
        step = np.zeros(2)
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        if float(np.abs(step).max()) < 1e-9:
            break
        # A whole step may leap over the lowest point; a halved one in this direction cannot forever.
        length, before, falls = 1.0, loss(pair), float(gradient @ step)
        while length > 1e-6 and loss(pair - length * step) > before - 1e-4 * length * falls:
            length /= 2
        pair = pair - length * step
    return float(pair[0]), float(pair[1])
