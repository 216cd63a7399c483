"""Hashed n-grams of a text, all in numpy: words and pairs of words, and runs of three to five characters.

Every span's hash is a polynomial over its characters, so a whole text is hashed with a handful of array operations
instead of a Python step for each n-gram. The hash is part of a model: ``HASHING`` grows when it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
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
_STEP = np.uint64(_BASE)
_HALF, _REST = np.uint64(33), np.uint64(64 - BITS)
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
    return _buckets(hashes ^ _SALTS[salt])


def _buckets(salted: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """``salted`` is mixed in place: many small arrays would cost more in calls than in work."""
    salted *= _MIX
    salted ^= salted >> _HALF
    salted *= _PAIR
    salted >>= _REST
    return salted.astype(np.uint32)


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
    return _buckets(np.concatenate([hashes ^ _SALTS[1], _pairs(hashes) ^ _SALTS[2]]))


def _pairs(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return words[:-1] * _PAIR + words[1:]


@dataclass(frozen=True, slots=True)
class _Kind:
    """The n-grams of one kind: salted hashes, and where each begins and ends in the framed codes."""

    salted: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def _kinds(codes: NDArray[np.uint64]) -> list[_Kind]:
    size = len(codes)
    found: list[_Kind] = []
    # Runs of characters within a word, with the space before or after it.
    solid = codes != _SPACE
    within = solid[1:]
    rolling = codes
    for n in range(2, 6):
        if size < n:
            break
        rolling = rolling[:-1] * _STEP + codes[n - 1 :]
        if n == 2:
            continue
        # All but the first and the last character are none: those of a run one shorter, and one more.
        within = within[: size - n + 1] if n == 3 else within[:-1] & solid[n - 2 : -1]
        at = np.flatnonzero(within)
        found.append(_Kind(rolling.take(at) ^ _SALTS[n], at, at + n))

    hashes, begin, end = _words(codes)
    if len(hashes):
        found.append(_Kind(hashes ^ _SALTS[1], begin, end))
        found.append(_Kind(_pairs(hashes) ^ _SALTS[2], begin[:-1], end[1:]))
    return found


def grams(reading: str) -> Grams:
    """All n-grams of a reading (``domain.plain``)."""
    codes = _codes(reading)
    kinds = _kinds(codes)
    if not kinds:
        return Grams(np.zeros(0, np.uint32), np.zeros(0, np.int64), np.zeros(0, np.int64))
    limit = len(codes) - 2
    return Grams(
        _buckets(np.concatenate([kind.salted for kind in kinds])),
        np.clip(np.concatenate([kind.starts for kind in kinds]) - 1, 0, limit),
        np.clip(np.concatenate([kind.ends for kind in kinds]) - 1, 0, limit),
    )


def buckets(reading: str) -> NDArray[np.uint32]:
    """The different buckets that a reading's n-grams fall into."""
    kinds = _kinds(_codes(reading))
    if not kinds:
        return np.zeros(0, np.uint32)
    # Sorted by hand: ``np.unique`` takes four times as long over a comment's few hundred.
    found = np.sort(_buckets(np.concatenate([kind.salted for kind in kinds])))
    first = np.empty(len(found), bool)
    first[:1] = True
    np.not_equal(found[1:], found[:-1], out=first[1:])
    return found[first]


def sums_of(readings: Sequence[str], weights: NDArray[np.int16]) -> list[tuple[NDArray[np.int32], int]]:
    """For each reading what its different buckets' rows of ``weights`` add up to, and how many buckets those are: as
    ``buckets`` finds them, for many readings in the calls that one takes."""
    found: list[tuple[NDArray[np.int32], int]] = []
    chunk: list[NDArray[np.uint64]] = []
    size = 0
    for codes in map(_codes, readings):
        # Words are hashed by their place, up to the longest reading.
        if chunk and size + len(codes) > LONGEST:
            found += _sums_of(chunk, weights)
            chunk, size = [], 0
        chunk.append(codes)
        size += len(codes)
    return found + (_sums_of(chunk, weights) if chunk else [])


def _sums_of(
    chunk: list[NDArray[np.uint64]], weights: NDArray[np.int16]
) -> list[tuple[NDArray[np.int32], int]]:
    ends = np.cumsum([len(codes) for codes in chunk])
    # Each reading stands between two spaces, so that no run of characters within a word leads from one into the next.
    kinds = _kinds(np.concatenate(chunk))
    none = np.zeros(weights.shape[1], np.int32)
    if not kinds:
        return [(none, 0)] * len(chunk)
    whose = np.searchsorted(ends, np.concatenate([kind.starts for kind in kinds]), side="right")
    until = np.searchsorted(ends, np.concatenate([kind.ends for kind in kinds]) - 1, side="right")
    hashed = _buckets(np.concatenate([kind.salted for kind in kinds]))
    # Pairs of words that stand in two readings are none.
    keys = (whose[whose == until].astype(np.uint64) << np.uint64(BITS)) | hashed[whose == until]
    if not len(keys):
        return [(none, 0)] * len(chunk)
    keys.sort()
    keys = keys[np.concatenate([np.ones(1, bool), keys[1:] != keys[:-1]])]
    owners = (keys >> np.uint64(BITS)).astype(np.int64)
    counts = np.bincount(owners, minlength=len(chunk))
    there = np.flatnonzero(counts)
    begins = np.searchsorted(owners, there)
    rows = weights.take((keys & np.uint64(BUCKETS - 1)).astype(np.int64), axis=0)
    added = dict(zip(there.tolist(), np.add.reduceat(rows, begins, axis=0, dtype=np.int32), strict=True))
    return [(added.get(place, none), int(counts[place])) for place in range(len(chunk))]
