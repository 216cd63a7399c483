"""Starts the floors (``floor_app``) on granian with one process of 64 threads, as Greenroom has it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.corpus import Written
from benchmarks.floor_app import TABLE
from benchmarks.ground import Ground, free_port, running, wait_for
from benchmarks.load import NUMBER, Target, request
from benchmarks.postgres import Server

COMMAND = (
    sys.executable,
    "-m",
    "granian",
    "--interface",
    "wsgi",
    "--workers",
    "1",
    "--blocking-threads",
    "64",
)
PROBE = "probe"


@contextmanager
def floor(
    ground: Ground, *, postgres: Server | None = None, pinned: bool = False
) -> Iterator[tuple[Target, Path]]:
    """A running floor and the folder whose files it serves from memory. ``pinned``: on one processor, as Greenroom
    keeps itself."""
    folder, port = ground.folder("floor-pinned" if pinned else "floor"), free_port()
    (folder / PROBE).write_bytes(b"here")
    environment = {"FLOOR_DIR": str(folder)}
    parts: dict[str, list[int]] = {}
    if postgres is not None:
        environment["FLOOR_POSTGRES"] = postgres.make_database("floor")
        table = TABLE.format(id="bigserial PRIMARY KEY", moment="timestamptz")
        postgres.execute("floor", f"CREATE TABLE c{table}; CREATE INDEX ON c(thread, status, id)")
        parts["postgres"] = [postgres.pid]
    command = [*COMMAND, "--host", "127.0.0.1", "--port", str(port), "benchmarks.floor_app:app"]
    if pinned:
        command = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0))), *command]
    with running(command, log=folder / "log", environment=environment) as process:
        wait_for(port, f"/memory/{PROBE}", process, folder / "log")
        yield Target("floor", port, {"web": [process.pid], **parts}), folder


def submission(comment: Written) -> dict[str, Any]:
    return {
        "thread": "/write",
        "author": comment.name,
        "email": comment.email,
        "text": f"{comment.text} #{NUMBER}",
    }


def writes(target: Target, path: str, comments: Sequence[Written]) -> list[bytes]:
    return [request(target, path, document=submission(comment)) for comment in comments]
