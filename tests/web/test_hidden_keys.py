"""By what an author is known again never leaves the store: not in an answer of the desk, a log line or the journal."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from service.store import journal
from service.store.desk_tables import flags, standings
from service.store.tables import likes, vault
from service.web.openapi import OPERATIONS
from tests.product.canaries import Canaries, Search
from tests.web.conftest import House
from tests.web.rights import DESK, asked_anew

REMOTE = "203.0.113.77"


def secrets_of(house: House) -> Iterator[bytes]:
    """Everything that an author could be found by."""
    with house.database.read() as connection:
        for row in connection.execute(sa.select(vault.c.address_index, vault.c.origin_index, vault.c.sealed)):
            yield from (value for value in row if value)
        yield from (key for key in connection.scalars(sa.select(standings.c.key)) if key)
        for column in (flags.c.flagger, likes.c.liker):
            yield from connection.scalars(sa.select(column))


def spelled(secret: bytes) -> Iterator[bytes]:
    """How bytes may look in a text: by their beginning, so that a shortened one is found, too."""
    begin = secret[:12]
    yield from (begin, begin.hex().encode(), begin.hex().upper().encode(), repr(begin)[2:-1].encode())
    yield from (base64.b64encode(begin), base64.urlsafe_b64encode(begin))


def test_nothing_by_which_an_author_is_known_leaves_the_store(
    either_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house = either_house
    canaries = Canaries()
    address = canaries.make("the author", "{local}@{domain}.example.org")
    house.app.wsgi_app = _from(house.app.wsgi_app)  # type: ignore[method-assign]
    author = {"name": "Ada", "email": address}
    heard: list[tuple[str, bytes]] = []
    with caplog.at_level(logging.DEBUG):
        first, second = (house.post(f"Words {n} about a bridge.", author=author)["id"] for n in range(2))
        kept = [house.stand(first, of=of) for of in ("name", "origin", "address")]
        kept.append(house.stand(first, "trust", "address"))
        house.screen()
        house.decide(first)
        for path, body in (("flag", {"reason": "spam"}), ("like", None)):
            answer = house.client.post(f"/v1/comments/{first}/{path}", json=body)
            heard.append((f"{path} {answer.status_code}", answer.data))
        heard.append(("the thread", house.thread().data))
        for n, (route, ask) in enumerate(DESK.items()):
            canned, standing = house.can(f"Title {n}")["id"], kept[n % 4]["id"]
            path = (
                ask.path.replace("STANDING-ID", standing)
                .replace("CANNED-ID", canned)
                .replace("SHOWN-ID", first)
            )
            # About the author, and about something that was made for it; each twice, because what is made or lifted
            # already is answered otherwise.
            about, anew = replace(ask, path=path).of(second), asked_anew(house, ask)
            for asked in (about, about, anew, anew):
                answer = house.client.open(**{**asked, "headers": house.admin})
                place = f"{route[1]} {answer.status_code}"
                heard.append((place, answer.data + str(answer.headers).encode()))
    # Not refusals alone.
    well = {f"{name} {min(OPERATIONS.by_view[name.partition('.')[2]].gives)}" for _, name in DESK}
    assert {"like 200", *well} <= {place for place, _ in heard}
    with house.database.read() as connection:
        entries = journal.entries(connection)
        assert len(entries) > 3
        heard.append(("the journal", repr(entries).encode()))
    heard += [("the log", repr(record.__dict__).encode()) for record in caplog.records]
    search = Search(canaries.all)
    search.look_at(iter(heard))
    assert not search.found
    needles = {needle for secret in secrets_of(house) for needle in spelled(secret)}
    # Two indexes, a sealed address, at least two keys, which are hashes themselves, a flagger and a liker.
    assert len(needles) > 21
    found = [(place, needle) for place, raw in heard for needle in needles if needle in raw]
    assert not found
    assert not [place for place, raw in heard if REMOTE.encode() in raw]


def _from(app: Any) -> Any:
    def call(environ: dict[str, Any], start_response: Any) -> Any:
        return app({**environ, "REMOTE_ADDR": REMOTE}, start_response)

    return call


def test_the_search_would_find_a_key(house: House) -> None:
    made = house.post()["id"]
    house.stand(made, of="address")
    with house.database.read() as connection:
        [key] = connection.scalars(sa.select(standings.c.key))
    for leak in (key.hex(), base64.b64encode(key).decode(), repr(key), json.dumps({"key": key.hex()})):
        assert any(needle in leak.encode() for secret in secrets_of(house) for needle in spelled(secret))
