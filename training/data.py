"""Labelled comments as one table: which texts, which labels, how much each counts.

A folder holds one ``*.jsonl.gz`` a source, each line ``{"id", "text", "labels": {label: 0–1 or null}, "split"}``.
A label that is null was never asked: it is masked, never read as 0. What is *weak* here is said where it is made.
"""

from __future__ import annotations

import gzip
import html
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from service.scoring.labels import LABELS
from training.sentences import Sentence, own_sentences

NOT_ASKED = np.nan
# A lexicon chose its texts, 83 % are positive, and its bias against dialects is often reported: it only examines.
EXAMINES_ONLY = ("davidson",)
TOXIC_SOURCES = ("jigsaw_wiki", "cat_wiki", "civil_spans", "paradetox", "edos", "misogyny", "ruddit")
SPAM_SOURCES = ("youtube_spam", "sms_spam", "janitr_x", "tg_spam")
# Comments that were published and stayed so: rarely spam.
WEAK_HAM = ("civil_spans", "cat_wiki", "jigsaw_wiki", "ruddit")
WEAK_HAM_WEIGHT = 0.3


@dataclass
class Examples:
    """``labels`` and ``weights`` are float32 of shape (texts, 8) in the order of ``LABELS``; NaN is "not asked"."""

    texts: list[str] = field(default_factory=list)
    labels: np.ndarray = field(default_factory=lambda: np.zeros((0, len(LABELS)), np.float32))
    weights: np.ndarray = field(default_factory=lambda: np.zeros((0, len(LABELS)), np.float32))
    sources: list[str] = field(default_factory=list)
    extras: list[dict[str, Any]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, chosen: np.ndarray) -> Examples:
        """Those at the indices (or under the mask) ``chosen``."""
        where = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        return Examples(
            [self.texts[i] for i in where],
            self.labels[where],
            self.weights[where],
            [self.sources[i] for i in where],
            [self.extras[i] for i in where],
        )

    def of(self, *sources: str) -> Examples:
        return self.take(np.array([source in sources for source in self.sources], bool))

    def without(self, *sources: str) -> Examples:
        return self.take(np.array([source not in sources for source in self.sources], bool))


def read_folder(folder: Path, split: str) -> Examples:
    """All examples of a split (``train`` or ``dev``), our own sentences among them, in a fixed order.

    Raises ``FileNotFoundError`` where the folder holds no ``*.jsonl.gz``.
    """
    files = sorted(folder.glob("*.jsonl.gz"))
    if not files:
        raise FileNotFoundError(f"{folder} holds no *.jsonl.gz")
    texts, rows, sources, extras = [], [], [], []
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if record["split"] != split:
                    continue
                texts.append(html.unescape(record["text"]))
                rows.append([_number(record["labels"].get(label)) for label in LABELS])
                sources.append(record["source"])
                extras.append({k: v for k, v in record.items() if k not in ("text", "labels", "split")})
    labels = np.array(rows, np.float32)
    weights = np.ones_like(labels)
    _soften_ruddit(labels, sources, extras)
    if split == "train":
        _take_markings_for_degrees(labels, sources, extras)
    _assume_ham(labels, weights, sources)
    own = examples_of(one for one in own_sentences() if in_training(one.text) == (split == "train"))
    return joined(Examples(texts, labels, weights, sources, extras), own)


def joined(*many: Examples) -> Examples:
    return Examples(
        [text for one in many for text in one.texts],
        np.vstack([one.labels for one in many]),
        np.vstack([one.weights for one in many]),
        [source for one in many for source in one.sources],
        [extra for one in many for extra in one.extras],
    )


def examples_of(sentences: Iterable[Sentence]) -> Examples:
    """Sentences of our own writing as examples."""
    texts, rows, extras = [], [], []
    for one in sentences:
        texts.append(one.text)
        rows.append([_number(one.labels.get(label)) for label in LABELS])
        extras.append({"id": f"own-{zlib.crc32(one.text.encode()):08x}", "identity": one.identity})
    labels = np.array(rows, np.float32).reshape(len(texts), len(LABELS))
    return Examples(texts, labels, np.ones_like(labels), ["own"] * len(texts), extras)


def _number(label: float | None) -> float:
    return NOT_ASKED if label is None else float(label)


def in_training(text: str) -> bool:
    """Whether a sentence of our own is trained on; a tenth of them is kept aside."""
    return zlib.crc32(text.encode()) % 10 != 0


def _soften_ruddit(labels: np.ndarray, sources: list[str], extras: list[dict[str, Any]]) -> None:
    """Its offensiveness is a degree, from -1 to 1: what lies between its two classes says something, too."""
    toxicity = LABELS.index("toxicity")
    for row, (source, extra) in enumerate(zip(sources, extras, strict=True)):
        if source == "ruddit" and extra.get("offensiveness") is not None:
            labels[row, toxicity] = min(1.0, max(0.0, (float(extra["offensiveness"]) + 0.1) / 0.5))


def _take_markings_for_degrees(labels: np.ndarray, sources: list[str], extras: list[dict[str, Any]]) -> None:
    """Weak: of a newspaper comment in which less than half of its annotators marked anything toxic, their share is
    taken for how toxic it is.

    "Nothing is" and "all of it is" were one answer, so that its label is null: it is good enough to learn from beside
    the others, and examines nothing.
    """
    toxicity = LABELS.index("toxicity")
    for row, (source, extra) in enumerate(zip(sources, extras, strict=True)):
        if source == "civil_spans" and np.isnan(labels[row, toxicity]) and "span_share" in extra:
            labels[row, toxicity] = float(extra["span_share"])


def _assume_ham(labels: np.ndarray, weights: np.ndarray, sources: list[str]) -> None:
    """Weak: a comment of these sources is taken for no spam, at a fraction of a label's weight."""
    spam = LABELS.index("spam")
    for row, source in enumerate(sources):
        if source in WEAK_HAM and np.isnan(labels[row, spam]):
            labels[row, spam] = 0.0
            weights[row, spam] = WEAK_HAM_WEIGHT
