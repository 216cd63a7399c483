"""Text as a trained scorer reads it: folded, and with the disguises taken off that people use to slip past one.

The steps and their order are part of a model: weights trained on one reading are wrong on another. Whoever changes
them raises ``READING`` and trains anew.

Which disguises are common is known from studies of how abusive text is obfuscated: digits and signs for letters,
letters of other scripts, characters without width, letters spaced or dotted apart, and letters repeated.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from html import unescape

from service.domain.folding import Folded, fold

READING = 1
Offsets = tuple[int, ...] | None
# Longer comments are judged by their beginning and their end.
READ_MAX = 6_000

_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,6});")
_LINK = re.compile(r"(?:https?://|www\.)([^\s/?#<>\"')\]]{1,100})[^\s<>\"')\]]{0,2000}")
_MENTION = re.compile(r"(?<![\w.@])@(?=[a-z0-9_]{2})(?!ss)")
_MARKS = re.compile(r"[013457@$|!]")
# A piece with both a letter and a mark in it: most words have none, and are passed over without a step of Python.
_MARKED = re.compile(r"(?<![a-z0-9@$|!])(?=[a-z2689]*+[013457@$|!])(?=[0-9@$|!]*+[a-z])[a-z0-9@$|!]++")
# What is written with digits and means them: 1st, 10am, 5k, covid19. "a55" and "b00" are not.
_COUNTED = re.compile(
    r"\$?\d{1,20}(?:st|nd|rd|th|s|am|pm|k|m|bn|b|x|d|g|kg|km|mm|cm|ft|in|lb|lbs|mb|gb|tb|mph|p|hr|hrs|min|mins|yr|yrs|yo)?[!$]{0,9}"
    r"|[a-z]{1,30}(?!55|00)\d{2,20}[!$|]{0,9}"
)
_LEET = str.maketrans("013457@$|", "oieastasl")
_INNER_MARK = re.compile(r"!(?=[a-z0-9@$|])")
# Letters with the same between each two of them.
_APART = re.compile(r"(?<![a-z'])[a-z]([ .*_,-]{1,2})(?:[a-z]\1){1,14}[a-z](?![a-z'])")
_REPEATED = re.compile(r"(\S)\1{2,}")
_SPACES = re.compile(r"[^\S ]\s*+| \s++")  # all but a space by itself
_ANY_SPACE = re.compile(r"\s\s|[\t\n\r\f\v]")


# Each tier, the evidence and a site's lessons read the same text.
@lru_cache(maxsize=512)
def plain(text: str) -> Folded:
    """``text`` in the reading that scorers are trained on: small letters, disguises off, links as their host.

    Linear in the text, of which at most ``READ_MAX`` characters are read. Offsets lead back to ``text``.
    """
    cut = 0
    if len(text) > READ_MAX:
        cut = len(text) - READ_MAX // 2
        text = text[: READ_MAX // 2] + text[cut:]
    places = None
    if "&" in text:
        text, places = _rewritten(text, None, _ENTITY, lambda m: unescape(m[0]))
    folded = fold(text)
    reading, offsets = folded.text, folded.offsets
    if places is not None:
        offsets = places[: len(reading)] if offsets is None else tuple(places[place] for place in offsets)
    if "://" in reading or "www." in reading:
        reading, offsets = _rewritten(reading, offsets, _LINK, lambda m: f" link {m[1].replace('.', ' ')} ")
    if "@" in reading:
        reading, offsets = _rewritten(reading, offsets, _MENTION, lambda m: " ")
    if _MARKS.search(reading):
        # Of the same length: the offsets stay true.
        reading = _MARKED.sub(_unleet, reading)
    reading, offsets = _rewritten(reading, offsets, _APART, lambda m: "".join(filter(str.isalpha, m[0])))
    reading, offsets = _rewritten(reading, offsets, _REPEATED, lambda m: m[1] * 2)
    if _ANY_SPACE.search(reading):
        reading, offsets = _rewritten(reading, offsets, _SPACES, lambda m: " ")
    if cut:
        offsets = tuple(range(len(reading))) if offsets is None else offsets
        offsets = tuple(at if at < READ_MAX // 2 else at - READ_MAX // 2 + cut for at in offsets)
    return Folded(reading, offsets)


def _unleet(found: re.Match[str]) -> str:
    piece = found[0]
    if _COUNTED.fullmatch(piece):
        return piece
    kept = piece.rstrip("!")
    return _INNER_MARK.sub("i", kept).translate(_LEET) + piece[len(kept) :]


def _rewritten(
    text: str, offsets: Offsets, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]
) -> tuple[str, Offsets]:
    """``text`` with what ``pattern`` finds replaced; a replacement's characters are spread over what they replace."""
    pieces: list[str] = []
    places: list[int] = []
    position = 0
    for found in pattern.finditer(text):
        new = replace(found)
        start, end = found.span()
        if new == found[0]:
            continue
        pieces += [text[position:start], new]
        places.extend(range(position, start))
        last = max(1, len(new) - 1)
        places.extend(start + index * (end - 1 - start) // last for index in range(len(new)))
        position = end
    if not pieces:
        return text, offsets
    pieces.append(text[position:])
    places.extend(range(position, len(text)))
    if offsets is not None:
        places = [offsets[place] for place in places]
    return "".join(pieces), tuple(places)
