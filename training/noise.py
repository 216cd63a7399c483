"""Disguises to train against, put on words at random: on clean words as much as on others, or noise would mean
abuse."""

from __future__ import annotations

import random

_LOOKS = {"a": "@4", "e": "3", "i": "1!", "o": "0", "s": "$5", "t": "7", "l": "1|"}


def _leet(word: str, draw: random.Random) -> str:
    return "".join(draw.choice(_LOOKS[c]) if c in _LOOKS and draw.random() < 0.6 else c for c in word)


def _repeats(word: str, draw: random.Random) -> str:
    at = draw.randrange(len(word))
    return word[:at] + word[at] * draw.randint(2, 5) + word[at + 1 :]


def _swap(word: str, draw: random.Random) -> str:
    at = draw.randrange(1, len(word) - 1) if len(word) > 3 else 0
    return word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]


def _star(word: str, draw: random.Random) -> str:
    at = draw.randrange(1, len(word) - 1) if len(word) > 2 else 0
    width = 1 if len(word) < 5 or draw.random() < 0.6 else 2
    return word[:at] + draw.choice("**#-_") * width + word[at + width :]


def _drop(word: str, draw: random.Random) -> str:
    at = draw.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def _apart(word: str, draw: random.Random) -> str:
    return draw.choice(" .-_").join(word)


def _double(word: str, draw: random.Random) -> str:
    return "".join(c * (2 if draw.random() < 0.4 else 1) for c in word)


def _split(word: str, draw: random.Random) -> str:
    at = draw.randrange(1, len(word))
    return word[:at] + draw.choice(" .-") + word[at:]


_KINDS = (_leet, _repeats, _swap, _star, _star, _drop, _apart, _double, _split)


def disguised(text: str, draw: random.Random, *, share: float = 0.3) -> str:
    """``text`` with about ``share`` of its longer words disguised, all in one way."""
    kind = draw.choice(_KINDS)
    words = text.split(" ")
    return " ".join(
        kind(word, draw) if len(word) > 3 and word.isalpha() and draw.random() < share else word
        for word in words
    )
