"""What a question about queues may hold, as the contract describes it. It is read by ``service.domain.queue``."""

from __future__ import annotations

from typing import Any

from service.domain.queue import QueueName, Sort
from service.domain.search import QUERY_MAX
from service.web.openapi import Parameter

_STRING = {"type": "string"}
_ID = {"type": "string", "format": "uuid"}
_SCORE = {"type": "number", "minimum": 0, "maximum": 1}
_AGE = "Hours before now, or a moment such as 2026-11-24T09:00:00Z."


def _one_of(names: type[QueueName] | type[Sort]) -> dict[str, Any]:
    return {"type": "string", "enum": [name.value for name in names]}


FILTERS = (
    Parameter("queue", "Which queue; held, or everything in a search.", _one_of(QueueName)),
    Parameter(
        "site", "Only this site; may be given for several.", {"type": "array", "items": {"type": "string"}}
    ),
    Parameter(
        "q",
        'Words that have to be in name or text, "phrases" too, and -without others; the last may be a beginning.'
        " Answers come newest first.",
        {"type": "string", "maxLength": QUERY_MAX},
    ),
    Parameter("sort", "By age, or by risk: of what is held only.", _one_of(Sort)),
    Parameter("thread", "Only under this story, by the thread's id.", _ID),
    Parameter("story", "Only under this story, by its address.", _STRING),
    Parameter("author", "A part of the author's name.", _STRING),
    Parameter("author_of", "Only by the author of this comment, whatever name they gave.", _ID),
    Parameter("label", "Only with a finding of this label, of 0.3 or more.", _STRING),
    Parameter("check", "Only with such a finding of this check.", _STRING),
    Parameter("score_from", "Of that finding, or else of the risk, the lowest score.", _SCORE),
    Parameter("score_to", "The highest.", _SCORE),
    Parameter("older_than", f"Written before that. {_AGE}", _STRING),
    Parameter("newer_than", f"Written since. {_AGE}", _STRING),
    Parameter("failed", "Only where a check failed.", {"type": "string", "enum": ["true", "false"]}),
    Parameter("decided_by", 'Whose the last decision is: a moderator\'s name, or "machine".', _STRING),
)
# Those that an empty text is no value of.
TYPED = tuple(one.name for one in FILTERS if one.schema not in (_STRING,) and one.name not in ("site", "q"))
