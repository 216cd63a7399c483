"""Whether a text is in English, the one language that the models know: by its letters, and by how many of its words are
common there.

The words are those that training texts have most (``python -m training words``). By them a text is called foreign only
where it is long enough to tell; of English ones four in a thousand are taken for foreign (docs/models.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from service.domain.plain import plain

# (words at least, share of common ones at least): a short text may have few of them by chance. Of four or five words
# one has to be common.
LEAST = ((10, 0.36), (8, 0.25), (6, 0.17), (4, 0.01))
_LINK = re.compile(r"(?:https?://|www\.)\S{1,2000}", re.IGNORECASE)
_AROUND = ".,;:!?…()[]{}<>\"'“”‘’«»„*_~/\\|`=+-–—"


def words_of(text: str) -> Iterator[str]:
    """What stands between spaces and is made of letters alone, as the models read it: no links, names with digits,
    numbers or emoji."""
    for piece in plain(_LINK.sub(" ", text)).text.replace("-", " ").split():
        word = piece.strip(_AROUND).replace("'", "")
        if word.isalpha():
            yield word


def _letters(piece: str) -> str:
    return "".join(filter(str.isalpha, piece))


def _latin(letter: str) -> bool:
    return letter.isascii() or "LATIN " in unicodedata.name(letter, "")


class English:
    """``common``: the words of ``file``, one a line."""

    def __init__(self, file: Path) -> None:
        self._common = frozenset(file.read_text(encoding="utf-8").split())

    def may_be(self, text: str) -> bool:
        """False for a text that is not in English, by most of its words' letters or, if long enough, its words."""
        written = [self._foreign_letters(piece) for piece in _LINK.sub(" ", text).split() if _letters(piece)]
        if 2 * sum(written) > len(written):
            return False
        words = list(words_of(text))
        share = sum(word in self._common for word in words) / max(1, len(words))
        return all(share >= least for count, least in LEAST if len(words) >= count)

    def _foreign_letters(self, piece: str) -> bool:
        """Whether a word has no Latin letter, and is not an English one in letters that only look foreign."""
        return not any(map(_latin, _letters(piece))) and plain(piece).text.strip(_AROUND) not in self._common
