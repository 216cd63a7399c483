"""Fingerprints of texts: equal texts agree, similar texts are few bits apart.

A 64-bit simhash (Charikar 2002) over words and word pairs, in four bands of 16 bits: of two fingerprints at
most three bits apart, at least one band is equal, so that candidates are found by four index look-ups.
Numbers count as one and the same word: the same advertisement with another running number is near, not equal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from service.domain.fingerprint import Fingerprint

_WORDS = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
WORDS_MAX = 600

_FIRST, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_HALF = np.uint64(32)
# The bit of each place after ``np.unpackbits``, which begins with the highest of the lowest byte.
_PLACES = np.array([1 << (8 * byte + bit) for byte in range(8) for bit in reversed(range(8))], np.uint64)


# By the place of a comment in its batch: (place of an earlier one, bits apart, whether the text is the same).
Beside = dict[int, list[tuple[int, int, bool]]]


def fingerprint(folded: str) -> Fingerprint:
    """The fingerprint of a folded text (``domain.folding``). Case, space and punctuation do not count."""
    words = _WORDS.findall(folded)[:WORDS_MAX]
    text_hash = int.from_bytes(_digest(" ".join(words)), "little", signed=True)
    plain = [_DIGITS.sub("0", word) if not word.isalpha() else word for word in words]
    value = _majority(np.frombuffer(b"".join(map(_of_word, plain)), "<u8"))
    bands = (value & 0xFFFF, value >> 16 & 0xFFFF, value >> 32 & 0xFFFF, value >> 48)
    return Fingerprint(text_hash, value - (1 << 64) if value >> 63 else value, bands)


def _digest(feature: str) -> bytes:
    return blake2b(feature.encode(), digest_size=8).digest()


# People use the same few thousand words most of the time.
_of_word = lru_cache(maxsize=20_000)(_digest)


def _majority(words: NDArray[np.uint64]) -> int:
    """The 64-bit number whose bits are those that more than half of the words' and word pairs' digests have.

    A pair's digest is made of those of its words: to hash it anew takes ten times as long as all the rest.
    """
    pairs = words[:-1] * _FIRST ^ words[1:]
    pairs = (pairs ^ pairs >> _HALF) * _MIX
    digests = np.concatenate([words, pairs ^ pairs >> _HALF])
    bits = np.unpackbits(digests.view(np.uint8).reshape(-1, 8), axis=1)
    return int(_PLACES[2 * bits.sum(axis=0, dtype=np.int32) > len(digests)].sum())


def near_in(fingerprints: Sequence[Fingerprint], bits: int) -> Beside:
    """What of a batch resembles an earlier one of it: the same text, or simhashes at most ``bits`` apart."""
    simhashes = np.array([one.simhash for one in fingerprints], np.int64).view(np.uint64)
    text_hashes = np.array([one.text_hash for one in fingerprints], np.int64)
    # Each is compared with all before it, in one operation for the whole batch.
    apart = np.bitwise_count(simhashes[:, None] ^ simhashes)
    same = text_hashes[:, None] == text_hashes
    near: Beside = {}
    for place, earlier in np.argwhere(np.tril((apart <= bits) | same, -1)).tolist():
        near.setdefault(place, []).append((earlier, int(apart[place, earlier]), bool(same[place, earlier])))
    return near
