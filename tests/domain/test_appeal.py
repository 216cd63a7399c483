"""About which decision an author may ask a person to look again, and which decision is the answer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from service.domain.appeal import FINAL, answer_to, decision_to_appeal
from service.domain.errors import AlreadyAppealed, NothingToAppeal


@dataclass(frozen=True)
class Made:
    id: UUID
    revision: int
    status: str
    automated: bool = False
    undoes: UUID | None = None


@dataclass(frozen=True)
class Asked:
    decision_id: UUID
    revision: int


def number(place: int) -> UUID:
    return UUID(int=place)


def life(acts: str) -> tuple[list[Made], list[Asked], str, bool]:
    """(decisions, appeals, status, whether an appeal waits) after these acts: a, r and h are what a person decides, A,
    R and H what a machine does, u takes the last decision back, ? is an appeal."""
    decisions: list[Made] = []
    appeals: list[Asked] = []
    before: list[tuple[str, bool]] = []
    revision, status, waits = 1, "pending", False
    for act in acts:
        if act == "?":
            about = decision_to_appeal(status, None, decisions, appeals, waits=waits)
            appeals.append(Asked(about.id, revision))
            revision, waits = revision + 1, True
            continue
        stood, machine, undone = (status, waits), act.isupper(), None
        if act == "u":
            undone = decisions[-1].id
            status, waits = before[-1]
        else:
            status = {"a": "approved", "r": "rejected", "h": "held"}[act.lower()]
            waits = waits and machine and status != "approved"
        before.append(stood)
        decisions.append(Made(number(len(decisions) + 1), revision, status, machine, undone))
        revision += 0 if machine else 1
    return decisions, appeals, status, waits


@pytest.mark.parametrize(
    ("acts", "about"),
    [
        ("R", 1),  # a machine turned it away
        ("H", 1),  # a machine holds it
        ("r", 1),  # a person did
        ("h", 1),
        ("ar", 2),  # after it was published
        ("H?ar", 3),  # the answer was yes, and much later somebody rejected it
        ("R?Ar", 3),  # a machine published it, and a person turned it away
        ("H?hr", 3),  # a person left it held, and another rejected it
    ],
)
def test_a_decision_that_turns_a_comment_away_can_be_appealed_once(acts: str, about: int) -> None:
    decisions, appeals, status, waits = life(acts)
    assert decision_to_appeal(status, None, decisions, appeals, waits=waits).id == number(about)


@pytest.mark.parametrize(
    ("acts", "final"),
    [
        ("R?", False),
        ("H?", False),
        ("H?R", False),  # a machine rejected a new text: a person is still to come
        ("R?r", True),  # a person looked again
        ("H?r", True),
        ("r?r", True),
        ("r?h", True),  # held upon the appeal: it waits for a person already
        ("r?ru", False),  # the answer was taken back: the appeal waits again
        ("r?ruu", True),  # and stands again
    ],
)
def test_no_decision_is_appealed_twice_and_no_answer_at_all(acts: str, final: bool) -> None:
    decisions, appeals, status, waits = life(acts)
    with pytest.raises(AlreadyAppealed) as told:
        decision_to_appeal(status, None, decisions, appeals, waits=waits)
    assert (told.value.detail == FINAL) == final


@pytest.mark.parametrize(
    ("status", "awaiting", "acts"),
    [
        ("pending", "pending", ""),
        ("approved", None, "a"),
        ("approved", "held", "aH"),
        ("pending", "pending", "h"),  # edited since
        ("withdrawn", None, "r"),
        ("erased", None, "r"),
        ("held", "held", ""),  # after three attempts, say, without any decision
    ],
)
def test_where_nothing_was_decided_against_a_comment_there_is_nothing_to_appeal(
    status: str, awaiting: str | None, acts: str
) -> None:
    decisions, appeals, _, waits = life(acts)
    with pytest.raises(NothingToAppeal):
        decision_to_appeal(status, awaiting, decisions, appeals, waits=waits)


@pytest.mark.parametrize(
    ("acts", "answer"),
    [
        ("R?", None),
        ("R?a", 2),
        ("R?r", 2),
        ("R?ra", 2),  # the first that a person made
        ("H?R", None),  # a machine does not answer by turning it away
        ("H?A", 2),  # but by publishing it
        ("H?Ra", 3),
        ("r?ru", None),
        ("r?rua", 4),
        ("r?ruu", 2),
        ("rar?", None),
    ],
)
def test_the_answer_is_the_first_decision_of_a_person_that_stands(acts: str, answer: int | None) -> None:
    decisions, appeals, _, _ = life(acts)
    found = answer_to(appeals[-1], decisions)
    assert (found and found.id) == (None if answer is None else number(answer))
