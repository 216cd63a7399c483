"""The database locked by another for ten seconds: nobody waits for long, nothing is lost, and it heals by itself."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from tests.product.readers import Readers, reckon
from tests.product.running import Running
from tests.product.test_database_faults import LOCKED_SECONDS, check_form_keeps, check_outcomes, refused

pytestmark = pytest.mark.processes

# A writer waits five seconds for the lock, and whoever waits for the writer a second longer at most.
ANSWERED_SECONDS = 12.5


@contextmanager
def locked(running: Running) -> Iterator[None]:
    """Somebody else, a backup say, holds the writer's lock."""
    connection = sqlite3.connect(running.data_dir / "greenroom.db", isolation_level=None, timeout=20)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def test_a_database_locked_for_ten_seconds_refuses_clearly_and_loses_nothing(running: Running) -> None:
    running.up()
    everyone = running.everyone()
    with Readers(running, count=8) as readers:
        readers.wait_for_more(30)
        with locked(running):
            began = time.monotonic()
            # Whoever only reads notices nothing.
            running.until(lambda: refused(readers.sent) > 0, seconds=LOCKED_SECONDS, what="refused")
            slowest = max(running.read().seconds for _ in range(5))
            text = f"Typed with care {uuid4().hex}"
            check_form_keeps(running.post_form(text), text)
            while time.monotonic() < began + LOCKED_SECONDS:
                assert running.read().status == 200
                time.sleep(0.2)
        readers.wait_for_more(30)
    assert slowest < 1.0
    assert running.everyone() == everyone, "not all lived through it"
    check_outcomes(readers.sent)
    assert max(answer.seconds for one in readers.sent for answer in one.answers if answer) < ANSWERED_SECONDS
    reckon(running, readers)


def test_a_short_lock_is_waited_for_and_refuses_nobody(running: Running) -> None:
    running.up()
    with Readers(running, count=8) as readers:
        readers.wait_for_more(10)
        for _ in range(3):
            with locked(running):
                time.sleep(0.5)
            readers.wait_for_more(10)
    assert refused(readers.sent) == 0
    reckon(running, readers)
