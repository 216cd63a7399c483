"""Bans and trust in the store: found by keys that never leave it, and gone when they end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from service.domain.policy import Reason
from service.domain.roles import Role
from service.domain.site import Site
from service.domain.standing import Kind, Of, Standing, name_key
from service.domain.text import TextFault, normalise_line
from service.people import Moderator
from service.privacy import forget_expired
from service.standings import Standings, Wanted
from service.store import standings, threads, vault
from service.store.context import RECORD_WINDOW, author_records
from service.store.database import Database
from service.store.desk_tables import standings as table
from tests.people import NOW, add_site, arrival, store
from tests.screening_room import decide_as_person

ADA, BOB = b"a" * 32, b"b" * 32
HOME, CAFE = b"h" * 32, b"c" * 32
MODERATOR = Moderator("mia", Role.MODERATOR, None)
WEEKLY = threads.Story("weekly", "https://weekly.example/a")


@pytest.fixture
def place(database: Database) -> Database:
    add_site(database)
    add_site(database, Site("weekly", "The Weekly", ("https://weekly.example",)))
    return database


def desk(database: Database, at: datetime = NOW, origin_days: int = 30) -> Standings:
    return Standings(database, lambda: at, origin_days)


def wrote(
    database: Database, name: str = "Ada", address: bytes | None = ADA, origin: bytes = HOME, **changes: Any
) -> UUID:
    made = arrival(author_name=name, vault={"address_index": address, "origin_index": origin}, **changes)
    [comment_id] = store(database, made)
    return comment_id


def stand(
    database: Database, comment_id: UUID, of: Of, *, kind: Kind = Kind.BAN, at: datetime = NOW, **changes: Any
) -> standings.StandingRow:
    return desk(database, at).create(MODERATOR, Wanted(comment_id, kind, of, Reason.SPAM, **changes))


def stands(database: Database, *comments: UUID, at: datetime = NOW) -> dict[UUID, Standing]:
    """How the authors of these comments stand."""
    asked = {}
    with database.read() as connection:
        for comment_id in comments:
            row = connection.execute(
                sa.text("SELECT site, author_name FROM comments WHERE id = :id").bindparams(
                    sa.bindparam("id", type_=sa.Uuid)
                ),
                {"id": comment_id},
            ).one()
            asked[comment_id] = (row.site, row.author_name)
        return standings.StandingBook().of(connection, asked, now=at)


def banned(database: Database, *comments: UUID, at: datetime = NOW) -> set[UUID]:
    return {one for one, standing in stands(database, *comments, at=at).items() if standing.banned}


@pytest.mark.parametrize("of", list(Of))
def test_a_ban_catches_what_it_is_of_and_nothing_else(place: Database, of: Of) -> None:
    first = wrote(place)
    by_name = wrote(place, "Аdа", BOB, CAFE)  # two letters are Cyrillic
    by_address = wrote(place, "Somebody else", ADA, CAFE)
    by_origin = wrote(place, "A neighbour", None, HOME)
    stranger = wrote(place, "Adam", BOB, CAFE)
    # Keys of the vault differ from site to site; a name does not, and neither is a ban of another site.
    elsewhere = wrote(place, story=WEEKLY)
    row = stand(place, first, of)
    assert (row.kind, row.of, row.author_name, row.running) == ("ban", of.value, "Ada", True)
    caught = {Of.NAME: by_name, Of.ADDRESS: by_address, Of.ORIGIN: by_origin}[of]
    everyone = (first, by_name, by_address, by_origin, stranger, elsewhere)
    assert banned(place, *everyone) == {first, caught}
    ban = stands(place, caught)[caught].banned
    assert ban is not None
    assert (ban.of, ban.cause, ban.since) == (of, "spam", NOW)


@hypothesis_settings(max_examples=60)
@given(st.text("Ada аАаԁάÁ𝓐ａ1", min_size=1, max_size=12), st.text("Ada аАаԁάÁ𝓐ａ1", min_size=1, max_size=12))
@example("Ada", "Аdа")
@example("Ada", "Á d a")
@example("1", "l")
def test_names_are_one_name_exactly_when_they_look_alike(one: str, other: str) -> None:
    try:
        one, other = normalise_line(one, maximum=60), normalise_line(other, maximum=60)
    except TextFault:
        return
    # Told apart by hand: what each of these letters looks like in small Latin letters.
    looks = {"а": "a", "А": "a", "ԁ": "d", "ά": "a", "Á": "a", "𝓐": "a", "ａ": "a", "A": "a"}

    def seen(name: str) -> str:
        return "".join(looks.get(letter, letter) for letter in name)

    assert (name_key(one) == name_key(other)) is (seen(one) == seen(other))


@given(st.text(min_size=1, max_size=200))
@example("\ufdfa" * 200)  # one letter that folds to eighteen
@example("\u0301")  # nothing is left of a mark
def test_the_key_of_any_name_fits_an_index(name: str) -> None:
    assert len(name_key(name)) == 32


def test_trust_is_of_an_address_and_a_ban_is_stronger(place: Database) -> None:
    first, later = wrote(place), wrote(place, "Other name", ADA, CAFE)
    stand(place, first, Of.ADDRESS, kind=Kind.TRUST)
    assert stands(place, later)[later] == Standing(trusted=True)
    stand(place, first, Of.ADDRESS)
    found = stands(place, later)[later]
    assert found.banned is not None
    assert not found.trusted


def test_a_standing_ends_at_its_moment(place: Database) -> None:
    first = wrote(place)
    row = stand(place, first, Of.NAME, until=NOW + timedelta(days=2))
    assert banned(place, first, at=row.until - timedelta(seconds=1)) == {first}  # type: ignore[operator]
    assert banned(place, first, at=NOW + timedelta(days=2)) == set()
    # The key goes with the hourly round, and not before.
    forget_expired(place, now=NOW + timedelta(days=1), origin_days=30)
    assert keys(place) != [None]
    forget_expired(place, now=NOW + timedelta(days=2), origin_days=30)
    assert keys(place) == [None]


def keys(database: Database) -> list[bytes | None]:
    with database.read() as connection:
        return list(connection.scalars(sa.select(table.c.key).order_by(table.c.id)))


def test_a_ban_of_an_origin_ends_when_that_is_forgotten(place: Database) -> None:
    first = wrote(place, created_at=NOW - timedelta(days=10))
    forgotten = NOW + timedelta(days=20)
    assert stand(place, first, Of.ORIGIN, until=NOW + timedelta(days=300)).until == forgotten
    other = wrote(place, origin=CAFE, created_at=NOW - timedelta(days=10))
    assert stand(place, other, Of.ORIGIN).until == forgotten
    third = wrote(place, origin=b"x" * 32)
    assert stand(place, third, Of.ORIGIN, until=NOW + timedelta(days=1)).until == NOW + timedelta(days=1)


def test_a_lifted_one_catches_nobody_and_has_no_key(place: Database) -> None:
    first = wrote(place)
    row = stand(place, first, Of.ADDRESS)
    lifted = desk(place).lift(MODERATOR, row.id)
    assert (lifted.running, lifted.lifted_by, lifted.lifted_at) == (False, "mia", NOW)
    assert banned(place, first) == set()
    assert keys(place) == [None]


def test_erasing_the_comment_drops_the_key_and_the_name(place: Database) -> None:
    first, other = wrote(place), wrote(place)
    row = stand(place, first, Of.NAME, note="The one from Hill Street.")
    decide_as_person(place, first, "erase")
    with place.write() as connection:
        vault.forget(connection, first)
    assert keys(place) == [None]
    assert banned(place, other) == set()
    [shown] = desk(place).page(MODERATOR, site="daily")
    assert (shown.id, shown.author_name, shown.note, shown.running) == (row.id, "", "", False)


def test_of_two_who_ban_one_author_at_once_one_does(place: Database) -> None:
    from threading import Barrier, Thread

    from service.domain.errors import AlreadyStanding

    first = wrote(place)
    together, done = Barrier(2), []

    def act() -> None:
        together.wait()
        try:
            stand(place, first, Of.NAME)
            done.append("made")
        except AlreadyStanding:
            done.append("refused")

    both = [Thread(target=act) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(done) == ["made", "refused"]
    assert len(desk(place).page(MODERATOR, site="daily")) == 1


# --- what it costs ---------------------------------------------------------------------------------------------------


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    sa.event.listen(database.reading, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(database.reading, "before_cursor_execute", note)


def test_where_nobody_is_banned_one_small_look_serves_for_seconds(place: Database) -> None:
    ids = [wrote(place, f"Reader {n}", None) for n in range(3)]
    moment = [0.0]
    book = standings.StandingBook(lambda: moment[0])
    authors = {one: ("daily", f"Reader {n}") for n, one in enumerate(ids)}
    with place.read() as connection, statements(place) as sent:
        for _ in range(10):
            assert book.of(connection, authors, now=NOW) == {}
        assert len(sent) == 1
    stand(place, ids[0], Of.NAME)
    moment[0] = standings.FRESH_SECONDS + 0.1
    with place.read() as connection, statements(place) as sent:
        assert set(book.of(connection, authors, now=NOW)) == {ids[0]}
        # A batch of any size is one statement more; another site's batch none.
        assert len(sent) == 2
        assert book.of(connection, {ids[1]: ("weekly", "Reader 0")}, now=NOW) == {}
        assert len(sent) == 2


def test_what_people_approved_is_told_from_what_a_policy_let_through(place: Database) -> None:
    ids = [wrote(place) for _ in range(RECORD_WINDOW + 3)]
    for one in ids[:2] + ids[-3:-1]:
        decide_as_person(place, one, "approve")
    with place.read() as connection:
        record = author_records(connection, [ids[-1]])[ids[-1]]
    # The first two are beyond the window.
    assert (record.approved, record.welcomed) == (2, 2)


def test_a_preview_counts_by_status_and_no_more_than_it_may(
    place: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = wrote(place, created_at=NOW - timedelta(days=31))
    mine = [wrote(place, created_at=NOW - timedelta(days=n)) for n in (29, 20, 10, 1, 1, 1)]
    wrote(place, "Somebody", BOB, CAFE)
    decide_as_person(place, mine[0], "approve")
    decide_as_person(place, mine[1], "reject")
    for of in Of:
        preview = desk(place).preview(MODERATOR, Wanted(mine[-1], Kind.BAN, of, Reason.SPAM))
        assert preview.caught.by_status == {"approved": 1, "rejected": 1, "pending": 4}, of
        assert not preview.caught.more
        assert preview.caught.examples == tuple(reversed(mine[1:]))
        assert old not in preview.caught.examples
    assert desk(place).page(MODERATOR, site="daily") == []
    monkeypatch.setattr(standings, "PREVIEWED", 3)
    for of in Of:
        preview = desk(place).preview(MODERATOR, Wanted(mine[-1], Kind.BAN, of, Reason.SPAM))
        assert (sum(preview.caught.by_status.values()), preview.caught.more) == (3, True)


def test_the_list_is_newest_first_and_every_page_goes_on_where_the_last_ended(place: Database) -> None:
    made = [stand(place, wrote(place, f"Reader {uuid4()}"), Of.NAME).id for _ in range(5)]
    trusted = stand(place, wrote(place), Of.ADDRESS, kind=Kind.TRUST).id
    desk(place).lift(MODERATOR, made[1])
    first = desk(place).page(MODERATOR, site="daily", limit=4)
    rest = desk(place).page(MODERATOR, site="daily", limit=4, before=first[-1].id)
    assert [row.id for row in first + rest] == [trusted, *reversed(made)]
    assert [row.id for row in desk(place).page(MODERATOR, site=None, kind=Kind.TRUST)] == [trusted]
    assert desk(place).page(MODERATOR, site="weekly") == []
