"""Cases for checks to look at."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from service.domain.comment import Case, Lookalike
from service.domain.policy import Finding
from service.store.ids import new_id
from tests.people import NOW, STORY


def case(text: str = "What about the bridge?", **changes: Any) -> Case:
    return Case(
        comment_id=new_id(),
        site="daily",
        thread_id=uuid4(),
        url=STORY.url,
        author_name="Ada",
        text=text,
        created_at=NOW,
        site_hosts=("daily.example",),
        **changes,
    )


def lookalike(**changes: Any) -> Lookalike:
    known: dict[str, Any] = {
        "distance": 0,
        "same_text": True,
        "same_author": False,
        "same_thread": False,
        "status": "approved",
    }
    return Lookalike(comment_id=new_id(), **{**known, **changes})


def marked(finding: Finding, text: str) -> list[str]:
    """The places of a text that a finding points at."""
    return [text[e.start : e.end] for e in finding.evidence if e.start is not None]
