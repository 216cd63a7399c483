"""Addresses that are nowhere else, and the search for any trace of them.

A canary is typed in by a reader; the search then goes through whatever the product wrote or answered. It knows the
address by its parts, whatever stands around them, and by every hash of it that needs no key: of the address as it was
typed, in small letters, as the product normalises it, and of its parts. A hash counts as found by its beginning, so
that a shortened one is found too.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ahocorasick_rs import BytesAhoCorasick
from redis import Redis

from service.adapters.addresses import AddressFault, read_address
from service.domain.address import lookup_form

# Consonants only: no word, no hexadecimal number, and nothing that base64 makes of them needs its last two signs.
LETTERS = "bcdfghjkmnpqrstvwxz"
# Eight bytes of a hash: nothing else begins like that by chance.
BEGINNING = 8
HASHES: dict[str, Callable[[bytes], bytes]] = {
    "md5": lambda value: hashlib.md5(value).digest(),
    "sha1": lambda value: hashlib.sha1(value).digest(),
    "sha256": lambda value: hashlib.sha256(value).digest(),
    "sha512": lambda value: hashlib.sha512(value).digest(),
    "sha3": lambda value: hashlib.sha3_256(value).digest(),
    "blake2s": lambda value: hashlib.blake2s(value).digest(),
    "blake2b of 64 bytes": lambda value: hashlib.blake2b(value).digest(),
    "blake2b of 32 bytes": lambda value: hashlib.blake2b(value, digest_size=32).digest(),
    "blake2b of 16 bytes": lambda value: hashlib.blake2b(value, digest_size=16).digest(),
}
Places = Iterator[tuple[str, bytes]]


def mark() -> str:
    """A word that is nowhere else."""
    return "zq" + "".join(secrets.choice(LETTERS) for _ in range(12))


def in_punycode(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


@dataclass(frozen=True)
class Canary:
    """What somebody typed, what it was for, and the words in it that are nowhere else."""

    why: str
    typed: str
    marks: tuple[str, ...]

    def spellings(self) -> set[str]:
        """What a hash might be made of."""
        whole = {
            self.typed,
            self.typed.strip(),
            self.typed.lower(),
            unicodedata.normalize("NFKC", self.typed),
        }
        try:
            address = read_address(self.typed).reveal()
            whole |= {address, lookup_form(address)}
        except AddressFault:
            pass
        parts = {part for one in whole for part in one.rsplit("@", 1)}
        # As the product's own index begins, only without its key.
        return {one for one in whole | parts if one} | {f"demo\0{one}" for one in whole}


class Canaries:
    """All canaries of a run."""

    def __init__(self) -> None:
        self.all: list[Canary] = []

    def make(self, why: str, form: str = "{local}@{domain}.example.org") -> str:
        """A fresh address of this form, as it is typed. A form that begins with ``xn:`` is written in punycode."""
        local, domain = mark(), mark()
        typed = form.format(local=local, LOCAL=local.upper(), domain=domain, DOMAIN=domain.upper())
        if form.startswith("xn:"):
            typed = in_punycode(typed.removeprefix("xn:"))
        return self._keep(Canary(why, typed, (local, domain)))

    def exactly(self, why: str, typed: str) -> str:
        """What is given, which is a word that is nowhere else itself: a network address, say."""
        return self._keep(Canary(why, typed, (typed.lower(),)))

    def _keep(self, canary: Canary) -> str:
        self.all.append(canary)
        return canary.typed


class Search:
    """Looks for traces of canaries; what it found is in ``found``, as (place, what it is a trace of)."""

    def __init__(self, canaries: list[Canary]) -> None:
        # Text is searched in small letters; what is packed or binary, as it is.
        texts: dict[bytes, str] = {}
        exact: dict[bytes, str] = {}
        for canary in canaries:
            for word in canary.marks:
                for needle, how in _disguises(word):
                    (texts if needle == needle.lower() else exact)[needle] = f"{canary.why}: {how}"
            for spelling in canary.spellings():
                for name, digest in HASHES.items():
                    beginning = digest(spelling.encode("utf-8", "surrogatepass"))[:BEGINNING]
                    texts[beginning.hex().encode()] = f"{canary.why}: {name} in hex"
                    exact[beginning] = f"{canary.why}: {name}"
                    # The last sign of the beginning also holds bits of what comes next.
                    for encode in (base64.b64encode, base64.urlsafe_b64encode):
                        exact[encode(beginning)[:10]] = f"{canary.why}: {name} in base64"
        self._texts, self._exact = _Needles(texts), _Needles(exact)
        self.found: set[tuple[str, str]] = set()
        self.places: dict[str, int] = {}

    def look(self, place: str, raw: bytes) -> None:
        """Look at what a place holds, and at what is packed in it."""
        self.places[place] = self.places.get(place, 0) + len(raw)
        for layer in (raw, *_unpacked(raw)):
            for what in (*self._texts.within(layer.lower()), *self._exact.within(layer)):
                self.found.add((place, what))

    def look_at(self, places: Places) -> None:
        for place, raw in places:
            self.look(place, raw)


class _Needles:
    def __init__(self, needles: dict[bytes, str]) -> None:
        self._whats = list(needles.values())
        self._finder = BytesAhoCorasick(list(needles))

    def within(self, raw: bytes) -> Iterator[str]:
        for number, _start, _end in self._finder.find_matches_as_indexes(raw):
            yield self._whats[number]


def _disguises(word: str) -> Iterator[tuple[bytes, str]]:
    yield word.encode(), "in the clear"
    yield word.encode("utf-16-le"), "in UTF-16"
    for plain in (word.encode(), word.upper().encode()):
        yield plain.hex().encode(), "in hex"
        for shift in range(3):
            # Wherever the word begins in what was encoded, these signs of it are the same.
            encoded = base64.b64encode(b"\0" * shift + plain)
            yield encoded[-(-8 * shift // 6) : (8 * (shift + len(plain))) // 6], "in base64"


_PACKED = re.compile(rb"x[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
# How RQ keeps what went wrong: packed, and then in base64.
_PACKED_IN_BASE64 = re.compile(rb"eJ[A-Za-z0-9+/]{8,}={0,2}")


def _unpacked(raw: bytes) -> Iterator[bytes]:
    """Everything in ``raw`` that zlib or gzip packed, such as the jobs in Redis."""
    for begin in _PACKED.finditer(raw):
        yield _unpack(raw[begin.start() :])
    for run in _PACKED_IN_BASE64.finditer(raw):
        # Whatever only looks so may have a length that base64 never has.
        letters = run[0].rstrip(b"=")
        yield _unpack(base64.b64decode(letters[: len(letters) // 4 * 4]))


def _unpack(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress(packed, 10_000_000)
    except zlib.error:
        return b""


# --- places ----------------------------------------------------------------------------------------------------------


def in_folder(folder: Path) -> Places:
    """Every file: databases with their logs, Redis's own files, and whatever else there is."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        yield "the names of files", os.fsencode(name)
        if path.is_file():
            yield f"the file {name}", path.read_bytes()


def in_redis(client: Redis) -> Places:
    """Every key, by its type."""
    for key in client.scan_iter():
        yield "the keys of Redis", key
        for part in _redis_value(client, key):
            yield "the values of Redis", part


def _redis_value(client: Any, key: bytes) -> list[bytes]:
    kind = client.type(key)
    if kind == b"string":
        return [client.get(key)]
    if kind == b"list":
        return list(client.lrange(key, 0, -1))
    if kind == b"set":
        return list(client.smembers(key))
    if kind == b"zset":
        return list(client.zrange(key, 0, -1))
    if kind == b"hash":
        return [part for pair in client.hgetall(key).items() for part in pair]
    if kind == b"stream":
        return [part for _, fields in client.xrange(key) for pair in fields.items() for part in pair]
    # Keys come and go.
    assert kind == b"none", f"a kind of key that nobody has looked at: {kind!r}"
    return []


def in_database(url: str) -> Places:
    """Every column of every row, as it is and, from PostgreSQL, as a dump would write it."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        for table in sa.inspect(connection).get_table_names():
            quoted = f'"{table}"'
            for row in connection.exec_driver_sql(f"SELECT * FROM {quoted}"):
                for value in row:
                    yield f"the table {table}", _as_bytes(value)
            if engine.dialect.name == "postgresql":
                for row in connection.exec_driver_sql(f"SELECT one::text FROM {quoted} AS one"):
                    yield f"the table {table}", row[0].encode()
    engine.dispose()


def _as_bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False).encode()
    return str(value).encode()
