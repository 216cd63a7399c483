"""An author asks a person to look again: about which decision that is possible, and which decision answers it.

Each decision that turned a comment away or holds it can be appealed once. Whatever a person decides afterwards answers
the appeal, and that answer is the last word: it takes no appeal of its own.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from service.domain.comment import Status
from service.domain.decision import standing
from service.domain.errors import AlreadyAppealed, NothingToAppeal

WORDS_MAX = 1_000
FINAL = "A person has looked at this comment once more, as you asked. That was the last word about it."


class Decided(Protocol):
    @property
    def id(self) -> UUID: ...

    @property
    def undoes(self) -> UUID | None: ...

    @property
    def revision(self) -> int: ...

    @property
    def automated(self) -> bool: ...

    @property
    def status(self) -> str: ...


class Asked(Protocol):
    """An appeal: which decision it is about, and the revision at which the comment stood then."""

    @property
    def decision_id(self) -> UUID: ...

    @property
    def revision(self) -> int: ...


D = TypeVar("D", bound=Decided)


def answer_to(asked: Asked, decisions: Sequence[D]) -> D | None:
    """The decision that answered an appeal; ``None`` while none has, or where it was taken back. ``decisions`` are all
    about the comment, oldest first.

    A machine's answers it only by publishing what it turned away before. An appeal raises the revision, so that what
    was decided after it is about a higher one, whatever clocks say.
    """
    for one in reversed(list(standing(reversed(decisions)))):
        if one.revision > asked.revision and (not one.automated or one.status == Status.APPROVED.value):
            return one
    return None


def decision_to_appeal(
    status: str, awaiting: str | None, decisions: Sequence[D], appeals: Sequence[Asked], *, waits: bool
) -> D:
    """The decision that an appeal made now is about; ``waits``: one was made that waits for its answer.

    Raises ``NothingToAppeal``, and ``AlreadyAppealed`` with a sentence that says whether the answer is there.
    """
    last = next(standing(reversed(decisions)), None)
    turned_away = status in (Status.REJECTED.value, Status.HELD.value) and awaiting != Status.PENDING.value
    if last is None or not turned_away:
        raise NothingToAppeal
    if waits:
        raise AlreadyAppealed
    if any(one.decision_id == last.id or answer_to(one, decisions) is last for one in appeals):
        raise AlreadyAppealed(FINAL)
    return last
