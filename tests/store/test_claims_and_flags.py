"""Claims are advice that runs out; readers' calls are counted once from each place and forgotten with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from service.privacy import forget_expired
from service.store import claims, desk_tables, flags, items, views
from service.store.database import Database
from service.store.tables import comments
from tests.people import NOW, add_site, arrival, store
from tests.screening_room import decide_as_person, undo_as_person

SOON = timedelta(minutes=2)


@pytest.fixture
def comment(database: Database) -> UUID:
    add_site(database)
    [made] = store(database, arrival())
    decide_as_person(database, made, "approve", day=-3)
    return made


def take(database: Database, comment: UUID, who: str, *, minutes: float = 0) -> str:
    now = NOW + timedelta(minutes=minutes)
    with database.write() as connection:
        return claims.take(connection, comment, who, now=now, until=now + SOON).moderator


def test_a_claim_is_ones_own_until_it_runs_out_and_can_be_renewed(database: Database, comment: UUID) -> None:
    assert take(database, comment, "Alice") == "Alice"
    assert take(database, comment, "Bob", minutes=1) == "Alice"
    assert take(database, comment, "Alice", minutes=1.5) == "Alice"
    assert take(database, comment, "Bob", minutes=3) == "Alice"
    assert take(database, comment, "Bob", minutes=3.5) == "Bob"


def test_a_decision_ends_the_claim_and_giving_up_ends_ones_own(database: Database, comment: UUID) -> None:
    take(database, comment, "Alice")
    with database.write() as connection:
        claims.give_up(connection, comment, "Bob")
        assert set(claims.running(connection, [comment], now=NOW)) == {comment}
        claims.give_up(connection, comment, "Alice")
        assert claims.running(connection, [comment], now=NOW) == {}
    take(database, comment, "Alice")
    decide_as_person(database, comment, "hold")
    with database.read() as connection:
        assert claims.running(connection, [comment], now=NOW) == {}


def test_claims_that_ran_out_are_forgotten(database: Database, comment: UUID) -> None:
    take(database, comment, "Alice")
    for minutes, left in ((1, 1), (3, 0)):
        forget_expired(database, now=NOW + timedelta(minutes=minutes), origin_days=7)
        with database.read() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(desk_tables.claims)) == left


def call(database: Database, comment: UUID, who: bytes, reason: str = "spam", *, days: float = 0) -> bool:
    with database.write() as connection:
        return flags.add(connection, comment, flagger=who, reason=reason, now=NOW + timedelta(days=days))


def called(database: Database, comment: UUID) -> tuple[int, Any]:
    with database.read() as connection:
        [item] = items.by_ids(connection, [comment], now=NOW)
    return item.called.count, item.called.reasons


def test_each_place_calls_once_and_reasons_are_counted(database: Database, comment: UUID) -> None:
    for who, reason in ((b"a", "spam"), (b"a", "hate"), (b"b", "spam"), (b"c", "hate"), (b"a", "spam")):
        assert call(database, comment, who, reason)
    assert called(database, comment) == (3, {"spam": 2, "hate": 1})


def test_a_persons_decision_answers_all_calls_before_it(database: Database, comment: UUID) -> None:
    call(database, comment, b"a", days=-1)
    decide_as_person(database, comment, "approve")
    assert called(database, comment) == (0, {})
    # Who has called before is answered the same, and is not counted again.
    assert call(database, comment, b"a", days=1)
    assert called(database, comment) == (0, {})
    call(database, comment, b"b", "threat", days=1)
    assert called(database, comment) == (1, {"threat": 1})


def test_calls_stand_again_with_their_reasons_when_what_answered_them_is_undone(
    database: Database, comment: UUID
) -> None:
    for who, reason in ((b"a", "spam"), (b"b", "hate"), (b"c", "spam")):
        call(database, comment, who, reason, days=-1)
    decide_as_person(database, comment, "approve")
    call(database, comment, b"d", "threat", days=1)
    before, after = (4, {"spam": 2, "hate": 1, "threat": 1}), (1, {"threat": 1})
    # An undo can be undone, and that too: each time the calls are answered, or are not.
    for day, stands in enumerate([before, after, before, after], start=2):
        undo_as_person(database, comment, day=day)
        assert called(database, comment) == stands
    call(database, comment, b"e", "hate", days=6)
    assert called(database, comment) == (2, {"threat": 1, "hate": 1})
    decide_as_person(database, comment, "approve", day=7)
    assert called(database, comment) == (0, {})


def test_of_very_many_calls_the_reasons_of_the_newest_are_told(database: Database, comment: UUID) -> None:
    with database.write() as connection:
        for n in range(flags.TOLD + 5):
            reason, at = ("hate", NOW) if n < 5 else ("spam", NOW + timedelta(seconds=n))
            assert flags.add(connection, comment, flagger=str(n).encode(), reason=reason, now=at)
    assert called(database, comment) == (flags.TOLD + 5, {"spam": flags.TOLD})


@pytest.mark.parametrize("action", ["hold", "reject", "erase"])
def test_what_is_not_on_stage_cannot_be_called_about(database: Database, comment: UUID, action: str) -> None:
    decide_as_person(database, comment, action)
    assert not call(database, comment, b"a")
    with database.read() as connection:
        assert flags.shown(connection, comment) is None
        assert connection.scalar(sa.select(comments.c.flags)) == 0
        assert connection.scalar(sa.select(sa.func.count()).select_from(desk_tables.flags)) == 0


def test_who_called_is_forgotten_as_origins_are(database: Database, comment: UUID) -> None:
    call(database, comment, b"a", days=-1)
    call(database, comment, b"b", days=-2.5)
    forget_expired(database, now=NOW, origin_days=2)
    with database.read() as connection:
        assert list(connection.scalars(sa.select(desk_tables.flags.c.flagger))) == [b"a"]
    assert called(database, comment) == (2, {"spam": 1})


def test_a_view_is_kept_once_under_its_name_and_is_its_owners(database: Database) -> None:
    with database.write() as connection:
        first = views.save(connection, "Alice", "Loud", "queue=held", now=NOW)
        assert views.save(connection, "Alice", "Loud", "queue=spam", now=NOW) == first
        views.save(connection, "Bob", "Loud", "queue=held", now=NOW)
        assert views.of(connection, "Alice") == [views.ViewRow(first, "Loud", "queue=spam")]
        assert not views.delete(connection, "Bob", first)
        assert views.delete(connection, "Alice", first)
        assert views.of(connection, "Alice") == []
