"""Comments, findings and decisions as moderators are shown them."""

from __future__ import annotations

from typing import Any

from service.reading import moment
from service.store.desk import CommentRow, DecisionRow, NeighbourRow
from service.store.items import QueueItem
from service.web.admin.door import time_or_none
from service.web.identity import rooms

# A model is never quite sure of nothing; below this a finding is no news for a moderator (the case shows all).
WORTH_SHOWING = 0.1


def item_shown(item: QueueItem, *, quiet: bool) -> dict[str, Any]:
    row = item.comment
    edit = None
    if row.edit_source is not None and row.edit_html is not None:
        edit = {"text": row.edit_source, "html": row.edit_html}
    findings = [
        finding_shown(finding)
        for finding in item.findings
        if not quiet
        or finding["outcome"] == "failed"
        or (finding["outcome"] == "found" and finding["score"] >= WORTH_SHOWING)
    ]
    return {
        "id": str(row.id),
        "site": row.site,
        "status": row.status,
        "awaiting": row.awaiting,
        "revision": row.revision,
        "thread": {"id": str(row.thread_id), "url": row.thread_url, "title": row.thread_title},
        "parent_id": str(row.parent_id) if row.parent_id else None,
        "author": {"name": row.author_name},
        "text": row.source,
        "html": row.html,
        "edit": edit,
        "created_at": moment(row.created_at),
        "edited_at": time_or_none(row.edited_at),
        "findings": findings,
        "decision": decision_shown(item.decisions[-1]) if item.decisions else None,
        "risk": round(item.risk, 4),
        "escalated": item.escalated,
        "flags": {"count": item.called.count, "reasons": item.called.reasons or {}},
        "likes": row.likes,
        "picked": row.picked,
        "staff": row.staff,
        "claim": {"moderator": item.claim.moderator, "until": moment(item.claim.until)}
        if item.claim
        else None,
        "appeal": _appeal_shown(item),
        "links": {"self": f"{rooms().settings.public_url}/v1/admin/comments/{row.id}"},
    }


def _appeal_shown(item: QueueItem) -> dict[str, Any] | None:
    made = item.appeal
    if made is None:
        return None
    about = next((one for one in item.decisions if one.id == made.decision_id), None)
    return {
        "text": made.text,
        "decision": decision_shown(about) if about else None,
        "waits": item.comment.appealed_at is not None,
        "created_at": moment(made.created_at),
    }


def finding_shown(stored: dict[str, Any]) -> dict[str, Any]:
    names = ("check", "version", "label", "score", "outcome", "mode", "why")
    shown = {name: stored[name] for name in names}
    evidence = [{name: e.get(name) for name in ("note", "start", "end")} for e in stored["evidence"]]
    return {**shown, "evidence": evidence}


def decision_shown(row: DecisionRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "action": row.action,
        "status": row.status,
        "revision": row.revision,
        "reasons": [
            {"code": r["code"], "check": r.get("check"), "score": r.get("score")} for r in row.reasons
        ],
        "message": row.message,
        "note": row.note,
        "actor": row.actor,
        "automated": row.automated,
        "policy_version": row.policy_version,
        "undoes": str(row.undoes) if row.undoes else None,
        "bulk_id": str(row.bulk_id) if row.bulk_id else None,
        "decided_at": moment(row.decided_at),
    }


def neighbour_shown(row: NeighbourRow | CommentRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "author": {"name": row.author_name},
        "text": row.source,
        "status": row.status,
        "created_at": moment(row.created_at),
    }
