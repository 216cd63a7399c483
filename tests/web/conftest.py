"""The real app around real rooms, in this process: SQLite or PostgreSQL, and a Valkey that is there or is not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache

from service.bootstrap import WebRooms, build_web, build_worker
from service.bulks import CarryOut
from service.domain.roles import Role
from service.domain.site import Site
from service.people import Tokens
from service.settings import Settings, read_settings
from service.store import threads
from service.store.database import Database
from service.store.tables import comments, metadata
from service.web.app import create_app
from tests.people import NOW

if TYPE_CHECKING:
    from tests.web.doors import Door

STORY = "https://daily.example/budget"
ADDRESS = "ada@example.org"


class Compiled(BytecodeCache):
    """Templates as compiled for an earlier test: compiling them would take longer than most tests do."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def make_app(rooms: WebRooms) -> Flask:
    app = create_app(rooms)
    app.jinja_env.bytecode_cache = COMPILED
    return app


class House:
    """One running Greenroom without its processes: the door, the rooms behind it, and screening on demand."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.rooms: WebRooms = build_web(settings)
        self.app: Flask = make_app(self.rooms)
        # A second house on the same database needs a name of its own for its token.
        self.token = Tokens(self.rooms.database, self.rooms.submit.now).create(
            f"admin {uuid4().hex[:8]}", Role.ADMINISTRATOR
        )

    @property
    def database(self) -> Database:
        return self.rooms.database

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)

    @property
    def admin(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def token_for(self, name: str, role: Role, site: str | None = None) -> dict[str, str]:
        made = Tokens(self.rooms.database, self.rooms.submit.now).create(name, role, site)
        return {"Authorization": f"Bearer {made}"}

    def signed_in(self, headers: dict[str, str]) -> dict[str, str]:
        """Headers of a browser of ours that signed in with this token, with all that a change needs."""
        ours = self.settings.public_url
        token = headers["Authorization"].removeprefix("Bearer ")
        answer = self.client.post("/moderation/sign-in", data={"token": token}, headers={"Origin": ours})
        assert answer.status_code == 303, answer.text
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        me = self.client.get("/v1/admin/me", headers={"Cookie": cookie}).get_json()
        return {"Cookie": cookie, "X-CSRF-Token": me["csrf"], "Origin": ours}

    def add_site(self, site: Site) -> Site:
        with self.database.write() as connection:
            threads.save_site(connection, site, now=NOW)
        return site

    def submission(self, text: str = "What about the bridge?", **changes: Any) -> dict[str, Any]:
        return {
            "site": "daily",
            "url": STORY,
            "author": {"name": "Ada", "email": ADDRESS},
            "text": text,
            **changes,
        }

    def post(self, text: str = "What about the bridge?", **changes: Any) -> dict[str, Any]:
        """A comment that is taken in; the answer's JSON."""
        answer = self.client.post("/v1/comments", json=self.submission(text, **changes))
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = json.loads(answer.data)
        return found

    def screen(self) -> None:
        """Screen everything that waits, as a worker would."""
        worker = build_worker(self.settings)
        worker.screening((), lambda: False).drain()
        worker.database.close()

    def decide(self, comment_id: str, action: str = "approve", **body: Any) -> dict[str, Any]:
        """A moderator's decision on the comment's present revision; the answer's JSON."""
        card = self.client.get(f"/v1/admin/comments/{comment_id}", headers=self.admin).get_json()
        answer = self.client.post(
            f"/v1/admin/comments/{comment_id}/decision",
            json={"action": action, "revision": card["revision"], **body},
            headers=self.admin,
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = json.loads(answer.data)
        return found

    def stand(self, comment_id: str, kind: str = "ban", of: str = "name", **body: Any) -> dict[str, Any]:
        """A ban or a trust of a comment's author; the answer's JSON."""
        answer = self.client.post(
            "/v1/admin/standings",
            json={"comment": comment_id, "kind": kind, "of": of, **body},
            headers=self.admin,
        )
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = json.loads(answer.data)
        return found

    def can(self, title: str = "Off topic", site: str = "daily") -> dict[str, Any]:
        """A canned reason; the answer's JSON."""
        answer = self.client.post(
            "/v1/admin/canned-reasons",
            json={
                "site": site,
                "reason": "off_topic",
                "title": title,
                "message": "It is about something else.",
            },
            headers=self.admin,
        )
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = json.loads(answer.data)
        return found

    def undo(self, comment_id: str) -> dict[str, Any]:
        """The last decision about a comment, taken back; the answer's JSON."""
        card = self.client.get(f"/v1/admin/comments/{comment_id}", headers=self.admin).get_json()
        answer = self.client.post(
            f"/v1/admin/comments/{comment_id}/undo",
            json={"decision": card["decisions"][-1]["id"], "revision": card["revision"]},
            headers=self.admin,
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = json.loads(answer.data)
        return found

    def bulk(self, action: str = "hold", queue: str = "pending", **body: Any) -> dict[str, Any]:
        """A bulk about all comments of a queue; the answer's JSON."""
        asked = {"site": "daily", "action": action, "query": f"queue={queue}", **body}
        answer = self.client.post("/v1/admin/bulks", json=asked, headers=self.admin)
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = json.loads(answer.data)
        return found

    def carry_out(self, bulk_id: str) -> None:
        """Work off a bulk, as a worker would."""
        assert CarryOut(self.database, self.rooms.bulks.now)(UUID(bulk_id), seconds=60)

    def approved(self, text: str = "What about the bridge?", **changes: Any) -> UUID:
        """The id of a comment that everybody sees."""
        made = self.post(text, **changes)
        self.decide(made["id"])
        return UUID(made["id"])

    def stored(self) -> list[dict[str, Any]]:
        """Every comment's row, oldest first: a look past the product."""
        with self.database.read() as connection:
            return [
                dict(row)
                for row in connection.execute(sa.select(comments).order_by(comments.c.id)).mappings()
            ]

    def contents(self) -> dict[str, list[str]]:
        """Every row of every table."""
        with self.database.read() as connection:
            return {
                table.name: sorted(repr(row) for row in connection.execute(sa.select(table)))
                for table in metadata.sorted_tables
            }

    def thread(self, url: str = STORY, site: str = "daily", **query: Any) -> Any:
        return self.client.get("/v1/threads", query_string={"site": site, "url": url, **query})

    def close(self) -> None:
        self.rooms.close()


def open_house(database_url: str, folder: Path, **changes: str) -> House:
    """A house on this database. ``changes`` are settings without their prefix: ``rate_origin="5/minute"``."""
    environment = {
        "GREENROOM_DATA_DIR": str(folder),
        "GREENROOM_DATABASE_URL": database_url,
        # Nobody listens there: what must work without Redis is tested without it.
        "GREENROOM_REDIS_URL": f"unix://{folder}/nobody.sock",
        "GREENROOM_LIMITS": "memory",
        "GREENROOM_RATE_ORIGIN": "100000/minute",
        "GREENROOM_RATE_AUTHOR": "100000/minute",
        "GREENROOM_RATE_SITE": "100000/minute",
        "GREENROOM_RATE_GUESS": "100000/minute",
        "GREENROOM_PROOF_ORIGIN": "off",
        "GREENROOM_PROOF_SITE": "off",
        # Keys as an operator gives them: 32 bytes in base64.
        "GREENROOM_VAULT_KEYS": "k1:" + "QUFB" * 10 + "QUE=",
        "GREENROOM_INDEX_KEY": "QkJC" * 10 + "QkI=",
        **{f"GREENROOM_{name.upper()}": value for name, value in changes.items()},
    }
    keep = {name: value for name, value in os.environ.items() if not name.startswith("GREENROOM_")}
    return House(read_settings({**keep, **environment}))


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """A house on SQLite with one site, ``daily``, whose stories are at https://daily.example."""
    opened = open_house(sqlite_url, tmp_path)
    opened.add_site(Site("daily", "The Daily", ("https://daily.example",)))
    yield opened
    opened.close()


@pytest.fixture
def either_house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """The same on SQLite and on PostgreSQL; for what may differ between them."""
    opened = open_house(database_url, tmp_path)
    opened.add_site(Site("daily", "The Daily", ("https://daily.example",)))
    yield opened
    opened.close()


Opener = Callable[..., House]


@pytest.fixture
def open_daily(sqlite_url: str, tmp_path: Path) -> Iterator[Opener]:
    """Opens houses on one SQLite database with the site ``daily``; keyword arguments are settings."""
    opened: list[House] = []

    def open_one(site: Site | None = None, **changes: str) -> House:
        house = open_house(sqlite_url, tmp_path, **changes)
        if not opened:
            house.add_site(site or Site("daily", "The Daily", ("https://daily.example",)))
        opened.append(house)
        return house

    yield open_one
    for house in opened:
        house.close()


@pytest.fixture
def client(house: House) -> FlaskClient:
    return house.client


def with_changes(site: Site, **changes: Any) -> Site:
    return replace(site, **changes)


@pytest.fixture(scope="module")
def opened_door(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    from tests.web.doors import BODY_BYTES, Door

    folder = tmp_path_factory.mktemp("bad-input")
    path = folder / "greenroom.db"
    path.write_bytes(sqlite_template.read_bytes())
    house = open_house(f"sqlite:///{path}", folder, body_bytes=str(BODY_BYTES))
    house.add_site(Site("daily", "The Daily", ("https://daily.example",)))
    yield Door(house)
    house.close()


@pytest.fixture
def door(opened_door: Door) -> Iterator[Door]:
    """The door, which nothing may have passed at the end of a test."""
    before = opened_door.house.stored()
    yield opened_door
    assert opened_door.house.stored() == before, "something came in"


@pytest.fixture
def stage(house: House) -> House:
    """A house with something on stage, and another site beside it."""
    from tests.web.hiding import set_stage

    return set_stage(house)


@pytest.fixture
def either_stage(either_house: House) -> House:
    """The same on both databases; for what the store's queries decide."""
    from tests.web.hiding import set_stage

    return set_stage(either_house)
