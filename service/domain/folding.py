"""Text as it sounds rather than as it is dressed up, for matching only; never shown to anyone.

Look-alike letters of other scripts, styled and full-width letters, accents, zero-width characters, digits that
stand for letters inside words, and letters repeated or spaced out: people use them to slip words past a list.
Every folded character keeps the place in the original text that it came from.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Cyrillic and Greek letters that pass for Latin ones in common fonts. Own selection, from looking at them.
_LOOKALIKES = dict(
    zip(
        "абвгдеёзіїјкмнопрстухцчѕԁһɡӏѵԛԝαβγδεζηικμνορστυχωѐё",
        "abbrdee3iijkmhonpctyxuuSdhglvqwabyoeznikuvoprtuxwee".lower(),
        strict=False,
    )
)
_LEET = str.maketrans("013457@$!|", "oieastasil")
_LEET_CHARACTERS = frozenset("013457@$!|")
_ASCII_WORDS = re.compile(r"[a-z0-9@$!|]+")
_RUNS = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")
_NOT_LETTERS = re.compile(r"[^a-z]")


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` in small Latin letters where it can be; ``offsets[i]`` is where ``text[i]`` stood originally."""

    text: str
    offsets: tuple[int, ...] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The place of ``text[start:end]`` in the original text (end exclusive)."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


# The duplicates' fingerprints and the word list fold the same text, a batch apart.
@lru_cache(maxsize=128)
def fold(text: str) -> Folded:
    """Lower case, without accents and invisible characters, look-alikes as Latin; other scripts stay."""
    if text.isascii():
        return Folded(text.lower(), None)
    pieces: list[str] = []
    offsets: list[int] = []
    for found in _RUNS.finditer(text):
        piece = found[0]
        if piece.isascii():
            pieces.append(piece.lower())
            offsets.extend(range(found.start(), found.end()))
            continue
        plain = _plain(piece)
        pieces.append(plain)
        offsets.extend([found.start()] * len(plain))
    return Folded("".join(pieces), tuple(offsets))


_known: dict[str, str] = {}


def _plain(character: str) -> str:
    found = _known.get(character)
    if found is None:
        found = "".join(
            _LOOKALIKES.get(part, part)
            for part in unicodedata.normalize("NFKD", character.casefold())
            if unicodedata.category(part) not in ("Mn", "Me", "Cf")
        )
        if len(_known) < 5_000:
            _known[character] = found
    return found


def unleet(text: str) -> str:
    """Digits and signs that stand for letters inside words, as those letters; of the same length.

    A piece without any letter is left alone: "1000" is a number.
    """
    if not any(character in _LEET_CHARACTERS for character in text):
        return text

    def speak(found: re.Match[str]) -> str:
        piece = found[0]
        return piece.translate(_LEET) if _NOT_LETTERS.sub("", piece) else piece

    return _ASCII_WORDS.sub(speak, text)
