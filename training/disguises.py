"""Ways to disguise every longer word of a text, for examining; training draws its own (``noise``)."""

from __future__ import annotations

import random
from collections.abc import Callable

_LEET = str.maketrans("aeiost", "4310$7")
_LOOKALIKE = str.maketrans("aeopcyxi", "аеорсухі")


def _repeated(word: str, draw: random.Random) -> str:
    at = draw.randrange(len(word))
    return word[:at] + word[at] * 4 + word[at + 1 :]


def _swapped(word: str, draw: random.Random) -> str:
    at = draw.randrange(1, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _starred(word: str, draw: random.Random) -> str:
    at = draw.randrange(1, len(word) - 1)
    return word[:at] + "*" + word[at + 1 :]


KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "leet": lambda word, draw: word.translate(_LEET),
    "look-alikes": lambda word, draw: word.translate(_LOOKALIKE),
    "zero width": lambda word, draw: "\u200b".join(word),
    "spaced": lambda word, draw: " ".join(word),
    "dotted": lambda word, draw: ".".join(word),
    "repeats": _repeated,
    "swaps": _swapped,
    "stars": _starred,
}


def disguised_all(texts: list[str], kind: str) -> list[str]:
    """The texts with each word of four letters and more disguised in one way; the same each time."""
    draw = random.Random(7)
    change = KINDS[kind]
    return [
        " ".join(
            change(word, draw) if len(word) >= 4 and word.isalpha() else word for word in text.split(" ")
        )
        for text in texts
    ]
