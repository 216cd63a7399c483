"""Hashed n-grams of a text, all in numpy: words and pairs of words, and runs of three to five characters.

Every span's hash is a polynomial over its characters, so a whole text is hashed with a handful of array operations
instead of a Python step for each n-gram. The hash is part of a model: ``HASHING`` grows when it changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HASHING = 1
BITS = 20
BUCKETS = 1 << BITS

_BASE = 0x9E3779B97F4A7C15 | 1
_INVERSE = pow(_BASE, -1, 1 << 64)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_PAIR = np.uint64(0xC2B2AE3D27D4EB4F)
_SALTS = [np.uint64(0xA0761D6478BD642F * n & 0xFFFFFFFFFFFFFFFF) for n in range(8)]
_WORD = np.zeros(128, bool)
_WORD[[ord(c) for c in "abcdefghijklmnopqrstuvwxyz0123456789'"]] = True
_SPACE = 32
LONGEST = 6_200  # longer readings are cut by ``domain.plain`` already


def _powers(base: int) -> NDArray[np.uint64]:
    powers, value = [], 1
    for _ in range(LONGEST + 4):
        powers.append(value)
        value = value * base & 0xFFFFFFFFFFFFFFFF
    return np.array(powers, np.uint64)


_UP, _DOWN = _powers(_BASE), _powers(_INVERSE)


@dataclass(frozen=True, slots=True)
class Grams:
    """``buckets``: one for each n-gram, with repeats; ``starts`` and ``ends``: where it stands in the reading."""

    buckets: NDArray[np.uint32]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def _bucket(hashes: NDArray[np.uint64], salt: int) -> NDArray[np.uint32]:
    mixed = (hashes ^ _SALTS[salt]) * _MIX
    mixed ^= mixed >> np.uint64(33)
    mixed *= _PAIR
    return (mixed >> np.uint64(64 - BITS)).astype(np.uint32)


def _codes(reading: str) -> NDArray[np.uint64]:
    framed = f" {reading[:LONGEST]} ".encode("utf-32-le", "replace")
    return np.frombuffer(framed, np.uint32).astype(np.uint64)


def _words(codes: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """(hash, start, end) of each word: from running sums, since the base has an inverse modulo 2**64."""
    wordly = _WORD[np.minimum(codes, 127)] | (codes > 127)
    edges = np.flatnonzero(wordly[1:] != wordly[:-1]) + 1
    begin, end = edges[0::2], edges[1::2]
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(codes * _UP[: len(codes)], dtype=np.uint64)])
    return (sums[end] - sums[begin]) * _DOWN[begin], begin, end


def words(reading: str) -> NDArray[np.uint32]:
    """One bucket for each word and each pair of neighbouring words of a reading, with repeats."""
    hashes, _, _ = _words(_codes(reading))
    return np.concatenate([_bucket(hashes, 1), _bucket(hashes[:-1] * _PAIR + hashes[1:], 2)])


def grams(reading: str) -> Grams:
    """All n-grams of a reading (``domain.plain``)."""
    codes = _codes(reading)
    size = len(codes)
    found: list[NDArray[np.uint32]] = []
    starts: list[NDArray[np.int64]] = []
    ends: list[NDArray[np.int64]] = []

    # Runs of characters within a word, with the space before or after it.
    base = np.uint64(_BASE)
    space = codes == _SPACE
    rolling = codes
    for n in range(2, 6):
        if size < n:
            break
        rolling = rolling[:-1] * base + codes[n - 1 :]
        if n < 3:
            continue
        within = ~space[1 : size - n + 2]
        for inner in range(2, n - 1):
            within &= ~space[inner : size - n + 1 + inner]
        at = np.flatnonzero(within)
        found.append(_bucket(rolling[at], n))
        starts.append(at)
        ends.append(at + n)

    hashes, begin, end = _words(codes)
    if len(hashes):
        found.append(_bucket(hashes, 1))
        starts.append(begin)
        ends.append(end)
        found.append(_bucket(hashes[:-1] * _PAIR + hashes[1:], 2))
        starts.append(begin[:-1])
        ends.append(end[1:])
    if not found:
        return Grams(np.zeros(0, np.uint32), np.zeros(0, np.int64), np.zeros(0, np.int64))
    limit = size - 2
    return Grams(
        np.concatenate(found),
        np.clip(np.concatenate(starts) - 1, 0, limit),
        np.clip(np.concatenate(ends) - 1, 0, limit),
    )


def buckets(reading: str) -> NDArray[np.uint32]:
    """The different buckets that a reading's n-grams fall into."""
    return np.unique(grams(reading).buckets)
