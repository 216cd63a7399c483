"""The pages of moderators: HTML that works without scripts, behind a session. All hang on the same door."""

from service.web.desk import (
    bulks,
    case,
    deciding,
    figures,
    people,
    policy,
    queue,
    reasons,
    sign_in,
    stage,
    standings,
)
from service.web.desk.door import door

__all__ = [
    "bulks",
    "case",
    "deciding",
    "door",
    "figures",
    "people",
    "policy",
    "queue",
    "reasons",
    "sign_in",
    "stage",
    "standings",
]
