"""Whether a text is in English, the one language that the models know: by how many of its words are common there.

The words are those that training texts have most (``python -m training words``). A text is called foreign only where it
is long enough to tell; of English ones four in a thousand are taken for foreign (docs/models.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from service.domain.plain import plain

# (words at least, share of common ones at least): a short text may have few of them by chance.
LEAST = ((10, 0.36), (8, 0.25), (6, 0.17))
_LINK = re.compile(r"(?:https?://|www\.)\S{1,2000}", re.IGNORECASE)
_AROUND = ".,;:!?…()[]{}<>\"'“”‘’«»„*_~/\\|`=+-–—"


def words_of(text: str) -> Iterator[str]:
    """What stands between spaces and is made of letters alone, as the models read it: no links, names with digits,
    numbers or emoji."""
    for piece in plain(_LINK.sub(" ", text)).text.replace("-", " ").split():
        word = piece.strip(_AROUND).replace("'", "")
        if word.isalpha():
            yield word


class English:
    """``common``: the words of ``file``, one a line."""

    def __init__(self, file: Path) -> None:
        self._common = frozenset(file.read_text(encoding="utf-8").split())

    def share(self, text: str) -> tuple[int, float]:
        """How many words a text has, and which share of them is common."""
        known = [word in self._common for word in words_of(text)]
        return len(known), sum(known) / len(known) if known else 0.0

    def may_be(self, text: str) -> bool:
        """False for a text that is long enough to tell, and is not in English."""
        count, share = self.share(text)
        return all(share >= least for words, least in LEAST if count >= words)
