"""The database locked, full, cut off or not there: a clear refusal, nothing partial, and recovery without help."""

from __future__ import annotations

import errno
import resource
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.store.sites import SITES_FRESH_SECONDS
from service.store.tables import comments
from tests.conftest import make_database, named
from tests.product.gate import Gate
from tests.product.readers import Readers, Sent, reckon, waiting
from tests.product.running import Answer, Running

pytestmark = pytest.mark.processes

LOCKED_SECONDS = 10.0
HEALED_SECONDS = 5.0


def check_refusal(answer: Answer) -> None:
    """A 503 that a client can act on: a problem that says so, and when to come again."""
    assert answer.status == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith("#unavailable")
    assert int(answer.headers["retry-after"]) > 0


def check_form_keeps(answer: Answer, text: str) -> None:
    """The plain form comes back with what was typed in it."""
    assert answer.status == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert int(answer.headers["retry-after"]) > 0
    assert text in answer.body.decode()


def check_outcomes(sent: list[Sent]) -> None:
    for one in sent:
        for answer in one.answers:
            if answer is not None and answer.status != 202:
                check_refusal(answer)


def refused(sent: list[Sent]) -> int:
    return sum(1 for one in list(sent) if one.answer is not None and one.answer.status == 503)


# --- SQLite ------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(running: Running) -> Iterator[Path]:
    """The data folder on a disk of its own, of sixteen megabytes."""
    running.data_dir.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(running.data_dir)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("this machine does not let us mount a small disk; the next test stands in for it")
    yield running.data_dir
    running.stop()
    subprocess.run(["umount", str(running.data_dir)], check=True)


def fill(disk: Path) -> Path:
    """Take all the room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"0" * 4096)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
    return filler


def test_a_full_disk_refuses_keeps_the_text_and_recovers(running: Running, small_disk: Path) -> None:
    running.up()
    everyone = running.everyone()
    with Readers(running) as readers:
        readers.wait_for_more(20)
        filler = fill(small_disk)
        # The log of the database has room of its own, which is used up first.
        running.until(lambda: refused(readers.sent) > 20, seconds=40, what="refused")
        assert running.read().status == 200
        text = f"Typed with care {uuid4().hex}"
        check_form_keeps(running.post_form(text), text)
        filler.unlink()
        readers.wait_for_more(20)
    assert running.everyone() == everyone, "not all lived through it"
    check_outcomes(readers.sent)
    reckon(running, readers)


def web_may_write(running: Running, size: int) -> None:
    """Set the largest file that the web processes can write: what a full disk is to them."""
    for pid in running.web:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_web_process_that_cannot_write_says_so_and_recovers(running: Running) -> None:
    running.up()
    web = running.web
    with Readers(running) as readers:
        readers.wait_for_more(20)
        web_may_write(running, 1)
        running.until(lambda: refused(readers.sent) > 20, what="refused")
        assert running.read().status == 200
        text = f"Typed with care {uuid4().hex}"
        check_form_keeps(running.post_form(text), text)
        web_may_write(running, resource.RLIM_INFINITY)
        readers.wait_for_more(20)
    assert running.web == web, "the web process did not live through it"
    check_outcomes(readers.sent)
    reckon(running, readers)


# --- PostgreSQL --------------------------------------------------------------------------------------------------


@pytest.fixture
def postgres(postgres_url: str) -> str:
    """An empty database."""
    name = f"greenroom_{uuid4().hex[:12]}"
    make_database(postgres_url, name)
    return named(postgres_url, name)


def cut_all(url: str) -> int:
    """Terminate every session of the product, as a failover or an impatient operator does; how many."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        done = connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).all()
    engine.dispose()
    return len(done)


def test_cut_connections_heal_and_lose_nothing(running: Running, postgres: str) -> None:
    running.settings |= {"database_url": postgres, "web_workers": "2"}
    running.up()
    with Readers(running, pause_seconds=0.0) as readers:
        readers.wait_for_more(30)
        for _ in range(8):
            assert cut_all(postgres)
            began = time.monotonic()
            readers.wait_for_more(8, seconds=HEALED_SECONDS)
            running.until(lambda: running.read().status == 200, seconds=HEALED_SECONDS, what="read again")
            assert time.monotonic() - began < HEALED_SECONDS
    check_outcomes(readers.sent)
    reckon(running, readers)


def test_a_database_that_is_away_is_said_and_waited_for(running: Running, postgres: str) -> None:
    gate = behind_a_gate(running, postgres)
    running.start("web", "serve")
    running.start("worker", "work")
    running.until(lambda: answers(running), what="alive without a database")
    assert missing(running) == ["database"]
    check_refusal(running.post("Is anybody there?"))
    assert running.read().status == 503

    gate.open()
    running.until(running.ready, seconds=20, what="ready once the database is there")
    assert running.post("Now somebody is there").status == 202

    gate.shut()
    running.until(lambda: missing(running) == ["database"], what="said that the database is away")
    # What the product remembers of its sites for a moment is old by then.
    shut = time.monotonic()
    running.until(lambda: time.monotonic() - shut > SITES_FRESH_SECONDS)
    text = f"Typed with care {uuid4().hex}"
    check_form_keeps(running.post_form(text), text)
    check_refusal(running.post("Gone again"))

    gate.open()
    began = time.monotonic()
    running.until(lambda: running.post_form(text).status == 303, seconds=HEALED_SECONDS, what="taken again")
    assert time.monotonic() - began < HEALED_SECONDS
    running.until(lambda: not waiting(running), what="decided")
    with running.database() as connection:
        stored = set(connection.scalars(sa.select(comments.c.source)))
    assert stored == {"Now somebody is there", text}
    gate.shut()


def test_wrong_keys_are_found_out_when_the_database_answers(running: Running, postgres: str) -> None:
    gate = behind_a_gate(running, postgres)
    (running.data_dir / "keys.json").unlink()
    web = running.start("web", "serve")
    running.until(lambda: answers(running), what="alive without a database")
    gate.open()
    assert running.ask("GET", "/readyz").status == 500
    assert web.wait(10) == 2
    assert "is not the one that this database was written with" in running.log()
    gate.shut()


def behind_a_gate(running: Running, url: str) -> Gate:
    """Set the database up, and put a gate before it that is shut."""
    running.settings |= {"database_url": url}
    running.run("migrate", "--first-run")
    gate = Gate(url)
    running.settings |= {"database_url": gate.url}
    return gate


def answers(running: Running) -> bool:
    try:
        return running.ask("GET", "/healthz").status == 200
    except OSError:
        return False


def missing(running: Running) -> list[str]:
    answer = running.ask("GET", "/readyz")
    found: list[str] = answer.json()["missing"]
    assert (answer.status == 503) == bool(found)
    return found
