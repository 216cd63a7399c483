"""The words by which a text is known to be in English: those that most sources of the training texts have often."""

from __future__ import annotations

from collections import Counter

from service.scoring.tongue import words_of
from training.data import Examples

KEPT = 2_000
# A word of few sources is their topic, or somebody's name.
SOURCES_SHARE = 1 / 3


def common(examples: Examples) -> list[str]:
    """The commonest words, most frequent first; each source counts as much as any other."""
    by_source: dict[str, Counter[str]] = {}
    for text, source in zip(examples.texts, examples.sources, strict=True):
        by_source.setdefault(source, Counter()).update(words_of(text))
    shares: dict[str, float] = {}
    sources: Counter[str] = Counter()
    for counted in by_source.values():
        total = counted.total() or 1
        for word, times in counted.items():
            shares[word] = shares.get(word, 0.0) + times / total
            sources[word] += 1
    enough = len(by_source) * SOURCES_SHARE
    ranked = sorted((-share, word) for word, share in shares.items() if sources[word] >= enough)
    return [word for _, word in ranked[:KEPT]]
