"""What figures are made of is found by time, and the database reads no more for it than it must."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from service.store import figures, policies
from service.store.database import Database
from service.store.ids import first_id, moment_of, new_id
from tests.past import Past
from tests.people import NOW, add_site

MINUTE = timedelta(minutes=1)
EARLY = datetime(1970, 1, 1, tzinfo=UTC)


def test_an_id_tells_when_it_was_made() -> None:
    before = datetime.now(UTC)
    made = new_id()
    after = datetime.now(UTC)
    assert before - timedelta(milliseconds=1) <= moment_of(made) <= after
    assert first_id(before) <= made < first_id(after + timedelta(milliseconds=1))


@given(st.integers(0, 2**46), st.integers(0, 2**80 - 1))
def test_a_moment_is_the_bound_of_its_ids(milliseconds: int, rest: int) -> None:
    at = EARLY + timedelta(milliseconds=milliseconds)
    one = UUID(int=first_id(at).int | rest)
    assert moment_of(one) == at
    assert first_id(at) <= one < first_id(at + timedelta(milliseconds=1))


def test_before_the_first_moment_that_an_id_can_tell_the_bound_is_that_of_all(database: Database) -> None:
    for at in (
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
    ):
        assert first_id(at) == UUID(int=0)
    with database.read() as connection:
        assert list(policies.screened(connection, "daily", since=datetime.min.replace(tzinfo=UTC))) == []


def test_what_is_counted_between_two_bounds_has_the_first_and_not_the_last(database: Database) -> None:
    add_site(database)
    past = Past(database)
    for n in range(4):
        comment_id = past.came(NOW + n * MINUTE)
        past.screened(comment_id, "hold", NOW + n * MINUTE)
    bounds = [NOW, NOW + 2 * MINUTE, NOW + 3 * MINUTE]
    with database.read() as connection:
        assert figures.arrivals(connection, "daily", bounds) == [2, 1]
        tallies = figures.tallies(connection, "daily", bounds, automated=True)
        assert [one.held for one in tallies] == [2, 1]
        assert figures.arrivals(connection, "nowhere", bounds) == [0, 0]


def test_a_share_of_the_waits_is_drawn_by_the_ids_alone(database: Database) -> None:
    add_site(database)
    past = Past(database)
    ended = past.approved_at_once(40, NOW, every=MINUTE)
    with database.read() as connection:
        for share in (0.0, 0.25, 0.5, 0.9, 1.0):
            drawn, again = figures.machine_ends(connection, "daily", NOW, share=share)
            assert again == 0
            assert sorted(drawn) == sorted(one for one in ended if figures.is_drawn(one[1], share))
    assert not any(figures.is_drawn(one, 0.0) for _, one in ended)
    fresh = [new_id() for _ in range(20_000)]
    assert sum(figures.is_drawn(one, 0.25) for one in fresh) == pytest.approx(5_000, rel=0.1)


def test_a_machine_that_decides_about_a_new_text_ends_no_second_wait(database: Database) -> None:
    add_site(database)
    past = Past(database)
    comment_id = past.came(NOW)
    first = past.screened(comment_id, "approve", NOW + MINUTE)
    past.rewritten(comment_id, NOW + 2 * MINUTE)
    past.screened(comment_id, "approve", NOW + 3 * MINUTE)
    with database.read() as connection:
        assert figures.machine_ends(connection, "daily", NOW, share=1) == ([(comment_id, first)], 1)
        # However few are drawn, those are counted.
        assert figures.machine_ends(connection, "daily", NOW, share=0) == ([], 1)


def test_the_pasts_of_comments_that_people_touched_are_told_whole(database: Database) -> None:
    add_site(database)
    past = Past(database)
    touched = []
    for n in range(20):
        comment_id = past.came(NOW + n * MINUTE)
        past.screened(comment_id, "hold", NOW + n * MINUTE)
        if n % 2:
            past.decided(comment_id, "approve", NOW + 20 * MINUTE, "Alice")
            touched.append(comment_id)
    with database.read() as connection:
        for share in (0.3, 0.6, 1.0):
            found = figures.pasts(connection, ["daily"], NOW + 20 * MINUTE, share=share)
            assert {tuple(one.action for one in story) for story in found} <= {("hold", "approve")}
            wanted = [one for one in touched if figures.is_drawn(one, share)]
            assert sorted(story[0].comment_id for story in found) == sorted(wanted)
        assert figures.pasts(connection, ["daily"], NOW + 21 * MINUTE, share=1) == []
        assert figures.pasts(connection, [], NOW, share=1) == []


# --- no more is read than must be ------------------------------------------------------------------------------------


@contextmanager
def noted(connection: sa.Connection) -> Iterator[list[tuple[str, Any]]]:
    asked: list[tuple[str, Any]] = []

    def note(
        _connection: sa.Connection, _cursor: object, statement: str, parameters: Any, *_: object
    ) -> None:
        asked.append((statement, parameters))

    sa.event.listen(connection, "before_cursor_execute", note)
    yield asked
    sa.event.remove(connection, "before_cursor_execute", note)


def plans(database: Database, ask: Callable[[sa.Connection], object]) -> list[str]:
    """How the database would answer each statement of a question."""
    with database.read() as connection:
        with noted(connection) as asked:
            ask(connection)
        if database.is_sqlite:
            return [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {s}", p).all()) for s, p in asked]
        # In an empty table any way is as short: this one must be possible.
        connection.exec_driver_sql("SET enable_seqscan = off")
        found = [str(connection.exec_driver_sql(f"EXPLAIN {s}", p).all()) for s, p in asked]
        connection.exec_driver_sql("RESET enable_seqscan")
        return found


QUESTIONS: dict[str, tuple[Callable[[sa.Connection, str | None], object], str]] = {
    "arrivals": (lambda c, site: figures.arrivals(c, site, [NOW, NOW + MINUTE]), "comments"),
    "tallies": (
        lambda c, site: [figures.tallies(c, site, [NOW, NOW + MINUTE], automated=a) for a in (True, False)],
        "decisions_window",
    ),
    "machine_ends": (lambda c, site: figures.machine_ends(c, site, NOW, share=0.5), "decisions_window"),
    "pasts": (lambda c, _: figures.pasts(c, ["daily"], NOW, share=0.5), "decisions_people"),
    "seen": (lambda c, _: figures.seen(c, ["daily"], NOW, most=9), "decisions_people"),
    "in_bulk": (lambda c, _: figures.in_bulk(c, ["daily"], NOW), "decisions_people"),
    "oldest_waiting": (lambda c, _: figures.oldest_waiting(c, ["daily"]), "comments_"),
}


@pytest.mark.parametrize("site", ["daily", None])
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_is_answered_from_an_index(database: Database, name: str, site: str | None) -> None:
    add_site(database)
    ask, index = QUESTIONS[name]
    for plan in plans(database, lambda connection: ask(connection, site)):
        assert "Seq Scan" not in plan.replace("Seq Scan on sites", "")
        if database.is_sqlite:
            # Of one site's people SQLite rather reads the few rows than all of the window.
            few = name == "tallies" and "decisions_people (site=? AND id>? AND id<?)" in plan
            assert few or index in plan
        if database.is_sqlite and name in ("arrivals", "tallies"):
            # What machines did needs no row to be counted, and nothing is sorted.
            assert few or "COVERING INDEX" in plan
            assert "TEMP B-TREE" not in plan
    if name == "oldest_waiting" and database.is_sqlite:
        pending, held = plans(database, lambda connection: ask(connection, site))
        assert "comments_pending" in pending
        assert "comments_held" in held
