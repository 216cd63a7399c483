"""A replay is bit for bit what screening decided, and says exactly what another policy would have changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import service.checks.model as room
from service.bootstrap import now
from service.checks import catalogue
from service.checks.catalogue import CATALOGUE
from service.checks.storm import Storm
from service.domain.comment import Case
from service.domain.policy import Action, Decision, Finding, GroundedReason, Outcome, replay
from service.domain.policy_document import DEFAULT_DOCUMENT, read_policy
from service.domain.roles import Role
from service.people import Moderator
from service.ruling import REPLAYED_MOST, Ruling
from service.scoring.scorer import scorer
from service.store import lessons, policies, threads
from service.store.database import Database
from service.store.tables import comments, decisions, screenings
from service.store.tables import threads as thread_table
from tests.people import NOW, add_site, arrival, store
from tests.screening_room import screening_on, store_many

EDITOR = Moderator("Eve", Role.EDITOR, None)
URLS = [f"https://daily.example/{path}" for path in ("politics/budget", "sport/rowing", "sport/final")]


@dataclass(frozen=True)
class Screened:
    """A look past the product at one screening: what was found, and what a machine decided on it."""

    comment_id: UUID
    url: str
    policy_version: int
    learned_version: int | None
    findings: list[dict[str, Any]]
    decided: Decision


def everything_screened(database: Database) -> list[Screened]:
    query = (
        sa.select(
            screenings.c.comment_id,
            thread_table.c.url,
            screenings.c.policy_version,
            screenings.c.learned_version,
            screenings.c.findings,
            decisions.c.action,
            decisions.c.reasons,
            decisions.c.policy_version,
        )
        .join(decisions, decisions.c.screening_id == screenings.c.id)
        .join(comments, comments.c.id == screenings.c.comment_id)
        .join(thread_table, thread_table.c.id == comments.c.thread_id)
        .order_by(screenings.c.id)
    )
    with database.read() as connection:
        return [
            Screened(
                *row[:5], Decision(Action(row[5]), tuple(GroundedReason(**one) for one in row[6]), row[7])
            )
            for row in connection.execute(query)
        ]


def replayed(database: Database, one: Screened, document: dict[str, Any] | None = None) -> Decision:
    """The decision by the policy in force then (or ``document``), with the thresholds of then, worked out by hand."""
    with database.read() as connection:
        then = policies.get(connection, "daily", one.policy_version)
        thresholds = policies.thresholds_of(connection, "daily", one.learned_version)
    used, version = (then.document if then else DEFAULT_DOCUMENT), one.policy_version
    if document is not None:
        used, version = document, 0
    return replay(read_policy(used, version, thresholds).for_story(one.url), one.findings)


# --- whatever was found, whatever the policy -------------------------------------------------------------------------

NAMES = ("trap", "links", "wordlist", "model", "standing")
LABELS = ("spam", "offensive", "toxicity", "insult", "identity_attack", "trusted", "praise")
SCRIPT: dict[str, dict[str, Any]] = {}


class Scripted:
    """A check that finds what the script says of a comment, or raises."""

    version, label = "1", "other"

    def __init__(self, name: str) -> None:
        self.name = name

    def run(self, case: Case) -> tuple[Finding, ...]:
        told = SCRIPT[case.text].get(self.name, [])
        if told == "fails":
            raise OSError
        return tuple(
            Finding(self.name, "1", label, score, Outcome.SKIPPED if skipped else Outcome.FOUND)
            for label, score, skipped in told
        )


@pytest.fixture
def scripted() -> Iterator[None]:
    """Checks that do as they are told, beside the one that no policy can switch off."""
    kept = dict(CATALOGUE)
    CATALOGUE.clear()
    for name in NAMES:
        CATALOGUE[name] = (lambda _options, name=name: Scripted(name), "told")
    CATALOGUE["storm"] = (Storm, "a storm")
    catalogue._made.cache_clear()
    yield
    CATALOGUE.clear()
    CATALOGUE.update(kept)
    catalogue._made.cache_clear()


FOUND = st.lists(
    st.tuples(
        st.sampled_from(LABELS),
        st.floats(0, 1) | st.sampled_from([0.5, 0.7]),
        st.sampled_from([False] * 4 + [True]),
    ),
    max_size=3,
)
COMMENTS = st.dictionaries(st.sampled_from(NAMES), FOUND | st.just("fails"), max_size=5)
RULES = st.lists(
    st.fixed_dictionaries(
        {
            "label": st.sampled_from(("toxicity", "insult", "spam")),
            "at": st.just("site") | st.floats(0, 1) | st.just(0.5),
            "action": st.sampled_from(["approve", "hold", "reject", "discard"]),
        },
        optional={"check": st.sampled_from(NAMES)},
    )
    | st.fixed_dictionaries(
        {
            "label": st.sampled_from(LABELS),
            "at": st.floats(0, 1) | st.just(0.5),
            "action": st.sampled_from(["approve", "hold"]),
        }
    ),
    max_size=6,
)
PART = {
    "otherwise": st.sampled_from(["approve", "hold", "reject", "discard", "trust"]),
    "on_failure": st.sampled_from(["hold", "reject", "discard"]),
    "checks": st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["enforce", "observe", "off"])),
    "rules": RULES,
}
SECTION = st.fixed_dictionaries({"path": st.just("/sport/")}, optional=PART)
THREAD = st.fixed_dictionaries({"url": st.just(URLS[2])}, optional=PART)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        **PART,
        "sections": st.lists(SECTION, max_size=1),
        "threads": st.lists(THREAD, max_size=1),
    },
)
THRESHOLDS = st.none() | st.dictionaries(
    st.sampled_from(("toxicity", "insult", "spam")), st.floats(0.02, 0.99) | st.just(0.7)
)


def learn(database: Database, thresholds: dict[str, float]) -> None:
    with database.write() as connection:
        before = lessons.load(connection).get("daily")
        row = lessons.LearnedRow(
            "daily", before.version + 1 if before else 1, None, thresholds, 0, "", None, NOW
        )
        lessons.save(connection, row)


def rule(database: Database, document: dict[str, Any]) -> None:
    ruling = Ruling(database, now)
    shown = ruling.show(EDITOR, "daily")
    assert shown is not None
    ruling.set(EDITOR, "daily", document, shown.version)


@pytest.mark.usefixtures("scripted")
def test_replaying_the_policy_of_then_gives_what_was_decided_then(database: Database) -> None:
    add_site(database)

    @settings(max_examples=15, phases=[Phase.generate])
    @given(DOCUMENTS, DOCUMENTS, THRESHOLDS, st.lists(COMMENTS, min_size=1, max_size=6), st.booleans())
    def live(
        document: dict[str, Any],
        other: dict[str, Any],
        thresholds: dict[str, float] | None,
        told: list[dict[str, Any]],
        storm: bool,
    ) -> None:
        begin = len(everything_screened(database))
        if thresholds is not None:
            learn(database, thresholds)
        rule(database, document)
        arrivals = []
        for number, one in enumerate(told):
            SCRIPT[text := f"Comment {begin} {number}."] = one
            arrivals.append(arrival(text, story=threads.Story("daily", URLS[number % 3])))
        store(database, *arrivals)
        with database.write() as connection:
            stormy = threads.find(connection, "daily", url=URLS[0])
            assert stormy is not None
            threads.set_storm(connection, stormy.id, now=NOW if storm else None, by="Eve")
        screening_on(database, now).drain()
        fresh = everything_screened(database)[begin:]
        assert len(fresh) == len(told)
        # A changed policy names exactly the comments that differ, from all that were ever screened.
        tried = Ruling(database, now).try_out(
            EDITOR, "daily", other, since=datetime(2020, 1, 1, tzinfo=UTC), limit=10_000
        )
        by_hand = {
            one.comment_id: (one.decided.action, hand.action, hand.reasons)
            for one in everything_screened(database)
            if (hand := replayed(database, one, other)).action is not one.decided.action
        }
        named = {one.comment_id: (one.was, one.would_be, one.reasons) for one in tried.differences}
        assert named == by_hand
        assert (tried.differ, tried.looked) == (len(by_hand), begin + len(told))
        assert sum(count for _, _, count in tried.counts) == tried.looked

    live()
    # All of them, long after other policies and thresholds came into force.
    screened = everything_screened(database)
    assert [replayed(database, one) for one in screened] == [one.decided for one in screened]
    assert len({one.learned_version for one in screened}) > 2
    assert {one.decided.action for one in screened} >= {Action.APPROVE, Action.HOLD, Action.REJECT}


def test_a_comment_that_could_not_be_screened_replays_as_held_for_that(database: Database) -> None:
    add_site(database)
    rule(database, {"otherwise": "approve", "on_failure": "reject"})
    store(database, arrival())
    screening_on(database, now, max_attempts=0).drain()
    [one] = everything_screened(database)
    assert replayed(database, one) == one.decided
    assert (one.decided.action, one.decided.policy_version) == (Action.HOLD, None)
    tried = Ruling(database, now).try_out(EDITOR, "daily", {"otherwise": "approve"}, since=NOW)
    assert tried.differ == 0


# --- with the real models --------------------------------------------------------------------------------------------

SAID = (
    "The {0} should have been mended in the spring, and everybody knew.",
    "You are an idiot, {0} or not, and your whole party of idiots with you.",
    "Buy cheap {0} at https://bit.ly/{1} today, best casino bonus, click here!!!",
    "I will find you and kill you, {0} {1}.",
    "Call me about the {0}: +44 20 7946 {1}, or ada@example.org.",
    "What a stupid, disgusting {0}. Shut up, moron number {1}.",
    "Thank you for the piece about the {0}; number {1} was new to me.",
)
THINGS = ("bridge", "ferry", "library", "stadium", "hospital", "tram", "school")


def test_a_corpus_screened_with_the_models_replays_to_the_last_digit(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "scorer", lambda tier: scorer("linear"))
    add_site(database)
    quiet = {"duplicates": "observe", "history": "observe", "hosts": "observe"}
    sections = [{"path": "/sport/", "otherwise": "trust", "checks": {"model": "observe"}}]
    rules = [*DEFAULT_DOCUMENT["rules"], {"label": "insult", "at": 0.5, "action": "reject"}]
    document = {"otherwise": "approve", "checks": quiet, "rules": rules, "sections": sections}
    for turn in range(4):
        if turn:
            learn(database, {"toxicity": 0.2 * turn, "insult": 0.61, "spam": 0.37})
        if turn > 1:
            rule(database, document)
        texts = [text.format(thing, 1000 + turn) for text in SAID for thing in THINGS for _ in range(2)]
        arrivals = [
            arrival(text, story=threads.Story("daily", URLS[place % 3])) for place, text in enumerate(texts)
        ]
        store_many(database, arrivals)
        screening_on(database, now).drain()
    screened = everything_screened(database)
    assert len(screened) == 4 * 98
    assert {(one.policy_version, one.learned_version) for one in screened} == {
        *((0, None), (0, 1), (1, 2), (2, 3))
    }
    assert [replayed(database, one) for one in screened] == [one.decided for one in screened]
    assert len({one.decided.action for one in screened}) == 3
    # The same policy, tried, changes only what was decided by another one.
    tried = Ruling(database, now).try_out(EDITOR, "daily", document, since=NOW, limit=500)
    earlier = {one.comment_id for one in screened if one.policy_version == 0}
    assert {one.comment_id for one in tried.differences} <= earlier
    assert tried.differences


# --- what a replay cannot show, and how far it looks -----------------------------------------------------------------


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
    from service.store.decisions import change_text

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
    from service.domain.site import Site

    add_site(database)
    add_site(database, Site("weekly", "The Weekly", ("https://weekly.example",)))
    store(database, arrival(story=threads.Story("weekly", "https://weekly.example/x")))
    screening_on(database, now).drain()
    assert Ruling(database, now).try_out(EDITOR, "daily", {}, since=NOW).looked == 0
    assert Ruling(database, now).try_out(EDITOR, "weekly", {}, since=NOW - timedelta(1)).looked == 1
