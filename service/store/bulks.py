"""Bulks: one decision about many comments, chosen at one moment and worked off in batches under a lease.

The comments are kept with the revisions that were seen, so that whatever moved on meanwhile is passed over. Each batch
is one transaction that holds the bulk's row: a worker that dies leaves whole batches, and two workers never do the
same one. ``matching`` is the only place that knows how a query finds comments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.queue import Cursor, Wanted
from service.store import queues
from service.store.database import locking
from service.store.desk_tables import bulk_items, bulks
from service.store.tables import comments, decisions

AT_ONCE = 500
EXAMPLES = 5
# For so long somebody may say yes to a draft.
DRAFT_KEPT = timedelta(hours=1)
# So many that a filter which leaves little over may have to go through for one bulk.
LOOKED_AT_MOST = 200_000
LATEST = 50
WAITING = sa.text("bulk_items.state = 'waiting'")
DONE, PASSED_OVER = "done", "passed_over"


@dataclass(frozen=True, slots=True)
class BulkRow:
    """A bulk and how far it has come. ``undoes`` is the bulk that it takes back, ``undone_by`` the one that takes it
    back."""

    id: UUID
    site: str
    action: str
    reasons: list[str]
    message: str
    note: str
    about: str
    moderator: str
    undoes: UUID | None
    total: int
    done: int
    passed_over: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    lease_until: datetime | None
    undone_by: UUID | None


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A comment as it was seen, and of an undo the decision that is to be taken back."""

    comment_id: UUID
    revision: int
    undoes: UUID | None


def matching(
    connection: sa.Connection, wanted: Wanted, *, now: datetime, most: int
) -> tuple[dict[UUID, int], bool]:
    """The comments that a question means just now (revision by id), as its pages show them one after the other, at
    most one page more than ``most``; and whether the look ended before it had seen all, for there was too much to
    look through."""
    found: dict[UUID, int] = {}
    cursor: Cursor | None = Cursor()
    looked_at = 0
    while cursor is not None and len(found) <= most and looked_at < LOOKED_AT_MOST:
        page = queues.page(connection, wanted, cursor, limit=AT_ONCE, now=now)
        found |= _revisions(connection, page.ids)
        looked_at += page.looked_at
        cursor = page.cursor
    return found, cursor is not None and len(found) <= most


def _revisions(connection: sa.Connection, ids: list[UUID]) -> dict[UUID, int]:
    """By id, in the order of ``ids``."""
    query = sa.select(comments.c.id, comments.c.revision).where(comments.c.id.in_(ids))
    by_id = {row.id: row.revision for row in connection.execute(query)}
    return {one: by_id[one] for one in ids if one in by_id}


def unknown(connection: sa.Connection, ids: list[UUID], site: str) -> set[UUID]:
    """Those of ``ids`` that are no comments of this site."""
    known: set[UUID] = set()
    for begin in range(0, len(ids), AT_ONCE):
        part = ids[begin : begin + AT_ONCE]
        known.update(
            connection.scalars(
                sa.select(comments.c.id).where(comments.c.id.in_(part), comments.c.site == site)
            )
        )
    return set(ids) - known


_ITEM = (bulk_items.c.bulk_id, bulk_items.c.comment_id, bulk_items.c.revision)


def add(connection: sa.Connection, **values: Any) -> None:
    """A new bulk, still without comments; ``values`` are columns of ``bulks``."""
    connection.execute(sa.insert(bulks).values(**values))


def choose(connection: sa.Connection, bulk_id: UUID, seen: dict[UUID, int]) -> None:
    """Give a new bulk these comments (revision by id)."""
    rows = [{"bulk_id": bulk_id, "comment_id": one, "revision": revision} for one, revision in seen.items()]
    connection.execute(sa.insert(bulk_items), rows)


def take_back(connection: sa.Connection, bulk_id: UUID, undoes: UUID) -> int:
    """Give a new bulk the comments that another one decided about, as those decisions left them; how many."""
    decided = (
        sa.select(
            sa.literal(bulk_id, sa.Uuid),
            bulk_items.c.comment_id,
            # A person's decision raises the revision that it was about by one.
            decisions.c.revision + 1,
        )
        .join(decisions, decisions.c.id == bulk_items.c.decision_id)
        .where(bulk_items.c.bulk_id == undoes, bulk_items.c.state == DONE)
    )
    connection.execute(sa.insert(bulk_items).from_select(_ITEM, decided))
    # Asked for: PostgreSQL's driver does not say how many rows such an INSERT made.
    items = sa.select(sa.func.count()).where(bulk_items.c.bulk_id == bulk_id)
    total = connection.scalar(items) or 0
    connection.execute(sa.update(bulks).where(bulks.c.id == bulk_id).values(total=total))
    return total


_LATER = bulks.alias("later")
_BULK: sa.Select[*tuple[Any, ...]] = sa.select(
    bulks.c.id,
    bulks.c.site,
    bulks.c.action,
    bulks.c.reasons,
    bulks.c.message,
    bulks.c.note,
    bulks.c.about,
    bulks.c.moderator,
    bulks.c.undoes,
    bulks.c.total,
    bulks.c.done,
    bulks.c.passed_over,
    bulks.c.created_at,
    bulks.c.started_at,
    bulks.c.finished_at,
    bulks.c.lease_until,
    sa.select(_LATER.c.id).where(_LATER.c.undoes == bulks.c.id).scalar_subquery(),
)


def get(connection: sa.Connection, bulk_id: UUID) -> BulkRow | None:
    row = connection.execute(_BULK.where(bulks.c.id == bulk_id)).first()
    return BulkRow(*row) if row else None


def hold(connection: sa.Connection, bulk_id: UUID) -> BulkRow | None:
    """A bulk that nobody else can change until the transaction ends."""
    connection.execute(locking(connection, sa.select(bulks.c.id).where(bulks.c.id == bulk_id)))
    # Asked for afterwards: what undid it may have come while the lock was waited for.
    return get(connection, bulk_id)


def latest(connection: sa.Connection, site: str | None, limit: int = LATEST) -> list[BulkRow]:
    """The newest bulks that were started, of one site or of all, newest first."""
    query = _BULK.where(bulks.c.started_at.is_not(None)).order_by(bulks.c.id.desc()).limit(limit)
    if site is not None:
        query = query.where(bulks.c.site == site)
    return [BulkRow(*row) for row in connection.execute(query)]


def unfinished(connection: sa.Connection, *, now: datetime, lease: timedelta, limit: int) -> list[UUID]:
    """Bulks with work left that is nobody's at ``now``, oldest first."""
    query = sa.select(bulks.c.id, bulks.c.lease_until).where(
        sa.text("started_at IS NOT NULL AND finished_at IS NULL")
    )
    rows = connection.execute(query.order_by(bulks.c.id).limit(AT_ONCE)).all()
    return [row.id for row in rows if is_free(row.lease_until, now=now, lease=lease)][:limit]


def is_free(until: datetime | None, *, now: datetime, lease: timedelta) -> bool:
    """Whether a lease is nobody's; one that ends too far ahead was granted by a clock that was set back since."""
    return until is None or not now <= until <= now + 2 * lease


def next_items(connection: sa.Connection, bulk: BulkRow, limit: int) -> list[ItemRow]:
    """Comments of a bulk that wait, in order of their ids."""
    first = bulk_items.alias("first")
    query = sa.select(bulk_items.c.comment_id, bulk_items.c.revision, first.c.decision_id).outerjoin(
        first,
        sa.and_(first.c.bulk_id == bulk.undoes, first.c.comment_id == bulk_items.c.comment_id)
        if bulk.undoes is not None
        else sa.false(),
    )
    query = query.where(bulk_items.c.bulk_id == bulk.id, WAITING)
    rows = connection.execute(query.order_by(bulk_items.c.comment_id).limit(limit))
    return [ItemRow(*row) for row in rows]


def settle(
    connection: sa.Connection,
    bulk: BulkRow,
    *,
    done: dict[UUID, UUID],
    passed_over: list[UUID],
    lease_until: datetime | None,
    finished_at: datetime | None,
) -> None:
    """Note what became of a batch: ``done`` is the decision by comment."""
    mine = bulk_items.c.bulk_id == bulk.id
    if done:
        connection.execute(
            sa.update(bulk_items)
            .where(mine, bulk_items.c.comment_id == sa.bindparam("comment"))
            .values(state=DONE, decision_id=sa.bindparam("decision")),
            [{"comment": comment, "decision": decision} for comment, decision in done.items()],
        )
    if passed_over:
        connection.execute(
            sa.update(bulk_items)
            .where(mine, bulk_items.c.comment_id.in_(passed_over))
            .values(state=PASSED_OVER)
        )
    connection.execute(
        sa.update(bulks)
        .where(bulks.c.id == bulk.id)
        .values(
            done=bulks.c.done + len(done),
            passed_over=bulks.c.passed_over + len(passed_over),
            lease_until=lease_until,
            finished_at=finished_at,
        )
    )


def rest(connection: sa.Connection, bulk_id: UUID, until: datetime) -> None:
    """Give up a lease that is still the one until this moment."""
    connection.execute(
        sa.update(bulks).where(bulks.c.id == bulk_id, bulks.c.lease_until == until).values(lease_until=None)
    )


def examples(connection: sa.Connection, bulk_id: UUID) -> list[UUID]:
    """Some of the comments of a bulk."""
    items = sa.select(bulk_items.c.comment_id).where(bulk_items.c.bulk_id == bulk_id)
    return list(connection.scalars(items.order_by(bulk_items.c.comment_id).limit(EXAMPLES)))


def start(connection: sa.Connection, bulk_id: UUID, *, moderator: str, now: datetime) -> None:
    """Make a draft a bulk, which is this moderator's from now on."""
    connection.execute(
        sa.update(bulks).where(bulks.c.id == bulk_id).values(moderator=moderator, started_at=now)
    )


def forget_drafts(connection: sa.Connection, *, before: datetime) -> None:
    """Drop what nobody said yes to."""
    left = sa.select(bulks.c.id).where(sa.text("bulks.started_at IS NULL"), bulks.c.created_at < before)
    for table, column in ((bulk_items, bulk_items.c.bulk_id), (bulks, bulks.c.id)):
        connection.execute(sa.delete(table).where(column.in_(left)))


def stop(connection: sa.Connection, bulk: BulkRow, *, now: datetime) -> int:
    """Pass over all that still waits in a bulk, so that it is finished; how many those were."""
    stopped = connection.execute(
        sa.update(bulk_items).where(bulk_items.c.bulk_id == bulk.id, WAITING).values(state=PASSED_OVER)
    ).rowcount
    connection.execute(
        sa.update(bulks)
        .where(bulks.c.id == bulk.id)
        .values(passed_over=bulks.c.passed_over + stopped, lease_until=None, finished_at=now)
    )
    return stopped
