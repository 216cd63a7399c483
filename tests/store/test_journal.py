"""The journal: one unbroken chain of what people did, which tells of every change behind its back."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from service.store import journal
from service.store.database import Database
from service.store.desk_tables import journal as table
from service.store.journal import BEGINNING, EXACT, Entry, sealed
from tests.people import NOW

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
TOLD = ("actor", "act", "site", "subject", "detail")


def act(database: Database, number: int = 0, **changes: Any) -> None:
    """Somebody does something."""
    told: dict[str, Any] = {
        "actor": "Ada",
        "act": "comment.approve",
        "subject": f"comment {number}",
        **changes,
    }
    with database.write() as connection:
        journal.append(connection, at=NOW + timedelta(seconds=number), **told)


def verified(database: Database) -> tuple[int, bytes, int | None]:
    with database.read() as connection:
        return journal.verify(connection)


def chain(count: int) -> list[dict[str, Any]]:
    """Rows of a chain that holds."""
    before, rows = BEGINNING, []
    for number in range(1, count + 1):
        entry = Entry(
            number, NOW, "Ada", "comment.approve", "daily", f"comment {number}", {"was": "held"}, b""
        )
        before = sealed(before, entry)
        rows.append({"number": number, "at": NOW, "hash": before, **told(entry)})
    return rows


def told(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in TOLD}


# --- written -------------------------------------------------------------------------------------------------------


def test_acts_of_many_at_once_make_one_unbroken_chain(database: Database) -> None:
    def work(who: int) -> None:
        for number in range(25):
            act(database, number, actor=f"moderator {who}")

    threads = [threading.Thread(target=work, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    count, _, broken = verified(database)
    assert (count, broken) == (200, None)
    with database.read() as connection:
        found = list(journal.everything(connection))
    assert [entry.number for entry in found] == list(range(1, 201))
    for who in range(8):
        mine = [entry.subject for entry in found if entry.actor == f"moderator {who}"]
        assert mine == [f"comment {number}" for number in range(25)]


def test_an_act_that_fails_leaves_no_entry_and_no_gap(database: Database) -> None:
    act(database, 1)
    with suppress(ZeroDivisionError), database.write() as connection:
        journal.append(connection, at=NOW, actor="Ada", act="ban.create", subject="comment 2")
        _ = 1 / 0
    act(database, 3)
    assert verified(database)[0::2] == (2, None)


def test_entries_are_read_by_site_and_page_newest_first(database: Database) -> None:
    for number in range(1, 7):
        act(database, number, site=("daily", "other", None)[number % 3])
    with database.read() as connection:
        assert [entry.number for entry in journal.entries(connection)] == [6, 5, 4, 3, 2, 1]
        assert [entry.number for entry in journal.entries(connection, limit=2, before=5)] == [4, 3]
        assert [entry.number for entry in journal.entries(connection, site="daily")] == [6, 3]
        assert [entry.number for entry in journal.following(connection, 1, site="other")] == [4]


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
NUMBER = st.integers(-EXACT, EXACT) | st.floats(-EXACT, EXACT)
VALUE = st.none() | st.booleans() | NUMBER | TEXT
DETAIL = st.dictionaries(TEXT, VALUE, max_size=4)
MOMENT = st.integers(0, 10**15).map(lambda microseconds: EPOCH + timedelta(microseconds=microseconds))


@given(detail=DETAIL, at=MOMENT, actor=TEXT, site=st.none() | TEXT)
def test_whatever_an_entry_holds_it_holds_as_it_was_stored(
    database: Database, detail: dict[str, Any], at: datetime, actor: str, site: str | None
) -> None:
    with database.write() as connection:
        journal.append(
            connection, at=at, actor=actor, act="policy.set", subject="site daily", site=site, detail=detail
        )
    with database.read() as connection:
        last, *earlier = journal.entries(connection, limit=2)
    assert last.hash == sealed(earlier[0].hash if earlier else BEGINNING, last)


@pytest.mark.parametrize("number", [2**53 + 1, 1e300, float("nan"), float("inf")])
def test_a_number_that_might_not_come_back_is_not_taken(database: Database, number: float) -> None:
    with pytest.raises(ValueError, match="too large"):
        act(database, 1, detail={"version": number})
    assert verified(database)[0] == 0


# --- sealed --------------------------------------------------------------------------------------------------------

ENTRY = st.builds(
    Entry,
    number=st.integers(1, 2**40),
    at=MOMENT,
    actor=TEXT,
    act=TEXT,
    site=st.none() | TEXT,
    subject=TEXT,
    detail=DETAIL,
    hash=st.just(b""),
)


@given(entry=ENTRY, other=ENTRY, before=st.binary(min_size=32, max_size=32))
def test_whatever_is_changed_in_an_entry_changes_its_hash(entry: Entry, other: Entry, before: bytes) -> None:
    whole = sealed(before, entry)
    assert sealed(bytes([before[0] ^ 1]) + before[1:], entry) != whole
    for name in ("number", "at", "actor", "act", "site", "subject", "detail"):
        changed = replace(entry, **{name: getattr(other, name)})
        same = journal.told(changed) == journal.told(entry) and repr(journal.told(changed)) == repr(
            journal.told(entry)
        )
        assert (sealed(before, changed) == whole) == same, name


@given(entry=ENTRY)
def test_the_zone_that_a_time_is_told_in_changes_nothing(entry: Entry) -> None:
    elsewhere = replace(entry, at=entry.at.astimezone(timezone(timedelta(hours=5, minutes=30))))
    assert sealed(BEGINNING, elsewhere) == sealed(BEGINNING, entry)


# --- kept ----------------------------------------------------------------------------------------------------------

CHANGES = [
    "UPDATE journal SET actor = 'Eve' WHERE number = 2",
    "UPDATE journal SET number = 9 WHERE number = 2",
    "DELETE FROM journal WHERE number = 2",
    "DELETE FROM journal",
]
REPLACING = {
    "sqlite": "INSERT OR REPLACE INTO journal SELECT number, at, 'Eve', act, site, subject, detail, hash FROM journal",
    "postgresql": "INSERT INTO journal SELECT * FROM journal ON CONFLICT (number) DO UPDATE SET actor = 'Eve'",
}


def test_the_database_refuses_to_change_or_drop_an_entry(database: Database) -> None:
    for number in (1, 2, 3):
        act(database, number)
    kind = database.url.get_backend_name()
    truncate = [] if kind == "sqlite" else ["TRUNCATE journal"]
    for statement in (*CHANGES, REPLACING[kind], *truncate):
        with pytest.raises(sa.exc.DBAPIError, match="only added to"), database.write() as connection:
            connection.execute(sa.text(statement))
    assert verified(database)[0::2] == (3, None)


def behind_the_triggers(database: Database, *changes: Callable[[sa.Connection], object]) -> None:
    """What somebody does who may do anything in the database, and knows how."""
    with database.write() as connection:
        if database.is_sqlite:
            names = connection.scalars(
                sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'journal'")
            ).all()
            assert names
            for name in names:
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(sa.text("ALTER TABLE journal DISABLE TRIGGER ALL"))
        for change in changes:
            change(connection)


def written(at_number: int, /, **values: Any) -> Callable[[sa.Connection], object]:
    return lambda connection: connection.execute(
        sa.update(table).where(table.c.number == at_number).values(**values)
    )


def dropped(number: int) -> Callable[[sa.Connection], object]:
    return lambda connection: connection.execute(sa.delete(table).where(table.c.number == number))


def put_in(number: int, **values: Any) -> Callable[[sa.Connection], object]:
    row = {**chain(1)[0], "number": number, "subject": "comment 999", **values}
    return lambda connection: connection.execute(sa.insert(table).values(**row))


ROWS = chain(6)
# Entry 3 as it would be sealed if it were Eve's.
EVE = sealed(
    ROWS[1]["hash"], Entry(3, NOW, **{**{name: ROWS[2][name] for name in TOLD}, "actor": "Eve"}, hash=b"")
)
BREAKS: dict[str, tuple[list[Callable[[sa.Connection], object]], int]] = {
    "another actor": ([written(3, actor="Eve")], 3),
    "another act": ([written(3, act="comment.reject")], 3),
    "another site": ([written(3, site=None)], 3),
    "another subject": ([written(3, subject="comment 7")], 3),
    "another time": ([written(3, at=NOW + timedelta(microseconds=1))], 3),
    "more detail": ([written(3, detail={"was": "held", "note": "x"})], 3),
    "another hash": ([written(3, hash=bytes(32))], 3),
    "the first": ([written(1, actor="Eve")], 1),
    "the last": ([written(6, actor="Eve")], 6),
    "a hash made anew, but not the later ones": ([written(3, actor="Eve", hash=EVE)], 4),
    "one dropped": ([dropped(3)], 3),
    "the first dropped": ([dropped(1)], 1),
    "one dropped and the others moved up": (
        [dropped(3), *(written(number, number=number - 1) for number in (4, 5, 6))],
        3,
    ),
    "two swapped": (
        [written(3, number=99), written(4, number=3), written(99, number=4)],
        3,
    ),
    "two swapped in all but number and hash": (
        [written(3, subject="comment 4"), written(4, subject="comment 3")],
        3,
    ),
    "one put in": (
        [*(written(number, number=number + 1) for number in (6, 5, 4)), put_in(4)],
        4,
    ),
    "one put in at the end": ([put_in(7)], 7),
    "one put in before the first": ([put_in(0)], 1),
    "one put in far below": ([put_in(-5)], 1),
    "one put in beyond a gap": ([put_in(70)], 7),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_changed_behind_the_triggers_is_found_and_named(database: Database, name: str) -> None:
    changes, first = BREAKS[name]
    with database.write() as connection:
        connection.execute(sa.insert(table), ROWS)
    assert verified(database) == (6, ROWS[-1]["hash"], None)
    behind_the_triggers(database, *changes)
    count, last, broken = verified(database)
    assert broken == first
    assert count == first - 1
    assert last == (EVE if "anew" in name else ROWS[first - 2]["hash"] if first > 1 else BEGINNING)


def test_a_long_journal_is_verified_a_page_at_a_time(database: Database) -> None:
    rows = chain(10_000)
    last = rows[-1]["hash"]
    with database.write() as connection:
        for start in range(0, len(rows), 1_000):
            connection.execute(sa.insert(table), rows[start : start + 1_000])
    del rows
    verified_part(database)
    tracemalloc.start()
    assert verified(database) == (10_000, last, None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # A page of entries and what is read of it; all of them together are far more than that.
    assert peak < 4_000_000


def verified_part(database: Database) -> None:
    """What is compiled and cached at the first time."""
    with database.read() as connection:
        journal.following(connection, 9_990)


def test_a_page_of_one_site_is_found_by_its_own_index(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.read() as connection:
        query = str(
            sa.select(table)
            .where(table.c.site == "daily", table.c.number < 9)
            .order_by(table.c.number.desc())
            .limit(5)
            .compile(connection, compile_kwargs={"literal_binds": True})
        )
        plan = " ".join(row[-1] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + query))
    assert "journal_site" in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan
    database.close()
