"""What tests of screening share: a screening of their own, a check that does as it is told, and a look at the books."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Case, Status
from service.domain.policy import Finding, GroundedReason
from service.domain.policy_document import DEFAULT_DOCUMENT
from service.policies import PolicyBook
from service.screening import Screening
from service.store import desk, threads
from service.store.database import Database
from service.store.decisions import Verdict, record_one
from service.store.tables import comments, decisions, screenings
from service.store.undoing import undo_one
from service.store.writer import Arrival, Writer
from tests.people import NOW, add_site


def screening_on(database: Database, now: Callable[[], datetime], **changes: Any) -> Screening:
    """What a worker screens with."""
    return Screening(database=database, policies=PolicyBook(database), now=now, **changes)


class Told:
    """A check that finds nothing and does, for a comment that begins with one of these words, what stands there."""

    name = "told"
    version = "1"
    label = "other"

    def __init__(self, deeds: dict[str, Callable[[Case], None]]) -> None:
        self._deeds = deeds

    def run(self, case: Case) -> Finding:
        deed = self._deeds.get(case.text.split()[0])
        if deed is not None:
            deed(case)
        return Finding(self.name, self.version, self.label)


def store_many(database: Database, arrivals: list[Arrival]) -> list[UUID]:
    """Commit these comments, many at a time."""
    writer = Writer(database, lambda ids: None)
    try:
        with ThreadPoolExecutor(16) as pool:
            return list(pool.map(writer.store, arrivals))
    finally:
        writer.close()


@dataclass(frozen=True)
class Booked:
    """What is in the books of one comment."""

    status: str
    awaiting: str | None
    attempt: int
    decisions: tuple[Any, ...]
    screenings: int

    @property
    def reasons(self) -> list[str]:
        """The codes of the last decision's reasons."""
        return [reason["code"] for reason in self.decisions[-1].reasons]


def books(database: Database) -> dict[UUID, Booked]:
    """Every comment with its decisions, oldest first: a look past the product."""
    with database.read() as connection:
        made = list(connection.execute(sa.select(decisions).order_by(decisions.c.id)))
        looked = list(connection.scalars(sa.select(screenings.c.comment_id)))
        rows = list(connection.execute(sa.select(comments).order_by(comments.c.id)))
    return {
        row.id: Booked(
            row.status,
            row.awaiting,
            row.attempt,
            tuple(one for one in made if one.comment_id == row.id),
            looked.count(row.id),
        )
        for row in rows
    }


def waiting(database: Database) -> int:
    """How many comments wait for a machine's decision."""
    with database.read() as connection:
        query = sa.select(sa.func.count()).select_from(comments).where(comments.c.awaiting == "pending")
        return connection.scalar(query) or 0


def decided_once(database: Database) -> bool:
    """Whether nothing waits for a machine, and a machine has decided about each comment once and no more."""
    return all(
        one.awaiting != "pending" and len(one.decisions) == one.screenings == 1
        for one in books(database).values()
    )


STATUS_AFTER = {
    "approve": Status.APPROVED,
    "reject": Status.REJECTED,
    "hold": Status.HELD,
    "erase": Status.ERASED,
}


def decide_as_person(
    database: Database,
    comment_id: UUID,
    action: str,
    *,
    reason: str = "spam",
    actor: str = "Alice",
    day: int = 0,
) -> None:
    """What a person decides about a comment as it stands; ``reason`` is that of a rejection, ``day`` counts from
    now."""
    with database.write() as connection:
        row = desk.get(connection, comment_id)
        assert row is not None
        record_one(
            connection,
            Verdict(
                comment_id=comment_id,
                revision=row.revision,
                action=action,
                status=STATUS_AFTER[action],
                actor=actor,
                automated=False,
                decided_at=NOW + timedelta(days=day),
                reasons=(GroundedReason(reason),) if action == "reject" else (),
            ),
        )


def undo_as_person(database: Database, comment_id: UUID, *, actor: str = "Alice", day: int = 0) -> None:
    """A person takes back the last decision about a comment."""
    with database.write() as connection:
        row = desk.get(connection, comment_id)
        last = desk.decisions_of(connection, [comment_id])[comment_id][-1]
        assert row is not None
        undo_one(
            connection,
            comment_id,
            last.id,
            revision=row.revision,
            actor=actor,
            at=NOW + timedelta(days=day),
        )


def approving(database: Database, **changes: Any) -> None:
    """A site that puts on stage whatever no check minds."""
    add_site(database)
    with database.write() as connection:
        threads.save_policy(
            connection,
            "daily",
            {**DEFAULT_DOCUMENT, "otherwise": "approve", **changes},
            now=NOW,
            by="Alice",
        )
