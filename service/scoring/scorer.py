"""A comment's probabilities: which tiers answer, how their logits are joined and calibrated, and what weighed most.

Weights lie beside this file with a manifest that names their version and checksums; a file that is not what the
manifest says is refused. The deep tier is used where it can be loaded; where it can't, the linear one answers and
says so.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.scoring.closer import of_both, of_deep, parts, read_closely
from service.scoring.deep import Deep
from service.scoring.labels import LABELS
from service.scoring.labels import TIERS as TIERS
from service.scoring.labels import Tier as Tier
from service.scoring.linear import Linear, Weighed
from service.scoring.spam_signs import Around
from service.scoring.tongue import English

log = logging.getLogger("greenroom.scoring")

WEIGHTS = Path(__file__).parent / "weights"
SPAM = LABELS.index("spam")
# Words whose removal is tried out on the deep tier; each costs a run of it.
OCCLUDED = 6


class WeightsDamaged(Exception):
    """A file of weights is missing or not the one that the manifest names."""


@dataclass(frozen=True, slots=True)
class Scored:
    """``scores``: a probability for each label, 0–1, six digits. ``model``: the versions of the tiers that answered.

    ``fallback`` says why the deep tier did not answer though it was asked, else it is empty.
    """

    scores: dict[str, float]
    model: str
    fallback: str = ""


class Scorer:
    """Scores texts with one tier or both. Raises ``WeightsDamaged``; and ``ImportError`` for the tier ``deep`` alone
    where onnxruntime is not installed (``both`` falls back to ``linear``)."""

    def __init__(self, tier: Tier = "both", weights: Path = WEIGHTS) -> None:
        self._manifest = _read_manifest(weights)
        self.fallback = ""
        self._deep: Deep | None = None
        if tier != "linear":
            try:
                self._deep = Deep(
                    _checked(weights, self._manifest, "deep"), _checked(weights, self._manifest, "vocabulary")
                )
            except (ImportError, WeightsDamaged) as error:
                if tier == "deep":
                    raise
                tier, self.fallback = "linear", f"{type(error).__name__}: the deep tier cannot be loaded"
                log.warning(
                    "the deep tier cannot be loaded, the linear one answers alone: %s", type(error).__name__
                )
        self.tier: Tier = tier
        # Evidence is the linear tier's, whoever scores.
        self._linear = Linear(_checked(weights, self._manifest, "linear"))
        self._english = English(_checked(weights, self._manifest, "words"))
        version = self._manifest["version"]
        self.model = {
            "linear": f"linear-{version}",
            "deep": f"deep-{version}",
            "both": f"linear+deep-{version}",
        }[tier]
        calibration = self._manifest["calibration"][tier]
        self._slope = np.array([calibration[label][0] for label in LABELS])
        self._shift = np.array([calibration[label][1] for label in LABELS])
        self._shares = np.array([self._manifest["shares"][label] for label in LABELS])

    def logits(
        self, texts: Sequence[str], around: Sequence[Around | None] | None = None
    ) -> NDArray[np.float64]:
        """Calibrated logits of shape (texts, 8). A text's are the same alone and in a batch of any size."""
        found: NDArray[Any]
        if self._deep is None:
            found = self._linear.logits(texts, around)
        else:
            linear, deep = read_closely(self._linear, self._deep, texts, around)
            found = of_deep(deep) if self.tier == "deep" else of_both(linear, deep, self._shares)
        calibrated: NDArray[np.float64] = found * self._slope + self._shift
        return calibrated

    def knows(self, text: str) -> bool:
        """Whether a text is in the language that the models know, as far as that can be told. All texts are scored."""
        return self._english.may_be(text)

    def make_ready(self, texts: Sequence[str]) -> None:
        """Say which texts will be asked about soon, one by one: what is cheaper for all at once is done now."""
        if self.tier != "deep":
            self._linear.make_ready(texts)

    def score(self, texts: Sequence[str], around: Sequence[Around | None] | None = None) -> list[Scored]:
        """One ``Scored`` for each text, in order; ``around`` is what is known beside each of them."""
        chances = 1 / (1 + np.exp(-np.clip(self.logits(texts, around), -30, 30)))
        return [
            Scored(
                {label: float(f"{chance:.6g}") for label, chance in zip(LABELS, row, strict=True)},
                self.model,
                self.fallback,
            )
            for row in chances
        ]

    def evidence(self, text: str, label: str, *, most: int = 4) -> list[Weighed]:
        """The words that weighed most for ``label``, with their places in ``text``.

        Linear: by their weights. With the deep tier: of those, the ones whose removal lowers its logit, by how much; in
        a longer comment that of the part that they stand in.
        """
        words = self._linear.words(text, label, most=OCCLUDED if self._deep else most)
        if self._deep is None or not words:
            return words[:most]
        asked, spans = [], parts(text)
        for one in words:
            start, end = next((part for part in spans if one.start < part[1]), (0, len(text)))
            asked += [text[start:end], text[start : one.start] + text[one.end : end]]
        said = self._deep.logits(asked)[:, LABELS.index(label)].tolist()
        weighed = [
            Weighed(one.word, one.start, one.end, round(whole - left, 3))
            for one, whole, left in zip(words, said[::2], said[1::2], strict=True)
            if math.isfinite(left) and whole - left > 0.05
        ]
        return sorted(weighed, key=lambda one: -one.weight)[:most]


def _read_manifest(weights: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((weights / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise WeightsDamaged("the manifest of the weights cannot be read") from None
    return manifest


def _checked(weights: Path, manifest: dict[str, Any], name: str) -> Path:
    entry = manifest["files"].get(name)
    if entry is None:
        raise WeightsDamaged(f"the manifest names no {name}")
    path = weights / str(entry["name"])
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        raise WeightsDamaged(f"{path.name} cannot be read") from None
    if digest != entry["sha256"]:
        raise WeightsDamaged(f"{path.name} is not the file that the manifest names")
    return path


@lru_cache(maxsize=3)
def scorer(tier: Tier = "both") -> Scorer:
    """The one scorer of this process for a tier, loaded when it is first asked for."""
    return Scorer(tier)
