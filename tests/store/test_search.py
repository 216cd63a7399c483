"""Searching: the same answers from both databases, from the index and from the newest rows, whatever is typed."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.errors import InvalidSubmission
from service.domain.queue import Cursor, Filters, QueueName, Wanted
from service.domain.search import Term, Words, read_words, searchable
from service.store import queues, scans, search
from service.store.database import Database
from service.store.desk_tables import search_rows
from tests.people import NOW, add_site, arrival
from tests.screening_room import approving, screening_on, store_many

POOL = [
    "bridge",
    "ferry",
    "council",
    "budget",
    "brücke",
    "мост",
    "預算",
    "o'brien",
    "1e5",
    "0x1f",
    "3.14",
    "foo-bar",
    "a_b",
    "café",
    "naïve",
    "qwerty",
    "zq",
    "q",
    "é",
    "x",
]


def fill(database: Database, count: int) -> dict[UUID, str]:
    """Comments as their screening leaves them; the searchable text of each."""
    chance = random.Random(3)
    add_site(database)
    texts = [" ".join(chance.choices(POOL, k=chance.randint(1, 9))) for _ in range(count)]
    ids = store_many(database, [arrival(text, author_name=f"Name{n % 3}") for n, text in enumerate(texts)])
    made = {
        one: searchable(f"Name{n % 3}", text) for n, (one, text) in enumerate(zip(ids, texts, strict=True))
    }
    with database.write() as connection:
        ordered = sorted(made)
        search.keep(connection, [search.Searched(one, "daily", made[one], {}) for one in ordered])
    return made


def holds(text: str, words: Words) -> bool:
    """A plain reading of the rules, to hold both ways of looking against."""
    found = text.split()

    def has(term: Term) -> bool:
        for start in range(len(found) - len(term.words) + 1):
            window = found[start : start + len(term.words)]
            last = window[-1].startswith(term.words[-1]) if term.begins else window[-1] == term.words[-1]
            if last and tuple(window[:-1]) == term.words[:-1]:
                return True
        return False

    return all(map(has, words.required)) and not any(map(has, words.excluded))


def both_ways(database: Database, words: Words) -> tuple[list[UUID], list[UUID]]:
    """What is found in the newest rows, and by the index."""
    with database.read() as connection:
        newest = connection.execute(search.newest(None, 1000, words))
        found = [row.id for row in newest if row.holds]
        backend = connection.dialect.name
        return found, [row.id for row in connection.execute(search.indexed(backend, None, 1000, words))]


hostile = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="\"'-*^:()&|!<>{}+\\%_ ab0é預\x00", max_size=30),
    st.lists(
        st.sampled_from(
            [
                *POOL,
                *("AND", "OR", "NOT", "NEAR(a b)", '"', "*", "-", "col:", "^", "!", "&", "|", "<->", ":*"),
                *("'; DROP TABLE comments; --", "br", "coun", '"ferry council"', "-bridge", '-"x x"'),
            ]
        ),
        max_size=6,
    ).map(" ".join),
)


@settings(max_examples=120)
@given(typed=hostile)
def test_whatever_is_typed_both_ways_find_the_same_and_never_fail(
    searched: tuple[Database, dict[UUID, str]], typed: str
) -> None:
    database, made = searched
    try:
        words = read_words(typed)
    except InvalidSubmission:
        return
    right = sorted((one for one, text in made.items() if holds(text, words)), reverse=True)
    assert both_ways(database, words) == (right, right)


@pytest.fixture
def searched(database: Database) -> tuple[Database, dict[UUID, str]]:
    return database, fill(database, 120)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("brucke", True),
        ("BRÜ", True),
        ("obrien", False),
        ("o'brien", True),
        ("算", True),
        ("預算", True),
        ("算預", False),
        ("1e", True),
        ("mocт", True),
        ("foobar", False),
        ("%", None),
        ("name1", True),
    ],
)
def test_people_find_what_they_mean(
    searched: tuple[Database, dict[UUID, str]], typed: str, found: bool | None
) -> None:
    try:
        ways = both_ways(searched[0], read_words(typed))
    except InvalidSubmission:
        assert found is None
        return
    assert [bool(way) for way in ways] == [found, found]


@pytest.mark.parametrize("rare", [True, False], ids=["by the index", "from the newest"])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_of_a_search_come_newest_first_and_miss_none(
    database: Database, monkeypatch: pytest.MonkeyPatch, rare: bool, limit: int
) -> None:
    made = fill(database, 150)
    monkeypatch.setattr(search, "is_rare", lambda connection, words: rare)
    monkeypatch.setattr(scans, "_STEPS", (5, 10))
    for typed, filters in (
        ("bridge", Filters()),
        ('"ferry council"', Filters()),
        ("br", Filters(author="1")),
    ):
        wanted = Wanted(QueueName.EVERYTHING, ("daily",), filters, words=typed)
        found: list[UUID] = []
        cursor: Cursor | None = Cursor()
        while cursor is not None:
            with database.read() as connection:
                page = queues.page(connection, wanted, cursor, limit=limit, now=NOW)
            found += page.ids
            cursor = page.cursor
        right = [one for one, text in made.items() if holds(text, read_words(typed))]
        if filters.author:
            right = [one for one in right if "name1" in made[one]]
        assert found == sorted(right, reverse=True)


def test_a_search_stays_within_its_queue_and_its_sites(database: Database) -> None:
    fill(database, 30)
    for queue, sites in ((QueueName.SPAM, ("daily",)), (QueueName.EVERYTHING, ("weekly",))):
        with database.read() as connection:
            wanted = Wanted(queue, sites, words="bridge")
            assert queues.page(connection, wanted, Cursor(), limit=9, now=NOW).ids == []
    with database.read() as connection:
        pending = Wanted(QueueName.PENDING, ("daily",), words="bridge")
        assert queues.page(connection, pending, Cursor(), limit=9, now=NOW).ids


def test_an_edited_text_is_found_by_its_new_words_alone(database: Database) -> None:
    add_site(database)
    [one] = store_many(database, [arrival("x")])
    for text in ("old words", "new words"):
        with database.write() as connection:
            search.forget_earlier(connection, [one])
            search.keep(
                connection, [search.Searched(one, "daily", searchable(text), {("spam", "links"): 0.5})]
            )
    assert both_ways(database, read_words("old ")) == ([], [])
    assert both_ways(database, read_words("new ")) == ([one], [one])


def test_screening_leaves_what_is_searched_and_what_was_found(
    database: Database, clock: Callable[[], Any]
) -> None:
    approving(database)
    [plain, linked] = store_many(
        database, [arrival("Plain words."), arrival("See www.bit.ly/x and www.bit.ly/y")]
    )
    screening_on(database, clock).drain()
    assert both_ways(database, read_words("plain ada")) == ([plain], [plain])
    with database.read() as connection:
        wanted = Wanted(QueueName.EVERYTHING, ("daily",), Filters(label="spam", check="links"))
        assert queues.page(connection, wanted, Cursor(), limit=9, now=NOW).ids == [linked]
        assert connection.scalar(sa.select(sa.func.count()).select_from(search_rows)) == 2


def test_a_common_word_is_told_from_a_rare_one_by_the_databases_own_statistics(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, 60)
    if database.is_sqlite:
        with database.read() as connection:
            assert search.is_rare(connection, read_words("bridge"))
        return
    monkeypatch.setattr(search, "RARE", 5)
    common, rare = read_words('"bridge"'), read_words('"zanzibar"')
    with database.write() as connection:
        connection.exec_driver_sql("ANALYZE search_rows")
        # A house of sixty comments is read faster than its index.
        assert not search.is_rare(connection, rare)
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        assert search.is_rare(connection, rare)
        assert not search.is_rare(connection, common)
