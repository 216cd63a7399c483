"""Text that strangers type: bounded, then made canonical, without harming any script that people write.

Order matters. Length first, because everything after it costs time. Then runs of combining marks are capped,
because canonical composition (NFC) is quadratic in them; UAX #15 ("stream-safe text") draws the line at 30.
Over-long text is refused and never cut: cutting changes what a person said, and once broke markup (CVE-2015-3440).
"""

import re
import unicodedata

from service.domain.errors import FieldError, InvalidSubmission

# More marks than this on one base character are decoration that spills over neighbouring lines ("zalgo");
# Hebrew with vowels and cantillation, Vietnamese, Thai and Devanagari need fewer.
MARKS_ON_ONE_BASE = 4
STREAM_SAFE_MARKS = 30
BLANK_LINES = 1

EMPTY = "Please write something."
BROKEN = "This holds characters that cannot be stored. Please type it again."
STACKED = "This holds a long run of stacked marks. Please write it without them."


class TextFault(ValueError):
    """A text that is refused; the message is a sentence for the person who typed it."""


_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029\v\f]")
# C0 and C1 controls (tab and line feed are dealt with before), bidi embeddings, overrides and isolates,
# zero-width and invisible format characters, interlinear annotation, object replacement, and byte order marks.
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\u115f\u1160\u3164\uffa0]"
)
# Tag characters are only whole as the end of a flag (Unicode Technical Standard #51, ED-14a).
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[\U000e0000-\U000e007f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_NONCHARACTERS = re.compile(
    "[\ufdd0-\ufdef\ue000-\uf8ff\U000f0000-\U0010ffff"
    + "".join(chr(plane << 16 | low) for plane in range(15) for low in (0xFFFE, 0xFFFF))
    + "]"
)
# Joiners and directional marks are kept one at a time, variation selectors too; a joiner may follow a selector, as in
# the flag of a rainbow, and no selector a joiner.
_REPEATED = re.compile(
    "([\u200c-\u200f\u061c])[\u200c-\u200f\u061c\ufe00-\ufe0f]+|([\ufe00-\ufe0f])[\ufe00-\ufe0f]+"
)
# At the edge of a word a joiner joins nothing, save after a virama of India's scripts and Sinhala, where it changes the
# form of the last letter (RFC 5892, Appendix A, rules for U+200C and U+200D).
_VIRAMAS = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca"
_EDGE_JOINER = re.compile(
    f"(?:(?<=\\s)|^)[\u200c\u200d\ufe00-\ufe0f]|(?<![{_VIRAMAS}])[\u200c\u200d](?=\\s|$)"
)
_UNSEEN = frozenset("\u200c\u200d\u200e\u200f\u061c")
_INVISIBLE = re.compile("[\u200c\u200d\u200e\u200f\u061c\ufe00-\ufe0f\u034f\u17b4\u17b5\u2800]")
_SPACES = re.compile("[^\\S\n]+")
# A run is tried from its beginning only, and as a whole: else spaces in the middle of a line cost the square of them.
_TRAILING = re.compile("(?<![^\\S\n])[^\\S\n]++(?=\n|$)")
_BLANK_LINES = re.compile(f"\n{{{BLANK_LINES + 2},}}")
_SIMPLE = re.compile("[ -~\n]*")
# Characters that nothing below touches, and that are no marks: Latin, Greek, Cyrillic, Chinese, Japanese and Korean,
# punctuation, symbols and emoji. Most texts hold nothing else and need only their canonical form.
_UNTOUCHED = re.compile(
    "[\n -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2100-\u23ff"
    "\u2500-\u27ff\u3001-\u3029\u3041-\u3096\u30a1-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"
    "\U0001f300-\U0001f6ff\U0001f900-\U0001f9ff]*"
)


def normalise_text(raw: str, *, maximum: int) -> str:
    """``raw`` in canonical form (NFC, ``\\n`` line ends), at most ``maximum`` characters; idempotent.

    Raises ``TextFault`` when it is too long, empty, or cannot be stored.
    """
    _bound(raw, maximum)
    text = raw if _SIMPLE.fullmatch(raw) else _whole(_LINE_ENDS.sub("\n", raw).replace("\t", " "))
    if "\n" in text:
        text = _TRAILING.sub("", text)
        text = _BLANK_LINES.sub("\n" * (BLANK_LINES + 1), text).strip("\n")
    text = text.rstrip()
    # Leading spaces of the first line mean nothing to a reader, and indent nothing that we render.
    text = text.lstrip()
    _hold_something(text)
    # Canonical form takes some letters apart. What is longer now could not be sent again, as an edit.
    _bound(text, maximum)
    return text


def normalise_line(raw: str, *, maximum: int) -> str:
    """``raw`` on one line in canonical form, single-spaced: for names and titles. Raises as above."""
    _bound(raw, maximum)
    text = raw if _SIMPLE.fullmatch(raw) else _whole(_LINE_ENDS.sub(" ", raw).replace("\t", " "))
    text = _SPACES.sub(" ", text.replace("\n", " ")).strip()
    _hold_something(text)
    _bound(text, maximum)
    return text


def _bound(raw: str, maximum: int) -> None:
    if len(raw) > maximum:
        raise TextFault(f"This is too long: at most {maximum:,} characters, please.")


def _hold_something(text: str) -> None:
    if not text or not _INVISIBLE.sub("", text).strip():
        raise TextFault(EMPTY)


def _whole(text: str) -> str:
    if _UNTOUCHED.fullmatch(text):
        return unicodedata.normalize("NFC", text)
    if _SURROGATES.search(text):
        raise TextFault(BROKEN)
    # Removing one thing can bring two others together, so until nothing changes; each round only shortens.
    for _ in range(8):
        before = text
        text = _DROPPED.sub("", text)
        text = _TAGS.sub(lambda found: found[1] or "", text)
        text = _NONCHARACTERS.sub("", text)
        text = _REPEATED.sub(lambda found: found[1] or found[2], text)
        text = _EDGE_JOINER.sub("", text)
        text = unicodedata.normalize("NFC", _with_few_marks(text))
        if text == before:
            return text
    raise TextFault(STACKED)


def _with_few_marks(text: str) -> str:
    """At most four marks on one base; a run beyond 30 is refused before it costs time.

    Joiners and directional marks are no base: marks behind them stand on the letter before.
    """
    kept: list[str] = []
    run = 0
    for character in text:
        if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
            run += 1
            if run > STREAM_SAFE_MARKS:
                raise TextFault(STACKED)
            if run > MARKS_ON_ONE_BASE and not "\ufe00" <= character <= "\ufe0f":
                continue
        elif character not in _UNSEEN:
            run = 0
        kept.append(character)
    return "".join(kept)


def text_of_comment(untrusted: str, *, maximum: int) -> str:
    """A comment's text as it is stored. Raises ``InvalidSubmission``."""
    try:
        return normalise_text(untrusted, maximum=maximum)
    except TextFault as fault:
        raise InvalidSubmission([FieldError("/text", str(fault))]) from None
