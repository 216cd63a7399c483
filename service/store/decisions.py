"""The one door to a comment's status.

``record`` writes the status, the decision with all its reasons and the thread's revision in one transaction,
fenced by the revision (and, for machines, the attempt) that the decider looked at. No other code in the
product may write ``comments.status``, ``awaiting``, ``place`` or ``shown_at``; a test holds that.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Place, Status, may_move
from service.domain.errors import CommentNotFound, IllegalMove, RevisionConflict
from service.domain.policy import GroundedReason
from service.store import claims
from service.store.database import locking
from service.store.desk_tables import appeals
from service.store.ids import new_id
from service.store.outcomes import Verdict, outcome_of, replaced
from service.store.tables import comments, decisions, screenings, threads

__all__ = [
    "Recorded",
    "Verdict",
    "change_text",
    "conflict",
    "forget_replaced",
    "locked",
    "record",
    "record_each",
    "record_one",
]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A verdict that took effect."""

    decision_id: UUID
    comment_id: UUID
    status: Status
    awaiting: str | None
    revision: int


_FENCE = (
    comments.c.id,
    comments.c.site,
    comments.c.thread_id,
    comments.c.parent_id,
    comments.c.status,
    comments.c.awaiting,
    comments.c.place,
    comments.c.revision,
    comments.c.attempt,
    comments.c.edit_source,
    comments.c.edit_html,
    comments.c.edit_at,
    comments.c.source,
    comments.c.html,
    comments.c.edited_at,
    comments.c.shown_at,
    comments.c.lease_until,
    comments.c.risk,
    comments.c.ground,
    comments.c.automated,
    comments.c.flags,
    comments.c.escalated,
    comments.c.appealed_at,
    comments.c.likes,
    comments.c.rank,
    comments.c.picked,
)


_FENCES = (
    sa.select(*_FENCE).where(comments.c.id.in_(sa.bindparam("ids", expanding=True))).order_by(comments.c.id)
)


def record(connection: sa.Connection, verdicts: list[Verdict]) -> list[Recorded]:
    """Apply machines' verdicts; those whose comment has moved on meanwhile are dropped without a trace.

    For one verdict of a person use ``record_one``, which says what stood in the way, and for many ``record_each``.
    """
    rows = locked(connection, [verdict.comment_id for verdict in verdicts])
    current = [
        (verdict, row)
        for verdict in verdicts
        if (row := rows.get(verdict.comment_id)) is not None and _holds(verdict, row)
    ]
    return _apply(connection, current)


def record_one(connection: sa.Connection, verdict: Verdict) -> Recorded:
    """Apply one verdict.

    Raises ``CommentNotFound``, ``RevisionConflict`` when the comment changed since, ``IllegalMove``.
    """
    row = locked(connection, [verdict.comment_id]).get(verdict.comment_id)
    if row is None:
        raise CommentNotFound
    if row["revision"] != verdict.revision:
        raise conflict(connection, row, verdict.revision)
    if not _may_become(row["status"], verdict):
        raise IllegalMove
    return _apply(connection, [(verdict, row)])[0]


def record_each(connection: sa.Connection, verdicts: list[Verdict]) -> list[Recorded]:
    """Apply a person's verdicts about many comments, one for each; those that are not in the answer were passed over,
    because their comment has changed since it was looked at, is gone, or cannot become that."""
    rows = locked(connection, [verdict.comment_id for verdict in verdicts])
    current = [
        (verdict, row)
        for verdict in verdicts
        if (row := rows.get(verdict.comment_id)) is not None
        and row["revision"] == verdict.revision
        and _may_become(row["status"], verdict)
    ]
    return _apply(connection, current)


def _may_become(status: str, verdict: Verdict) -> bool:
    if verdict.restored is not None:
        # Back to where it stood, pending too; but what its author took away, or was erased, stays so.
        return status not in (Status.WITHDRAWN.value, Status.ERASED.value)
    return may_move(Status(status), verdict.status)


def _holds(verdict: Verdict, row: sa.RowMapping) -> bool:
    return bool(
        row["revision"] == verdict.revision
        and row["awaiting"] == Status.PENDING.value
        and (verdict.attempt is None or row["attempt"] == verdict.attempt)
    )


def locked(connection: sa.Connection, ids: list[UUID]) -> dict[UUID, sa.RowMapping]:
    """What a decision about these comments looks at and changes; nobody else can until the transaction ends."""
    # Always in id order, so that two deciders never wait for each other in a circle.
    query = locking(connection, _FENCES)
    return {row["id"]: row for row in connection.execute(query, {"ids": ids}).mappings().all()}


def _apply(connection: sa.Connection, current: list[tuple[Verdict, sa.RowMapping]]) -> list[Recorded]:
    if not current:
        return []
    updates: list[tuple[UUID, dict[str, Any]]] = []
    decision_rows: list[dict[str, Any]] = []
    screening_rows: list[dict[str, Any]] = []
    recorded: list[Recorded] = []
    touched: dict[UUID, int] = Counter()
    came: list[sa.RowMapping] = []
    left: list[sa.RowMapping] = []
    for verdict, row in current:
        outcome = outcome_of(verdict, row)
        values = outcome.values
        updates.append((verdict.comment_id, {k: v for k, v in values.items() if v != row[k]}))
        screening_id = None
        if verdict.findings is not None:
            screening_id = new_id()
            screening_rows.append(
                {
                    "id": screening_id,
                    "comment_id": verdict.comment_id,
                    "revision": row["revision"],
                    "policy_version": verdict.policy_version or 0,
                    "learned_version": verdict.learned_version,
                    "findings": verdict.findings,
                    "created_at": verdict.decided_at,
                }
            )
        decision_id = new_id()
        decision_rows.append(
            {
                "id": decision_id,
                "comment_id": verdict.comment_id,
                "site": row["site"],
                "revision": row["revision"],
                "action": verdict.action,
                "status_before": row["status"],
                "status": values["status"],
                "reasons": [_as_stored(reason) for reason in verdict.reasons],
                "note": verdict.note,
                "message": verdict.message,
                "actor": verdict.actor,
                "automated": verdict.automated,
                "policy_version": verdict.policy_version,
                "screening_id": screening_id,
                "undoes": verdict.undoes,
                "bulk_id": verdict.bulk_id,
                "replaced": None if verdict.automated else replaced(row, values),
                "decided_at": verdict.decided_at,
            }
        )
        recorded.append(
            Recorded(
                decision_id,
                verdict.comment_id,
                Status(values["status"]),
                values["awaiting"],
                values["revision"],
            )
        )
        if outcome.visible:
            touched[row["thread_id"]] += outcome.public_change
        if outcome.public_change > 0:
            came.append(row)
        elif outcome.public_change < 0:
            left.append(row)
    _update(connection, updates)
    if screening_rows:
        connection.execute(sa.insert(screenings), screening_rows)
    # What nobody has touched before has no earlier decision of a person.
    forget_replaced(connection, [verdict.comment_id for verdict, row in current if row["revision"] > 1])
    connection.execute(sa.insert(decisions), decision_rows)
    # Whoever decided need not look any longer, and nobody else need either.
    if by_people := [verdict.comment_id for verdict, _ in current if not verdict.automated]:
        claims.end(connection, by_people)
    for row in came:
        _keep_ancestors(connection, row["parent_id"])
    for row in left:
        _leave_stage(connection, row["id"], row["parent_id"])
    for thread_id in sorted(touched):
        connection.execute(
            sa.update(threads)
            .where(threads.c.id == thread_id)
            .values(
                revision=threads.c.revision + 1,
                approved_count=threads.c.approved_count + touched[thread_id],
            )
        )
    return recorded


def _update(connection: sa.Connection, updates: list[tuple[UUID, dict[str, Any]]]) -> None:
    """Write what is new of each comment, in one statement for all of which the same is new: the texts never are."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for comment_id, values in updates:
        new = {f"new_{name}": value for name, value in values.items()}
        alike.setdefault(tuple(values), []).append({"comment": comment_id, **new})
    for names, rows in alike.items():
        if names:
            connection.execute(
                sa.update(comments)
                .where(comments.c.id == sa.bindparam("comment"))
                .values({name: sa.bindparam(f"new_{name}") for name in names}),
                rows,
            )


def forget_replaced(connection: sa.Connection, ids: list[UUID]) -> None:
    """Drop the texts that people's decisions replaced: something comes after them, and none can be taken back now."""
    if ids:
        connection.execute(_FORGET_REPLACED, {"ids": ids})


_FORGET_REPLACED = (
    sa.update(decisions)
    .where(
        decisions.c.comment_id.in_(sa.bindparam("ids", expanding=True)),
        decisions.c.automated.is_(False),
        decisions.c.replaced.is_not(None),
    )
    .values(replaced=sa.null())
)


def _as_stored(reason: GroundedReason) -> dict[str, Any]:
    # Spelled out: ``asdict`` copies deeply, which takes ten times as long.
    return {"code": reason.code, "check": reason.check, "score": reason.score}


def _keep_ancestors(connection: sa.Connection, parent_id: UUID | None) -> None:
    """A reply comes on stage: ancestors that are gone become tombstones, so that it has a place to stand."""
    while parent_id is not None:
        row = connection.execute(
            sa.select(comments.c.place, comments.c.parent_id).where(comments.c.id == parent_id)
        ).one()
        if row.place != Place.HIDDEN.value:
            return
        _put(connection, parent_id, Place.TOMBSTONE)
        parent_id = row.parent_id


def _leave_stage(connection: sa.Connection, comment_id: UUID, parent_id: UUID | None) -> None:
    """A comment leaves the stage: with replies on stage it stays as a tombstone, else tombstones above go too."""
    if _has_replies(connection, comment_id):
        _put(connection, comment_id, Place.TOMBSTONE)
        return
    while parent_id is not None:
        row = connection.execute(
            sa.select(comments.c.place, comments.c.parent_id).where(comments.c.id == parent_id)
        ).one()
        if row.place != Place.TOMBSTONE.value or _has_replies(connection, parent_id):
            return
        _put(connection, parent_id, Place.HIDDEN)
        parent_id = row.parent_id


def _has_replies(connection: sa.Connection, comment_id: UUID) -> bool:
    return (
        connection.execute(
            sa.select(comments.c.id)
            .where(comments.c.parent_id == comment_id, comments.c.place != Place.HIDDEN.value)
            .limit(1)
        ).first()
        is not None
    )


def _put(connection: sa.Connection, comment_id: UUID, place: Place) -> None:
    connection.execute(sa.update(comments).where(comments.c.id == comment_id).values(place=place.value))


_DONE = {
    "approve": "approved",
    "reject": "rejected",
    "hold": "put on hold",
    "escalate": "passed on to an editor",
    "undo": "taken back the last decision about",
    "withdraw": "withdrawn",
    "erase": "erased",
}


_AT_THE_BEGINNING = {"the author": "The author", "the operator": "The operator"}


def conflict(connection: sa.Connection, row: sa.RowMapping, looked_at: int) -> RevisionConflict:
    """The error that says what came between a look at revision ``looked_at`` and now.

    Only a person's decision, an edit or an appeal raises the revision. What a machine said meanwhile is never the
    cause.
    """
    last = connection.execute(
        sa.select(decisions.c.actor, decisions.c.action, decisions.c.status).where(
            decisions.c.comment_id == row["id"],
            decisions.c.automated.is_(False),
            decisions.c.revision == row["revision"] - 1,
        )
    ).first()
    if looked_at > row["revision"]:
        happened = RevisionConflict.detail
    elif last is None and _was_appealed(connection, row):
        happened = "The author has asked for another look at this comment since you looked at it."
    elif last is None:
        happened = "The author has changed this comment since you looked at it."
    else:
        about_edit = last.action in ("hold", "escalate", "reject") and last.status == Status.APPROVED.value
        what = "the new text of this comment" if about_edit else "this comment"
        who = _AT_THE_BEGINNING.get(last.actor, last.actor)
        happened = f"{who} has {_DONE.get(last.action, last.action)} {what} since you looked at it."
    return RevisionConflict(happened, row["revision"], row["status"])


def _was_appealed(connection: sa.Connection, row: sa.RowMapping) -> bool:
    """Whether an appeal raised the revision last."""
    asked = sa.select(appeals.c.id).where(
        appeals.c.comment_id == row["id"], appeals.c.revision == row["revision"] - 1
    )
    return connection.scalar(asked) is not None


def change_text(
    connection: sa.Connection, comment_id: UUID, *, revision: int, source: str, html: str, now: datetime
) -> int:
    """An author's edit: the new text waits to be screened; an approved text stays up until then.

    Returns the new revision. Raises ``RevisionConflict`` and ``CommentNotFound``.
    """
    row = locked(connection, [comment_id]).get(comment_id)
    if row is None:
        raise CommentNotFound
    if row["revision"] != revision:
        raise conflict(connection, row, revision)
    values: dict[str, Any] = {
        "revision": revision + 1,
        "awaiting": Status.PENDING.value,
        "attempt": 0,
        "lease_until": None,
    }
    if row["status"] == Status.APPROVED.value:
        values |= {"edit_source": source, "edit_html": html, "edit_at": now}
    else:
        values |= {"source": source, "html": html, "edited_at": now, "status": Status.PENDING.value}
    connection.execute(sa.update(comments).where(comments.c.id == comment_id).values(values))
    forget_replaced(connection, [comment_id])
    return revision + 1
