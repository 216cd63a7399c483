"""A replay is bit for bit what screening decided, and says exactly what another policy would have changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

import service.checks.model as room
from service.bootstrap import now
from service.checks import catalogue
from service.checks.catalogue import CATALOGUE
from service.checks.storm import Storm
from service.domain.comment import Case
from service.domain.policy import Action, Finding, Outcome
from service.domain.policy_document import DEFAULT_DOCUMENT
from service.ruling import Ruling
from service.scoring.scorer import scorer
from service.store import lessons, threads
from service.store.database import Database
from tests.people import NOW, add_site, arrival, store
from tests.screening_room import screening_on, store_many
from tests.use_cases.replaying import EDITOR, URLS, everything_screened, replayed, rule

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


@pytest.mark.usefixtures("scripted")
def test_replaying_the_policy_of_then_gives_what_was_decided_then(database: Database) -> None:
    add_site(database)

    # Each kind of decision is there at least once, and thresholds that were learned anew, whatever is drawn.
    @example({"otherwise": "approve"}, {}, None, [{}], False)
    @example({"otherwise": "hold"}, {}, {"spam": 0.6}, [{}], False)
    @example({"otherwise": "reject"}, {}, {"spam": 0.7}, [{}], False)
    @settings(max_examples=15, phases=[Phase.explicit, Phase.generate])
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
