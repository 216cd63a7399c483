"""Keeping the promise about addresses over time: key changes, erasure, and forgetting what has expired."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from service.domain.comment import Status
from service.domain.decision import told_as
from service.domain.errors import GreenroomError
from service.store import (
    appeals,
    bulks,
    claims,
    decisions,
    desk,
    flags,
    likes,
    proofs,
    reports,
    search,
    sessions,
    standings,
    threads,
    vault,
)
from service.store.database import Database

if TYPE_CHECKING:
    from service.adapters.cipher import Cipher

IDEMPOTENCY_DAYS = 2
REPORT_DAYS = 365
SESSION_DAYS = 30
RESEAL_BATCH = 200
CHECKPOINT_TRIES = 20
CHECKPOINT_PAUSE_SECONDS = 0.1

log = logging.getLogger("greenroom.privacy")


class KeyMissing(GreenroomError):
    """The database was written with a key that this process does not have, or has another key under that id."""

    detail = "A key is missing."


def check_keys(database: Database, cipher: Cipher, *, now: datetime) -> None:
    """Hold the keys of this process against those that the database knows, and remember new ones.

    A wrong index key would silently lose every ban and trust, a missing vault key every address: both must
    stop the start. Raises ``KeyMissing`` naming the key ids, never the keys.
    """
    present = cipher.fingerprints()
    with database.read() as connection:
        known = vault.key_fingerprints(connection)
        used = vault.count_by_key(connection) if set(known) - set(present) else {}
    for key_id, fingerprint in known.items():
        if key_id in present:
            if present[key_id] != fingerprint:
                raise KeyMissing(f"The key {key_id!r} is not the one that this database was written with.")
        elif used.get(key_id):
            raise KeyMissing(f"The key {key_id!r} is missing: {used[key_id]} addresses are sealed with it.")
    if fresh := {i: f for i, f in present.items() if i not in known}:
        with database.write() as connection:
            known = vault.key_fingerprints(connection)
            for key_id, fingerprint in fresh.items():
                if key_id not in known:
                    vault.remember_key(connection, key_id, fingerprint, now=now)


def rotate(database: Database, cipher: Cipher) -> Iterator[int]:
    """Seal all addresses with the first key of the ring; yields how many were done after each batch.

    Safe to interrupt and to run again, also while comments come in.
    """
    done = 0
    while True:
        with database.write() as connection:
            rows = vault.sealed_with_other_keys(connection, cipher.writing_key_id, RESEAL_BATCH)
            for comment_id, sealed in rows:
                address = cipher.open(sealed, comment_id)
                vault.reseal(connection, comment_id, cipher.seal(address, comment_id), cipher.writing_key_id)
        if not rows:
            return
        done += len(rows)
        yield done


def forget_expired(database: Database, *, now: datetime, origin_days: int) -> None:
    """Drop network origins, and readers' calls and likes with theirs, older than ``origin_days``; Idempotency-Keys
    older than two days, claims that have run out, what was reported through the doors more than a year ago, what bans
    knew somebody by once they have ended, moderators' sessions that ended more than thirty days ago, proofs of
    work that could not be used any more, and bulks that nobody said yes to."""
    with database.write() as connection:
        vault.forget_origins(connection, before=now - timedelta(days=origin_days))
        flags.forget_before(connection, before=now - timedelta(days=origin_days))
        likes.forget_before(connection, before=now - timedelta(days=origin_days))
        claims.forget_expired(connection, now=now)
        vault.forget_idempotency(connection, before=now - timedelta(days=IDEMPOTENCY_DAYS))
        reports.forget_before(connection, before=now - timedelta(days=REPORT_DAYS))
        standings.forget_ended(connection, now=now)
        sessions.forget_ended(connection, before=now - timedelta(days=SESSION_DAYS))
        proofs.forget_expired(connection, now=now)
        bulks.forget_drafts(connection, before=now - bulks.DRAFT_KEPT)


@dataclass(frozen=True)
class Erasure:
    """Erasing and exporting what is stored of one person, found by their address."""

    database: Database
    cipher: Cipher
    now: Callable[[], datetime]

    def erase(self, raw_address: str) -> int:
        """Erase every comment of this address on all sites, leaving tombstones; the number erased.

        Raises ``AddressFault``.
        """
        erased = 0
        for comment_id in self._of(raw_address):
            with self.database.write() as connection:
                row = desk.get(connection, comment_id)
                if row is None or row.status == Status.ERASED.value:
                    continue
                decisions.record_one(
                    connection,
                    decisions.Verdict(
                        comment_id=comment_id,
                        revision=row.revision,
                        action="erase",
                        status=Status.ERASED,
                        actor="the operator",
                        automated=False,
                        decided_at=self.now(),
                    ),
                )
                vault.forget(connection, comment_id)
                erased += 1
        if erased:
            with self.database.write() as connection:
                search.forget_deleted(connection)
            self._forget_old_pages()
        return erased

    def _forget_old_pages(self) -> None:
        # Readers and writers keep the log for moments only: one of a few tries meets none of them.
        for _ in range(CHECKPOINT_TRIES):
            if self.database.forget_old_pages():
                return
            time.sleep(CHECKPOINT_PAUSE_SECONDS)
        log.warning(
            "the write-ahead log could not be emptied; what was erased is in it until the next checkpoint"
        )

    def export(self, raw_address: str) -> Iterator[dict[str, Any]]:
        """What is stored of this person's comments, oldest first, without the address. Raises ``AddressFault``."""
        for comment_id in self._of(raw_address):
            with self.database.read() as connection:
                row = desk.get(connection, comment_id)
                past = desk.decisions_of(connection, [comment_id]).get(comment_id, [])
                asked = appeals.of(connection, [comment_id]).get(comment_id, [])
            if row is not None:
                yield describe_for_export(row, past, asked)

    def _of(self, raw_address: str) -> list[Any]:
        from service.adapters.addresses import read_address

        address = read_address(raw_address)
        with self.database.read() as connection:
            sites = list(threads.load_sites(connection))
            indexes = [self.cipher.address_index(site, address) for site in sites]
            return vault.comments_of(connection, indexes)


def describe_for_export(
    row: desk.CommentRow, past: list[desk.DecisionRow], asked: list[appeals.AppealRow]
) -> dict[str, Any]:
    """One exported comment: everything but the vault."""
    return {
        "id": str(row.id),
        "site": row.site,
        "url": row.thread_url,
        "parent_id": str(row.parent_id) if row.parent_id else None,
        "author": {"name": row.author_name},
        "text": row.source,
        "status": row.status,
        "created_at": row.created_at.isoformat(),
        "edited_at": row.edited_at.isoformat() if row.edited_at else None,
        "likes": row.likes,
        "picked": row.picked,
        "staff": row.staff,
        "decisions": [
            {
                "action": told_as(decision.action),
                "status": decision.status,
                "reasons": [reason["code"] for reason in decision.reasons],
                "automated": decision.automated,
                "message": decision.message,
                "decided_at": decision.decided_at.isoformat(),
            }
            for decision in past
        ],
        "appeals": [{"text": one.text, "created_at": one.created_at.isoformat()} for one in asked],
    }


def export_site(database: Database, site: str) -> Iterator[dict[str, Any]]:
    """All comments of a site in order of arrival, without addresses; the form ``greenroom export`` writes."""
    after = None
    while True:
        with database.read() as connection:
            rows = desk.everything(connection, site, after=after, limit=200)
            ids = [row.id for row in rows]
            past = desk.decisions_of(connection, ids) if rows else {}
            asked = appeals.of(connection, ids) if rows else {}
        if not rows:
            return
        for row in rows:
            yield describe_for_export(row, past.get(row.id, []), asked.get(row.id, []))
        after = rows[-1].id
