"""What screening knows of an author's or an origin's past: the last comments, at the same price for everybody."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from service.domain.comment import Record, Status
from service.domain.policy import GroundedReason
from service.store import context
from service.store.database import Database
from service.store.decisions import change_text, record, record_one
from service.store.tables import comments, vault
from tests.people import NOW, add_site, arrival, store
from tests.store.test_decisions import claim, decide, machine, verdict

ADA, BOB = b"a" * 32, b"b" * 32


def write(
    database: Database, count: int, *, author: bytes, origin: bytes = b"o" * 32, status: str
) -> list[UUID]:
    """Comments with a past: ``count`` by one author, all of one status, one after the other."""
    with database.read() as connection:
        thread_id = connection.scalar(sa.text("SELECT id FROM threads"))
    made = [
        arrival(vault={"address_index": author, "origin_index": origin}, status=status) for _ in range(count)
    ]
    with database.write() as connection:
        connection.execute(
            sa.insert(comments), [{**one.row, "thread_id": UUID(str(thread_id))} for one in made]
        )
        connection.execute(sa.insert(vault), [one.vault_row for one in made])
    return [one.comment_id for one in made]


def begin(database: Database) -> Database:
    """A site and a story, under which somebody wrote before."""
    add_site(database)
    store(database, arrival("The first words"))
    return database


@pytest.fixture
def place(database: Database) -> Database:
    return begin(database)


def test_a_record_counts_what_came_before_and_nothing_of_others(place: Database) -> None:
    write(place, 2, author=ADA, status="approved")
    write(place, 5, author=BOB, status="rejected")
    [asked] = write(place, 1, author=ADA, status="rejected")
    write(place, 3, author=ADA, status="approved")
    with place.read() as connection:
        by_author = context.author_records(connection, [asked])
        by_origin = context.origin_records(connection, [asked])
    assert by_author == {asked: Record(approved=2)}
    assert by_origin == {asked: Record(approved=2, rejected=5)}


def test_a_record_looks_back_over_the_last_thirty(place: Database) -> None:
    write(place, 10, author=ADA, status="rejected")
    write(place, 25, author=ADA, status="approved")
    [asked] = write(place, 1, author=ADA, status="pending")
    with place.read() as connection:
        found = context.author_records(connection, [asked])
    assert found == {asked: Record(approved=25, rejected=5)}


def test_each_of_a_batch_gets_its_own_window_though_others_lie_between(place: Database) -> None:
    first = write(place, 2, author=ADA, status="approved")
    write(place, 100, author=ADA, status="rejected")
    last = write(place, 2, author=ADA, status="pending")
    with place.read() as connection:
        found = context.author_records(connection, [*first, *last])
    assert first[0] not in found
    assert found[first[1]] == Record(approved=1)
    assert found[last[0]] == Record(rejected=30)
    assert found[last[1]] == Record(rejected=29, pending=1)


def test_an_approval_counts_as_a_persons_whatever_reason_they_picked_besides(place: Database) -> None:
    approved, asked = write(place, 2, author=ADA, status="pending")
    given = replace(verdict(approved, Status.APPROVED), reasons=(GroundedReason("other"),))
    with place.write() as connection:
        record_one(connection, given)
        found = context.author_records(connection, [asked])[asked]
    assert found == Record(approved=1, welcomed=1)


def test_a_link_that_its_author_edited_in_after_a_person_approved_says_nothing_for_its_host(
    place: Database,
) -> None:
    linking, asked = write(place, 2, author=ADA, status="held")
    leads = [context.Linking(one, "Ada", NOW, ("boats.example",)) for one in (linking, asked)]

    def approved() -> int:
        with place.read() as connection:
            [found] = context.host_records(connection, leads[1:])[asked]
        return found.approved

    decide(place, linking, Status.APPROVED)
    with place.write() as connection:
        source = "See boats.example"
        change_text(connection, linking, revision=2, source=source, html=source, now=NOW)
        context.keep_hosts(connection, leads[:1])
    assert approved() == 0
    [found] = [one for one in claim(place) if one.comment_id == linking]
    with place.write() as connection:
        assert record(connection, [machine(found, Status.APPROVED)])
    assert approved() == 0
    decide(place, linking, Status.APPROVED, revision=3)
    assert approved() == 1


def test_a_busy_author_costs_no_more_than_a_quiet_one(sqlite_url: str) -> None:
    # Only SQLite counts its steps; the query is the same on both.
    place = begin(Database(sqlite_url))
    write(place, 100, author=ADA, origin=b"p" * 32, status="rejected")
    write(place, 3000, author=BOB, origin=b"q" * 32, status="rejected")
    quiet = write(place, 20, author=ADA, origin=b"p" * 32, status="pending")
    busy = write(place, 20, author=BOB, origin=b"q" * 32, status="pending")
    assert steps(place, busy) < steps(place, quiet) * 1.5
    place.close()


def steps(database: Database, ids: list[UUID]) -> int:
    """How much work SQLite has with the records of these comments, in hundreds of its own steps."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    with database.read() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_progress_handler(count, 100)
        context.author_records(connection, ids)
        context.origin_records(connection, ids)
        driver.set_progress_handler(None, 0)
    return counted
