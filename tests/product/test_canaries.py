"""The search for canaries finds one wherever it is put and however it is disguised: else it would prove nothing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
import sqlalchemy as sa
from markupsafe import escape
from redis import Redis

from service.adapters.addresses import read_address
from service.domain.address import lookup_form
from tests.conftest import make_database, named
from tests.product.canaries import (
    Canaries,
    Places,
    Search,
    in_database,
    in_folder,
    in_punycode,
    in_redis,
    mark,
)
from tests.product.ears import without_what_was_typed
from tests.product.running import Answer
from tests.product.strangers import REFUSED, TAKEN

DISGUISES: dict[str, Callable[[bytes], bytes]] = {
    "in the clear": lambda it: it,
    "in capitals": bytes.upper,
    "in a link": lambda it: quote(it, safe="").encode(),
    "in a page": lambda it: str(escape(it.decode())).encode(),
    "in JSON": lambda it: json.dumps(it.decode()).encode(),
    "in UTF-16": lambda it: it.decode().encode("utf-16"),
    "in hex": lambda it: it.hex().encode(),
    "in HEX": lambda it: it.upper().hex().upper().encode(),
    "in base64": base64.b64encode,
    "further on in base64": lambda it: base64.b64encode(b"x" + it),
    "still further on in base64": lambda it: base64.urlsafe_b64encode(b"xy" + it),
    "packed": zlib.compress,
    "packed among other things": lambda it: (
        b"x\x9c other things " + zlib.compress(b'["' + it + b'"]') + b"..."
    ),
    "packed as an answer": gzip.compress,
    "packed as RQ packs it": lambda it: base64.b64encode(zlib.compress(b"Traceback: " + it)),
}
HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b", "blake2s", "sha3_256")
WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda it: it,
    "in hex": lambda it: it.hex().encode(),
    "in HEX": lambda it: it.hex().upper().encode(),
    "in base64": base64.b64encode,
    "in base64 for links": base64.urlsafe_b64encode,
    "without its end": lambda it: it.hex()[:16].encode(),
}


def found(canaries: Canaries, *places: tuple[str, bytes]) -> set[str]:
    search = Search(canaries.all)
    search.look_at(iter(places))
    return {place for place, _ in search.found}


@pytest.mark.parametrize("form", [*TAKEN.values(), *REFUSED.values()])
def test_a_canary_is_found_in_every_disguise(form: str) -> None:
    canaries = Canaries()
    typed = canaries.make("planted", form)
    planted = [(name, disguise(typed.encode())) for name, disguise in DISGUISES.items()]
    assert found(canaries, *planted) == set(DISGUISES)


def test_either_half_of_an_address_is_found_alone() -> None:
    canaries = Canaries()
    local, _, domain = canaries.make("planted").partition("@")
    assert found(canaries, ("local", f"by {local}.".encode()), ("domain", domain.encode())) == {
        "local",
        "domain",
    }


@pytest.mark.parametrize("kind", TAKEN)
def test_every_unkeyed_hash_of_an_address_is_found(kind: str) -> None:
    canaries = Canaries()
    typed = canaries.make("planted", TAKEN[kind])
    address = read_address(typed).reveal()
    # As typed, as stored, as looked up, as indexed but for the key; and its halves.
    whole = {
        typed,
        typed.strip(),
        typed.lower(),
        address,
        lookup_form(address),
        f"demo\0{lookup_form(address)}",
    }
    for spelling in whole | set(address.split("@")):
        planted = [
            (f"{name} {how}", b"...: " + write(hashlib.new(name, spelling.encode()).digest()) + b" ...")
            for name in HASHES
            for how, write in WRITTEN.items()
        ]
        assert found(canaries, *planted) == {name for name, _ in planted}, spelling


def test_what_is_no_trace_of_a_canary_is_not_found() -> None:
    canaries = Canaries()
    typed = canaries.make("planted")
    keyed = hashlib.blake2b(typed.encode(), key=b"a key").digest()
    others = (mark().encode(), b"ada@example.org", keyed, keyed.hex().encode(), bytes(range(256)) * 100)
    assert found(canaries, *(("nowhere", other) for other in others)) == set()


def traces(canaries: Canaries, places: Places) -> list[str]:
    """For each canary whether it was found, by what it was planted for."""
    search = Search(canaries.all)
    search.look_at(places)
    return sorted({what.rpartition(": ")[0] for _, what in search.found})


def test_a_canary_is_found_in_every_corner_of_redis(valkey_url: str) -> None:
    client, canaries = Redis.from_url(valkey_url), Canaries()
    make = canaries.make
    client.flushall()
    client.set(f"key:{make('in a key')}", "x")
    client.set("string", make("in a string"))
    client.rpush("list", "x", make("in a list"))
    client.sadd("set", make("in a set"))
    client.zadd("zset", {make("in a sorted set"): 1.0})
    client.hset(
        "hash", mapping={"x": zlib.compress(make("packed in a hash").encode()), make("in a field"): "x"}
    )
    client.xadd("stream", {"x": make("in a stream")})
    planted = sorted(canary.why for canary in canaries.all)
    assert traces(canaries, in_redis(client)) == planted
    # Its file keeps what was deleted since.
    client.flushall()
    assert traces(canaries, in_redis(client)) == []
    folder = Path(valkey_url.removeprefix("unix://").partition("?")[0]).parent
    assert traces(canaries, in_folder(folder)) == planted
    client.close()


def test_a_canary_is_found_in_sqlite_its_file_and_its_log(tmp_path: Path) -> None:
    canaries = Canaries()
    connection = sqlite3.connect(tmp_path / "some.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE some (name TEXT, raw BLOB)")
    connection.execute(
        "INSERT INTO some VALUES (?, ?)", (canaries.make("as text"), canaries.make("as bytes").encode())
    )
    assert traces(canaries, in_database(f"sqlite:///{tmp_path}/some.db")) == ["as bytes", "as text"]
    log = [place for place in in_folder(tmp_path) if place[0] == "the file some.db-wal"]
    assert traces(canaries, iter(log)) == ["as bytes", "as text"]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("DELETE FROM some")
    # Deleted, and there for whoever opens the file.
    assert traces(canaries, in_database(f"sqlite:///{tmp_path}/some.db")) == []
    assert traces(canaries, in_folder(tmp_path)) == ["as bytes", "as text"]
    connection.close()


def test_a_canary_is_found_in_every_kind_of_column_of_postgresql(postgres_url: str) -> None:
    canaries, name = Canaries(), f"greenroom_{uuid4().hex[:12]}"
    make_database(postgres_url, name)
    engine = sa.create_engine(named(postgres_url, name))
    kinds = {
        "text": str,
        "bytea": str.encode,
        "jsonb": lambda it: json.dumps({"x": [it]}),
        "text[]": lambda it: [it],
    }
    with engine.begin() as connection:
        for number, (kind, written) in enumerate(kinds.items()):
            connection.exec_driver_sql(f"CREATE TABLE some{number} (it {kind})")
            value = written(canaries.make(kind))
            connection.exec_driver_sql(f"INSERT INTO some{number} VALUES (%s)", (value,))
    engine.dispose()
    assert traces(canaries, in_database(named(postgres_url, name))) == sorted(kinds)


def test_a_canary_is_found_in_a_file_and_in_its_name(tmp_path: Path) -> None:
    canaries = Canaries()
    inner = tmp_path / "some" / canaries.make("in a name")
    inner.mkdir(parents=True)
    (inner / "empty").touch()
    (tmp_path / "some" / "text").write_text(f"... {canaries.make('in a file')} ...")
    assert traces(canaries, in_folder(tmp_path)) == ["in a file", "in a name"]


def test_a_form_comes_back_with_what_was_typed_and_with_nothing_made_of_it() -> None:
    canaries = Canaries()
    typed = canaries.make("typed", "O'{LOCAL}+x@{DOMAIN}.example.org")
    fields = {"email": typed, "url": f"https://example.org/{typed}"}
    page = f'<input value="{escape(typed)}"><a href="/t?url={quote(fields["url"], safe="")}">'
    no_store = {"cache-control": "no-store", "content-type": "text/html"}

    def left(body: str) -> list[str]:
        answer = Answer(422, no_store, body.encode(), 0.0)
        return traces(canaries, iter([("page", without_what_was_typed(answer, fields))]))

    assert left(page) == []
    for more in (
        typed.lower(),
        hashlib.md5(typed.encode()).hexdigest(),
        base64.b64encode(typed.encode()).decode(),
    ):
        assert left(f"{page}<p>{more}</p>") == ["typed"]
    with pytest.raises(AssertionError):
        without_what_was_typed(Answer(422, {"cache-control": "public"}, b"", 0.0), fields)


def test_a_name_in_punycode_is_the_same_name() -> None:
    assert in_punycode("ada@bücher.example") == "ada@xn--bcher-kva.example"
