"""Sentences for authors that a newsroom begins with; a site replaces them with its own."""

from __future__ import annotations

from dataclasses import dataclass

from service.domain.policy import Reason

TITLE_MAX = 100
MESSAGE_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Canned:
    """``message`` is what an author is told besides the reason."""

    reason: Reason
    title: str
    message: str


DEFAULTS = (
    Canned(
        Reason.INSULT,
        "Attacks a person",
        "Your comment attacks a person rather than what they said. Please write it again without the insult; "
        "criticism of their view is welcome.",
    ),
    Canned(
        Reason.OFF_TOPIC,
        "Not about this story",
        "Your comment is not about this story. Please look for one that it fits, and post it there.",
    ),
    Canned(
        Reason.ADVERTISEMENT,
        "Advertising",
        "We do not publish advertisements, or links to shops and services, in the comments.",
    ),
    Canned(
        Reason.PERSONAL_DATA,
        "Private details of somebody",
        "Your comment holds private details, such as an address or a phone number. Please leave them out: what is "
        "published can be read and copied by everybody.",
    ),
    Canned(
        Reason.HATE,
        "Against a group of people",
        "Your comment degrades people for what they are or believe. We do not publish that.",
    ),
    Canned(
        Reason.ILLEGAL,
        "Claim without a source",
        "Your comment accuses somebody of an offence without a source. Because that may be unlawful, we cannot publish "
        "it. If there is a public report of it, please name the report.",
    ),
)
