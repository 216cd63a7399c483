"""Greenroom as its operator starts it: ``migrate``, a site, the embedded Valkey, ``serve`` and ``work``.

Nothing is switched off. The limits are so high that they refuse nobody, and so they are all counted; origins come
through one trusted proxy, so that every request is of another reader.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from benchmarks.corpus import Written
from benchmarks.ground import Ground, ask, free_port, run, running, wait_for, wait_until
from benchmarks.load import NUMBER, Target, request
from service.adapters.valkey import EmbeddedValkey
from service.settings import Settings, read_settings
from service.store.database import Database

COMMAND = (sys.executable, "-m", "service.cli")
SITE, ORIGIN = "bench", "https://news.example.org"
STORY = f"{ORIGIN}/2026/write"
OPEN_WIDE = {
    "GREENROOM_RATE_ORIGIN": "1000000 per minute; 10000000 per hour",
    "GREENROOM_PROOF_ORIGIN": "1000000 per minute",
    "GREENROOM_PROOF_SITE": "1000000 per minute",
    "GREENROOM_RATE_AUTHOR": "1000000 per minute; 10000000 per hour",
    "GREENROOM_RATE_SITE": "100000000 per minute",
}


@dataclass
class Greenroom:
    """One installation in a folder of its own. ``prepare`` sets it up, ``running`` serves it."""

    folder: Path
    database_url: str = ""
    port: int = field(default_factory=free_port)

    @property
    def environment(self) -> dict[str, str]:
        """Settings that differ from the defaults; all others are the product's own."""
        return {
            "GREENROOM_DATA_DIR": str(self.folder),
            "GREENROOM_DATABASE_URL": self.database_url,
            "GREENROOM_PORT": str(self.port),
            "GREENROOM_WEB_THREADS": "64",
            "GREENROOM_TRUSTED_PROXIES": "1",
            "GREENROOM_LOG": "json",
            # One web process counts exactly by itself; several would count in Redis.
            "GREENROOM_LIMITS": "memory",
            **OPEN_WIDE,
        }

    @property
    def settings(self) -> Settings:
        return read_settings(self.environment)

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def prepare(self) -> None:
        run([*COMMAND, "migrate"], environment=self.environment)
        run([*COMMAND, "site", "set", SITE, "--origin", ORIGIN], environment=self.environment)

    def set_policy(self, document: dict[str, Any]) -> None:
        """Switch the site to this policy, as its operator would."""
        file = self.folder / "policy.json"
        file.write_text(json.dumps(document))
        run([*COMMAND, "policy", "set", SITE, file], environment=self.environment)

    def copy_to(self, folder: Path) -> Greenroom:
        """The same installation, with all that is in it, in another folder; neither may be running."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("run", "valkey", "log"))
        return Greenroom(folder)

    @contextmanager
    def valkey(self) -> Iterator[int]:
        """The embedded Valkey, as ``up`` starts it; its process id."""
        server = EmbeddedValkey(self.folder / "valkey", self.settings.socket_path)
        server.start()
        try:
            yield server.pid
        finally:
            server.stop()

    @contextmanager
    def running(
        self, *, worker: bool = True, others: dict[str, list[int]] | None = None, trace: Sequence[str] = ()
    ) -> Iterator[Target]:
        """Web, worker and Valkey. ``trace`` is a command that starts the web and worker processes and looks on;
        ``others`` are parts that belong to the bill too, such as a database server."""
        with ExitStack() as stack:
            parts = {"web": [0], "worker": [0], "valkey": [stack.enter_context(self.valkey())]}
            for part, command in (("web", "serve"), ("worker", "work")):
                if part == "worker" and not worker:
                    del parts[part]
                    continue
                words = [word.replace("PART", part) for word in trace]
                process = stack.enter_context(
                    running([*words, *COMMAND, command], log=self.log, environment=self.environment)
                )
                parts[part] = [process.pid]
                if part == "web":
                    wait_for(self.port, "/healthz", process, self.log)
            database = stack.enter_context(self.open())
            if worker:
                wait_until(lambda: ask(self.port, "/readyz").status == 200, seconds=20, what="a ready worker")
            yield Target(
                "greenroom",
                self.port,
                {**parts, **(others or {})},
                settled=lambda: not (worker and is_waiting(database)),
            )

    @contextmanager
    def open(self) -> Iterator[Database]:
        """A look into the database, past the product."""
        database = Database(self.settings.database_url)
        try:
            yield database
        finally:
            database.close()

    def count(self) -> int:
        with self.open() as database, database.read() as connection:
            return int(connection.scalar(sa.text("SELECT count(*) FROM comments")) or 0)


def is_waiting(database: Database) -> bool:
    """Whether a comment waits for its screening."""
    with database.read() as connection:
        query = sa.text("SELECT 1 FROM comments WHERE awaiting = 'pending' LIMIT 1")
        return connection.execute(query).first() is not None


def submission(comment: Written, *, story: str = STORY) -> dict[str, Any]:
    """What the embed sends for this comment."""
    return {
        "site": SITE,
        "url": story,
        "author": {"name": comment.name, "email": comment.email},
        "text": f"{comment.text} #{NUMBER}",
        "parent_id": None,
        "form": {"trap": "", "seconds": 34.5},
    }


def writes(target: Target, comments: Sequence[Written], *, keyed: bool = False) -> list[bytes]:
    """A POST for each comment; ``keyed`` ones carry an Idempotency-Key, as those of the embed do."""
    headers = {"Idempotency-Key": f"7c1f0e2a-94d3-4e0b-8a57-{NUMBER}000"} if keyed else {}
    return [
        request(target, "/v1/comments", document=submission(comment), headers=headers) for comment in comments
    ]


def thread_path(story: str, **asked: str) -> str:
    """The reader's question for the comments under a story."""
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    return f"/v1/threads?site={SITE}&url={quote(story, safe='')}{more}"


def forget_outer_settings() -> None:
    """Settings of whoever starts the benchmarks must not reach what is measured."""
    for name in [name for name in os.environ if name.startswith("GREENROOM_")]:
        del os.environ[name]


def installed(ground: Ground, name: str, *, database_url: str = "") -> Greenroom:
    """A new installation, set up."""
    found = Greenroom(ground.folder(name), database_url)
    found.prepare()
    return found
