"""Conversations as they stand on stage, made without anybody having to decide about each comment of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.store import threads
from service.store.ids import new_id
from service.store.tables import comments
from service.store.tables import threads as thread_table
from tests.people import NOW, arrival
from tests.web.conftest import STORY, House


def put_on_stage(
    house: House, shape: list[int | None], *, url: str = STORY, external_id: str | None = None
) -> list[UUID]:
    """Shown comments under a story: ``shape[n]`` is the place in this list of what the n-th answers."""
    story = threads.Story("daily", url, external_id)
    rows: list[dict[str, Any]] = []
    for number, answered in enumerate(shape):
        above = rows[answered] if answered is not None else None
        row = arrival(
            f"Comment {number}.",
            status="approved",
            awaiting=None,
            place="shown",
            parent_id=above["id"] if above else None,
            root_id=(above["root_id"] or above["id"]) if above else None,
            depth=above["depth"] + 1 if above else 0,
        ).row
        rows.append({**row, "id": new_id()})
    with house.database.write() as connection:
        places = threads.find_or_make(connection, [story], {})
        thread_id = places["daily", url].id
        connection.execute(sa.insert(comments), [{**row, "thread_id": thread_id} for row in rows])
        connection.execute(
            sa.update(thread_table)
            .where(thread_table.c.id == thread_id)
            .values(
                approved_count=thread_table.c.approved_count + len(rows), revision=thread_table.c.revision + 1
            )
        )
    return [row["id"] for row in rows]


def close_story(house: House, url: str = STORY, *, closed: bool = True) -> None:
    with house.database.write() as connection:
        assert threads.close(connection, "daily", url, now=NOW if closed else None)


def walk(house: House, *, url: str = STORY, between: Any = None, **query: Any) -> list[dict[str, Any]]:
    """All pages of a thread, one after the other; ``between`` is called between two pages."""
    pages: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        assert len(pages) < 500, "the pages have no end"
        more = {} if cursor is None else {"cursor": cursor}
        answer = house.thread(url, **query, **more)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.get_json()
        pages.append(page)
        cursor = page["next_cursor"]
        if cursor is None:
            return pages
        if between is not None:
            between()


def flattened(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every node of a tree, parents before their answers."""
    found = []
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += reversed(node.get("replies", []))
    return found
