"""What an author is told about the own comment, in plain words. No markup is made here, and nothing is decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.appealing import Appealed
from service.domain.decision import told_as
from service.domain.policy import Reason
from service.store.desk import CommentRow, DecisionRow
from service.web.desk.words import in_words


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a comment stands: ``headline`` in a sentence; of the decision in force ``who`` made it, on which
    ``grounds``, the moderator's ``message``, and ``when``, ``None`` where nothing is decided about the present text."""

    headline: str
    who: str = ""
    grounds: tuple[str, ...] = ()
    message: str = ""
    when: datetime | None = None


_WAITS = {
    "pending": "Your comment waits for the checks, which every comment goes through.",
    "held": "Your comment waits for a person to read it.",
    "approved": "Your comment is published.",
    "rejected": "Your comment was not published.",
    "withdrawn": "You have withdrawn this comment: nobody sees it any more.",
}
_CHANGE_WAITS = {
    "pending": "Your comment is published. Your change waits for the checks; until then readers see the former text.",
    "held": "Your comment is published. Your change waits for a person to read it; until then readers see the former"
    " text.",
}
CHANGE_REFUSED = "Your comment is published with its former text. Your change was not published."
BY_CHECKS = "The checks decided this by themselves. No person has looked at it yet."
BY_PERSON = "A person decided this."


def standing_of(row: CommentRow, last: DecisionRow | None) -> Standing:
    """Where the comment stands; ``last`` is the decision in force about it."""
    if row.status == "approved" and row.awaiting is not None:
        headline = _CHANGE_WAITS[row.awaiting]
    elif row.status == "approved" and last is not None and told_as(last.action) in ("reject", "hold"):
        headline = CHANGE_REFUSED
    else:
        headline = _WAITS[row.status]
    if last is None or row.awaiting == "pending" or row.status == "withdrawn":
        return Standing(headline)
    codes = dict.fromkeys(reason["code"] for reason in last.reasons)
    approved = told_as(last.action) not in ("reject", "hold", "discard")
    return Standing(
        headline,
        who=BY_CHECKS if last.automated else BY_PERSON,
        grounds=() if approved else tuple(in_words(code) for code in codes),
        message=last.message,
        when=last.decided_at,
    )


_ASKED = "You asked a person to look again."
_STILL_ASKED = "You asked a person to look again. That is still to come."
_CAME = {
    "approved": "You asked a person to look again. A person did, and published your comment.",
    "rejected": "You asked a person to look again. A person did, and did not publish it. That was the last word about"
    " it.",
    "held": "You asked a person to look again. A person did, and has not decided yet: it goes on waiting.",
}


def appeal_told(row: CommentRow, appealed: Appealed) -> str:
    """What came of the latest appeal; nothing where there was none."""
    if appealed.last is None or row.status == "withdrawn":
        return ""
    if row.appealed_at is not None:
        return _STILL_ASKED
    answer = appealed.answer
    if answer is None or answer.automated or answer.status != row.status:
        # Something else has come since, and is what counts.
        return _ASKED
    return _CAME[answer.status]


# All that is said here, in English, for the catalogues.
SENTENCES = (
    *_WAITS.values(),
    *_CHANGE_WAITS.values(),
    CHANGE_REFUSED,
    BY_CHECKS,
    BY_PERSON,
    *(in_words(code) for code in Reason),
    _ASKED,
    _STILL_ASKED,
    *_CAME.values(),
)
