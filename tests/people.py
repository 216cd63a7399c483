"""Rows that many tests start from: a site, its story, and comments in it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.appeal import decision_to_appeal
from service.domain.errors import AlreadyAppealed, NothingToAppeal
from service.domain.site import Site
from service.store import appeals, desk, threads
from service.store.database import Database
from service.store.ids import new_id
from service.store.writer import Arrival, Writer

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SITE = Site("daily", "The Daily", ("https://daily.example",))
STORY = threads.Story("daily", "https://daily.example/budget")


def add_site(database: Database, site: Site = SITE) -> Site:
    with database.write() as connection:
        threads.save_site(connection, site, now=NOW)
    return site


def arrival(text: str = "What about the bridge?", **changes: Any) -> Arrival:
    """A comment ready to be stored; ``changes`` go into its row."""
    comment_id = new_id()
    vault = changes.pop("vault", {})
    story = changes.pop("story", STORY)
    row = {
        "id": comment_id,
        "site": story.site,
        "author_name": "Ada",
        "source": text,
        "html": f"<p>{text}</p>",
        "status": "pending",
        "awaiting": "pending",
        "place": "hidden",
        "revision": 1,
        "signals": {},
        "edit_token_hash": secrets.token_bytes(32),
        "created_at": NOW,
        "shown_at": NOW if changes.get("place") == "shown" else None,
        "attempt": 0,
        "parent_id": None,
        "root_id": None,
        "depth": 0,
        **changes,
    }
    vault_row = {
        "comment_id": comment_id,
        "site": story.site,
        "sealed": None,
        "key_id": None,
        "address_index": None,
        "origin_index": None,
        **vault,
    }
    return Arrival(row=row, vault_row=vault_row, thread=story, created_at=NOW)


def store(database: Database, *arrivals: Arrival) -> list[UUID]:
    """Commit these comments the way the product does."""
    writer = Writer(database, lambda ids: None)
    try:
        return [writer.store(one) for one in arrivals]
    finally:
        writer.close()


def appeal_if_possible(connection: sa.Connection, comment_id: UUID, *, now: datetime) -> bool:
    """An appeal of the comment's author, where there is something to appeal; whether there was."""
    [row] = desk.many(connection, [comment_id])
    past = desk.decisions_of(connection, [comment_id])[comment_id]
    made = appeals.of(connection, [comment_id])[comment_id]
    try:
        about = decision_to_appeal(row.status, row.awaiting, past, made, waits=row.appealed_at is not None)
    except (AlreadyAppealed, NothingToAppeal):
        return False
    appeals.add(connection, comment_id, about.id, revision=row.revision, text="Once more.", now=now)
    return True
