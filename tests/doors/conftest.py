"""The doors' app around real rooms, in this process, and a real HTTP server before it for other people's clients."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

import service.checks.model as check
import service.doors as doors
from service.bootstrap import DoorRooms, build_doors
from service.people import Tokens
from service.scoring.scorer import scorer
from service.settings import read_settings
from service.web.doors.app import create_doors
from tests.people import SITE, add_site

KEY = b64encode(bytes(32)).decode()
CORAL_SECRET = "a-signing-secret-as-coral-shows-it"


class Building:
    """The doors with a key for each of them, and what stands behind."""

    def __init__(self, database_url: str, folder: Path, **settings: str) -> None:
        environment = {
            "GREENROOM_DATA_DIR": str(folder / "data"),
            "GREENROOM_DATABASE_URL": database_url,
            "GREENROOM_VAULT_KEYS": f"k1:{KEY}",
            "GREENROOM_INDEX_KEY": KEY,
            "GREENROOM_LIMITS": "memory",
            "GREENROOM_DOORS_PORT": "18081",
            "GREENROOM_DOORS_URL": "http://doors.example",
            "GREENROOM_CORAL_SECRETS": f"daily:{CORAL_SECRET}",
            "GREENROOM_RATE_GUESS": "off",
            **{f"GREENROOM_{name.upper()}": value for name, value in settings.items()},
        }
        self.folder = folder
        self.settings = read_settings(environment)
        self.rooms: DoorRooms = build_doors(self.settings)
        self.app: Flask = create_doors(self.rooms)
        self.tokens = Tokens(self.rooms.database, self.rooms.doors.now)
        add_site(self.rooms.database)
        self.perspective = self.key("perspective")
        self.akismet = self.key("akismet")
        self.coral = self.key("coral")

    def key(self, door: str, name: str | None = None, site: str = SITE.key) -> str:
        return self.tokens.create_key(name or f"a key of {door}", door, site)

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)

    def analyze(self, text: str = "What a lovely bridge.", **changes: Any) -> Any:
        """Ask for the toxicity of a text as a caller of Perspective would; the answer."""
        asked = {
            "comment": {"text": text},
            "requestedAttributes": {"TOXICITY": {}},
            "languages": ["en"],
            **changes,
        }
        asked = {name: value for name, value in asked.items() if value is not None}
        return self.client.post(f"/v1alpha1/comments:analyze?key={self.perspective}", json=asked)

    def check(self, text: str = "What a lovely bridge.", **fields: str) -> Any:
        """Ask whether a comment is spam as a caller of Akismet would; the answer."""
        sent = {
            "api_key": self.akismet,
            "blog": "https://daily.example",
            "user_ip": "192.0.2.7",
            "comment_content": text,
            **fields,
        }
        return self.client.post("/1.1/comment-check", data=sent)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The linear tier answers for both: for tests of all but what the deep one does."""
    monkeypatch.setattr(check, "scorer", lambda tier: scorer("linear"))
    monkeypatch.setattr(doors, "scorer", lambda tier: scorer("linear"))


@pytest.fixture
def building(sqlite_url: str, tmp_path: Path) -> Iterator[Building]:
    made = Building(sqlite_url, tmp_path)
    yield made
    made.rooms.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Building], int]]:
    """Serves a building over real HTTP on a free port, which it returns."""
    servers = []

    def start(building: Building) -> int:
        server = make_server("127.0.0.1", 0, building.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return int(server.server_port)

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()
