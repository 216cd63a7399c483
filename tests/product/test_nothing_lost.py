"""Nothing lost: every process is killed, stopped or emptied while readers post, and the books balance afterwards."""

from __future__ import annotations

import os
import random
import signal
import statistics
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from redis import Redis

from service.adapters.queue import SCREEN
from service.adapters.valkey import EmbeddedValkey
from service.settings import read_settings
from service.store.tables import comments
from tests.product.readers import Readers, Sent, reckon, waiting
from tests.product.running import Running, alive

pytestmark = pytest.mark.processes


def killed(running: Running, pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    running.until(lambda: not alive(pid), what="killed")


def claimed(running: Running) -> int:
    """How many comments are in a worker's hands."""
    with running.database() as connection:
        query = sa.select(sa.func.count()).select_from(comments).where(comments.c.lease_until.is_not(None))
        return connection.scalar(query) or 0


def stop_while_it_screens(running: Running) -> int:
    """Stop the worker at a moment when comments are in its hands: between its claim and its verdict."""
    found: list[int] = []

    def caught() -> bool:
        for worker in running.workers:
            os.kill(worker, signal.SIGSTOP)
            # A signal takes a moment to arrive; what the worker commits until then is not its last word.
            running.until(lambda worker=worker: stopped(worker), what="stopped")  # type: ignore[misc]
            if claimed(running):
                found.append(worker)
                return True
            os.kill(worker, signal.SIGCONT)
        return False

    running.until(caught, seconds=40, what="a worker met while it screens")
    return found[0]


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "Tt"


def test_a_worker_killed_while_it_screens_loses_nothing(running: Running) -> None:
    running.up()
    with Readers(running, pause_seconds=0.01) as readers:
        for _ in range(3):
            worker = stop_while_it_screens(running)
            killed(running, worker)
            running.wait_for("workers", without=[worker])
            readers.wait_for_more(20)
    reckon(running, readers)


def test_a_comment_whose_call_died_with_its_worker_waits_for_no_sweep(running: Running) -> None:
    running.settings["sweep_seconds"] = "3600"
    running.up()
    [worker] = running.wait_for("workers")
    os.kill(worker, signal.SIGSTOP)
    running.until(lambda: stopped(worker), what="stopped")
    assert running.post("I like the boat that nobody rows.").status == 202
    # The bell has rung, and Valkey has given the call to whom it waits for.
    running.until(lambda: called(running), what="the call is gone")
    killed(running, worker)
    running.until(lambda: not waiting(running), what="screened by the next worker")


def called(running: Running) -> bool:
    """Whether a comment was rung for, and its job is in the queue no more."""
    with Redis(unix_socket_path=str(read_settings(running.environment).socket_path)) as client:
        jobs = [zlib.decompress(client.hget(key, "data")) for key in client.scan_iter("rq:job:*")]
        return any(SCREEN.encode() in job for job in jobs) and not client.llen("rq:queue:greenroom")


def test_the_web_killed_while_comments_arrive_loses_nothing(running: Running) -> None:
    running.up()
    with Readers(running, pause_seconds=0.0) as readers:
        for which in ("main", "answering", "main", "answering"):
            readers.wait_for_more(random.randint(10, 40))
            gone = running.web if which == "main" else running.web[1:2]
            killed(running, gone[0])
            # Those that answer end with the process that looks after them: nobody could stop them later.
            running.until(lambda gone=gone: not any(map(alive, gone)), what="orphans gone")  # type: ignore[misc]
            running.wait_for("web", without=gone)
    assert any(None in one.answers for one in readers.sent), "no connection was broken"
    reckon(running, readers)


def test_valkey_killed_and_wiped_loses_nothing(running: Running) -> None:
    running.up()
    with Readers(running) as readers:
        for _ in range(3):
            valkey = running.valkey
            readers.wait_for_more(random.randint(5, 20))
            wipe(running)
            readers.wait_for_more(random.randint(5, 20))
            killed(running, valkey)
            running.until(lambda: running.named("valkey-server"), what="Valkey started again")
    assert {one.answer.status for one in readers.sent if one.answer} == {202}
    reckon(running, readers)


def wipe(running: Running) -> None:
    socket = read_settings(running.environment).socket_path
    # A process that is there need not listen yet.
    running.until(socket.exists, what="Valkey listens")
    with Redis(unix_socket_path=str(socket)) as client:
        client.flushall()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A Valkey of this test's own, as an operator may run one elsewhere: nobody starts it again."""
    server = EmbeddedValkey(tmp_path / "valkey", tmp_path / "v" / "v.sock")
    server.start()
    yield server
    if alive(server.pid):
        server.resume()
    server.stop()


def test_valkey_away_for_long_delays_no_reader_and_no_decision(
    running: Running, valkey: EmbeddedValkey, tmp_path: Path, away_seconds: float
) -> None:
    running.settings |= {"redis_url": f"unix://{tmp_path}/v/v.sock?db=0", "workers": "2"}
    running.up()
    with Readers(running) as readers:
        readers.wait_for_more(50)
        for leave, come_back in ((valkey.pause, valkey.resume), (valkey.kill, valkey.start)):
            usually = slowest(readers.sent)
            leave()
            began = time.monotonic()
            running.until(lambda began=began: after(began, away_seconds), seconds=away_seconds + 5)  # type: ignore[misc]
            away = readers.since(began)
            assert {one.answer.status if one.answer else None for one in away} == {202}
            assert statistics.median(seconds_of(away)) < 0.3
            # The promise is one second; a machine that is busy with other things may add what it added before.
            assert slowest(away) < 1.0 + usually
            running.until(lambda away=away: decided(running, away[0]), what="decided without Valkey")  # type: ignore[misc]
            come_back()
            readers.wait_for_more(20)
    reckon(running, readers)


def after(began: float, seconds: float) -> bool:
    return time.monotonic() > began + seconds


def seconds_of(sent: list[Sent]) -> list[float]:
    return [one.answer.seconds for one in sent if one.answer]


def slowest(sent: list[Sent]) -> float:
    return max(seconds_of(list(sent)))


def decided(running: Running, one: Sent) -> bool:
    with running.database() as connection:
        query = sa.select(comments.c.awaiting).where(comments.c.source == one.text)
        return connection.scalar(query) != "pending"
