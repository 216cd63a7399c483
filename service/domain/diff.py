"""What an author changed: two texts compared word by word, in bounded time whatever they hold. Pure.

``difflib`` compares well and, with texts made for it, in cubic time: the word "a" ten thousand times against another
ten thousand is hours of work. What a comparison will cost is known before it is made, so each is paid from a purse;
a stretch that the purse cannot pay for is shown as taken out and put in whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import accumulate

# Pairs of equal words that are looked at for one comparison: half a second of work at most.
PURSE = 3_000_000
# Chinese, Japanese and Korean are written without spaces: there each character is a word.
_SINGLE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_WORDS = re.compile(rf"\s+|[{_SINGLE}]\s*|[^\s{_SINGLE}]+\s*")


class Change(StrEnum):
    SAME = "same"
    GONE = "gone"  # stood in the earlier text alone
    NEW = "new"  # stands in the later text alone


@dataclass(frozen=True, slots=True)
class Piece:
    change: Change
    text: str


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """Pieces in order: all but the new ones joined are ``before``, all but the gone ones ``after``. No two
    neighbours are of one kind."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    start = _alike(zip(old, new, strict=False))
    end = _alike(zip(reversed(old[start:]), reversed(new[start:]), strict=False))
    old_end, new_end = len(old) - end, len(new) - end
    blocks = [(0, 0, start), *_blocks(old, new, start, old_end, new_end), (old_end, new_end, end)]
    pieces: list[Piece] = []
    gone = came = 0
    for in_old, in_new, size in blocks:
        _add(pieces, Change.GONE, old[gone:in_old])
        _add(pieces, Change.NEW, new[came:in_new])
        _add(pieces, Change.SAME, old[in_old : in_old + size])
        gone, came = in_old + size, in_new + size
    return tuple(pieces)


def _alike(pairs: Iterable[tuple[str, str]]) -> int:
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count


def _blocks(
    old: Sequence[str], new: Sequence[str], start: int, old_end: int, new_end: int
) -> list[tuple[int, int, int]]:
    """(place in ``old``, place in ``new``, number of words) of what stayed between the ends, in order."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    often = Counter(new)
    # How many pairs the words up to a place have: what looking for their longest common stretch costs.
    costs = list(accumulate((1 + often[word] for word in old), initial=0))
    purse, found = PURSE, []
    waiting = [(start, old_end, start, new_end)]
    while waiting:
        old_from, old_to, new_from, new_to = waiting.pop()
        cost = costs[old_to] - costs[old_from]
        if old_from >= old_to or new_from >= new_to or cost > purse:
            continue
        purse -= cost
        place = matcher.find_longest_match(old_from, old_to, new_from, new_to)
        if place.size:
            found.append((place.a, place.b, place.size))
            waiting.append((old_from, place.a, new_from, place.b))
            waiting.append((place.a + place.size, old_to, place.b + place.size, new_to))
    return sorted(found)


def _add(pieces: list[Piece], change: Change, words: Sequence[str]) -> None:
    if not words:
        return
    text = "".join(words)
    if pieces and pieces[-1].change is change:
        text = pieces.pop().text + text
    pieces.append(Piece(change, text))
