"""What a verdict makes of a comment: the new values of its row, and what the public sees of the difference. Pure.

``record`` (``service.store.decisions``) writes them; nothing else may.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Place, Status
from service.domain.decision import Choice, DeskAction
from service.domain.policy import GroundedReason


@dataclass(frozen=True, slots=True)
class Verdict:
    """What shall become of one comment, by whom and why.

    ``revision`` is the one that the decider looked at; ``attempt`` is set for a machine's verdict, which is
    dropped when the comment is no longer in its hands. ``findings`` are stored with a machine's verdict, and
    ``risk`` (0–1) is theirs. ``message`` is for the author. ``undoes`` names the decision that this one takes back,
    and ``restored`` what it had ``replaced``; ``bulk_id`` names the bulk that this one is part of.
    """

    comment_id: UUID
    revision: int
    action: str
    status: Status
    actor: str
    automated: bool
    decided_at: datetime
    reasons: tuple[GroundedReason, ...] = ()
    policy_version: int | None = None
    note: str = ""
    attempt: int | None = None
    findings: list[dict[str, Any]] | None = None
    learned_version: int | None = None
    risk: float | None = None
    message: str = ""
    escalated: bool = False
    undoes: UUID | None = None
    restored: dict[str, Any] | None = None
    bulk_id: UUID | None = None


def chosen(
    choice: Choice,
    comment_id: UUID,
    *,
    revision: int,
    actor: str,
    at: datetime,
    bulk_id: UUID | None = None,
) -> Verdict:
    """A person's verdict about one comment."""
    return Verdict(
        comment_id=comment_id,
        revision=revision,
        action=choice.kept_as,
        status=choice.status,
        actor=actor,
        automated=False,
        decided_at=at,
        reasons=tuple(GroundedReason(reason.value) for reason in choice.grounds),
        message=choice.message,
        note=choice.note,
        escalated=choice.action is DeskAction.ESCALATE,
        bulk_id=bulk_id,
    )


_NO_EDIT = {"edit_source": None, "edit_html": None, "edit_at": None}


@dataclass(frozen=True, slots=True)
class Outcome:
    values: dict[str, Any]
    public_change: int  # -1 left the stage, +1 came on, 0 stayed
    visible: bool  # the public sees a difference


def outcome_of(verdict: Verdict, row: sa.RowMapping) -> Outcome:
    """The new values of a comment's row; pure.

    Holding or rejecting an approved comment whose edit waits is about the new text: what was approved stays up.
    """
    outcome = _outcome_of(verdict, row)
    shown = outcome.values["place"] == Place.SHOWN.value
    # Readers' likes stay with a comment wherever it goes, but only on stage do they give it a place.
    outcome.values["rank"] = -row["likes"] if shown else 0
    outcome.values["picked"] = shown and _stays_picked(verdict, row, outcome.values)
    # What an undo brings back stands in feeds where it stood.
    if outcome.public_change > 0 and (verdict.restored is None or outcome.values["shown_at"] is None):
        outcome.values["shown_at"] = verdict.decided_at
    return outcome


def _stays_picked(verdict: Verdict, row: sa.RowMapping, values: dict[str, Any]) -> bool:
    """An editor picked a text as it is shown: where that goes or is replaced, the pick goes, and an undo that brings it
    back brings the pick back."""
    if row["place"] == Place.SHOWN.value and values["html"] == row["html"]:
        return bool(row["picked"])
    return verdict.restored is not None and bool(verdict.restored.get("picked"))


def _outcome_of(verdict: Verdict, row: sa.RowMapping) -> Outcome:
    was_shown = row["place"] == Place.SHOWN.value
    edit_waits = row["status"] == Status.APPROVED.value and row["edit_source"] is not None
    # A person's decision makes earlier looks stale; a machine's is about the text that a person may still be
    # looking at, so it does not.
    values: dict[str, Any] = {
        "lease_until": None,
        "attempt": 0,
        "risk": row["risk"] if verdict.risk is None else verdict.risk,
        "ground": _ground(verdict),
        "automated": verdict.automated,
        # Whatever a person decides, they have seen the comment: readers' calls are answered.
        "flags": row["flags"] if verdict.automated else 0,
        "escalated": verdict.escalated,
        "appealed_at": row["appealed_at"] if _leaves_appeal(verdict) else None,
        "revision": row["revision"] + (0 if verdict.automated else 1),
        "edit_source": row["edit_source"],
        "edit_html": row["edit_html"],
        "edit_at": row["edit_at"],
        "source": row["source"],
        "html": row["html"],
        "edited_at": row["edited_at"],
        "shown_at": row["shown_at"],
    }
    if verdict.restored is not None:
        return _taken_back(row, values, verdict.restored)
    if edit_waits and verdict.status in (Status.HELD, Status.REJECTED):
        waits = Status.HELD.value if verdict.status is Status.HELD else None
        values |= {"status": row["status"], "awaiting": waits, "place": row["place"]}
        if verdict.status is Status.REJECTED:
            values |= _NO_EDIT
        return Outcome(values, 0, False)
    status = verdict.status
    values["status"] = status.value
    values["awaiting"] = status.value if status in (Status.HELD, Status.PENDING) else None
    if status is Status.APPROVED and row["edit_source"] is not None:
        values |= {"source": row["edit_source"], "html": row["edit_html"], "edited_at": row["edit_at"]}
    values |= _NO_EDIT
    if status is Status.APPROVED:
        values["place"] = Place.SHOWN.value
        return Outcome(values, 0 if was_shown else 1, not was_shown or edit_waits)
    values["place"] = Place.HIDDEN.value if row["place"] != Place.TOMBSTONE.value else row["place"]
    return Outcome(values, -1 if was_shown else 0, was_shown)


def _leaves_appeal(verdict: Verdict) -> bool:
    """Whether an author who asked for a person still has to wait for one: a machine answers only by publishing."""
    return verdict.automated and verdict.status is not Status.APPROVED


def _ground(verdict: Verdict) -> str:
    """The first reason; none for what a person approves, whatever they picked besides: that is how records tell an
    approval from an edit turned down."""
    approved = verdict.status is Status.APPROVED and not verdict.automated
    return "" if approved or not verdict.reasons else verdict.reasons[0].code


_STOOD = ("status", "awaiting", "place", "ground", "automated", "flags", "escalated", "picked")
_MOMENTS = ("edited_at", "edit_at", "appealed_at", "shown_at")
# Of these only what the decision changed.
_CHANGED = ("source", "html", "edit_source", "edit_html", *_MOMENTS)


def replaced(row: sa.RowMapping, values: dict[str, Any]) -> dict[str, Any]:
    """What stood before a person's decision, as JSON: enough to take it back."""
    changed = {name: row[name] for name in _CHANGED if values[name] != row[name]}
    for name in _MOMENTS:
        if changed.get(name) is not None:
            changed[name] = changed[name].isoformat()
    # Readers' calls that come after the decision are counted from what it left.
    return {name: row[name] for name in _STOOD} | {"flags_left": values["flags"]} | changed


def _taken_back(row: sa.RowMapping, values: dict[str, Any], restored: dict[str, Any]) -> Outcome:
    """The outcome of an undo: what the decision had replaced stands again, where the stage allows."""
    values |= {name: value for name, value in restored.items() if name not in ("place", "flags_left")}
    values["flags"] = restored["flags"] + max(0, row["flags"] - restored.get("flags_left", 0))
    for name in _MOMENTS:
        if isinstance(values[name], str):
            values[name] = datetime.fromisoformat(values[name])
    was_shown, shown = row["place"] == Place.SHOWN.value, restored["place"] == Place.SHOWN.value
    values["place"] = row["place"] if was_shown == shown else (Place.SHOWN if shown else Place.HIDDEN).value
    changed = any(values[name] != row[name] for name in ("html", "edited_at"))
    return Outcome(values, shown - was_shown, shown != was_shown or (shown and changed))
