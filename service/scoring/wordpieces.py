"""A reading cut into the pieces of words that the deep tier knows (WordPiece, as BERT's uncased vocabulary has them).

Written here because the library for it brings a client of a model hub into every worker. Its results are compared
with the library's in the tests.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

START, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
LONGEST_WORD = 100  # longer ones are unknown, as in training
_ASCII_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
# Scripts written without spaces: every character is a word.
_IDEOGRAPHS = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF), (0x20000, 0x2CEAF), (0x2F800, 0x2FA1F))


class WordPieces:
    """``vocabulary`` is a file with one piece a line; a piece's number is its line's, from 0."""

    def __init__(self, vocabulary: Path) -> None:
        lines = vocabulary.read_text(encoding="utf-8").split("\n")
        self._numbers = {piece: number for number, piece in enumerate(lines) if piece}
        self.start, self.end, self.unknown = (self._numbers[name] for name in (START, END, UNKNOWN))
        self._cut_word = lru_cache(maxsize=20_000)(self._cut)

    def encode(self, reading: str) -> list[int]:
        """The numbers of a reading's pieces, without start and end."""
        found: list[int] = []
        for word in reading.split():
            if word.isascii() and word.isalnum():
                found += self._cut_word(word)
            else:
                for part in _parts(word):
                    found += self._cut_word(part)
        return found

    def _cut(self, word: str) -> tuple[int, ...]:
        """The longest piece that fits, again and again; a word with a rest that is no piece is unknown as a whole."""
        if len(word) > LONGEST_WORD:
            return (self.unknown,)
        pieces, position = [], 0
        while position < len(word):
            for end in range(len(word), position, -1):
                number = self._numbers.get(("##" if position else "") + word[position:end])
                if number is not None:
                    break
            else:
                return (self.unknown,)
            pieces.append(number)
            position = end
        return tuple(pieces)


def _parts(word: str) -> list[str]:
    """A word without spaces at its marks and ideographs, which stand alone; control characters are left out."""
    parts, current = [], ""
    for character in word:
        if character in _ASCII_WORD:
            current += character
            continue
        kind = _kind(character)
        if kind == "out":
            continue
        if kind == "alone":
            if current:
                parts.append(current)
            parts.append(character)
            current = ""
        else:
            current += character
    return [*parts, current] if current else parts


@lru_cache(maxsize=5_000)
def _kind(character: str) -> str:
    code = ord(character)
    if 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126:
        return "alone"
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cn", "Co", "Cs") or code == 0xFFFD:
        return "out"
    if category.startswith("P") or any(low <= code <= high for low, high in _IDEOGRAPHS):
        return "alone"
    return "word"
