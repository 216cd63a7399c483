"""Comments that the public may not see, every way to become one, and all that the public hears meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from service.bootstrap import build_web
from service.domain.site import Site
from service.privacy import Erasure
from tests.people import NOW
from tests.web.asks import (
    READ,
    STORY_ID,
    Answers,
    ask_everything,
)
from tests.web.conftest import House, make_app

# Words that are nowhere else: wherever one of them turns up, something hidden has been shown.
TEXT = "The zanzibar ledger was never audited."
NAME = "Quillon Vesperwhistle"
TITLE = "Marmoset scandal widens"
HIDDEN_WORDS = (b"zanzibar", b"Quillon", b"Vesperwhistle", b"Marmoset")
ADDRESS = "quillon@vesper.example"


class Made:
    """A comment that somebody made, with what only its author knows."""

    def __init__(self, house: House, answer: dict[str, Any]) -> None:
        self.house = house
        self.id: str = answer["id"]
        self.own = {"Authorization": f"Bearer {answer['edit_token']}"}

    def edit(self, text: str) -> None:
        answer = self.house.client.patch(f"/v1/comments/{self.id}", json={"text": text}, headers=self.own)
        assert answer.status_code == 202, answer.text

    def withdraw(self) -> None:
        assert self.house.client.delete(f"/v1/comments/{self.id}", headers=self.own).status_code == 200

    def decide(self, action: str, **body: Any) -> None:
        self.house.decide(self.id, action, **body)

    def undo(self) -> None:
        self.house.undo(self.id)

    def erase(self) -> None:
        assert Erasure(self.house.database, self.house.rooms.cipher, lambda: NOW).erase(ADDRESS) == 1


def send(house: House, text: str = TEXT, name: str = NAME, **changes: Any) -> Made:
    return Made(house, house.post(text, author={"name": name, "email": ADDRESS}, **changes))


# --- the ways to be hidden -----------------------------------------------------------------------------------------


def pending(made: Made) -> None:
    pass


def held(made: Made) -> None:
    made.house.screen()


def held_by_a_person(made: Made) -> None:
    made.decide("hold")


def rejected(made: Made) -> None:
    made.decide("reject", reasons=["other"])


def withdrawn(made: Made) -> None:
    made.withdraw()


def erased(made: Made) -> None:
    made.erase()


def rejected_after_it_was_approved(made: Made) -> None:
    made.decide("approve")
    made.decide("reject", reasons=["other"])


def held_after_it_was_approved(made: Made) -> None:
    made.decide("approve")
    made.decide("hold")


def undone_after_it_was_approved(made: Made) -> None:
    made.decide("approve")
    made.undo()


def withdrawn_after_it_was_approved(made: Made) -> None:
    made.decide("approve")
    made.withdraw()


def erased_after_it_was_approved(made: Made) -> None:
    made.decide("approve")
    made.erase()


HIDDEN = (
    pending,
    held,
    held_by_a_person,
    rejected,
    withdrawn,
    erased,
    rejected_after_it_was_approved,
    held_after_it_was_approved,
    undone_after_it_was_approved,
    withdrawn_after_it_was_approved,
    erased_after_it_was_approved,
)
NEVER_ON_STAGE = (pending, held, held_by_a_person, rejected, withdrawn, erased)
Way = Callable[[Made], None]
each_way = pytest.mark.parametrize("hide", HIDDEN, ids=lambda way: way.__name__)


def told(house: House, comment_id: str) -> Answers:
    """What the public hears; the same from this process and from one that has kept no answer."""
    heard = ask_everything(house.app, comment_id)
    rooms = build_web(house.settings)
    try:
        of = (*(f"public.{name}" for name in READ), "pages.thread_page")
        assert_same(ask_everything(make_app(rooms), comment_id, of=of), heard)
    finally:
        rooms.close()
    return heard


def assert_same(some: Answers, heard: Answers) -> None:
    differ = {ask: (one, heard[ask]) for ask, one in some.items() if one != heard[ask]}
    assert not differ


def set_stage(house: House) -> House:
    """A house with one approved comment under the story, and another site beside it."""
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    house.approved("A bridge is a promise.", thread=STORY_ID, title="The budget")
    return house
