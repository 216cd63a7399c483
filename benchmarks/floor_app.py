"""Floors: what the same server and framework cost before a product does anything useful. Served by granian, 1 x 64.

Environment: FLOOR_DIR (a folder of its own), FLOOR_POSTGRES (a libpq URL, for /pg alone). One INSERT of five columns
for each comment, no validation, no index but one, no limits, nothing to screen.
"""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
import time
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

app = Flask(__name__)
FOLDER = Path(os.environ.get("FLOOR_DIR", "."))
BATCH = 64
TABLE = "(id {id}, thread TEXT, author TEXT, email TEXT, body TEXT, status TEXT, created {moment})"
INTO_SQLITE = "INSERT INTO c(thread, author, email, body, status, created) VALUES (?, ?, ?, ?, 'pending', ?)"
INTO_POSTGRES = (
    "INSERT INTO c(thread, author, email, body, status, created) VALUES (%s, %s, %s, %s, 'pending', now())"
    " RETURNING id"
)


def sent() -> tuple[str, str, str, str]:
    document: dict[str, Any] = request.get_json()
    return document["thread"], document["author"], document["email"], document["text"]


def stored(number: int) -> Response:
    return Response(b'{"id":%d}' % number, 201, mimetype="application/json")


# --- group commit into SQLite: one thread stores what waits, in one durable transaction ---------------------------


class Item:
    def __init__(self, row: tuple[Any, ...]) -> None:
        self.row = row
        self.number = 0
        self.done = threading.Event()


waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()


begun = threading.Lock()


def store_what_waits() -> None:
    connection = sqlite3.connect(FOLDER / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    table = TABLE.format(id="INTEGER PRIMARY KEY", moment="REAL")
    connection.execute(f"CREATE TABLE IF NOT EXISTS c{table}")
    connection.execute("CREATE INDEX IF NOT EXISTS c_thread ON c(thread, status, id)")
    while True:
        batch = [waiting.get()]
        while len(batch) < BATCH and not waiting.empty():
            batch.append(waiting.get())
        connection.execute("BEGIN IMMEDIATE")
        for item in batch:
            item.number = connection.execute(INTO_SQLITE, item.row).lastrowid or 0
        connection.execute("COMMIT")
        for item in batch:
            item.done.set()


@app.post("/sqlite_group")
def into_sqlite() -> Response:
    # Never given back: there is one writer, whoever comes first.
    if begun.acquire(blocking=False):
        threading.Thread(target=store_what_waits, daemon=True).start()
    item = Item((*sent(), time.time()))
    waiting.put(item)
    item.done.wait()
    return stored(item.number)


# --- one INSERT for each request into PostgreSQL -------------------------------------------------------------------

here = threading.local()


@app.post("/pg")
def into_postgres() -> Response:
    if not hasattr(here, "connection"):
        import psycopg

        here.connection = psycopg.connect(os.environ["FLOOR_POSTGRES"], autocommit=True)
    row = here.connection.execute(INTO_POSTGRES, sent()).fetchone()
    return stored(row[0])


# --- the same bytes from memory ------------------------------------------------------------------------------------


@cache
def kept(name: str) -> tuple[bytes, str]:
    body = (FOLDER / name).read_bytes()
    return body, f'"{zlib.crc32(body):08x}"'


@app.get("/memory/<name>")
def from_memory(name: str) -> Response:
    """The bytes of a file of the folder, which are gzipped already."""
    body, tag = kept(name)
    if request.headers.get("If-None-Match") == tag:
        return Response(status=304, headers={"ETag": tag})
    headers = {"ETag": tag, "Content-Encoding": "gzip"}
    return Response(body, mimetype="application/json", headers=headers)
