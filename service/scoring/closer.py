"""A longer comment read once more where it matters: an insult among ten calm sentences is lost in what is said of them
all.

Of its parts, which are sentences or what is as long, the one that the linear tier minds most is read by itself. What
the deep tier says of it beyond the whole counts by half, and only what goes beyond by a margin: a sentence without
those around it may be a quotation, or a joke. Where it is beyond doubt, the whole is hardly better than its part.
Spam is what a comment is as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.scoring.deep import Deep
from service.scoring.labels import LABELS
from service.scoring.linear import Linear
from service.scoring.spam_signs import Around

# Words. From LONG on a text has parts; a shorter sentence than SHORTEST goes with its neighbour.
LONG, SHORTEST, LONGEST = 30, 4, 40
# In logits: what a part has to go beyond the whole, and how much of the rest counts.
MARGIN, SHARE = 2.0, 0.5
# In logits: from where on there is no doubt about a part, if both tiers say so or the deep one alone, and how much
# better the whole may be. Below that it counts for less and less, so that no hair's breadth decides.
SURE, SURE_ALONE, BETTER, STEEP = 1.5, 3.0, 1.0, 4.0
_WORD = re.compile(r"\S+")
_ENDS, _CLOSES = frozenset(".!?…"), "\"'”’)]"
_SPAM = LABELS.index("spam")

Logits = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Said:
    """What a tier says of texts as wholes, and of the worst part of each: logits of shape (texts, 8), not calibrated.

    Of a text without parts, and of spam, both are the same.
    """

    whole: Logits
    part: Logits


def parts(text: str) -> list[tuple[int, int]]:
    """Begin and end of each part of a text of ``LONG`` words or more, in order; all of a shorter text."""
    words = [word.span() for word in _WORD.finditer(text)]
    if len(words) < LONG:
        return [(0, len(text))]
    found: list[tuple[int, int]] = []
    first = 0
    for number, (begin, end) in enumerate(words):
        count = number + 1 - first
        is_last = number + 1 == len(words)
        over = is_last or text[begin:end].rstrip(_CLOSES)[-1:] in _ENDS
        over = over or "\n" in text[end : words[number + 1][0]]
        if count >= LONGEST or (over and (count >= SHORTEST or is_last)):
            found.append((words[first][0], end))
            first = number + 1
    return found


def read_closely(
    linear: Linear, deep: Deep, texts: Sequence[str], around: Sequence[Around | None] | None = None
) -> tuple[Said, Said]:
    """What the linear tier says, and the deep one."""
    wholes = (linear.logits(texts, around).astype(np.float64), deep.logits(texts).astype(np.float64))
    of_parts = (wholes[0].copy(), wholes[1].copy())
    for row, text in enumerate(texts):
        if len(spans := parts(text)) < 2:
            continue
        each = [text[start:end] for start, end in spans]
        worst = [each[int(np.argmax(linear.of_label(each, "toxicity")))]]
        for whole, part, found in zip(
            wholes, of_parts, (linear.logits(worst), deep.logits(worst)), strict=True
        ):
            part[row] = found[0]
            part[row, _SPAM] = whole[row, _SPAM]
    return Said(wholes[0], of_parts[0]), Said(wholes[1], of_parts[1])


def of_deep(deep: Said) -> Logits:
    """What the deep tier says by itself."""
    return np.maximum(_raised(deep), _at_least(deep.part, deep.part - SURE_ALONE))


def of_both(linear: Said, deep: Said, shares: NDArray[Any]) -> Logits:
    """What both tiers say together: of each label so much of ``shares``, of shape (8,), is the linear one's."""
    whole = shares * linear.whole + (1 - shares) * _raised(deep)
    part = shares * linear.part + (1 - shares) * deep.part
    return np.maximum(whole, _at_least(part, np.minimum(linear.part, deep.part) - SURE))


def _raised(said: Said) -> Logits:
    return said.whole + SHARE * np.maximum(0, said.part - said.whole - MARGIN)


def _at_least(part: Logits, sure: Logits) -> Logits:
    """The least that is said of a whole with such a part; ``sure`` is how far it is beyond doubt."""
    least: Logits = part - BETTER + STEEP * np.minimum(0, sure)
    return least
