"""Taking a decision back: a decision like others, which restores what the other one had replaced.

Only the last decision of a comment can be undone, and only a person's: a machine's is changed by deciding. That a
decision is the last is told by revisions alone, whatever clock its id was made by: a person's decision about revision
n leaves n + 1, an edit raises that, and a machine that spoke since did so about n + 1.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.decision import UNDO
from service.domain.errors import CannotBeUndone, CommentNotFound
from service.store.decisions import Recorded, Verdict, conflict, locked, record_each
from service.store.tables import decisions

_WANTED = sa.select(
    decisions.c.id,
    decisions.c.comment_id,
    decisions.c.revision,
    decisions.c.automated,
    decisions.c.replaced,
).where(decisions.c.id.in_(sa.bindparam("ids", expanding=True)))
_NEWEST = (
    sa.select(decisions.c.comment_id, sa.func.max(decisions.c.revision))
    .where(decisions.c.comment_id.in_(sa.bindparam("ids", expanding=True)))
    .group_by(decisions.c.comment_id)
)


def undo_one(
    connection: sa.Connection, comment_id: UUID, decision_id: UUID, *, revision: int, actor: str, at: datetime
) -> Recorded:
    """Take back one decision about a comment that stands at ``revision``.

    Raises ``CommentNotFound``, ``RevisionConflict``, and ``CannotBeUndone`` with a sentence that says why.
    """
    row = locked(connection, [comment_id]).get(comment_id)
    if row is None:
        raise CommentNotFound
    if row["revision"] != revision:
        raise conflict(connection, row, revision)
    wanted = connection.execute(_WANTED, {"ids": [decision_id]}).first()
    newest = dict(connection.execute(_NEWEST, {"ids": [comment_id]}).all())
    if why := _obstacle(row, wanted, newest.get(comment_id, 0)):
        raise CannotBeUndone(why)
    assert wanted is not None
    [recorded] = record_each(connection, [_verdict(row, wanted, actor, at, None)])
    return recorded


def undo_each(
    connection: sa.Connection, pairs: dict[UUID, UUID], *, actor: str, at: datetime, bulk_id: UUID
) -> list[Recorded]:
    """Take back a decision of each comment (``pairs``: its decision by comment), as part of a bulk; those that are not
    in the answer could not be."""
    rows = locked(connection, list(pairs))
    wanted = {one.comment_id: one for one in connection.execute(_WANTED, {"ids": list(pairs.values())}).all()}
    newest = dict(connection.execute(_NEWEST, {"ids": list(pairs)}).all())
    verdicts = [
        _verdict(row, wanted[comment_id], actor, at, bulk_id)
        for comment_id, row in rows.items()
        if not _obstacle(row, wanted.get(comment_id), newest.get(comment_id, 0))
    ]
    return record_each(connection, verdicts)


def _obstacle(row: sa.RowMapping, wanted: sa.Row[*tuple[object, ...]] | None, newest: int) -> str:
    """Why this decision cannot be undone, in a sentence for a moderator, or nothing."""
    if wanted is None or wanted.comment_id != row["id"]:
        return "There is no such decision about this comment."
    if row["status"] == Status.WITHDRAWN.value:
        return "Its author has withdrawn this comment: nothing about it can be taken back."
    if row["status"] == Status.ERASED.value:
        return "This comment was erased: nothing about it can be taken back."
    if wanted.automated:
        return "A machine decided this. Decide yourself, and your decision takes the place of that one."
    if row["revision"] != wanted.revision + 1 or newest > wanted.revision:
        return "Something came after this decision. Please look at the comment again, and decide anew."
    if wanted.replaced is None:
        return "What stood before this decision is not known. Please decide anew."
    return ""


def _verdict(
    row: sa.RowMapping,
    wanted: sa.Row[*tuple[object, ...]],
    actor: str,
    at: datetime,
    bulk_id: UUID | None,
) -> Verdict:
    return Verdict(
        comment_id=row["id"],
        revision=row["revision"],
        action=UNDO,
        status=Status(wanted.replaced["status"]),
        actor=actor,
        automated=False,
        decided_at=at,
        undoes=wanted.id,
        restored=wanted.replaced,
        bulk_id=bulk_id,
    )
