"""What a replay cannot show, and how far it looks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from service.bootstrap import now
from service.checks.catalogue import CATALOGUE
from service.domain.policy import Action
from service.domain.policy_document import DEFAULT_DOCUMENT
from service.domain.site import Site
from service.ruling import REPLAYED_MOST, Ruling
from service.store import threads
from service.store.database import Database
from service.store.decisions import change_text
from tests.people import NOW, add_site, arrival, store
from tests.screening_room import screening_on
from tests.use_cases.replaying import EDITOR, everything_screened, rule


@pytest.fixture
def one_screened(database: Database) -> UUID:
    add_site(database)
    rule(
        database,
        {
            **DEFAULT_DOCUMENT,
            "checks": {"history": "off", "links": "off", "hosts": "observe"},
            "options": {"wordlist": {"hold": ["weirbridge"]}},
        },
    )
    [comment_id] = store(database, arrival())
    screening_on(database, now).drain()
    return comment_id


@pytest.mark.parametrize(
    ("changes", "unseen"),
    [
        # What was set as it is tells all there is to know.
        (
            {"checks": {"history": "off", "links": "off"}, "options": {"wordlist": {"hold": ["weirbridge"]}}},
            (),
        ),
        # Other options, none at all, and checks that left nothing because they were off.
        (
            {"checks": {"history": "off", "links": "off"}, "options": {"wordlist": {"hold": ["x"]}}},
            ("wordlist",),
        ),
        ({"checks": {"history": "off", "links": "off"}}, ("wordlist",)),
        ({"options": {"wordlist": {"hold": ["weirbridge"]}}}, ("links", "history")),
        # What is off decides nothing, whatever its options are.
        ({"checks": {"history": "off", "links": "off", "wordlist": "off"}}, ()),
        # In the story's own section only.
        (
            {
                "checks": {"history": "off", "links": "off", "wordlist": "off"},
                "sections": [{"path": "/budget", "checks": {"history": "observe"}}],
            },
            ("history",),
        ),
    ],
    ids=str,
)
def test_a_replay_names_the_checks_of_which_it_cannot_tell(
    database: Database, one_screened: UUID, changes: dict[str, Any], unseen: tuple[str, ...]
) -> None:
    tried = Ruling(database, now).try_out(EDITOR, "daily", {**DEFAULT_DOCUMENT, **changes}, since=NOW)
    assert (tried.looked, tried.unseen) == (1, unseen)


def test_of_an_edited_comment_the_last_text_counts(database: Database) -> None:
    add_site(database)
    quiet = {name: "off" for name in CATALOGUE if name not in ("links", "storm")}
    spam = {"label": "spam", "at": 0.4, "action": "hold"}
    rule(database, {"otherwise": "approve", "checks": quiet, "rules": [spam]})
    [comment_id] = store(database, arrival("The engineers have put the whole of it here: bit.ly/x"))
    screening_on(database, now).drain()
    with database.write() as connection:
        change_text(connection, comment_id, revision=1, source="Never mind.", html="", now=now())
    screening_on(database, now).drain()
    assert len(everything_screened(database)) == 2
    tried = Ruling(database, now).try_out(EDITOR, "daily", {"otherwise": "hold"}, since=NOW)
    assert tried.counts == ((Action.APPROVE, Action.HOLD, 1),)


def test_only_the_newest_are_looked_at_and_that_is_said(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert REPLAYED_MOST == 20_000
    monkeypatch.setattr("service.ruling.REPLAYED_MOST", 4)
    # Over the edges of pages, too.
    monkeypatch.setattr("service.store.policies.PAGE", 3)
    add_site(database)
    rule(database, {"otherwise": "hold"})
    ids = store(database, *(arrival(f"Number {number} of the story.") for number in range(5)))
    screening_on(database, now).drain()
    approves = {"otherwise": "approve"}
    tried = Ruling(database, now).try_out(EDITOR, "daily", approves, since=NOW, limit=2)
    assert (tried.looked, tried.more, tried.differ) == (4, True, 4)
    assert [one.comment_id for one in tried.differences] == [ids[4], ids[3]]
    monkeypatch.setattr("service.ruling.REPLAYED_MOST", 5)
    tried = Ruling(database, now).try_out(EDITOR, "daily", approves, since=NOW)
    assert (tried.looked, tried.more) == (5, False)
    assert [one.comment_id for one in tried.differences] == ids[::-1]


def test_another_sites_comments_are_not_looked_at(database: Database) -> None:
    add_site(database)
    add_site(database, Site("weekly", "The Weekly", ("https://weekly.example",)))
    store(database, arrival(story=threads.Story("weekly", "https://weekly.example/x")))
    screening_on(database, now).drain()
    assert Ruling(database, now).try_out(EDITOR, "daily", {}, since=NOW).looked == 0
    assert Ruling(database, now).try_out(EDITOR, "weekly", {}, since=NOW - timedelta(1)).looked == 1
