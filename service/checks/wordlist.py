"""A list of words, found also in disguise: look-alike letters, digits for letters, spaced or repeated letters.

Aho–Corasick over the folded text finds all entries in one pass; then word boundaries are checked there, so that
"Scunthorpe" and "classic" stay what they are. A list finds a fraction of what hurts; it is here for the words
that a newsroom never wants to see without having looked.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from service.domain.comment import Case
from service.domain.folding import Folded, fold, unleet
from service.domain.policy import Evidence, Finding

BUILT_IN = Path(__file__).parent / "words" / "en.txt"
EVIDENCE_MAX = 20

_SPACED = re.compile(r"(?<![a-z])(?:[a-z][ .*_-]{1,2}){2,15}[a-z](?![a-z])")
_REPEATED = re.compile(r"([a-z])\1{2,}")


class Wordlist:
    """Options: ``hold`` (more words), ``allow`` (entries that do not count), ``built_in`` (false: only yours)."""

    name, version, label = "wordlist", "1", "offensive"

    def __init__(self, options: dict[str, Any]) -> None:
        entries = _words(options, "hold")
        if options.get("built_in", True):
            entries += BUILT_IN.read_text(encoding="utf-8").splitlines()
        allowed = {fold(word).text for word in _words(options, "allow")}
        self._open_ended: dict[str, bool] = {}
        for entry in entries:
            word = fold(entry.strip()).text
            if not word or word.startswith("#"):
                continue
            open_ended, word = word.endswith("*"), word.rstrip("*")
            if word and word not in allowed and entry not in allowed:
                self._open_ended[word] = self._open_ended.get(word, False) or open_ended
        self._words = list(self._open_ended)
        self._finder = AhoCorasick(self._words, matchkind=MatchKind.Standard)

    def run(self, case: Case) -> Finding:
        folded = fold(case.text)
        spans: dict[tuple[int, int], str] = {}
        for text, places in self._readings(folded):
            for index, start, end in self._finder.find_matches_as_indexes(text, overlapping=True):
                word = self._words[index]
                if self._stands_alone(text, start, end, self._open_ended[word]):
                    at = _place(folded, places, start, end)
                    spans.setdefault(at, word)
        evidence = tuple(
            Evidence(f"on the list: {word}", start, end) for (start, end), word in sorted(spans.items())
        )
        score = 0.0 if not spans else min(1.0, 0.7 + 0.1 * (len(spans) - 1))
        return Finding(self.name, self.version, self.label, score, evidence=evidence[:EVIDENCE_MAX])

    def _readings(self, folded: Folded) -> list[tuple[str, list[int] | None]]:
        """The text as it may be meant; ``places`` maps a reading's characters to the folded text's."""
        readings: list[tuple[str, list[int] | None]] = [(folded.text, None)]
        plain = unleet(folded.text)
        if plain != folded.text:
            readings.append((plain, None))
        if _REPEATED.search(plain):
            readings += [_shortened(plain, 1), _shortened(plain, 2)]
        readings += [_joined(match) for match in _SPACED.finditer(plain)]
        return readings

    @staticmethod
    def _stands_alone(text: str, start: int, end: int, open_ended: bool) -> bool:
        before = start == 0 or not text[start - 1].isalnum()
        after = open_ended or end == len(text) or not text[end].isalnum()
        return before and after


def _words(options: dict[str, Any], name: str) -> list[str]:
    words = options.get(name, [])
    # A text would be taken for a list of its letters.
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise TypeError(f"{name} is a list of words")
    return words


def _shortened(text: str, keep: int) -> tuple[str, list[int]]:
    """Runs of three or more of a letter as ``keep`` of them."""
    kept: list[str] = []
    places: list[int] = []
    position = 0
    for match in _REPEATED.finditer(text):
        kept.append(text[position : match.start()] + match[1] * keep)
        places.extend(range(position, match.start()))
        places.extend(range(match.start(), match.start() + keep))
        position = match.end()
    kept.append(text[position:])
    places.extend(range(position, len(text)))
    return "".join(kept), places


def _joined(match: re.Match[str]) -> tuple[str, list[int]]:
    """Letters that stand apart, as one word."""
    letters = [(c, match.start() + i) for i, c in enumerate(match[0]) if c.isalpha()]
    return "".join(c for c, _ in letters), [place for _, place in letters]


def _place(folded: Folded, places: list[int] | None, start: int, end: int) -> tuple[int, int]:
    if places is not None:
        start, end = places[start], places[end - 1] + 1
    return folded.original(start, end)
