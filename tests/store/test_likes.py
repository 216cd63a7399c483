"""Likes in the store: whose they were is forgotten in time, and the order that they give is cheap to read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from service.domain.thread import Cursor
from service.privacy import forget_expired
from service.store import likes, stage
from service.store.database import Database
from service.store.tables import comments
from service.store.tables import likes as likes_table
from tests.people import NOW, add_site, arrival, store
from tests.screening_room import decide_as_person


@pytest.fixture
def comment(database: Database) -> UUID:
    add_site(database)
    [made] = store(database, arrival())
    decide_as_person(database, made, "approve", day=-3)
    return made


def like(database: Database, comment: UUID, who: bytes, *, days: float = 0) -> int | None:
    with database.write() as connection:
        return likes.add(connection, comment, liker=who, now=NOW + timedelta(days=days))


def test_who_liked_is_forgotten_as_origins_are_and_the_number_stays(
    database: Database, comment: UUID
) -> None:
    assert like(database, comment, b"a", days=-1) == 1
    assert like(database, comment, b"b", days=-2.5) == 2
    forget_expired(database, now=NOW, origin_days=2)
    with database.read() as connection:
        assert list(connection.scalars(sa.select(likes_table.c.liker))) == [b"a"]
        assert connection.execute(sa.select(comments.c.likes, comments.c.rank)).one() == (2, -2)
    with database.write() as connection:
        # What nobody remembers cannot be taken back.
        assert likes.take_back(connection, comment, liker=b"b") == 2
        assert likes.take_back(connection, comment, liker=b"a") == 1


@pytest.mark.parametrize("action", ["hold", "reject", "erase"])
def test_what_is_not_on_stage_has_no_likes_to_give_or_take(
    database: Database, comment: UUID, action: str
) -> None:
    like(database, comment, b"a")
    decide_as_person(database, comment, action)
    assert like(database, comment, b"b") is None
    with database.write() as connection:
        assert likes.take_back(connection, comment, liker=b"a") is None
        assert connection.execute(sa.select(comments.c.likes, comments.c.rank)).one() == (1, 0)


@pytest.mark.parametrize("after", [None, Cursor(UUID(int=5), 3)])
@pytest.mark.parametrize(
    ("read", "index"), [(stage.roots, "comments_liked_roots"), (stage.all_in_order, "comments_liked")]
)
def test_the_most_liked_come_from_an_index_in_order(
    database: Database, comment: UUID, read: Any, index: str, after: Cursor | None
) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        asked.append((statement, given))

    with database.read() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET enable_seqscan = off")
            connection.exec_driver_sql("SET enable_sort = off")
            connection.exec_driver_sql("SET enable_bitmapscan = off")
        sa.event.listen(connection, "before_cursor_execute", note)
        read(connection, UUID(int=1), sort="most_liked", after=after, limit=51)
        sa.event.remove(connection, "before_cursor_execute", note)
        [(statement, given)] = asked
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, given))
    assert f"{index} " in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
    if after is not None:
        assert "(rank,id)>(?,?)" in plan or "ROW(rank, id) > ROW(" in plan
