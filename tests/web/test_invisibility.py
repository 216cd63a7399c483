"""What is not on stage does not exist for the public: no byte of any answer tells of it, by any way of asking."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from service.bootstrap import build_web
from service.domain.site import Site
from service.privacy import Erasure
from service.store.ids import new_id
from tests.people import NOW
from tests.web.asks import (
    PUBLIC,
    SILENT,
    SILENT_ID,
    STORY,
    STORY_ID,
    WRONG_TOKEN,
    Answers,
    Ask,
    Heard,
    ask_everything,
    routes,
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

    def decide(self, action: str) -> None:
        self.house.decide(self.id, action)

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
    made.decide("reject")


def withdrawn(made: Made) -> None:
    made.withdraw()


def erased(made: Made) -> None:
    made.erase()


def rejected_after_it_was_approved(made: Made) -> None:
    made.decide("approve")
    made.decide("reject")


def held_after_it_was_approved(made: Made) -> None:
    made.decide("approve")
    made.decide("hold")


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
        of = ("public.read_thread", "public.counts", "pages.thread_page")
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


@pytest.fixture
def stage(house: House) -> House:
    return set_stage(house)


@pytest.fixture
def either_stage(either_house: House) -> House:
    """The same on both databases; for what the store's queries decide."""
    return set_stage(either_house)


def test_every_route_is_asked_here(house: House) -> None:
    found = {endpoint for _, endpoint in routes(house.app)}
    assert found == set(PUBLIC)
    described = house.client.get("/openapi.json").get_json()["paths"]
    asked = {
        (ask.method, ask.path.partition("?")[0].replace("ID", "{comment_id}"))
        for asks in PUBLIC.values()
        for ask in asks
    }
    assert {(method.upper(), path) for path, methods in described.items() for method in methods} <= asked


@each_way
def test_a_hidden_comment_changes_no_byte_of_any_public_answer(either_stage: House, hide: Way) -> None:
    before = ask_everything(either_stage.app, str(new_id()))
    made = send(either_stage, url=STORY, thread=STORY_ID)
    hide(made)
    after = told(either_stage, made.id)
    assert_same(before, after)
    for heard in after.values():
        assert not any(word in heard.body for word in HIDDEN_WORDS)


@pytest.mark.parametrize("hide", NEVER_ON_STAGE, ids=lambda way: way.__name__)
def test_the_first_comment_of_a_story_does_not_show_that_it_is_there(stage: House, hide: Way) -> None:
    before = ask_everything(stage.app, str(new_id()))
    made = send(stage, url=SILENT, thread=SILENT_ID, title=TITLE)
    hide(made)
    after = told(stage, made.id)
    assert_same(before, after)
    for heard in after.values():
        assert not any(word in heard.body for word in HIDDEN_WORDS)


def test_a_hidden_comment_cannot_lead_a_storys_id_away_from_its_conversation(stage: House) -> None:
    stage.approved("Under the address alone.", url=SILENT)
    before = ask_everything(stage.app, str(new_id()))
    made = send(stage, url="https://daily.example/elsewhere", thread=SILENT_ID)
    assert_same(before, told(stage, made.id))


def test_a_hidden_comment_cannot_lead_a_storys_new_address_away_from_its_conversation(stage: House) -> None:
    moved = f"/v1/threads?site=daily&url=https://daily.example/moved&thread={STORY_ID}"
    before = Heard.of(stage.client.get(moved))
    assert b"A bridge is a promise." in before.body
    send(stage, url="https://daily.example/moved")
    assert Heard.of(stage.client.get(moved)) == before


def edit_pending(made: Made) -> None:
    made.edit(TEXT)


def edit_held(made: Made) -> None:
    made.edit(TEXT)
    made.house.screen()


def edit_held_by_a_person(made: Made) -> None:
    made.edit(TEXT)
    made.decide("hold")


def edit_rejected(made: Made) -> None:
    made.edit(TEXT)
    made.decide("reject")


@pytest.mark.parametrize(
    "edit", [edit_pending, edit_held, edit_held_by_a_person, edit_rejected], ids=lambda way: way.__name__
)
@pytest.mark.parametrize("edited_before", [False, True], ids=["first edit", "second edit"])
def test_a_waiting_edit_of_an_approved_comment_shows_nothing_of_itself(
    either_stage: House, edit: Way, edited_before: bool
) -> None:
    made = send(either_stage, "I was here before.", "Ada", thread=STORY_ID)
    made.decide("approve")
    if edited_before:
        made.edit("I was here before you.")
        made.decide("approve")
        [shown] = [one for one in either_stage.thread().get_json()["comments"] if one["id"] == made.id]
        assert shown["edited_at"] is not None
    before = ask_everything(either_stage.app, made.id)
    edit(made)
    after = told(either_stage, made.id)
    assert_same(before, after)
    for heard in after.values():
        assert b"zanzibar" not in heard.body


@each_way
def test_what_a_reader_kept_stays_valid_while_hidden_comments_come_and_go(stage: House, hide: Way) -> None:
    kept = stage.thread().headers["ETag"]
    hide(send(stage))
    answer = stage.client.get(
        "/v1/threads", query_string={"site": "daily", "url": STORY}, headers={"If-None-Match": kept}
    )
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == kept


@each_way
def test_a_hidden_comment_is_as_unknown_as_one_that_never_was(stage: House, hide: Way) -> None:
    hidden = send(stage)
    hide(hidden)
    elsewhere = send(stage, site="other", url="https://other.example/story")
    somebody_else = send(stage, "Another text altogether.", "Grace")
    [shown] = stage.thread().get_json()["comments"]
    ids = [str(new_id()), hidden.id, elsewhere.id, shown["id"], "not-an-id", hidden.id.upper() + "0"]
    for method in ("GET", "PATCH", "DELETE"):
        ask = Ask("/v1/comments/ID", method, json={"text": "Mine now."} if method == "PATCH" else None)
        heard = {
            Heard.of(stage.client.open(**{**ask.of(comment_id), "headers": headers}), comment_id)
            for comment_id in ids
            for headers in ({}, WRONG_TOKEN, somebody_else.own, stage.admin, {"Authorization": "Bearer é"})
        }
        assert len(heard) == 1
        [only] = heard
        assert only.status == 404
        assert json.loads(only.body)["type"].endswith("#comment-not-found")


@each_way
def test_answering_a_hidden_comment_is_like_answering_none(stage: House, hide: Way) -> None:
    hidden = send(stage)
    hide(hidden)
    elsewhere = stage.approved(site="other", url="https://other.example/story")
    next_door = stage.approved(url=SILENT)
    parents = [str(new_id()), hidden.id, str(elsewhere), str(next_door), "not-an-id"]
    for ask in PUBLIC["public.send_comment"][:2]:
        heard = {Heard.of(stage.client.open(**ask.of(parent)), parent) for parent in parents}
        assert len(heard) == 1
        assert next(iter(heard)).status == 422


def test_an_author_looks_at_their_own_comment_and_at_no_other(stage: House) -> None:
    mine, theirs = send(stage), send(stage, "Somebody else's words.", "Grace")
    assert stage.client.get(f"/v1/comments/{mine.id}", headers=mine.own).get_json()["text"] == TEXT
    assert stage.client.get(f"/v1/comments/{theirs.id}", headers=mine.own).status_code == 404


def test_after_erasure_not_even_the_edit_token_finds_the_comment(stage: House) -> None:
    mine = send(stage)
    mine.erase()
    unknown = Heard.of(stage.client.get(f"/v1/comments/{new_id()}", headers=mine.own))
    for method in ("GET", "DELETE"):
        answer = stage.client.open(f"/v1/comments/{mine.id}", method=method, headers=mine.own)
        assert Heard.of(answer) == unknown


def test_public_answers_are_the_same_with_a_moderators_token(stage: House) -> None:
    hidden = send(stage)
    public = [
        ask
        for name, asks in PUBLIC.items()
        if not name.startswith(("admin.", "health.figures"))
        for ask in asks
    ]
    assert len(public) > 50
    for ask in public:
        plain = Heard.of(stage.client.open(**ask.of(hidden.id)))
        with_token = {**ask.of(hidden.id), "headers": {**ask.headers, **stage.admin}}
        assert Heard.of(stage.client.open(**with_token)) == plain, ask


# --- what is on stage ----------------------------------------------------------------------------------------------

COMMENT_KEYS = {"id", "parent_id", "depth", "status", "author", "html", "created_at", "edited_at"}
THREAD_KEYS = {
    "site",
    "url",
    "title",
    "closed",
    "count",
    "email_required",
    "text_max",
    "name_max",
    "comments",
    "next_cursor",
    "links",
}


def test_a_public_comment_has_exactly_these_keys(stage: House) -> None:
    for view, more in (("tree", {"replies"}), ("flat", set())):
        document = stage.thread(view=view).get_json()
        assert set(document) == THREAD_KEYS
        assert set(document["links"]) == {"page"}
        [shown] = document["comments"]
        assert set(shown) == COMMENT_KEYS | more
        assert set(shown["author"]) == {"name"}
    [counted] = stage.client.get("/v1/counts", query_string={"site": "daily", "url": STORY}).get_json()[
        "counts"
    ]
    assert set(counted) == {"url", "count"}


@pytest.mark.parametrize(
    "leave",
    [rejected, held_by_a_person, withdrawn, erased],
    ids=lambda way: way.__name__,
)
def test_a_comment_that_is_gone_keeps_a_place_for_its_answers_and_shows_nothing(
    either_stage: House, leave: Way
) -> None:
    parent = send(either_stage)
    parent.decide("approve")
    reply = either_stage.approved("I agree with you.", parent_id=parent.id)
    leave(parent)
    tree = either_stage.thread().get_json()
    [tombstone] = [one for one in tree["comments"] if one["id"] == parent.id]
    assert [one["id"] for one in tombstone["replies"]] == [str(reply)]
    assert tombstone["status"] == "removed"
    assert (tombstone["author"], tombstone["html"], tombstone["edited_at"]) == (None, None, None)
    assert tree["count"] == 2
    flat = either_stage.thread(view="flat").get_json()["comments"]
    assert [one["id"] for one in flat if one["status"] == "removed"] == []
    assert str(reply) in [one["id"] for one in flat]
    for heard in told(either_stage, parent.id).values():
        assert not any(word in heard.body for word in HIDDEN_WORDS)


def test_a_comment_that_is_gone_takes_its_hidden_answers_with_it(stage: House) -> None:
    before = ask_everything(stage.app, str(new_id()))
    parent = send(stage)
    parent.decide("approve")
    reply = Made(stage, stage.post("I agree with you.", parent_id=parent.id))
    parent.withdraw()
    assert_same(before, told(stage, reply.id))


# --- addresses -------------------------------------------------------------------------------------------------------


def test_a_new_and_a_known_address_get_answers_of_one_shape(stage: House) -> None:
    def shape(email: str, **changes: Any) -> Any:
        answer = stage.client.post(
            "/v1/comments",
            json=stage.submission("One more thing.", author={"name": "Ada", "email": email}, **changes),
        )
        document = answer.get_json()
        lengths = {name: len(document[name]) for name in ("id", "status", "edit_token")}
        headers = {
            name: value for name, value in answer.headers.items() if name not in ("X-Request-Id", "Date")
        }
        return answer.status_code, lengths, sorted(document["links"]), headers

    stage.approved(author={"name": "Ada", "email": "approved@example.org"})
    rejected(Made(stage, stage.post(author={"name": "Ada", "email": "rejected@example.org"})))
    stage.post(site="other", url="https://other.example/x", author={"name": "A", "email": "next@example.org"})
    new = shape("new@example.org")
    assert new[0] == 202
    for known in ("new@example.org", "approved@example.org", "rejected@example.org", "next@example.org"):
        assert shape(known) == new


def test_ids_tell_nothing_but_their_time(stage: House) -> None:
    made = [UUID(stage.post(f"Text {n}.")["id"]) for n in range(3)]
    assert made == sorted(made)
    # 62 random bits: whoever knows one comment cannot count to the next.
    assert all(one.version == 7 for one in made)
    assert len({one.int & (1 << 62) - 1 for one in made}) == 3
