"""What moderators and their tools call. One file for each subject; all hang on the same door."""

from service.web.admin import (
    bulks,
    canned,
    case,
    claims,
    decisions,
    figures,
    journal,
    people,
    policy,
    queue,
    stage,
    standings,
    threads,
    views,
)
from service.web.admin.door import door

__all__ = [
    "bulks",
    "canned",
    "case",
    "claims",
    "decisions",
    "door",
    "figures",
    "journal",
    "people",
    "policy",
    "queue",
    "stage",
    "standings",
    "threads",
    "views",
]
