"""Who stands how at a site: bans and trust, of a name, an address or a network origin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b

from service.domain.folding import fold


class Kind(StrEnum):
    BAN = "ban"
    TRUST = "trust"


class Of(StrEnum):
    """By what an author is known again."""

    NAME = "name"  # as it sounds: look-alike letters are one letter
    ADDRESS = "address"
    ORIGIN = "origin"  # one IPv4 address, or an IPv6 /64; forgotten after a while


# Whoever takes a name, or sits in the same network, has not earned what somebody else has.
OF_KIND: dict[Kind, tuple[Of, ...]] = {Kind.BAN: tuple(Of), Kind.TRUST: (Of.ADDRESS,)}


@dataclass(frozen=True, slots=True)
class Ban:
    """What a check may know of a ban: neither whom it is of, nor who made it."""

    of: Of
    cause: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How an author stands at a site when a comment of theirs is looked at. ``banned`` is the oldest of their bans."""

    banned: Ban | None = None
    trusted: bool = False


NEUTRAL = Standing()


@lru_cache(maxsize=1024)
def name_key(name: str) -> bytes:
    """32 bytes that are the same for all names that look alike.

    A hash, because an index takes no key of any length, and one letter may fold to eighteen.
    """
    # Past the cache of ``fold``, which holds the texts of a batch and would lose them to its names.
    folded = " ".join(fold.__wrapped__(name).text.split())
    # Of a name of marks alone nothing is left, and it is like no other.
    return blake2b((folded or name).encode(), digest_size=32, person=b"standing: name").digest()
