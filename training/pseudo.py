"""Sentences of newspaper comments that a first model finds clean, out of comments that people found toxic.

No clean newspaper comments are among the sources, so a model would take talk of politics for a sign of abuse.
What people marked in a toxic comment is mostly a part of it: the sentences that a first model, trained without
them, is surest of are taken for clean. Weak: a fraction of a label's weight.
"""

from __future__ import annotations

import re

import numpy as np

from service.scoring.labels import LABELS
from training.data import NOT_ASKED, Examples

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
WEIGHT = 0.4
SHORTEST = 40  # characters


def sentences_of(examples: Examples) -> list[str]:
    """Sentences of the newspaper comments that have more than one."""
    found = []
    for text in examples.of("civil_spans").texts:
        parts = [part.strip() for part in _SENTENCE.split(text)]
        if len(parts) > 1:
            found += [part for part in parts if len(part) >= SHORTEST]
    return found


def clean_sentences(
    sentences: list[str], scores: np.ndarray, *, share: float = 0.35, most: int = 9_000
) -> Examples:
    """The ``share`` of them with the lowest ``scores`` (logits of toxicity) as examples, at most ``most``."""
    order = np.argsort(scores, kind="stable")[: min(most, int(len(sentences) * share))]
    clean = ("toxicity", "severe", "insult", "threat", "identity_attack", "obscene")
    row = np.array([0.0 if label in clean else NOT_ASKED for label in LABELS], np.float32)
    count = len(order)
    return Examples(
        [sentences[i] for i in order],
        np.tile(row, (count, 1)),
        np.full((count, len(LABELS)), WEIGHT, np.float32),
        ["civil_clean"] * count,
        [{} for _ in order],
    )
