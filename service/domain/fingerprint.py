"""Fingerprints of texts: equal texts agree, similar texts are few bits apart.

A 64-bit simhash (Charikar 2002) over words and word pairs, in four bands of 16 bits: of two fingerprints at
most three bits apart, at least one band is equal, so that candidates are found by four index look-ups.
Numbers count as one and the same word: the same advertisement with another running number is near, not equal.
"""

import re
import struct
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

_WORDS = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
_LANES = struct.Struct("<64H")
_MASK = (1 << 64) - 1
WORDS_MAX = 600


def _spread() -> list[int]:
    """For each byte value its eight bits, one in each 16-bit lane of a 128-bit number."""
    return [sum(((value >> bit) & 1) << (16 * bit) for bit in range(8)) for value in range(256)]


# Adding hashes bit by bit is done for all 64 bits at once: each bit has a lane of 16 bits in one long number.
_SPREAD = [entry.to_bytes(16, "little") for entry in _spread()]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """``text_hash`` and ``simhash`` are signed 64-bit; ``bands`` are the simhash in four pieces of 16 bits."""

    text_hash: int
    simhash: int
    bands: tuple[int, int, int, int]


def fingerprint(folded: str) -> Fingerprint:
    """The fingerprint of a folded text (``domain.folding``). Case, space and punctuation do not count."""
    words = _WORDS.findall(folded)[:WORDS_MAX]
    text_hash = int.from_bytes(
        blake2b(" ".join(words).encode(), digest_size=8).digest(), "little", signed=True
    )
    plain = [_DIGITS.sub("0", word) if not word.isalpha() else word for word in words]
    features = plain + [f"{one} {two}" for one, two in pairwise(plain)]
    total = 0
    for feature in features:
        digest = blake2b(feature.encode(), digest_size=8).digest()
        total += int.from_bytes(b"".join([_SPREAD[byte] for byte in digest]), "little")
    half = len(features) / 2
    value = 0
    for bit, count in enumerate(_LANES.unpack(total.to_bytes(128, "little"))):
        if count > half:
            value |= 1 << bit
    bands = (value & 0xFFFF, value >> 16 & 0xFFFF, value >> 32 & 0xFFFF, value >> 48)
    return Fingerprint(text_hash, value - (1 << 64) if value >> 63 else value, bands)


def distance(one: int, other: int) -> int:
    """How many of the 64 bits differ."""
    return ((one ^ other) & _MASK).bit_count()
