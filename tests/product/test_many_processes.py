"""Past one machine: PostgreSQL, a Valkey that others look after, two web and three worker processes."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.adapters.valkey import EmbeddedValkey
from service.store.tables import comments, decisions
from tests.conftest import make_database, named
from tests.product.readers import Readers, reckon
from tests.product.running import Running, alive

pytestmark = pytest.mark.processes

WORKERS = 3


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "valkey", tmp_path / "v" / "v.sock")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def many(running: Running, postgres_url: str, valkey: EmbeddedValkey, tmp_path: Path) -> Running:
    """The processes that an operator starts on several machines, with the same settings."""
    name = f"many_{uuid4().hex[:8]}"
    make_database(postgres_url, name)
    running.settings |= {
        "database_url": named(postgres_url, name),
        "redis_url": f"unix://{tmp_path}/v/v.sock?db=0",
        "web_workers": "2",
        "web_threads": "16",
    }
    running.run("migrate", "--first-run")
    running.start("web", "serve")
    for number in range(WORKERS):
        running.start(f"worker {number}", "work")
    running.until(running.ready, seconds=60, what="ready")
    running.until(lambda: readiness(running)["workers"] == WORKERS, what="all workers seen")
    return running


def readiness(running: Running) -> dict[str, object]:
    found: dict[str, object] = running.ask("GET", "/readyz").json()
    return found


def wait_for_more(many: Running, readers: Readers) -> None:
    """Until twenty more were accepted. granian ends where its processes die in quick succession: whoever looks after
    it, Compose or systemd, starts it again, and here that is us."""
    wanted = readers.accepted() + 20

    def came() -> bool:
        if many.processes["web"].poll() is not None:
            many.start("web", "serve")
        return readers.accepted() >= wanted

    many.until(came, seconds=40, what="comments accepted")


def test_all_of_them_die_in_turn_and_nothing_is_lost(many: Running, valkey: EmbeddedValkey) -> None:
    with Readers(many, count=6, pause_seconds=0.01) as readers:
        readers.wait_for_more(60)
        for number in range(WORKERS):
            os.kill(many.processes[f"worker {number}"].pid, signal.SIGKILL)
            many.processes[f"worker {number}"].wait()
            readers.wait_for_more(20)
            many.start(f"worker {number}", "work")
        for _ in range(2):
            # One of the two that answer; granian starts another in its place.
            answering = random.choice(many.web[1:])
            os.kill(answering, signal.SIGKILL)
            many.until(lambda pid=answering: not alive(pid), what="killed")  # type: ignore[misc]
            wait_for_more(many, readers)
        valkey.kill()
        readers.wait_for_more(40)
        valkey.start()
        readers.wait_for_more(20)
    reckon(many, readers)


def test_the_work_is_shared(many: Running) -> None:
    with Readers(many, count=8, pause_seconds=0.0) as readers:
        readers.wait_for_more(300)
    reckon(many, readers)
    with many.database() as connection:
        rows = connection.execute(
            sa.select(decisions.c.comment_id).where(decisions.c.automated).order_by(decisions.c.id)
        )
        counted = Counter(row.comment_id for row in rows)
        stored = connection.scalar(sa.select(sa.func.count()).select_from(comments))
    assert set(counted.values()) == {1}
    assert len(counted) == stored


def test_what_is_missing_is_named_to_whoever_balances_the_load(many: Running, valkey: EmbeddedValkey) -> None:
    valkey.kill()
    many.until(lambda: readiness(many)["degraded"] == ["redis"], seconds=30, what="degraded")
    assert many.ask("GET", "/readyz").status == 200
    assert many.post("Taken without Redis.").status == 202
    valkey.start()
    many.until(lambda: readiness(many)["degraded"] == [], seconds=30, what="whole again")
    for number in range(WORKERS):
        many.processes[f"worker {number}"].terminate()
    for number in range(WORKERS):
        assert many.processes[f"worker {number}"].wait(15) == 0
    # They said farewell: nobody has to wait for their silence.
    found = many.ask("GET", "/readyz")
    assert found.status == 503
    assert found.json()["missing"] == ["worker"]
    assert many.ask("GET", "/healthz").status == 200
