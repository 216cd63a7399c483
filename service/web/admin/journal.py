"""What people did: the journal, by the page and as a whole."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request

from service.domain.errors import FieldError, InvalidSubmission
from service.domain.roles import Power
from service.journal import line_of
from service.reading import moment
from service.store.journal import Entry
from service.web import schemas
from service.web.admin.door import PAGE_MAX, SITE, TOKEN, door, site_asked
from service.web.answers import answer
from service.web.identity import moderator, rooms
from service.web.openapi import Parameter, operation
from service.web.public_query import page_size

JSON_LINES = "application/x-ndjson"
_BEFORE = Parameter("before", "Entries before this number.", {"type": "integer", "minimum": 1})


@door.get("/journal")
@operation(
    "Read the journal",
    gives={200: schemas.JournalPage},
    parameters=(
        SITE,
        _BEFORE,
        Parameter("limit", "Entries on a page.", {"type": "integer", "minimum": 1, "maximum": PAGE_MAX}),
    ),
    problems=(*TOKEN, "invalid-submission", "site-unknown"),
    security="admin",
    power=Power.GOVERN,
)
def read_journal() -> Response:
    """What people did, newest first; what was done at one site for its administrator."""
    who = moderator()
    limit = page_size(50, PAGE_MAX)
    entries = rooms().journal.page(who, site=site_asked(), before=_before(), limit=limit + 1)
    more, entries = len(entries) > limit, entries[:limit]
    return answer(
        {
            "entries": [entry_shown(entry) for entry in entries],
            "next_before": entries[-1].number if more else None,
        }
    )


@door.get("/journal.jsonl")
@operation(
    "Export the journal",
    gives={200: JSON_LINES},
    problems=TOKEN,
    security="admin",
    power=Power.GOVERN,
)
def export_journal() -> Response:
    """All entries, oldest first, one JSON object on each line, with their hashes in hexadecimal."""
    entries = rooms().journal.export(moderator())
    lines = (json.dumps(line_of(entry), ensure_ascii=False).encode() + b"\n" for entry in entries)
    return Response(lines, content_type=JSON_LINES)


def entry_shown(entry: Entry) -> dict[str, Any]:
    return {**line_of(entry), "at": moment(entry.at)}


def _before() -> int | None:
    raw = request.args.get("before")
    if raw is None:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) < 19 and int(raw) >= 1):
        raise InvalidSubmission([FieldError("/before", "This is the number of an entry.")])
    return int(raw)
