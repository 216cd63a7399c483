"""What a site's feed is made of: the latest that is shown, with its story, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.domain.site import Site
from service.store import stage, threads
from service.store.database import Database
from service.store.ids import new_id
from service.store.tables import comments
from tests.people import NOW, add_site, arrival, store
from tests.store.test_queues import explained

SHOWN = {"status": "approved", "awaiting": None, "place": "shown"}
ELSEWHERE = threads.Story("other", "https://other.example/story")


def latest(database: Database, limit: int = 50) -> list[stage.LatestRow]:
    with database.read() as connection:
        return stage.latest(connection, "daily", limit=limit)


def test_the_latest_of_a_site_come_newest_first_with_their_stories(database: Database) -> None:
    add_site(database)
    stories = [
        threads.Story("daily", f"https://daily.example/{n}", title=f"Story {n}" if n else None)
        for n in range(2)
    ]
    made = [arrival(f"Comment {n}.", story=stories[n % 2], **SHOWN) for n in range(5)]
    ids = store(database, *made)
    found = latest(database, limit=3)
    assert [row.comment.id for row in found] == ids[:1:-1]
    assert [(row.url, row.title) for row in found] == [
        ("https://daily.example/0", None),
        ("https://daily.example/1", "Story 1"),
        ("https://daily.example/0", None),
    ]
    assert found[0].comment.html == "<p>Comment 4.</p>"


@pytest.mark.parametrize(
    "hidden",
    [
        {"status": "pending", "awaiting": "pending", "place": "hidden"},
        {"status": "held", "awaiting": "held", "place": "hidden"},
        {"status": "rejected", "awaiting": None, "place": "hidden"},
        {"status": "rejected", "awaiting": None, "place": "tombstone"},
        {"status": "withdrawn", "awaiting": None, "place": "tombstone"},
        {"status": "erased", "awaiting": None, "place": "hidden"},
        {**SHOWN, "story": ELSEWHERE},
        {**SHOWN, "shown_at": None},
    ],
    ids=str,
)
def test_what_is_not_shown_at_the_site_or_nobody_knows_since_when_is_not_among_the_latest(
    database: Database, hidden: dict[str, Any]
) -> None:
    add_site(database)
    add_site(database, Site("other", "The Other", ("https://other.example",)))
    [shown] = store(database, arrival(**SHOWN))
    store(database, arrival("Zanzibar.", **hidden))
    assert [row.comment.id for row in latest(database)] == [shown]


def test_a_waiting_edit_is_not_among_the_latest(database: Database) -> None:
    add_site(database)
    [shown] = store(database, arrival(**SHOWN))
    before = latest(database)
    with database.write() as connection:
        connection.execute(
            sa.update(comments)
            .where(comments.c.id == shown)
            .values(edit_source="Zanzibar.", edit_html="<p>Zanzibar.</p>", edit_at=sa.func.now())
        )
    assert latest(database) == before


def test_what_came_on_stage_last_is_told_first_however_long_it_waited(database: Database) -> None:
    add_site(database)
    moments = [NOW + timedelta(days=days) for days in (3, 1, 2)]
    ids = store(database, *(arrival(**{**SHOWN, "shown_at": moment}) for moment in moments))
    expected = [ids[0], ids[2], ids[1]]
    assert [row.comment.id for row in latest(database)] == expected
    with database.read() as connection:
        thread_id = connection.execute(sa.select(comments.c.thread_id).limit(1)).scalar_one()
        here = stage.latest_here(connection, thread_id, limit=2)
    assert [row.id for row in here] == expected[:2]
    assert [row.shown_at for row in here] == [moments[0], moments[2]]


@pytest.mark.parametrize(
    ("where", "index"),
    [
        (comments.c.site == "daily", "comments_latest"),
        (comments.c.thread_id == new_id(), "comments_latest_here"),
    ],
    ids=["site", "thread"],
)
def test_the_latest_come_from_an_index_in_order(
    database: Database, where: sa.ColumnElement[bool], index: str
) -> None:
    add_site(database)
    plan = explained(database, stage._latest(where, 50))
    assert index in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
