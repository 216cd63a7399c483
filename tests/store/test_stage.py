"""What a site's feed is made of: the latest that is shown, with its story, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from service.domain.site import Site
from service.store import stage, threads
from service.store.database import Database
from service.store.tables import comments
from tests.people import add_site, arrival, store
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
    ],
    ids=str,
)
def test_what_is_not_shown_at_the_site_is_not_among_the_latest(
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


def test_the_latest_come_from_an_index_in_order(database: Database) -> None:
    add_site(database)
    plan = explained(database, stage._latest("daily", 50))
    # Of two that serve alike PostgreSQL may take either.
    assert "comments_queue" in plan or (not database.is_sqlite and "comments_site" in plan)
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
