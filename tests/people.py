"""Rows that many tests start from: a site, its story, and comments in it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from service.domain.site import Site
from service.store import threads
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
