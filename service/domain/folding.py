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
_LEET = str.maketrans("013457@$|", "oieastasl")
# At the end of a word it is an exclamation mark.
_INNER_MARK = re.compile(r"!(?=[a-z0-9@$|])")
# Pieces without any letter: digits that are digits.
_NUMBERS = re.compile(r"(?<![a-z0-9@$!|])[0-9@$!|]++(?![a-z])")
_RUNS = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")


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
            # Styled capitals have no small form until they are plain letters.
            for part in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
            if unicodedata.category(part) not in ("Mn", "Me", "Cf")
        )
        if len(_known) < 5_000:
            _known[character] = found
    return found


def unleet(text: str) -> str:
    """Digits and signs that stand for letters inside words, as those letters; of the same length.

    A piece without any letter is left alone: "1000" is a number.
    """
    spoken = _INNER_MARK.sub("i", text).translate(_LEET)
    if spoken == text:
        return text
    pieces, position = [], 0
    for number in _NUMBERS.finditer(text):
        pieces += [spoken[position : number.start()], number[0]]
        position = number.end()
    return "".join([*pieces, spoken[position:]])
