"""Group commit: what a request is told is what is in the database."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
import sqlalchemy as sa

from service.domain.errors import IdempotencyMismatch, ThreadClosed, Unavailable
from service.store import threads
from service.store.database import Database
from service.store.tables import comments, vault
from service.store.writer import Arrival, Writer
from tests.conftest import wait_until
from tests.people import NOW, SITE, STORY, add_site, arrival, store


def ids_in(database: Database) -> set[UUID]:
    with database.read() as connection:
        return set(connection.scalars(sa.select(comments.c.id)))


def test_comments_that_arrive_together_are_all_stored_and_announced_once(database: Database) -> None:
    add_site(database)
    announced: list[UUID] = []
    writer = Writer(database, announced.extend)
    arrivals = [arrival(f"Comment number {n}") for n in range(200)]
    with ThreadPoolExecutor(16) as pool:
        stored = list(pool.map(writer.store, arrivals))
    writer.close()
    assert set(stored) == ids_in(database) == set(announced)
    assert len(announced) == 200


def test_many_arrivals_share_a_transaction(database: Database) -> None:
    add_site(database)
    batches: list[list[UUID]] = []
    writer = Writer(database, batches.append)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(writer.store, [arrival() for _ in range(200)]))
    writer.close()
    assert len(batches) < 150


def test_two_processes_making_the_same_thread_share_it(database: Database) -> None:
    add_site(database)
    writers = [Writer(database, lambda ids: None) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: writers[n % 2].store(arrival()), range(40)))
    for writer in writers:
        writer.close()
    with database.read() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM threads")) == 1
        assert connection.scalar(sa.text("SELECT count(*) FROM comments")) == 40


def test_a_closed_thread_refuses_without_hurting_its_neighbours(database: Database) -> None:
    add_site(database)
    store(database, arrival())
    with database.write() as connection:
        threads.close(connection, "daily", STORY.url, now=NOW)
    open_story = threads.Story("daily", "https://daily.example/other")
    writer = Writer(database, lambda ids: None)
    outcomes: dict[str, object] = {}

    def send(name: str, story: threads.Story) -> None:
        try:
            outcomes[name] = writer.store(arrival(story=story))
        except ThreadClosed as error:
            outcomes[name] = error

    both = [
        threading.Thread(target=send, args=("closed", STORY)),
        threading.Thread(target=send, args=("open", open_story)),
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    writer.close()
    assert isinstance(outcomes["closed"], ThreadClosed)
    assert outcomes["open"] in ids_in(database)


def test_the_same_key_and_body_store_one_comment(database: Database) -> None:
    add_site(database)
    arrivals = [arrival("The same words") for _ in range(12)]
    for one in arrivals:
        one.idempotency_key, one.body_hash = b"k" * 32, b"b" * 32
    writers = [Writer(database, lambda ids: None) for _ in range(2)]
    with ThreadPoolExecutor(12) as pool:
        stored = list(pool.map(lambda n: writers[n % 2].store(arrivals[n]), range(12)))
    for writer in writers:
        writer.close()
    assert len(set(stored)) == 1
    assert ids_in(database) == set(stored)


def test_a_repeat_never_gets_the_promise_that_the_first_was_refused(database: Database) -> None:
    # The repeats wait behind the same refusal; none may be answered with the id of a comment that is not stored.
    add_site(database)
    store(database, arrival("The first words"))
    with database.write() as connection:
        threads.close(connection, "daily", STORY.url, now=NOW)
    arrivals = [arrival("The same words") for _ in range(8)]
    for one in arrivals:
        one.idempotency_key, one.body_hash = b"k" * 32, b"b" * 32
    writer = Writer(database, lambda ids: None)

    def refused(one: Arrival) -> bool:
        try:
            writer.store(one)
        except ThreadClosed:
            return True
        return False

    open_story = threads.Story("daily", "https://daily.example/other")
    with ThreadPoolExecutor(9) as pool, database.write() as connection:
        # One comment waits for this lock, and the repeats wait for it, so that they meet in one batch.
        if not database.is_sqlite:
            connection.execute(sa.text("LOCK TABLE comments"))
        pool.submit(writer.store, arrival("First in line", story=open_story))
        wait_until(lambda: writer.busy, what="the writer is at work")
        outcomes = [pool.submit(refused, one) for one in arrivals]
        wait_until(lambda: writer.waiting == 8, what="eight comments wait")
    writer.close()
    assert all(outcome.result() for outcome in outcomes)
    assert len(ids_in(database)) == 2


def test_the_same_key_with_another_body_is_refused(database: Database) -> None:
    add_site(database)
    first, second = arrival(), arrival()
    first.idempotency_key = second.idempotency_key = b"k" * 32
    first.body_hash, second.body_hash = b"1" * 32, b"2" * 32
    stored = store(database, first)
    with pytest.raises(IdempotencyMismatch):
        store(database, second)
    assert ids_in(database) == set(stored)


def test_a_locked_database_answers_unavailable_and_leaves_nothing_behind(sqlite_url: str) -> None:
    database = Database(sqlite_url, busy_seconds=0.3)
    add_site(database)
    blocker = sa.create_engine(sqlite_url).raw_connection()
    blocker.isolation_level = None  # type: ignore[attr-defined]
    blocker.cursor().execute("BEGIN IMMEDIATE")
    writer = Writer(database, lambda ids: None)
    with pytest.raises(Unavailable):
        writer.store(arrival())
    blocker.cursor().execute("ROLLBACK")
    blocker.close()
    assert ids_in(database) == set()
    # It recovers unaided.
    assert writer.store(arrival()) in ids_in(database)
    writer.close()
    database.close()


def test_a_commit_that_took_although_it_seemed_to_fail_is_answered_as_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_site(database)
    writer = Writer(database, lambda ids: None)
    whole = writer._store_together

    def cut_after_commit(batch: list[object]) -> None:
        whole(batch)  # type: ignore[arg-type]
        raise sa.exc.OperationalError("COMMIT", {}, Exception("connection cut"))

    monkeypatch.setattr(writer, "_store_together", cut_after_commit)
    stored = writer.store(arrival())
    writer.close()
    assert ids_in(database) == {stored}


def test_the_vault_row_is_stored_with_its_comment(database: Database) -> None:
    add_site(database)
    stored = store(
        database, arrival(vault={"sealed": b"\x01sealed", "key_id": "k1", "address_index": b"i" * 32})
    )
    with database.read() as connection:
        row = connection.execute(sa.select(vault).where(vault.c.comment_id == stored[0])).mappings().one()
    assert row["sealed"] == b"\x01sealed"
    assert row["site"] == SITE.key
