"""A language that nobody speaks: accented, two fifths longer, and in brackets.

So it is seen at once what was not translated, and what does not fit.
"""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from service.web.catalogue import sentences
from service.web.languages import Voice

PLAIN = "aceinosuyzACEINOSUYZ"
ACCENTED = "áçéíñöšüýžÁÇÉÍÑÖŠÜÝŽ"
BEGIN, END = "⟦", "⟧"
_PLACES = re.compile(r"(\{\w+\})")


def pseudo(sentence: str) -> str:
    """The sentence in that language; what stands in braces stays."""
    accented = str.maketrans(PLAIN, ACCENTED)
    parts = _PLACES.split(sentence)
    said = "".join(part if at % 2 else part.translate(accented) for at, part in enumerate(parts))
    more = max(1, round(len(sentence) * 0.4))
    # Made of words, because that is how sentences grow.
    return f"{BEGIN}{said} {('öñé ' * more)[:more].strip() or 'ö'}{END}"


@cache
def pseudo_voice() -> Voice:
    """That language, for our pages and for the embed. It counts, and writes numbers and dates, as German does."""
    known = sentences()
    return Voice(
        "de",
        Locale.parse("de"),
        {one: pseudo(one) for one in known if isinstance(one, str)},
        {one: (pseudo(one[0]), pseudo(one[1])) for one in known if not isinstance(one, str)},
    )
