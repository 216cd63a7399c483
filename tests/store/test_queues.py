"""Queues on both databases: what is in each, in which order, what narrows it, and that no page costs too much."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from service.domain.queue import Cursor, Filters, QueueName, Sort, Wanted
from service.domain.risk import GRIM
from service.domain.site import Site
from service.store import queues, scans
from service.store.database import Database
from service.store.desk_tables import notable_findings
from service.store.tables import comments, decisions
from service.store.threads import Story
from tests.people import NOW, add_site, arrival
from tests.screening_room import store_many

OTHER = Site("weekly", "The Weekly", ("https://weekly.example",))
BOTH = ("daily", "weekly")
WEEKLY = Story("weekly", "https://weekly.example/a")


def fill(database: Database, count: int = 60) -> list[dict[str, Any]]:
    """Comments in every state, at two sites; their rows, in order of arrival."""
    chance = random.Random(7)
    add_site(database)
    add_site(database, OTHER)
    ids = store_many(
        database,
        [
            arrival(f"Comment {n}", author_name=f"Reader {n % 7}", **({"story": WEEKLY} if n % 3 else {}))
            for n in range(count)
        ],
    )
    states: list[dict[str, Any]] = [
        {"status": "held", "awaiting": "held", "automated": True},
        {"status": "held", "awaiting": "held", "automated": True, "escalated": True},
        {"status": "approved", "awaiting": None, "automated": True, "place": "shown"},
        {"status": "approved", "awaiting": None, "automated": False, "place": "shown", "flags": 2},
        {"status": "approved", "awaiting": "held", "automated": True, "place": "shown"},
        {"status": "rejected", "awaiting": None, "automated": True, "ground": "spam"},
        {"status": "rejected", "awaiting": None, "automated": False, "ground": "insult"},
        {"status": "pending", "awaiting": "pending", "automated": None},
        {"status": "rejected", "awaiting": None, "automated": True, "ground": "spam", "appealed_at": NOW},
        {"status": "held", "awaiting": "held", "automated": True, "appealed_at": NOW - timedelta(minutes=5)},
    ]
    with database.write() as connection:
        for n, comment_id in enumerate(sorted(ids)):
            # Some with the same risk, so that order among equals is tried.
            risk = chance.choice([0.0, 0.3, 0.5, 0.7, 0.7, 0.9])
            connection.execute(
                sa.update(comments)
                .where(comments.c.id == comment_id)
                .values(**states[n % len(states)], risk=risk, created_at=NOW - timedelta(hours=count - n))
            )
    with database.read() as connection:
        rows = connection.execute(sa.select(comments).order_by(comments.c.id)).mappings()
        return [dict(row) for row in rows]


IN = {
    QueueName.HELD: lambda row: row["awaiting"] == "held",
    QueueName.REPORTED: lambda row: row["flags"] > 0,
    QueueName.APPROVED: lambda row: row["status"] == "approved",
    QueueName.SPOT: lambda row: row["status"] == "approved" and row["automated"],
    QueueName.SPAM: lambda row: row["status"] == "rejected" and row["ground"] == "spam",
    QueueName.REJECTED: lambda row: row["status"] == "rejected" and row["ground"] != "spam",
    QueueName.ESCALATED: lambda row: row["escalated"],
    QueueName.APPEALS: lambda row: row["appealed_at"] is not None,
    QueueName.PENDING: lambda row: row["awaiting"] == "pending",
    QueueName.EVERYTHING: lambda row: True,
}


def pages(database: Database, wanted: Wanted, limit: int) -> Iterator[queues.Page]:
    cursor: Cursor | None = Cursor()
    for _ in range(200):
        with database.read() as connection:
            page = queues.page(connection, wanted, cursor or Cursor(), limit=limit, now=NOW)
        yield page
        cursor = page.cursor
        if cursor is None:
            return
    raise AssertionError("pages without end")


def read(database: Database, wanted: Wanted, limit: int = 7) -> list[UUID]:
    found = [one for page in pages(database, wanted, limit) for one in page.ids]
    assert len(found) == len(set(found)), "shown twice"
    return found


@pytest.mark.parametrize("sites", [("daily",), BOTH], ids=["one site", "both"])
def test_each_queue_holds_what_its_name_says_in_its_order(database: Database, sites: tuple[str, ...]) -> None:
    rows = fill(database)
    for queue, holds in IN.items():
        wanted = Wanted(queue, sites)
        right = [row["id"] for row in rows if holds(row) and row["site"] in sites]
        assert read(database, wanted) == (right if wanted.oldest_first else right[::-1]), queue
        assert right


@pytest.mark.parametrize("limit", [1, 4, 7, 100])
@pytest.mark.parametrize("sites", [("daily",), BOTH], ids=["one site", "both"])
def test_by_risk_three_grim_ones_come_before_each_milder_one(
    database: Database, sites: tuple[str, ...], limit: int
) -> None:
    rows = fill(database)
    risk = {row["id"]: row["risk"] for row in rows}
    found = read(database, Wanted(sites=sites, sort=Sort.RISK), limit)
    held = [row for row in rows if row["awaiting"] == "held" and row["site"] in sites]
    assert sorted(found) == [row["id"] for row in held]
    grim = [one for one in found if risk[one] >= GRIM]
    assert grim == sorted(grim, key=lambda one: (risk[one], one), reverse=True)
    assert [one for one in found if risk[one] < GRIM] == [row["id"] for row in held if row["risk"] < GRIM]
    if limit == 100:
        rows_of_four = min(len(grim) // 3, len(found) - len(grim))
        assert rows_of_four
        pattern = [risk[one] >= GRIM for one in found[: 4 * rows_of_four]]
        assert pattern == [True, True, True, False] * rows_of_four


FILTERS = {
    "a thread": lambda rows: Filters(thread=rows[0]["thread_id"]),
    "a story": lambda rows: Filters(story="https://daily.example/budget"),
    "a part of a name": lambda rows: Filters(author="der 3"),
    "an age": lambda rows: Filters(older_than=timedelta(hours=20), newer_than=NOW - timedelta(hours=50)),
    "the machine": lambda rows: Filters(decided_by="machine"),
    "a risk": lambda rows: Filters(score_from=0.5, score_to=0.7),
}
FITS = {
    "a thread": lambda row, rows: row["thread_id"] == rows[0]["thread_id"],
    "a story": lambda row, rows: row["site"] == "daily",
    "a part of a name": lambda row, rows: row["author_name"] == "Reader 3",
    "an age": lambda row, rows: NOW - timedelta(hours=50) <= row["created_at"] < NOW - timedelta(hours=20),
    "the machine": lambda row, rows: row["automated"] is True,
    "a risk": lambda row, rows: 0.5 <= row["risk"] <= 0.7,
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_queue_is_narrowed_to(database: Database, name: str) -> None:
    rows = fill(database)
    for queue in (QueueName.HELD, QueueName.EVERYTHING, QueueName.PENDING):
        wanted = Wanted(queue, BOTH, FILTERS[name](rows))
        right = [row["id"] for row in rows if IN[queue](row) and FITS[name](row, rows)]
        assert read(database, wanted) == (right if wanted.oldest_first else right[::-1])
    by_risk = Wanted(sites=BOTH, filters=FILTERS[name](rows), sort=Sort.RISK)
    held = {row["id"] for row in rows if IN[QueueName.HELD](row) and FITS[name](row, rows)}
    assert set(read(database, by_risk)) == held


def test_a_queue_is_narrowed_to_what_checks_found(database: Database) -> None:
    rows = fill(database, 24)
    loud, quiet, failed, *_ = [row["id"] for row in rows]
    found = [
        (loud, "spam", "links", 0.9),
        (quiet, "spam", "links", 0.4),
        (failed, "check_failed", "model", 0.0),
    ]
    with database.write() as connection:
        names = ("comment_id", "label", "check", "score")
        connection.execute(sa.insert(notable_findings), [dict(zip(names, one, strict=True)) for one in found])
    for filters, right in (
        (Filters(label="spam"), [quiet, loud]),
        (Filters(label="spam", score_from=0.5), [loud]),
        (Filters(check="links", score_to=0.5), [quiet]),
        (Filters(label="threat"), []),
        (Filters(failed=True), [failed]),
    ):
        assert read(database, Wanted(QueueName.EVERYTHING, BOTH, filters)) == right


def test_a_queue_is_narrowed_to_what_a_person_decided_last(database: Database) -> None:
    rows = fill(database, 24)
    mine = next(row["id"] for row in rows if row["automated"] is False)
    overruled = next(row["id"] for row in rows if row["automated"] is True)
    with database.write() as connection:
        for n, (comment_id, actor) in enumerate([(mine, "Bob"), (mine, "Alice"), (overruled, "Alice")]):
            connection.execute(
                sa.insert(decisions).values(
                    id=UUID(int=n + 1),
                    comment_id=comment_id,
                    site="daily",
                    revision=1,
                    action="approve",
                    status_before="held",
                    status="approved",
                    reasons=[],
                    note="",
                    actor=actor,
                    automated=False,
                    decided_at=NOW,
                )
            )
    for name, right in (("Alice", [mine]), ("Bob", []), ("alice", [])):
        wanted = Wanted(QueueName.EVERYTHING, BOTH, Filters(decided_by=name))
        assert read(database, wanted) == right


def test_the_same_author_is_found_under_any_name_and_at_one_site_only(database: Database) -> None:
    add_site(database)
    add_site(database, OTHER)
    ada, bob = {"address_index": b"a" * 32}, {"address_index": b"b" * 32}
    first, second, third, there, nobody = sorted(
        store_many(
            database,
            [
                arrival("1", author_name="Ada", vault=ada),
                arrival("2", author_name="Not Ada", vault=ada),
                arrival("3", author_name="Ada", vault=bob),
                arrival("4", author_name="Ada", vault={"address_index": b"c" * 32}, story=WEEKLY),
                arrival("5", author_name="Ada"),
            ],
        )
    )
    with database.read() as connection:
        texts = dict(connection.execute(sa.select(comments.c.source, comments.c.id)).all())
    for of, right in (("1", {"1", "2"}), ("3", {"3"}), ("4", {"4"}), ("5", set())):
        for queue, limit in ((QueueName.EVERYTHING, 1), (QueueName.PENDING, 9)):
            wanted = Wanted(queue, BOTH, Filters(author_of=texts[of]))
            assert set(read(database, wanted, limit)) == {texts[one] for one in right}
    assert read(database, Wanted(QueueName.EVERYTHING, ("daily",), Filters(author_of=texts["4"]))) == []
    assert len({first, second, third, there, nobody}) == 5


def test_a_page_looks_at_so_many_comments_and_no_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = fill(database)
    monkeypatch.setattr(scans, "_STEPS", (5, 5))
    wanted = Wanted(QueueName.EVERYTHING, BOTH, Filters(author="reader 0"))
    order, asked = queues._by_age(
        database.url.get_backend_name(), wanted, queues.Narrowed((), lambda name: name == "Reader 0")
    )
    with database.read() as connection:
        got = scans.scan(connection, order, None, narrowed=asked, limit=50, most=20)
    right = [row["id"] for row in rows[::-1][:20] if row["author_name"] == "Reader 0"]
    assert ([one.id for one in got.found], got.looked_at, got.ended) == (right, 20, False)
    assert got.place == (rows[-20]["id"],)


def test_queues_are_counted_to_a_bound_and_the_oldest_of_each_is_dated(database: Database) -> None:
    rows = fill(database)
    for sites in (("daily",), BOTH):
        with database.read() as connection:
            counted = {one.queue: one for one in queues.counts(connection, sites)}
            bounded = {one.queue: one for one in queues.counts(connection, sites, most=3)}
        assert set(counted) == set(QueueName)
        for queue, holds in IN.items():
            right = [row for row in rows if holds(row) and row["site"] in sites]
            assert (counted[queue].count, counted[queue].more) == (len(right), False)
            if queue is not QueueName.PENDING:
                assert bounded[queue].count == min(3, len(right))
                assert bounded[queue].more == (len(right) > 3)
            assert right
            appealed = [row["appealed_at"] for row in right if row["appealed_at"]]
            oldest = min(appealed) if queue is QueueName.APPEALS else right[0]["created_at"]
            assert counted[queue].oldest == oldest


def test_queues_that_nobody_may_see_are_empty(database: Database) -> None:
    fill(database, 8)
    with database.read() as connection:
        assert queues.page(connection, Wanted(), Cursor(), limit=9, now=NOW) == queues.Page([], None, 0)
        assert {one.count for one in queues.counts(connection, ())} == {0}


# --- what it costs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("queue", [queue for queue in QueueName if queue is not QueueName.PENDING])
def test_the_oldest_of_a_queue_is_the_first_of_an_index(database: Database, queue: QueueName) -> None:
    add_site(database)
    backend, by = database.url.get_backend_name(), (("id", False),)
    plan = explained(database, queues._merged(backend, Wanted(queue, BOTH), None, 1, by))
    either = {queues._INDEX[queue]} | ({"comments_site"} if queue is QueueName.APPROVED else set())
    # Once for each site.
    assert max(plan.count(index) for index in either) == 2
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("queue", QueueName)
def test_a_page_of_a_queue_comes_from_its_own_index_in_order(database: Database, queue: QueueName) -> None:
    add_site(database)
    wanted = Wanted(queue, ("daily",))
    order, _ = queues._by_age(database.url.get_backend_name(), wanted, queues.Narrowed())
    for place in (None, (UUID(int=5),)):
        plan = explained(database, order.looked(place, 51))
        # Of two that serve alike PostgreSQL may take either.
        either = {queues._INDEX[queue]} | ({"comments_site"} if queue is QueueName.APPROVED else set())
        assert any(index in plan for index in either)
        assert "Sort" not in plan
        assert "TEMP B-TREE" not in plan


def test_the_riskiest_come_from_an_index_in_order(database: Database) -> None:
    by = (("risk", True), ("id", True))
    add_site(database)
    wanted = Wanted(QueueName.HELD, ("daily",))
    for place in (None, (0.7, UUID(int=5))):
        plan = explained(
            database,
            queues._merged(
                database.url.get_backend_name(), wanted, place, 51, by, sa.text(f"comments.risk >= {GRIM}")
            ),
        )
        assert "comments_risk" in plan
        assert "Sort" not in plan
        assert "TEMP B-TREE" not in plan


def explained(database: Database, statement: sa.Select[Any]) -> str:
    with database.read() as connection:
        if database.is_sqlite:
            compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
            return "\n".join(row[3] for row in rows)
        # An empty table is read in any way: only what cannot use the index shall do without it.
        for setting in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
            connection.execute(sa.text(f"SET {setting} = off"))
        compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {compiled}"))
        for setting in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
            connection.execute(sa.text(f"RESET {setting}"))
        return plan
