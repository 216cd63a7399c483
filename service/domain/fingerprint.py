"""Fingerprints of texts: equal texts agree, similar texts are few bits apart.

A 64-bit simhash (Charikar 2002) over words and word pairs, in four bands of 16 bits: of two fingerprints at
most three bits apart, at least one band is equal, so that candidates are found by four index look-ups.
Numbers count as one and the same word: the same advertisement with another running number is near, not equal.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

_WORDS = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
_MASK = (1 << 64) - 1
WORDS_MAX = 600


# For each bit of a byte: that bit in every byte of the longest column of digests that there can be.
_ONLY_BIT = [int.from_bytes(bytes([1 << bit]) * (2 * WORDS_MAX)) for bit in range(8)]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """``text_hash`` and ``simhash`` are signed 64-bit; ``bands`` are the simhash in four pieces of 16 bits."""

    text_hash: int
    simhash: int
    bands: tuple[int, int, int, int]


def fingerprint(folded: str) -> Fingerprint:
    """The fingerprint of a folded text (``domain.folding``). Case, space and punctuation do not count."""
    words = _WORDS.findall(folded)[:WORDS_MAX]
    text_hash = int.from_bytes(_digest(" ".join(words)), "little", signed=True)
    plain = [_DIGITS.sub("0", word) if not word.isalpha() else word for word in words]
    pairs = [f"{one} {two}" for one, two in pairwise(plain)]
    value = _majority(b"".join([_of_word(word) for word in plain] + [_digest(pair) for pair in pairs]))
    bands = (value & 0xFFFF, value >> 16 & 0xFFFF, value >> 32 & 0xFFFF, value >> 48)
    return Fingerprint(text_hash, value - (1 << 64) if value >> 63 else value, bands)


def _digest(feature: str) -> bytes:
    return blake2b(feature.encode(), digest_size=8).digest()


# People use the same few thousand words most of the time.
_of_word = lru_cache(maxsize=20_000)(_digest)


def _majority(digests: bytes) -> int:
    """The 64-bit number whose bits are those that more than half of these 8-byte digests have."""
    half = len(digests) / 16
    value = 0
    for place in range(8):
        # All bytes of one place at once: counting is hundreds of times faster than adding bit by bit.
        column = int.from_bytes(digests[place::8])
        for bit, only_bit in enumerate(_ONLY_BIT):
            if (column & only_bit).bit_count() > half:
                value |= 1 << (8 * place + bit)
    return value


def distance(one: int, other: int) -> int:
    """How many of the 64 bits differ."""
    return ((one ^ other) & _MASK).bit_count()
