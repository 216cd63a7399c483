"""The desk's words: reasons, labels, findings and decisions as people read them. No markup is made here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from service.web.admin.shown import WORTH_SHOWING

# What a person may give as a reason, with the key that chooses it. check_failed is for machines only.
REASONS: tuple[tuple[str, str, str], ...] = (
    ("s", "spam", "Spam"),
    ("v", "advertisement", "Advertisement"),
    ("o", "offensive", "Offensive"),
    ("i", "insult", "Insult"),
    ("t", "threat", "Threat"),
    ("h", "hate", "Hate"),
    ("x", "sexual", "Sexual"),
    ("p", "personal_data", "Personal data"),
    ("f", "off_topic", "Off topic"),
    ("l", "illegal", "Illegal"),
    ("d", "duplicate", "Duplicate"),
    ("m", "flood", "Flood"),
    ("b", "banned_author", "Banned author"),
    ("Enter", "other", "Other"),
)
# What checks and trained models look for beside that.
NAMES: dict[str, str] = {
    **{code: name for _, code, name in REASONS},
    "check_failed": "A check could not run",
    "toxicity": "Toxicity",
    "severe": "Severe toxicity",
    "identity_attack": "Attack on an identity",
    "obscene": "Obscene",
    "trusted": "Trusted author",
    "storm": "Storm: all is held",
    "spam_untaught": "Spam before this site’s lessons",
    "toxicity_untaught": "Toxicity before this site’s lessons",
}
DONE = {
    "approve": "Approved",
    "reject": "Rejected",
    "spam": "Rejected as spam",
    "hold": "Held",
    "escalate": "Escalated",
    "discard": "Discarded",
    "withdraw": "Withdrawn by its author",
    "erase": "Erased",
    "undo": "Taken back",
    "reply": "Written for the newsroom",
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# From this on a score is a reason to look twice.
LOUD = 0.5


def in_words(code: str) -> str:
    return NAMES.get(code) or code.replace("_", " ").capitalize()


def percent(score: float) -> str:
    return f"{round(score * 100)} %"


def day_and_hour(moment: str) -> str:
    """ "2026-11-26T09:05:00Z" as "26 Nov 2026, 09:05 UTC"."""
    return f"{int(moment[8:10])} {MONTHS[int(moment[5:7]) - 1]} {moment[:4]}, {moment[11:16]} UTC"


def since(moment: str | None, now: datetime) -> str:
    """How long ago a moment was: "just now", "5 min", "3 h", "2 days"."""
    if moment is None:
        return ""
    minutes = max(0.0, (now - datetime.fromisoformat(moment)).total_seconds() / 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{int(minutes)} min"
    if minutes < 48 * 60:
        return f"{int(minutes / 60)} h"
    return f"{int(minutes / 60 / 24)} days"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; ``notes`` say why it is marked, and are empty where it is not."""

    text: str
    notes: str


def marked(text: str, findings: Iterable[dict[str, Any]]) -> list[Piece]:
    """The text in pieces, cut where any finding's evidence begins or ends. Evidence that lies outside is ignored."""
    places = [
        (evidence["start"], evidence["end"], evidence["note"])
        for finding in findings
        for evidence in finding["evidence"]
        if evidence["start"] is not None and evidence["end"] is not None
        if 0 <= evidence["start"] < min(evidence["end"], len(text))
    ]
    cuts = sorted({0, len(text), *(min(at, len(text)) for start, end, _ in places for at in (start, end))})
    pieces = []
    for begin, end in pairwise(cuts):
        notes = dict.fromkeys(note for start, stop, note in places if start <= begin and end <= stop)
        pieces.append(Piece(text[begin:end], "; ".join(notes)))
    return pieces


@dataclass(frozen=True, slots=True)
class Line:
    """A finding as a line: what was found, and the quieter rest."""

    head: str
    rest: str
    loud: bool


def finding_line(finding: dict[str, Any]) -> Line:
    outcome, why = finding["outcome"], finding["why"]
    check = finding["check"].replace("_", " ")
    notes = "; ".join(dict.fromkeys(one["note"] for one in finding["evidence"] if one["note"]))
    rest = [check]
    if outcome == "failed":
        head = "Could not run" + (f" ({why})" if why else "")
    elif outcome == "skipped":
        head = "Skipped" + (f" ({why})" if why else "")
    elif finding["score"] > 0:
        head = f"{in_words(finding['label'])} {percent(finding['score'])}"
        if finding["label"] == finding["check"]:
            # Most checks are called otherwise than what they look for; where they are not, once is enough.
            rest = []
        if why:
            notes = f"{why}; {notes}" if notes else why
    else:
        head = "Nothing found"
    if finding["mode"] == "observe":
        rest.append("only observed")
    if notes:
        rest.append(notes)
    loud = outcome == "failed" or (finding["score"] >= LOUD and finding["label"] != "trusted")
    return Line(head, " · ".join(rest), loud)


def speaking(findings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The findings that are worth a moderator's look in a list; the case shows all."""
    return [
        finding
        for finding in findings
        if finding["outcome"] == "failed"
        or (
            finding["outcome"] == "found"
            and finding["score"] >= WORTH_SHOWING
            and not finding["label"].endswith("_untaught")
        )
    ]


def decision_words(decision: dict[str, Any]) -> str:
    """What was decided and why, without who and when: "Held: Insult 91 %, Spam 40 %"."""
    surest: dict[str, float] = {}
    # Several checks may have had one reason: said once, with the surest of them.
    for reason in decision["reasons"]:
        score = -1.0 if reason["score"] is None else reason["score"]
        surest[reason["code"]] = max(surest.get(reason["code"], -1.0), score)
    said = ", ".join(
        in_words(code) + (f" {percent(score)}" if score >= 0 else "") for code, score in surest.items()
    )
    done = DONE.get(decision["action"], decision["action"].capitalize())
    return f"{done}: {said}" if said else done


def parted(findings: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(the findings that say something, the others: nothing found, skipped, or only what a site has not learned)."""
    said = [one for one in findings if one in speaking([one])]
    return said, [one for one in findings if one not in said]
