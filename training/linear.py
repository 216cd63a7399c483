"""The linear tier: logistic regression over hashed n-grams, one column a label, null labels masked.

A source's own intercept takes up that it is more or less abusive as a whole, so that its manner of writing need not; it is
dropped afterwards, and ``jigsaw_wiki`` (natural prevalence) stands for the base rate. Sources that share an intercept are in
``GROUPS``: newspaper comments are all positive, and would tell nothing beside an intercept of their own.
"""

from __future__ import annotations

import random
import sys
import time

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

from service.domain.plain import plain
from service.scoring.features import BUCKETS, buckets
from service.scoring.labels import LABELS
from service.scoring.spam_signs import SIGNS, Around, spam_signs
from training.data import Examples
from training.noise import disguised

SPAM = LABELS.index("spam")
GROUPS = {"civil_spans": "news", "own": "news", "civil_clean": "news", "tg_spam": "janitr_x"}
BASE = "jigsaw_wiki"


def group_matrix(sources: list[str], groups: list[str] | None = None) -> tuple[np.ndarray, list[str]]:
    """For each text the number of its group; group 0 is the base, without an intercept."""
    named = [GROUPS.get(source, source) for source in sources]
    groups = groups or [BASE, *sorted(set(named) - {BASE})]
    return np.array([groups.index(name) for name in named]), groups


def around(extra: dict) -> Around:
    return Around(author_name=str(extra.get("author") or ""))


def matrix(texts: list[str], progress: str = "") -> sparse.csr_matrix:
    """One row a text, each of its buckets with 1/sqrt(number of buckets)."""
    indices, values, ends = [], [], [0]
    for number, text in enumerate(texts):
        found = buckets(plain(text).text)
        indices.append(found.astype(np.int32))
        values.append(np.full(len(found), 1 / np.sqrt(max(1, len(found))), np.float32))
        ends.append(ends[-1] + len(found))
        if progress and number % 20_000 == 0:
            print(f"{progress}: {number:,} of {len(texts):,}", file=sys.stderr, flush=True)
    return sparse.csr_matrix(
        (np.concatenate(values), np.concatenate(indices), np.array(ends)), shape=(len(texts), BUCKETS)
    )


def with_noise(examples: Examples, share: float, seed: int) -> tuple[Examples, list[str]]:
    """The examples and the texts to train on: a disguised copy of ``share`` of them is added, at half the weight."""
    draw = random.Random(seed)
    chosen = np.array([i for i in range(len(examples)) if draw.random() < share], int)
    copies = examples.take(chosen)
    copies.weights = copies.weights * 0.5
    texts = examples.texts + [disguised(text, draw) for text in copies.texts]
    both = Examples(
        texts,
        np.vstack([examples.labels, copies.labels]),
        np.vstack([examples.weights, copies.weights]),
        examples.sources + copies.sources,
        examples.extras + copies.extras,
    )
    return both, texts


def fit(examples: Examples, *, l2: float = 3e-6, iterations: int = 80, noise: float = 0.5, seed: int = 1, log: bool = True):
    """(weights of shape (BUCKETS, 8), intercepts (8,), weights of the signs (16,)), all float32."""
    data, texts = with_noise(examples, noise, seed)
    x = matrix(texts, "n-grams" if log else "")
    xt = x.T.tocsr()
    signs = np.array([spam_signs(t, around(e)) for t, e in zip(texts, data.extras, strict=True)])
    where, groups = group_matrix(data.sources)
    y, w = data.labels, np.where(np.isnan(data.labels), 0, data.weights).astype(np.float32)
    y = np.nan_to_num(y)
    w[:, :] /= max(1.0, w.sum(axis=0).mean())
    n, g, k = len(texts), len(groups), len(LABELS)
    shapes = [BUCKETS * k, k, len(SIGNS), g * k]
    cuts = np.cumsum(shapes)[:-1]
    started, calls = time.time(), [0]

    def loss(flat):
        a, b, c, d = np.split(flat.astype(np.float32), cuts)
        a, d = a.reshape(BUCKETS, k), d.reshape(g, k)
        d[0] = 0
        z = x @ a + b + d[where]
        z[:, SPAM] += signs @ c
        soft = np.logaddexp(0, z)
        value = (w * (soft - y * z)).sum() + l2 * ((a * a).sum() + (d * d).sum() * 0.1 + (c * c).sum() * 0.1) / 2
        r = w * (1 / (1 + np.exp(-z)) - y)
        da = xt @ r + l2 * a
        dd = np.zeros((g, k), np.float32)
        np.add.at(dd, where, r)
        dd += 0.1 * l2 * d
        dd[0] = 0
        dc = signs.T @ r[:, SPAM] + 0.1 * l2 * c
        calls[0] += 1
        if log and calls[0] % 10 == 0:
            print(f"linear: step {calls[0]}, loss {value:.5f}, {time.time() - started:.0f} s", file=sys.stderr, flush=True)
        return float(value), np.concatenate([da.ravel(), r.sum(axis=0), dc, dd.ravel()]).astype(np.float64)

    found = minimize(loss, np.zeros(sum(shapes)), jac=True, method="L-BFGS-B", options={"maxiter": iterations, "maxcor": 6})
    a, b, c, _ = np.split(found.x.astype(np.float32), cuts)
    return a.reshape(BUCKETS, k), b, c


def logits(model, texts: list[str], extras: list[dict]) -> np.ndarray:
    a, b, c = model
    z = matrix(texts) @ a + b
    z[:, SPAM] += np.array([spam_signs(t, around(e)) for t, e in zip(texts, extras, strict=True)]) @ c
    return z
