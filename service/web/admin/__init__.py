"""What moderators and their tools call. One file for each subject; all hang on the same door."""

from service.web.admin import (
    canned,
    case,
    decisions,
    figures,
    queue,
    standings,
)
from service.web.admin.door import door

__all__ = [
    "canned",
    "case",
    "decisions",
    "door",
    "figures",
    "queue",
    "standings",
]
