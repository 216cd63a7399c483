"""What a person may choose, and which of a comment's decisions is in force."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from service.domain.comment import Status
from service.domain.decision import Choice, DeskAction, in_force, told_as
from service.domain.errors import InvalidSubmission
from service.domain.policy import Reason


@dataclass(frozen=True)
class Made:
    id: UUID
    undoes: UUID | None = None


def log(*undoes: int | None) -> list[Made]:
    """Decisions oldest first, each with the place of the one that it takes back."""
    return [
        Made(UUID(int=place), None if undone is None else UUID(int=undone))
        for place, undone in enumerate(undoes)
    ]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([], None),
        ([None], 0),
        ([None, None], 1),
        # Taken back: nothing, or what was before.
        ([None, 0], None),
        ([None, None, 1], 0),
        # And taken back again.
        ([None, 0, 1], 0),
        ([None, 0, 1, 2], None),
        ([None, None, 1, 0], None),
        ([None, 0, None], 2),
        ([None, 0, None, 2], None),
    ],
    ids=str,
)
def test_the_decision_in_force_is_the_last_that_was_not_taken_back(
    made: list[int | None], expected: int | None
) -> None:
    found = in_force(reversed(log(*made)))
    assert (found and found.id) == (None if expected is None else UUID(int=expected))


@pytest.mark.parametrize(
    ("choice", "kept_as", "status", "grounds"),
    [
        (Choice(DeskAction.APPROVE), "approve", Status.APPROVED, []),
        (Choice(DeskAction.HOLD), "hold", Status.HELD, []),
        (Choice(DeskAction.ESCALATE, note="?"), "escalate", Status.HELD, []),
        (Choice(DeskAction.REJECT, (Reason.INSULT, Reason.INSULT)), "reject", Status.REJECTED, ["insult"]),
        (Choice(DeskAction.SPAM), "reject", Status.REJECTED, ["spam"]),
        (Choice(DeskAction.SPAM, (Reason.FLOOD, Reason.SPAM)), "reject", Status.REJECTED, ["spam", "flood"]),
    ],
    ids=lambda value: value.action if isinstance(value, Choice) else "",
)
def test_a_choice_says_what_comes_of_it(
    choice: Choice, kept_as: str, status: Status, grounds: list[str]
) -> None:
    choice.check()
    assert (choice.kept_as, choice.status, list(choice.grounds)) == (kept_as, status, grounds)


@pytest.mark.parametrize(
    ("choice", "pointers"),
    [
        (Choice(DeskAction.REJECT), ["/reasons"]),
        (Choice(DeskAction.ESCALATE), ["/note"]),
        (Choice(DeskAction.REJECT, message="x" * 1_001), ["/reasons", "/message"]),
    ],
    ids=lambda value: value.action if isinstance(value, Choice) else "",
)
def test_a_rejection_needs_a_reason_and_an_editor_a_question(choice: Choice, pointers: list[str]) -> None:
    with pytest.raises(InvalidSubmission) as told:
        choice.check()
    assert [fault.pointer for fault in told.value.errors] == pointers


def test_a_choice_prints_nothing_of_what_was_typed() -> None:
    assert "Zanzibar" not in repr(Choice(DeskAction.HOLD, message="Zanzibar", note="Zanzibar"))


def test_an_author_reads_held_where_an_editor_was_asked() -> None:
    assert (told_as("escalate"), told_as("reject")) == ("hold", "reject")
