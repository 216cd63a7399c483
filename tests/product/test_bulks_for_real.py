"""A bulk about ten thousand comments, asked for and taken back over the API, whose worker is killed in the middle."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
import sqlalchemy as sa

from service.store.database import Database
from service.store.ids import new_id
from service.store.tables import comments, decisions, fingerprints, screenings, vault
from tests.product.running import STORY, Running, alive

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

COUNT = 10_000
PEOPLE = ~decisions.c.automated
OF_THE_STORY = f"site=demo&url={quote(STORY, safe='')}"
READ = (
    f"/v1/threads?{OF_THE_STORY}",
    f"/v1/threads?{OF_THE_STORY}&view=flat",
    f"/v1/threads?{OF_THE_STORY}&sort=newest",
    f"/v1/threads.html?{OF_THE_STORY}",
    f"/v1/feeds/thread.atom?{OF_THE_STORY}",
    "/v1/feeds/site.atom?site=demo",
    f"/v1/counts?{OF_THE_STORY}",
)


def public(running: Running) -> list[tuple[bytes, str | None]]:
    """What everybody reads of the story, and the ETags of what has one: counts are fresh for a minute instead."""
    answers = [running.ask("GET", path) for path in READ]
    assert {answer.status for answer in answers} == {200}
    return [(answer.body, answer.headers.get("etag")) for answer in answers]


def case(running: Running, comment_id: str) -> dict[str, Any]:
    found: dict[str, Any] = running.as_admin("GET", f"/v1/admin/comments/{comment_id}").json()
    return found


def held(running: Running, text: str) -> str:
    """A comment that the product took, screened and holds; its id."""
    made: str = running.post(text).json()["id"]
    running.until(lambda: case(running, made)["status"] == "held", what="held")
    return made


def approved(running: Running) -> str:
    made = held(running, "One that is up.")
    decision = {"action": "approve", "revision": case(running, made)["revision"]}
    assert running.as_admin("POST", f"/v1/admin/comments/{made}/decision", decision).status == 200
    return made


def many_like(running: Running, first: UUID, above: UUID) -> set[UUID]:
    """Have ``COUNT`` held comments in all, ``first`` and its like: with all that the store keeps of that one, under
    ids of their own, every other of them an answer to ``above``. Put there past the web, which would take minutes.
    The ids of all."""
    ids = [new_id() for _ in range(COUNT - 1)]
    database = Database(running.database_url)
    try:
        with database.write() as connection:
            row = one_of(connection, comments, comments.c.id == first)
            answer = {**row, "parent_id": above, "root_id": above, "depth": 1}
            rows = [{**(answer if number % 2 else row), "id": one} for number, one in enumerate(ids)]
            connection.execute(sa.insert(comments), rows)
            for table in (vault, screenings, decisions, fingerprints):
                row = one_of(connection, table, table.c.comment_id == first)
                own = {"id": new_id} if "id" in table.c else {}
                connection.execute(sa.insert(table), [like(row, one, own) for one in ids])
    finally:
        database.close()
    return {first, *ids}


def one_of(connection: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool]) -> dict[str, Any]:
    return dict(connection.execute(sa.select(table).where(which)).mappings().one())


def like(row: dict[str, Any], comment_id: UUID, own: dict[str, Callable[[], UUID]]) -> dict[str, Any]:
    return {**row, "comment_id": comment_id, **{name: make() for name, make in own.items()}}


def carried_out(running: Running, asked: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask for a bulk, kill the worker in the middle of it, and follow the bulk to its end."""
    made = running.as_admin("POST", asked, body)
    assert made.status == 202, made.body
    path = f"/v1/admin/bulks/{made.json()['id']}"

    def look() -> dict[str, Any]:
        found: dict[str, Any] = running.as_admin("GET", path).json()
        return found

    running.until(lambda: look()["done"] > 0, seconds=60, what="begun")
    kill_the_workers(running)
    assert 0 < look()["done"] < look()["total"] == COUNT
    assert look()["finished_at"] is None
    # What a dead worker had stays its own until its lease is over.
    running.until(lambda: look()["finished_at"], seconds=120, what="finished")
    return look()


def kill_the_workers(running: Running) -> None:
    """All there are, at once, so that nobody is left who could go on; the supervisor starts them again."""
    gone = running.workers
    assert gone
    for pid in gone:
        os.kill(pid, signal.SIGKILL)
    running.until(lambda: not any(map(alive, gone)), what="killed")
    running.wait_for("workers", without=gone)


def statuses(running: Running, ids: set[UUID]) -> Counter[str]:
    with running.database() as connection:
        rows = connection.execute(sa.select(comments.c.id, comments.c.status)).all()
    return Counter(row.status for row in rows if row.id in ids)


def decided(running: Running, bulk: dict[str, Any]) -> Counter[UUID]:
    """How many decisions of people a bulk made about each comment."""
    with running.database() as connection:
        query = sa.select(decisions.c.comment_id).where(PEOPLE, decisions.c.bulk_id == UUID(bulk["id"]))
        return Counter(connection.scalars(query))


def by_people(running: Running, ids: set[UUID]) -> Counter[UUID]:
    with running.database() as connection:
        query = sa.select(decisions.c.comment_id).where(PEOPLE)
        return Counter(one for one in connection.scalars(query) if one in ids)


@pytest.fixture
def up(running: Running) -> Running:
    running.up()
    return running


def test_ten_thousand_are_approved_once_each_and_taken_back_though_the_worker_is_killed_each_time(
    up: Running,
) -> None:
    above = approved(up)
    ids = many_like(up, UUID(held(up, "What about the bridge?")), UUID(above))
    assert statuses(up, ids) == {"held": COUNT}
    before = public(up)

    bulk = carried_out(up, "/v1/admin/bulks", {"site": "demo", "query": "queue=held", "action": "approve"})
    assert (bulk["total"], bulk["done"], bulk["passed_over"]) == (COUNT, COUNT, 0)
    assert statuses(up, ids) == {"approved": COUNT}
    assert by_people(up, ids) == decided(up, bulk) == Counter(ids)
    assert up.ask("GET", READ[-1]).json()["counts"][0]["count"] == COUNT + 1
    assert all(now != then for now, then in zip(public(up), before, strict=True))

    undone = carried_out(up, f"/v1/admin/bulks/{bulk['id']}/undo")
    assert (undone["total"], undone["done"], undone["passed_over"]) == (COUNT, COUNT, 0)
    assert statuses(up, ids) == {"held": COUNT}
    assert decided(up, undone) == Counter(ids)
    assert public(up) == before
