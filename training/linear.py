"""The linear tier: logistic regression over hashed n-grams, one column a label, null labels masked; the kinds of abuse
in one go, and each label that is asked of other texts, or told by other words, in a search of its own.

A source's own intercept takes up that it is more or less abusive as a whole, so that its manner of writing need
not; it is dropped afterwards, and ``jigsaw_wiki`` (natural prevalence) stands for the base rate. Sources that
share an intercept are in ``GROUPS``: newspaper comments are all positive, and would tell nothing beside an
intercept of their own.
"""

from __future__ import annotations

import random
import sys
import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit

from service.domain.plain import plain
from service.scoring.features import BUCKETS, buckets
from service.scoring.labels import LABELS
from service.scoring.spam_signs import SIGNS, Around, spam_signs
from training.data import Examples
from training.noise import disguised

SPAM = LABELS.index("spam")
GROUPS = {"civil_spans": "news", "own": "news", "civil_clean": "news", "tg_spam": "janitr_x"}
BASE = "jigsaw_wiki"


# How much an example of a source counts. Paradetox is the largest of all, of short sentences and their paraphrases:
# counted in full, its manner drowned that of whole comments (Wikipedia .954 instead of .966). Ruddit is small.
COUNTS = {"jigsaw_wiki": 1.5, "paradetox": 0.5, "ruddit": 2.0}
# Of newspaper comments even the doubtful ones are here, so that they are many; whole comments known to be clean
# are only Wikipedia's and Ruddit's.
COUNTS_OF_TOXICITY = COUNTS | {"jigsaw_wiki": 2.5, "ruddit": 3.0, "own": 1.5, "civil_spans": 0.5}
# Nearly all who were asked about hate of identities are from two sources that know but one kind of it: counted in full,
# contempt for women was all that was learned (in newspapers .64 instead of .73). What is clean counts more beside it.
COUNTS_OF_HATE = COUNTS | {
    "civil_spans": 4.0,
    "civil_clean": 3.0,
    "own": 2.0,
    "openai_moderation_half": 3.0,
    "edos": 0.45,
    "misogyny": 0.45,
}


@dataclass(frozen=True, slots=True)
class Task:
    """Labels that are learned together, of the texts that were asked about one of them.

    ``power``: how much further a step moves what is rare; an early end of the search, after so many ``steps``, then
    trusts rare words more, as inverse document frequency would. ``penalty``: that on words, beside the usual one;
    ``beside``: that on signs and on the sources' intercepts, beside the usual one. ``counts``: how much an example of
    a source counts, 1 where it is not named.
    """

    columns: tuple[int, ...]
    power: float
    steps: int
    beside: float
    penalty: float = 1.0
    counts: dict[str, float] = field(default_factory=lambda: COUNTS)


TOXICITY = Task(
    (LABELS.index("toxicity"),), power=0.5, steps=90, beside=0.1, penalty=1.5, counts=COUNTS_OF_TOXICITY
)
# Of threats and of hate of identities there are few, so that a search by itself holds their words back more.
HATE = Task(
    (LABELS.index("identity_attack"),), power=0.5, steps=90, beside=0.1, penalty=4.0, counts=COUNTS_OF_HATE
)
THREATS = Task((LABELS.index("threat"),), power=0.5, steps=90, beside=0.1, penalty=4.0)
# Rare words tell more of spam than of abuse. Beyond its forty steps clean newspaper comments are called spam where no
# newspaper was seen (.4 % after sixty); and where its signs cost less than words, a link alone is spam (1.7 % of clean
# Wikipedia comments instead of .7 %).
ADVERTISING = Task((SPAM,), power=1.0, steps=40, beside=3.0)
APART = {column for task in (TOXICITY, HATE, THREATS, ADVERTISING) for column in task.columns}
ABUSE = Task(tuple(i for i in range(len(LABELS)) if i not in APART), power=0.5, steps=90, beside=0.1)
TASKS = (TOXICITY, ABUSE, HATE, THREATS, ADVERTISING)


def group_matrix(sources: list[str], groups: list[str] | None = None) -> tuple[np.ndarray, list[str]]:
    """For each text the number of its group; group 0 is the base, without an intercept."""
    named = [GROUPS.get(source, source) for source in sources]
    groups = groups or [BASE, *sorted(set(named) - {BASE})]
    return np.array([groups.index(name) for name in named]), groups


def around(extra: dict[str, Any]) -> Around:
    """What a training example tells beside its text."""
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


def weighed(examples: Examples) -> Examples:
    """The examples, each counting as much as its source does, for each label."""
    counts = np.ones((len(examples), len(LABELS)), np.float32)
    for task in TASKS:
        of_sources = np.array([task.counts.get(source, 1.0) for source in examples.sources], np.float32)
        counts[:, task.columns] = of_sources[:, None]
    return replace(examples, weights=examples.weights * counts)


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


Model = tuple[np.ndarray, np.ndarray, np.ndarray]


def fit(
    examples: Examples,
    *,
    tasks: tuple[Task, ...] = TASKS,
    l2: float = 2e-5,
    most: int = 1_000,
    noise: float = 0.5,
    alike: bool = False,
    seed: int = 1,
    log: bool = True,
) -> Model:
    """(weights of shape (BUCKETS, 8), intercepts (8,), weights of the signs (16,)), all float32; 0 for labels of which
    no task was given.

    ``l2`` is the penalty beside a mean loss; no task takes more than ``most`` steps. ``alike``: each source counts as
    much as any other.
    """
    wanted = [column for task in tasks for column in task.columns]
    examples = examples.take(~np.isnan(examples.labels[:, wanted]).all(axis=1))
    data, texts = with_noise(examples if alike else weighed(examples), noise, seed)
    x = matrix(texts, "n-grams" if log else "")
    signs = np.array([spam_signs(t, around(e)) for t, e in zip(texts, data.extras, strict=True)], np.float32)
    # Over all labels alike, so that the penalty weighs as much on one that few texts were asked about.
    data.weights = data.weights / max(1.0, np.where(np.isnan(data.labels), 0, data.weights).sum(0).mean())
    weights = np.zeros((BUCKETS, len(LABELS)), np.float32)
    intercepts, of_signs = np.zeros(len(LABELS), np.float32), np.zeros(len(SIGNS), np.float32)
    for task in tasks:
        columns = list(task.columns)
        asked = np.flatnonzero(~np.isnan(data.labels[:, columns]).all(axis=1))
        if not len(asked):
            continue
        counts = np.bincount(x[asked].indices, minlength=BUCKETS)
        used = np.flatnonzero(counts >= 2)
        rarity = np.log((1 + len(asked)) / (1 + counts[used])).astype(np.float32) ** task.power
        seen = (x[asked][:, used] @ sparse.diags(rarity)).tocsr().astype(np.float32)
        search = _Search(seen, signs[asked], data.take(asked), task, l2 * task.penalty, log)
        found = minimize(
            search.loss,
            np.zeros(search.size),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": min(most, task.steps), "maxcor": 6},
        )
        its, intercepts[columns], its_signs, _ = search.parts(found.x)
        weights[np.ix_(used, columns)] = its * rarity[:, None]
        if SPAM in columns:
            of_signs = its_signs
    return weights, intercepts, of_signs


class _Search:
    """The loss over all parameters in one flat vector: n-grams, intercepts, signs, and the groups' intercepts."""

    def __init__(
        self,
        x: sparse.csr_matrix,
        signs: np.ndarray,
        data: Examples,
        task: Task,
        penalty: float,
        log: bool,
    ) -> None:
        columns = list(task.columns)
        self._x, self._xt, self._signs = x, x.T.tocsr(), signs
        self._spam = columns.index(SPAM) if SPAM in columns else None
        self._where, groups = group_matrix(data.sources)
        labels = data.labels[:, columns]
        self._weights = np.where(np.isnan(labels), 0, data.weights[:, columns]).astype(np.float32)
        self._truth = np.nan_to_num(labels)
        self._l2, self._beside = penalty, task.beside * penalty
        self._log, self._calls, self._started = log, 0, time.time()
        self._labels, self._groups = len(columns), len(groups)
        sizes = [x.shape[1] * self._labels, self._labels, len(SIGNS), self._groups * self._labels]
        self._cuts, self.size = np.cumsum(sizes)[:-1], sum(sizes)

    def parts(self, flat: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The flat vector taken apart; group 0 is the base rate and has no intercept of its own."""
        a, b, c, d = np.split(flat.astype(np.float32), self._cuts)
        d = d.reshape(self._groups, self._labels)
        d[0] = 0
        return a.reshape(-1, self._labels), b, c, d

    def loss(self, flat: np.ndarray) -> tuple[float, np.ndarray]:
        """Weighted mean log loss with penalty, and its gradient."""
        a, b, c, d = self.parts(flat)
        z = self._x @ a + b + d[self._where]
        if self._spam is not None:
            z[:, self._spam] += self._signs @ c
        penalty = self._l2 * (a * a).sum() + self._beside * ((d * d).sum() + (c * c).sum())
        value = (self._weights * (np.logaddexp(0, z) - self._truth * z)).sum() + penalty / 2
        wrong = self._weights * (expit(z) - self._truth)
        of_groups = np.zeros_like(d)
        np.add.at(of_groups, self._where, wrong)
        of_groups += self._beside * d
        of_groups[0] = 0
        of_signs = self._beside * c
        if self._spam is not None:
            of_signs = of_signs + self._signs.T @ wrong[:, self._spam]
        gradient = [
            (self._xt @ wrong + self._l2 * a).ravel(),
            wrong.sum(axis=0),
            of_signs,
            of_groups.ravel(),
        ]
        self._calls += 1
        if self._log and self._calls % 10 == 0:
            seconds = time.time() - self._started
            print(
                f"linear: step {self._calls}, loss {value:.5f}, {seconds:.0f} s", file=sys.stderr, flush=True
            )
        return float(value), np.concatenate(gradient).astype(np.float64)


def logits(model: Model, texts: list[str], extras: list[dict[str, Any]]) -> np.ndarray:
    """What a model says of texts, before it is made small; of shape (texts, 8)."""
    weights, intercepts, of_signs = model
    z = matrix(texts) @ weights + intercepts
    z[:, SPAM] += np.array([spam_signs(t, around(e)) for t, e in zip(texts, extras, strict=True)]) @ of_signs
    return z
