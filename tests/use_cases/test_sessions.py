"""Signing in and out: how long a session lasts, what it is worth, and what is kept of it."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.domain.errors import TokenInvalid
from service.domain.roles import Role
from service.people import Tokens
from service.privacy import forget_expired
from service.sessions import Sessions, SignedIn
from service.store import journal
from service.store.database import Database
from service.store.desk_tables import sessions as table
from tests.conftest import Clock
from tests.people import add_site

IDLE, SPAN = timedelta(minutes=120), timedelta(hours=12)


@pytest.fixture
def people(database: Database, clock: Clock) -> Tokens:
    add_site(database)
    return Tokens(database, clock)


@pytest.fixture
def doors(database: Database, people: Tokens, clock: Clock) -> Sessions:
    return another(database, people, clock)


def another(database: Database, people: Tokens, clock: Clock) -> Sessions:
    """The sessions as one web process has them."""
    return Sessions(database, people, clock, IDLE, SPAN)


def rows(database: Database) -> list[dict[str, Any]]:
    with database.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(table.c.id)).mappings()]


def told(database: Database) -> list[journal.Entry]:
    with database.read() as connection:
        return [entry for entry in journal.everything(connection) if entry.act.startswith("session.")]


def is_over(doors: Sessions, secret: str) -> bool:
    try:
        doors.resume(secret)
    except TokenInvalid:
        return True
    return False


# --- in and out ------------------------------------------------------------------------------------------------------


def test_a_token_begins_a_session_with_its_name_role_and_site(people: Tokens, doors: Sessions) -> None:
    secret, begun = doors.begin(people.create("Ada", Role.EDITOR, "daily"))
    found = doors.resume(secret)
    assert found == begun
    assert (found.moderator.name, found.moderator.role, found.moderator.site) == ("Ada", Role.EDITOR, "daily")


def test_a_secret_has_256_random_bits_and_is_kept_as_a_hash(
    people: Tokens, doors: Sessions, database: Database
) -> None:
    token = people.create("Ada", Role.VIEWER)
    secrets = {doors.begin(token)[0] for _ in range(10)}
    assert {len(secret) for secret in secrets} == {43}
    assert len(secrets) == 10
    stored = {row["secret_hash"] for row in rows(database)}
    assert stored == {hashlib.sha256(secret.encode()).digest() for secret in secrets}


def test_no_key_of_a_door_and_no_wrong_or_revoked_token_begins_a_session(
    people: Tokens, doors: Sessions, database: Database
) -> None:
    gone = people.create("Gone", Role.VIEWER)
    people.revoke("Gone")
    for token in (people.create_key("wordpress", "akismet", "daily"), gone, "grt_" + "A" * 43, ""):
        with pytest.raises(TokenInvalid):
            doors.begin(token)
    assert rows(database) == []
    assert told(database) == []


def test_a_session_ends_when_nobody_comes_for_a_while(people: Tokens, doors: Sessions, clock: Clock) -> None:
    secret, _ = doors.begin(people.create("Ada", Role.VIEWER))
    clock.move(minutes=119)
    assert not is_over(doors, secret)
    clock.move(minutes=119)
    assert not is_over(doors, secret)
    clock.move(minutes=120)
    assert is_over(doors, secret)


def test_a_session_ends_in_any_case_however_busy_it_is(people: Tokens, doors: Sessions, clock: Clock) -> None:
    secret, begun = doors.begin(people.create("Ada", Role.VIEWER))
    assert begun.ends_at == clock() + SPAN
    for _ in range(12 * 60 - 1):
        clock.move(minutes=1)
        assert not is_over(doors, secret)
    clock.move(minutes=1)
    assert clock() == begun.ends_at
    assert is_over(doors, secret)


def test_a_busy_session_is_written_down_once_a_minute(
    people: Tokens, doors: Sessions, database: Database, clock: Clock
) -> None:
    secret, _ = doors.begin(people.create("Ada", Role.VIEWER))
    before = database.writes
    for _ in range(59):
        clock.move(seconds=1)
        doors.resume(secret)
    assert database.writes == before
    for _ in range(120):
        clock.move(seconds=1)
        doors.resume(secret)
    assert database.writes == before + 2
    [row] = rows(database)
    assert clock() - row["seen_at"] < timedelta(minutes=1)
    [person] = people.everyone()
    assert person.last_used_at == row["seen_at"]


def test_a_session_ends_with_its_token_and_follows_its_role(
    people: Tokens, doors: Sessions, database: Database
) -> None:
    secret, _ = doors.begin(people.create("Ada", Role.EDITOR))
    people.change_role("Ada", Role.VIEWER)
    assert doors.resume(secret).moderator.role is Role.VIEWER
    people.revoke("Ada")
    assert is_over(doors, secret)
    assert all(row["ended_at"] is not None for row in rows(database))


def test_signing_out_ends_this_session_or_all_of_the_token(
    people: Tokens, doors: Sessions, database: Database, clock: Clock
) -> None:
    ada, bob = people.create("Ada", Role.VIEWER, "daily"), people.create("Bob", Role.VIEWER)
    first, second, third, other = (doors.begin(token)[0] for token in (ada, ada, ada, bob))
    doors.end(doors.resume(first))
    assert [is_over(doors, secret) for secret in (first, second, third, other)] == [True, False, False, False]
    assert doors.end_everywhere(doors.resume(second)) == 2
    assert [is_over(doors, secret) for secret in (first, second, third, other)] == [True, True, True, False]
    acts = [(entry.actor, entry.act, entry.site, entry.detail) for entry in told(database)]
    assert acts == [
        *[("Ada", "session.begin", "daily", {})] * 3,
        ("Bob", "session.begin", None, {}),
        ("Ada", "session.end", "daily", {}),
        ("Ada", "session.end_everywhere", "daily", {"sessions": 2}),
    ]


def test_an_end_that_comes_twice_is_told_once(people: Tokens, doors: Sessions, database: Database) -> None:
    secret, begun = doors.begin(people.create("Ada", Role.VIEWER))
    doors.end(begun)
    doors.end(begun)
    assert [entry.act for entry in told(database)] == ["session.begin", "session.end"]
    assert is_over(doors, secret)


def test_a_list_of_people_counts_the_sessions_that_run(people: Tokens, doors: Sessions, clock: Clock) -> None:
    admin = people.recognise(people.create("Ann", Role.ADMINISTRATOR))
    ada, gone = people.create("Ada", Role.VIEWER), people.create("Gone", Role.VIEWER)
    doors.begin(ada)
    clock.move(minutes=60)
    doors.begin(ada)
    doors.end(doors.begin(ada)[1])
    doors.begin(gone)
    people.revoke("Gone")
    assert {one.name: one.sessions for one in doors.people(admin)} == {"Ann": 0, "Ada": 2, "Gone": 0}
    clock.move(minutes=60)
    assert doors.person(admin, "Ada").sessions == 1
    clock.move(minutes=60)
    assert doors.person(admin, "Ada").sessions == 0


def test_sessions_are_forgotten_a_month_after_they_ended(
    people: Tokens, doors: Sessions, database: Database, clock: Clock
) -> None:
    token = people.create("Ada", Role.VIEWER)
    ended, left = doors.begin(token)[1], doors.begin(token)[1]
    doors.end(ended)
    clock.move(days=2)
    _, recent = doors.begin(token)
    clock.move(days=28)
    forget_expired(database, now=clock(), origin_days=30)
    assert {row["id"] for row in rows(database)} == {ended.id, left.id, recent.id}
    clock.move(seconds=1)
    forget_expired(database, now=clock(), origin_days=30)
    assert {row["id"] for row in rows(database)} == {left.id, recent.id}
    # Nobody signed that one out: it was over at the latest a day after it was last seen.
    clock.move(days=1)
    forget_expired(database, now=clock(), origin_days=30)
    assert {row["id"] for row in rows(database)} == {recent.id}


# --- refused ---------------------------------------------------------------------------------------------------------


def test_refused_sign_ins_are_counted_in_one_entry_a_minute(
    people: Tokens, doors: Sessions, database: Database, clock: Clock
) -> None:
    for number in range(100):
        doors.refused(bytes([number % 7]))
        clock.move(seconds=0.5)
    doors.refused(b"x")
    for _ in range(3):
        clock.move(minutes=2)
        doors.note_refused()
    found = told(database)
    assert {(entry.actor, entry.act, entry.subject, entry.site) for entry in found} == {
        ("nobody", "session.refused", "sign-in", None)
    }
    # The first at once; what came in its minute with the next minute's; and what was left over.
    assert [entry.detail for entry in found] == [{"count": 1, "origins": 1}, {"count": 100, "origins": 8}]


def test_processes_share_the_minute_and_lose_no_count(
    people: Tokens, database: Database, clock: Clock
) -> None:
    processes = [another(database, people, clock) for _ in range(4)]

    def work(doors: Sessions) -> None:
        for _ in range(50):
            doors.refused(b"x")

    threads = [threading.Thread(target=work, args=(doors,)) for doors in processes for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told(database)) == 1
    for _ in range(4):
        clock.move(minutes=1, seconds=1)
        before = len(told(database))
        for doors in processes:
            doors.note_refused()
        assert len(told(database)) <= before + 1
    assert sum(entry.detail["count"] for entry in told(database)) == 400


def test_a_clock_that_was_set_back_holds_no_entry_up(
    people: Tokens, doors: Sessions, database: Database, clock: Clock
) -> None:
    doors.refused(b"x")
    clock.move(days=-1)
    doors.refused(b"x")
    assert [entry.detail["count"] for entry in told(database)] == [1, 1]


def test_nothing_of_a_session_can_be_told_from_its_text(people: Tokens, doors: Sessions) -> None:
    secret, begun = doors.begin(people.create("Ada", Role.VIEWER))
    assert isinstance(begun, SignedIn)
    assert secret not in repr(begun) + repr(doors)
