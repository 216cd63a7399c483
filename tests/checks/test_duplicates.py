"""The same text again: by the same author, copied, or from many mouths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from service.bootstrap import now
from service.checks.duplicates import Duplicates
from service.domain.comment import Lookalike
from service.domain.policy import Outcome
from service.policies import PolicyBook
from service.screening import Screening
from service.store import desk, threads
from service.store.database import Database
from tests.checks.cases import case, lookalike
from tests.people import add_site, arrival, store

TEXT = "Who counted the school children on the boat at 7.10?"


@pytest.mark.parametrize(
    ("near", "label", "score"),
    [
        ([], "duplicate", 0.0),
        # Too far apart to be the same campaign.
        ([lookalike(same_text=False, distance=4)], "duplicate", 0.0),
        # One author, the same or nearly the same.
        ([lookalike(same_author=True)], "duplicate", 1.0),
        ([lookalike(same_author=True, same_text=False, distance=2)], "duplicate", 0.7),
        # Somebody else's words.
        ([lookalike()], "duplicate", 0.5),
        ([lookalike(same_text=False, distance=3)], "duplicate", 0.5),
        # One text, many mouths.
        ([lookalike(), lookalike()], "spam", 0.7),
        ([lookalike(), lookalike(), lookalike(same_author=True)], "spam", 0.7),
        ([lookalike() for _ in range(9)], "spam", 1.0),
    ],
)
def test_what_resemblance_means(near: list[Lookalike], label: str, score: float) -> None:
    finding = Duplicates({}).run(case(TEXT, lookalikes=tuple(near)))
    assert (finding.label, finding.score) == (label, score)
    assert bool(finding.evidence) is (score > 0)


def test_a_greeting_is_nobodys() -> None:
    greeting = case("Well said!", lookalikes=(lookalike(), lookalike()))
    assert Duplicates({}).run(greeting).outcome is Outcome.SKIPPED
    assert Duplicates({"short": 5}).run(greeting).score > 0


def test_evidence_tells_what_became_of_the_others() -> None:
    finding = Duplicates({}).run(
        case(TEXT, lookalikes=(lookalike(status="rejected"), lookalike(same_author=True)))
    )
    assert [each.note for each in finding.evidence] == [
        "2 earlier comments read the same",
        "1 of them by this author",
        "one like it was rejected before",
    ]


def screened(database: Database, **comment: Any) -> Callable[[str], tuple[str, float]]:
    """Stores a comment on a story of its own and gives what the check says of it."""

    def screen(text: str, **changes: Any) -> tuple[str, float]:
        story = threads.Story("daily", f"https://daily.example/{changes.pop('story', 'budget')}")
        [comment_id] = store(database, arrival(text, story=story, **changes))
        Screening(database=database, policies=PolicyBook(database), now=now).drain()
        with database.read() as connection:
            findings = desk.findings_of(connection, [comment_id])[comment_id]
        [found] = [each for each in findings if each["check"] == "duplicates"]
        return found["label"], found["score"]

    return screen


def test_the_same_text_is_found_across_stories_and_authors(database: Database) -> None:
    add_site(database)
    screen = screened(database)
    ada, bob, eve = ({"address_index": letter * 32} for letter in (b"a", b"b", b"e"))
    assert screen(TEXT, vault=ada, story="one") == ("duplicate", 0.0)
    assert screen("Something else entirely about the council's money.", vault=bob) == ("duplicate", 0.0)
    assert screen(TEXT.upper() + "!!", vault=ada, story="two") == ("duplicate", 1.0)
    assert screen(TEXT.replace("7.10", "8.20"), vault=bob, story="three")[0] == "spam"
    assert screen(TEXT, vault=eve, story="four") == ("spam", 0.8)


def test_copies_that_arrive_together_are_seen_too(database: Database) -> None:
    add_site(database)
    ids = store(database, *(arrival(TEXT, vault={"address_index": bytes([n]) * 32}) for n in range(4)))
    Screening(database=database, policies=PolicyBook(database), now=now).drain()
    with database.read() as connection:
        findings = desk.findings_of(connection, ids)
    labels = [
        next(f["label"] for f in findings[each] if f["check"] == "duplicates" and f["score"])
        for each in ids[1:]
    ]
    assert labels == ["duplicate", "spam", "spam"]
