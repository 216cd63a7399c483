"""Screening and judging ask nobody: no connection is opened, no name looked up, no program started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from service.store.database import Database
from tests.people import add_site, arrival
from tests.screening_room import store_many

ROOT = Path(__file__).resolve().parents[2]

# Python's own audit events (PEP 578) tell of whatever a library tries, too.
WATCHED = """
import json, os, sys
sys.path.insert(0, os.getcwd())
met = []
WATCHED = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg", "socket.gethostbyname",
           "subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "urllib.Request")
sys.addaudithook(lambda event, args: met.append(event) if event in WATCHED else None)
"""
SCREENING = """
from service.bootstrap import build_worker
from service.settings import read_settings
rooms = build_worker(read_settings(os.environ))
done = rooms.screening((), lambda: False).drain()
print(json.dumps([done, met]))
"""
JUDGING = """
from service.bootstrap import build_doors
from service.doors import Asked
from service.domain.door import Key
from service.settings import read_settings
doors = build_doors(read_settings(os.environ)).doors
key = Key("coral", "daily", "coral")
doors.judge(key, Asked("Write to ada@example.org or look at http://example.org/x and bit.ly/2kX9a, you idiot"))
doors.score(key, ["What a lovely bridge at https://example.org"])
doors.hear(key, "about", "What a lovely bridge", spam=True)
print(json.dumps([1, met]))
"""
TELLTALE = """
import socket
try:
    socket.create_connection(("127.0.0.1", 9), 1)
except OSError:
    print(json.dumps([1, met]))
"""


def watched(script: str, environment: dict[str, str]) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED + script],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    count, met = json.loads(done.stdout.splitlines()[-1])
    return count, met


def settings_of(sqlite_url: str, folder: Path) -> dict[str, str]:
    return {
        "GREENROOM_DATABASE_URL": sqlite_url,
        "GREENROOM_DATA_DIR": str(folder),
        "GREENROOM_VAULT_KEYS": "k1:" + "QUFB" * 10 + "QUE=",
        "GREENROOM_INDEX_KEY": "QkJC" * 10 + "QkI=",
    }


def test_screening_opens_no_connection(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    add_site(database)
    texts = ["Look at http://example.org/x and bit.ly/2kX9a", "You idiot", "Write to ada@example.org", "Nice"]
    store_many(database, [arrival(text) for text in texts])
    database.close()
    assert watched(SCREENING, settings_of(sqlite_url, tmp_path)) == (len(texts), [])


def test_judging_for_others_opens_no_connection(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    add_site(database)
    database.close()
    assert watched(JUDGING, settings_of(sqlite_url, tmp_path)) == (1, [])


def test_a_connection_would_be_noticed(sqlite_url: str, tmp_path: Path) -> None:
    _, met = watched(TELLTALE, settings_of(sqlite_url, tmp_path))
    assert "socket.connect" in met
