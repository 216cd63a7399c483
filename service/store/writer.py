"""Group commit: whoever arrives while a transaction is being committed shares the next one.

A request hands in one row and waits for the outcome. One thread per process takes everything that waits and
stores it in a single transaction, so that the cost of making it durable is paid once for many. There is no
timer: a lone comment is committed at once. A request is told "stored" only after the commit, and told
"unavailable" only when nothing of it was stored.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from service.domain.errors import GreenroomError, IdempotencyMismatch, ThreadClosed, Unavailable
from service.domain.policy import Policy
from service.store import proofs, threads
from service.store.database import Database, adding
from service.store.tables import comments, idempotency, vault

log = logging.getLogger("greenroom.writer")

BATCH = 64
PATIENCE_SECONDS = 6.0


class ProofSpent(Exception):
    """A proof of work came a second time."""


@dataclass(slots=True)
class Arrival:
    """One comment on its way in: its rows, and what the writer made of it.

    ``thread`` names the conversation (created here on its first comment). ``idempotency_key`` and ``body_hash``
    are keyed hashes. ``policy`` says when the thread closes by its age. ``proof`` is the mark of a proof of work and
    its end; it is taken together with the comment, or not at all.
    When ``outcome`` is released, either ``error`` is set or ``stored_id`` is the id to answer with: that of an
    earlier comment when the same key came before.
    """

    row: dict[str, Any]
    vault_row: dict[str, Any]
    thread: threads.Story
    created_at: datetime
    idempotency_key: bytes | None = None
    body_hash: bytes | None = None
    policy: Policy | None = None
    proof: tuple[bytes, datetime] | None = None
    stored_id: UUID | None = None
    error: GreenroomError | ProofSpent | None = None
    # Held until there is an outcome. A bare lock: an Event makes two more objects and takes three times as long.
    outcome: threading.Lock = field(default_factory=threading.Lock)
    give_up_at: float = 0.0

    @property
    def comment_id(self) -> UUID:
        identity: UUID = self.row["id"]
        return identity


class Writer:
    """The one writing thread of a web process. ``announce`` gets the ids of each committed batch."""

    def __init__(self, database: Database, announce: Callable[[list[UUID]], None]) -> None:
        self._database = database
        self._announce = announce
        self._waiting: queue.SimpleQueue[Arrival | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._known_threads: dict[tuple[str, str], UUID] = {}
        self._busy = False

    def store(self, arrival: Arrival) -> UUID:
        """Commit one comment and return the id to answer with.

        Raises ``ThreadClosed``, ``IdempotencyMismatch``, ``ProofSpent``, or ``Unavailable`` when nothing was stored.
        """
        if self._thread is None:
            self._start()
        arrival.give_up_at = time.monotonic() + PATIENCE_SECONDS
        arrival.outcome.acquire()
        self._waiting.put(arrival)
        # The writer always answers: it is bounded by the database's busy time, and drops what waited too long
        # before touching it. Giving up here instead could call a comment lost that is committed a moment later.
        arrival.outcome.acquire()
        if arrival.error is not None:
            raise arrival.error
        assert arrival.stored_id is not None
        return arrival.stored_id

    @property
    def busy(self) -> bool:
        return self._busy

    @property
    def waiting(self) -> int:
        """How many comments wait for the transaction after the one that runs."""
        return self._waiting.qsize()

    def close(self) -> None:
        """Commit what waits and stop."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(timeout=10)
            self._thread = None

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            first = self._waiting.get()
            if first is None:
                return
            batch = [first]
            stopping = False
            while len(batch) < BATCH:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    stopping = True
                    break
                batch.append(more)
            while batch:
                together, batch = _one_per_key(batch)
                self._busy = True
                self._commit(together)
                self._busy = False
            if stopping:
                return

    def _commit(self, batch: list[Arrival]) -> None:
        now = time.monotonic()
        fresh = [arrival for arrival in batch if arrival.give_up_at > now]
        for arrival in batch:
            if arrival.give_up_at <= now:
                arrival.error = Unavailable()
        try:
            self._store_together(fresh)
        except SQLAlchemyError as error:
            log.warning("storing %d comments failed: %s", len(fresh), type(error).__name__)
            self._settle(fresh)
        except Exception as error:
            log.error("storing %d comments failed unexpectedly: %s", len(fresh), type(error).__name__)
            self._settle(fresh)
        stored = [a.comment_id for a in fresh if a.stored_id == a.comment_id and a.error is None]
        for arrival in batch:
            arrival.outcome.release()
        if stored:
            self._announce(stored)

    def _store_together(self, batch: list[Arrival]) -> None:
        if not batch:
            return
        with self._database.write() as connection:
            accepted = _without_replays(connection, batch)
            stories = {(a.thread.site, a.thread.url): a.thread for a in accepted}
            began = min((a.created_at for a in accepted), default=None)
            places = threads.find_or_make(connection, list(stories.values()), self._known_threads, began)
            for arrival in accepted:
                if _is_closed(places[(arrival.thread.site, arrival.thread.url)], arrival):
                    arrival.error = ThreadClosed()
            accepted = _spend_proofs(connection, [a for a in accepted if a.error is None])
            accepted = _keep_keys(connection, accepted)
            if accepted:
                rows = [{**a.row, "thread_id": places[(a.thread.site, a.thread.url)].id} for a in accepted]
                insert(connection, rows, [arrival.vault_row for arrival in accepted])
        for arrival in accepted:
            arrival.stored_id = arrival.comment_id

    def _settle(self, batch: list[Arrival]) -> None:
        """After a failed transaction: find out what is in the database, for a commit may fail after it took.

        A connection cut during COMMIT leaves the outcome open; the ids tell. Where even that cannot be asked,
        the answer is "unavailable", and an Idempotency-Key makes the caller's retry safe.
        """
        self._known_threads.clear()
        present: set[UUID] = set()
        try:
            with self._database.read() as connection:
                ids = [arrival.comment_id for arrival in batch]
                present = set(connection.scalars(sa.select(comments.c.id).where(comments.c.id.in_(ids))))
        except SQLAlchemyError:
            log.warning("the database did not answer after a failed commit")
        for arrival in batch:
            if arrival.comment_id in present:
                arrival.error, arrival.stored_id = None, arrival.comment_id
            elif arrival.stored_id is None or arrival.stored_id == arrival.comment_id:
                arrival.stored_id = None
                arrival.error = arrival.error or Unavailable()


def insert(connection: sa.Connection, rows: list[dict[str, Any]], vault_rows: list[dict[str, Any]]) -> None:
    """Store comments that nobody has decided about, each with its row of the vault, which may be empty."""
    connection.execute(sa.insert(comments), rows)
    connection.execute(sa.insert(vault), vault_rows)


def _is_closed(place: threads.Place, arrival: Arrival) -> bool:
    """Whether a thread takes no comment any more, closed by a person or by its age."""
    if place.closed or arrival.policy is None:
        return place.closed
    at = arrival.policy.closes_at(place.url, place.created_at)
    return at is not None and at <= arrival.created_at


def _one_per_key(batch: list[Arrival]) -> tuple[list[Arrival], list[Arrival]]:
    """What may share a transaction, and what repeats a key of it and has to see its outcome first.

    Answering a repeat with a comment of the same transaction would promise what may yet be refused or rolled back.
    """
    keys: set[bytes] = set()
    together: list[Arrival] = []
    later: list[Arrival] = []
    for arrival in batch:
        if arrival.idempotency_key is None:
            together.append(arrival)
        elif arrival.idempotency_key in keys:
            later.append(arrival)
        else:
            keys.add(arrival.idempotency_key)
            together.append(arrival)
    return together, later


def _without_replays(connection: sa.Connection, batch: list[Arrival]) -> list[Arrival]:
    """The arrivals that are new; those whose Idempotency-Key came before get their answer here."""
    keyed = [arrival for arrival in batch if arrival.idempotency_key is not None]
    if not keyed:
        return batch
    query = sa.select(idempotency.c.key_hash, idempotency.c.body_hash, idempotency.c.comment_id).where(
        idempotency.c.key_hash.in_([arrival.idempotency_key for arrival in keyed])
    )
    seen: dict[bytes, tuple[bytes, UUID]] = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
    fresh = []
    for arrival in batch:
        key = arrival.idempotency_key
        if key is not None and key in seen:
            body_hash, comment_id = seen[key]
            _answer_replay(arrival, body_hash, comment_id)
            continue
        fresh.append(arrival)
    return fresh


def _spend_proofs(connection: sa.Connection, batch: list[Arrival]) -> list[Arrival]:
    """The arrivals that may be stored: without a proof, or with one that nobody has shown before."""
    proofs_of = {arrival.comment_id: arrival.proof for arrival in batch if arrival.proof is not None}
    if not proofs_of:
        return batch
    first = proofs.spend(connection, proofs_of)
    for arrival in batch:
        if arrival.proof is not None and arrival.comment_id not in first:
            arrival.error = ProofSpent()
    return [arrival for arrival in batch if arrival.error is None]


def _keep_keys(connection: sa.Connection, batch: list[Arrival]) -> list[Arrival]:
    """Store the Idempotency-Keys; drops arrivals whose key another process stored a moment ago."""
    keyed = [arrival for arrival in batch if arrival.idempotency_key is not None]
    if not keyed:
        return batch
    rows = [
        {
            "key_hash": arrival.idempotency_key,
            "body_hash": arrival.body_hash,
            "comment_id": arrival.comment_id,
            "created_at": arrival.created_at,
        }
        # In one order everywhere, so that two processes never wait for each other in a circle.
        for arrival in sorted(keyed, key=lambda a: a.idempotency_key or b"")
    ]
    connection.execute(adding(connection, idempotency), rows)
    query = sa.select(idempotency.c.key_hash, idempotency.c.body_hash, idempotency.c.comment_id).where(
        idempotency.c.key_hash.in_([arrival.idempotency_key for arrival in keyed])
    )
    stored: dict[bytes, tuple[bytes, UUID]] = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
    fresh = []
    for arrival in batch:
        if arrival.idempotency_key is not None:
            body_hash, comment_id = stored[arrival.idempotency_key]
            if comment_id != arrival.comment_id:
                _answer_replay(arrival, body_hash, comment_id)
                continue
        fresh.append(arrival)
    return fresh


def _answer_replay(arrival: Arrival, body_hash: bytes, comment_id: UUID) -> None:
    if body_hash == arrival.body_hash:
        arrival.stored_id = comment_id
    else:
        arrival.error = IdempotencyMismatch()
