"""What people type to find comments, and what is searched: the same words, made the same way.

Both databases cut texts into words by rules of their own, which agree on small Latin letters and digits between spaces
and on little else. So a text is searched as such words: folded, cut here, and every other letter spelled out in Latin
ones. Nothing that anybody types reaches a database's query language but those.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from service.domain.errors import FieldError, InvalidSubmission
from service.domain.folding import fold

QUERY_MAX = 200
TERMS_MAX = 12
# The rest of a longer word is not told apart.
WORD_MAX = 40
# A shorter beginning would find half of all comments.
PREFIX_MIN = 2

# Scripts without spaces between words: each character is a word, and what is typed is a phrase of them.
_SPACELESS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_SPACELESS}]|[^\\W_{_SPACELESS}]+")
_PLAIN_WORD = re.compile("[a-z0-9]+")
_LONG_WORD = re.compile(f"[a-z0-9]{{{WORD_MAX + 1}}}")
_TYPED = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
# No letter of an alphabet is spelled with it but itself, doubled.
_SIGN = "q"
_DIGITS = "abcdefghijklmnop"


@dataclass(frozen=True, slots=True)
class Term:
    """Words that follow each other; of the last one only the beginning, if ``begins``."""

    words: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What has to be in a text, and what must not."""

    required: tuple[Term, ...]
    excluded: tuple[Term, ...] = ()


def searchable(*texts: str) -> str:
    """Texts as they are searched: words with one space between them."""
    return " ".join(words_of(" ".join(texts)))


def words_of(text: str) -> list[str]:
    """The words of a text, in order, in small Latin letters and digits."""
    # What ``fold`` makes of plain texts, without pushing others out of what it remembers.
    folded = text.lower() if text.isascii() else fold(text).text
    if not folded.isascii():
        return [_spelled(word) for word in _WORD.findall(folded)]
    words: list[str] = _PLAIN_WORD.findall(folded)
    if _SIGN in folded or _LONG_WORD.search(folded):
        return [word[:WORD_MAX].replace(_SIGN, _SIGN * 2) for word in words]
    return words


@lru_cache(maxsize=4096)
def _spelled(word: str) -> str:
    return "".join(_letter(each) for each in word[:WORD_MAX])


def _letter(each: str) -> str:
    if each == _SIGN:
        return _SIGN * 2
    if _PLAIN_WORD.fullmatch(each):
        return each
    # Of one length for all, so that the beginning of a word is the beginning of its spelling.
    number = ord(each)
    return _SIGN + "".join(_DIGITS[number >> shift & 15] for shift in (20, 16, 12, 8, 4, 0))


def read_words(typed: str) -> Words:
    """Words are all required, as is a "quoted phrase"; -word and -"phrase" are excluded; the last word may be the
    beginning of one. Everything else is literal. Raises ``InvalidSubmission`` where nothing is asked for."""
    required: list[Term] = []
    excluded: list[Term] = []
    last: tuple[bool, bool] = (False, False)
    for minus, quoted, bare in _TYPED.findall(typed):
        words = tuple(words_of(quoted or bare))
        if words:
            (excluded if minus else required).append(Term(words))
            last = (not minus, bool(bare))
    if last == (True, True) and len(required[-1].words[-1]) >= PREFIX_MIN:
        required[-1] = Term(required[-1].words, begins=True)
    if len(typed) > QUERY_MAX or len(required) + len(excluded) > TERMS_MAX:
        raise InvalidSubmission([FieldError("/q", f"This is too long: at most {TERMS_MAX} words, please.")])
    if not required:
        raise InvalidSubmission([FieldError("/q", "Write at least one word that shall be found.")])
    return Words(tuple(required), tuple(excluded))


def needle_of(term: Term) -> str:
    """What a text, with a space before and after it, holds when it holds the term."""
    return " " + " ".join(term.words) + ("" if term.begins else " ")
