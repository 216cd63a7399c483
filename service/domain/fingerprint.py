"""Fingerprints of texts: equal texts agree, similar texts are few bits apart. How they are made stands in
``service.scoring.fingerprints``."""

from dataclasses import dataclass

_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """``text_hash`` and ``simhash`` are signed 64-bit; ``bands`` are the simhash in four pieces of 16 bits."""

    text_hash: int
    simhash: int
    bands: tuple[int, int, int, int]


def distance(one: int, other: int) -> int:
    """How many of the 64 bits differ."""
    return ((one ^ other) & _MASK).bit_count()
