"""What the deep tier alone learns beside everything: of many sentences that one of them can be an attack, wherever it
stands, or none; and of calls as short as they come that only their object tells whether somebody is meant.

The linear tier has no place for where something stands or what it is said of, and ranked threats worse for it.
"""

from __future__ import annotations

import random
from functools import lru_cache

from training.data import Examples, examples_of, in_training
from training.frames_threats import CALLS, DEEDS, PAPERS, SHORT_THREATS, WHOM
from training.sentences import CLEAN, SEED, THREAT, Sentence, filled, own_sentences

LONG, LONG_WITH_ONE, SHORT = 500, 300, 150
FEWEST, MOST = 5, 25


@lru_cache(maxsize=1)
def composed_sentences() -> tuple[Sentence, ...]:
    """All of them, the same ones in the same order each time."""
    draw = random.Random(SEED)
    known = [one for one in own_sentences() if in_training(one.text)]
    calls = [Sentence(filled(frame, {"paper": paper}), CLEAN) for frame in CALLS for paper in PAPERS]
    threats = [
        Sentence(filled(frame, {"deed": deed, "whom": whom}), THREAT)
        for frame in SHORT_THREATS
        for deed, _ in DEEDS
        for whom in WHOM
    ]
    short = [*calls, *draw.sample(threats, SHORT)]
    return (*short, *_long(draw, known))


def _long(draw: random.Random, known: list[Sentence]) -> list[Sentence]:
    calm = [one for one in known if one.labels == CLEAN and not one.identity]
    attacks = [one for one in known if one.labels.get("toxicity") == 1 and not one.labels["spam"]]
    made = []
    for number in range(LONG + LONG_WITH_ONE):
        parts, labels = draw.sample(calm, draw.randrange(FEWEST, MOST)), CLEAN
        if number >= LONG:
            attack = draw.choice(attacks)
            parts.insert(draw.randrange(len(parts) + 1), attack)
            labels = attack.labels
        made.append(Sentence(" ".join(part.text for part in parts), labels))
    return made


def composed() -> Examples:
    """All of them as examples."""
    return examples_of(composed_sentences())
