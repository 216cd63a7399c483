"""Fills an installation with comments straight through the store's tables, in large transactions.

The rows are what the product itself would have written: rendered, sealed, indexed, fingerprinted, screened and
decided. Through its door the same would take minutes, and a measurement of a full house would measure the filling.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from benchmarks.corpus import SEED, Written, written
from benchmarks.greenroom import ORIGIN, SITE, Greenroom
from service.adapters.cipher import Cipher
from service.adapters.sanitizer import render
from service.checks.catalogue import CATALOGUE
from service.domain.address import Address
from service.domain.comment import Signals
from service.domain.folding import fold
from service.domain.policy import Finding, as_stored
from service.scoring.fingerprints import fingerprint
from service.settings import read_or_make_keys
from service.store import tables
from service.store.ids import new_id

BATCH = 2_000
PER_THREAD = 100
SHARE_OF_REPLIES = 0.3
AGE = timedelta(days=7)


class Seeder:
    def __init__(self, ours: Greenroom) -> None:
        self._ours = ours
        keys = read_or_make_keys(ours.settings)
        self._cipher = Cipher(keys.vault, keys.index)
        self._chance = random.Random(SEED)
        self._findings = [as_stored(Finding(name, "1", "other")) for name in CATALOGUE]

    def approved(self, comments: Sequence[Written], *, replies: bool = True) -> list[str]:
        """Threads of a hundred approved comments each; the addresses of their stories."""
        stories = [f"{ORIGIN}/2026/story-{number}" for number in range(-(-len(comments) // PER_THREAD))]
        with self._ours.open() as database:
            for many in _batches(
                list(zip(stories, _batches(comments, PER_THREAD), strict=True)), BATCH // PER_THREAD
            ):
                with database.write() as connection:
                    for story, of_thread in many:
                        self._thread(connection, story, of_thread, replies)
        return stories

    def waiting(self, comments: Sequence[Written]) -> None:
        """A backlog: accepted, and screened by nobody yet."""
        with self._ours.open() as database:
            thread_id = new_id()
            for number, batch in enumerate(_batches(comments, BATCH)):
                with database.write() as connection:
                    if number == 0:
                        self._insert(
                            connection, tables.threads, [_thread_row(thread_id, f"{ORIGIN}/2026/backlog", 0)]
                        )
                    rows = [self._comment_row(each, thread_id, shown=False) for each in batch]
                    self._insert(connection, tables.comments, rows)
                    self._insert(
                        connection,
                        tables.vault,
                        [self._vault_row(*pair) for pair in zip(rows, batch, strict=True)],
                    )

    def _thread(
        self, connection: sa.Connection, story: str, comments: Sequence[Written], replies: bool
    ) -> None:
        thread_id = new_id()
        rows = [self._comment_row(each, thread_id, shown=True) for each in comments]
        if replies:
            # The same thread has the same shape wherever it stands.
            chance = random.Random(comments[0].text)
            for place, row in enumerate(rows[1:], start=1):
                if chance.random() < SHARE_OF_REPLIES:
                    _answer(row, rows[chance.randrange(place)])
        self._insert(connection, tables.threads, [_thread_row(thread_id, story, len(rows))])
        self._insert(connection, tables.comments, rows)
        self._insert(
            connection, tables.vault, [self._vault_row(*pair) for pair in zip(rows, comments, strict=True)]
        )
        self._insert(connection, tables.fingerprints, [_fingerprint_row(row) for row in rows])
        screenings = [self._screening_row(row) for row in rows]
        self._insert(connection, tables.screenings, screenings)
        self._insert(
            connection,
            tables.decisions,
            [_decision_row(*pair) for pair in zip(rows, screenings, strict=True)],
        )

    @staticmethod
    def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        connection.execute(sa.insert(table), rows)

    def _comment_row(self, comment: Written, thread_id: UUID, *, shown: bool) -> dict[str, Any]:
        return {
            "id": new_id(),
            "site": SITE,
            "thread_id": thread_id,
            "parent_id": None,
            "root_id": None,
            "depth": 0,
            "author_name": comment.name,
            "source": comment.text,
            "html": render(comment.text),
            "status": "approved" if shown else "pending",
            "awaiting": None if shown else "pending",
            "place": "shown" if shown else "hidden",
            "revision": 1,
            "signals": asdict(Signals(seconds=34.5)),
            "edit_token_hash": self._chance.randbytes(32),
            "created_at": datetime.now(UTC) - AGE * self._chance.random() - timedelta(minutes=1),
            "shown_at": datetime.now(UTC) if shown else None,
            "attempt": 1 if shown else 0,
        }

    def _vault_row(self, row: dict[str, Any], comment: Written) -> dict[str, Any]:
        address = Address(comment.email)
        origin = self._chance.randrange(1, 1 << 16)
        return {
            "comment_id": row["id"],
            "site": SITE,
            "sealed": self._cipher.seal(address, row["id"]),
            "key_id": self._cipher.writing_key_id,
            "address_index": self._cipher.address_index(SITE, address),
            "origin_index": self._cipher.origin_index(SITE, f"2001:db8:{origin:x}::/64"),
        }

    def _screening_row(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": new_id(),
            "comment_id": row["id"],
            "revision": 1,
            "policy_version": 0,
            "findings": self._findings,
            "created_at": row["created_at"],
        }


def _thread_row(thread_id: UUID, story: str, approved: int) -> dict[str, Any]:
    return {
        "id": thread_id,
        "site": SITE,
        "url": story,
        "revision": 1,
        "approved_count": approved,
        "created_at": datetime.now(UTC) - AGE,
    }


def _answer(row: dict[str, Any], parent: dict[str, Any]) -> None:
    if parent["depth"] < 6:
        row["parent_id"] = parent["id"]
        row["root_id"] = parent["root_id"] or parent["id"]
        row["depth"] = parent["depth"] + 1


def _fingerprint_row(row: dict[str, Any]) -> dict[str, Any]:
    found = fingerprint(fold(row["source"]).text)
    return {
        "comment_id": row["id"],
        "site": SITE,
        "thread_id": row["thread_id"],
        "text_hash": found.text_hash,
        "simhash": found.simhash,
        **{f"band{number}": band for number, band in enumerate(found.bands)},
    }


def _decision_row(row: dict[str, Any], screening: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "comment_id": row["id"],
        "site": SITE,
        "revision": 1,
        "action": "approve",
        "status_before": "pending",
        "status": "approved",
        "reasons": [],
        "note": "",
        "actor": "policy 0",
        "automated": True,
        "policy_version": 0,
        "screening_id": screening["id"],
        "decided_at": row["created_at"],
    }


def _batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


def more_written(count: int) -> list[Written]:
    """Comments that differ from those that the clients will send."""
    return written(count, seed=SEED + 1)
