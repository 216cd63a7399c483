"""What a person may choose for a comment, and which of a comment's decisions is in force."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from service.domain.comment import Status
from service.domain.errors import FieldError, InvalidSubmission
from service.domain.policy import Reason

MESSAGE_MAX = 1_000
# The action of a decision that takes another one back.
UNDO = "undo"
# The action of the decision by which a moderator's own reply is on stage.
REPLY = "reply"


class DeskAction(StrEnum):
    """What a person does with a comment."""

    APPROVE = "approve"
    REJECT = "reject"
    SPAM = "spam"  # rejected, and the reason is spam
    HOLD = "hold"
    ESCALATE = "escalate"  # held, for an editor


# As which action it is kept, and where it leads.
_OUTCOMES = {
    DeskAction.APPROVE: ("approve", Status.APPROVED),
    DeskAction.REJECT: ("reject", Status.REJECTED),
    DeskAction.SPAM: ("reject", Status.REJECTED),
    DeskAction.HOLD: ("hold", Status.HELD),
    DeskAction.ESCALATE: ("escalate", Status.HELD),
}
# Whom a moderator asks is no business of the author's.
_TOLD_AS = {"escalate": "hold"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose, for one comment or for many. ``message`` is for the author, ``note`` for colleagues."""

    action: DeskAction
    reasons: tuple[Reason, ...] = ()
    message: str = field(default="", repr=False)
    note: str = field(default="", repr=False)

    def check(self) -> None:
        """Raises ``InvalidSubmission`` with all that is missing."""
        faults = []
        if self.action is DeskAction.REJECT and not self.reasons:
            # Digital Services Act, Article 17: whoever is turned away is told on which ground.
            # https://eur-lex.europa.eu/eli/reg/2022/2065/oj
            faults.append(FieldError("/reasons", "A rejection needs a reason: its author is told it."))
        if self.action is DeskAction.ESCALATE and not self.note:
            faults.append(FieldError("/note", "Please say what the editor is asked."))
        if len(self.message) > MESSAGE_MAX:
            faults.append(FieldError("/message", f"At most {MESSAGE_MAX:,} characters."))
        if faults:
            raise InvalidSubmission(faults)

    @property
    def grounds(self) -> tuple[Reason, ...]:
        """The reasons, each once; spam comes first where that is what was chosen."""
        first = (Reason.SPAM,) if self.action is DeskAction.SPAM else ()
        return tuple(dict.fromkeys(first + self.reasons))

    @property
    def kept_as(self) -> str:
        """The action of the decision that comes of it."""
        return _OUTCOMES[self.action][0]

    @property
    def status(self) -> Status:
        return _OUTCOMES[self.action][1]


def told_as(action: str) -> str:
    """The action as its author reads it."""
    return _TOLD_AS.get(action, action)


class Decided(Protocol):
    @property
    def id(self) -> UUID: ...

    @property
    def undoes(self) -> UUID | None: ...


D = TypeVar("D", bound=Decided)


def standing(newest_first: Iterable[D]) -> Iterator[D]:
    """Those of one comment's decisions that were not taken back, newest first, without the undos. An undo that was
    undone counts for nothing."""
    undone: set[UUID] = set()
    for one in newest_first:
        if one.id in undone:
            continue
        if one.undoes is None:
            yield one
        else:
            undone.add(one.undoes)


def in_force(newest_first: Iterable[D]) -> D | None:
    """The last of one comment's decisions that was not taken back."""
    return next(standing(newest_first), None)
