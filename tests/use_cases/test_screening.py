"""Screening from claim to verdict: leases, fences, poison, backlogs, and several that screen at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from service.checks.catalogue import CATALOGUE
from service.domain.comment import Case, Status
from service.domain.fingerprint import fingerprint
from service.domain.folding import fold
from service.domain.policy import DEFAULT_DOCUMENT
from service.policies import PolicyBook
from service.screening import BATCH
from service.store import comments as rows
from service.store import decisions, threads, vault
from service.store.database import Database
from service.store.tables import comments, fingerprints, screenings
from tests.conftest import Clock
from tests.people import NOW, add_site, arrival, store
from tests.screening_room import Told, books, decided_once, screening_on, store_many, waiting

Deeds = dict[str, Callable[[Case], None]]


@pytest.fixture
def deeds(monkeypatch: pytest.MonkeyPatch) -> Deeds:
    """What the check ``told`` does for a comment that begins with a certain word."""
    found: Deeds = {}
    # A new maker for each test: checks are kept by their name and options.
    monkeypatch.setitem(CATALOGUE, "told", (lambda options: Told(found), "what a comment tells it"))
    from service.checks.catalogue import _made

    _made.cache_clear()
    return found


class Cut(Exception):
    """Ends a batch as a job's time limit does."""


def cut(_case: Case) -> None:
    raise Cut


def approving(database: Database, **changes: Any) -> None:
    """A site that puts on stage whatever no check minds."""
    add_site(database)
    with database.write() as connection:
        threads.save_policy(
            connection,
            "daily",
            {**DEFAULT_DOCUMENT, "otherwise": "approve", **changes},
            now=NOW,
            by="Alice",
        )


def by_hand(case: Case, action: str, status: Status) -> decisions.Verdict:
    return decisions.Verdict(
        comment_id=case.comment_id,
        revision=case.revision,
        action=action,
        status=status,
        actor="Alice",
        automated=False,
        decided_at=NOW,
    )


def claim(database: Database, clock: Clock) -> list[UUID]:
    """Take what waits as another worker does, which then says nothing more."""
    with database.write() as connection:
        taken = rows.claim(connection, now=clock(), lease=timedelta(seconds=60), limit=BATCH) or rows.claim(
            connection, now=clock(), lease=timedelta(seconds=60), limit=1, alone=True
        )
    return [one.comment_id for one in taken]


# --- One comment's claim, lease and fence ------------------------------------------------------------------------


def test_a_comment_is_claimed_looked_at_and_decided_with_all_that_was_found(
    database: Database, clock: Clock
) -> None:
    add_site(database)
    [comment_id] = store(database, arrival("Call me at +44 20 7946 0018, you idiot"))
    assert screening_on(database, clock).screen([comment_id]) == 1
    booked = books(database)[comment_id]
    assert (booked.status, booked.awaiting, booked.screenings) == ("held", "held", 1)
    assert "personal_data" in booked.reasons
    with database.read() as connection:
        findings = connection.scalar(sa.select(screenings.c.findings))
    assert list(dict.fromkeys(one["check"] for one in findings)) == list(CATALOGUE)


def test_a_comment_in_someones_hands_is_left_alone_until_the_lease_is_over(
    database: Database, clock: Clock
) -> None:
    add_site(database)
    [comment_id] = store(database, arrival())
    assert claim(database, clock) == [comment_id]
    screening = screening_on(database, clock)
    clock.move(seconds=59)
    assert screening.drain() == screening.screen([comment_id]) == 0
    clock.move(seconds=2)
    assert screening.drain() == 1
    assert decided_once(database)


def test_whoever_comes_back_after_the_lease_finds_the_verdict_of_another(
    database: Database, clock: Clock, deeds: Deeds
) -> None:
    add_site(database)
    [comment_id] = store(database, arrival("Late again"))
    other = screening_on(database, clock)

    def fall_asleep(_case: Case) -> None:
        del deeds["Late"]
        clock.move(seconds=61)
        assert other.drain() == 1

    deeds["Late"] = fall_asleep
    screening_on(database, clock).screen([comment_id])
    booked = books(database)[comment_id]
    assert len(booked.decisions) == booked.screenings == 1
    assert not deeds


def test_whoever_comes_back_while_another_is_at_it_leaves_it_to_the_other(
    database: Database, clock: Clock, deeds: Deeds
) -> None:
    add_site(database)
    [comment_id] = store(database, arrival("Late again"))

    def another_takes_it(_case: Case) -> None:
        clock.move(seconds=61)
        assert claim(database, clock) == [comment_id]

    deeds["Late"] = another_takes_it
    screening_on(database, clock).screen([comment_id])
    booked = books(database)[comment_id]
    assert (booked.awaiting, booked.attempt, booked.decisions) == ("pending", 2, ())


def test_a_person_who_decides_meanwhile_has_the_last_word(
    database: Database, clock: Clock, deeds: Deeds
) -> None:
    approving(database)
    [comment_id] = store(database, arrival("Slow to judge"))

    def a_person_rejects(case: Case) -> None:
        with database.write() as connection:
            decisions.record_one(connection, by_hand(case, "reject", Status.REJECTED))

    deeds["Slow"] = a_person_rejects
    screening_on(database, clock).screen([comment_id])
    booked = books(database)[comment_id]
    assert booked.status == "rejected"
    assert [one.actor for one in booked.decisions] == ["Alice"]


def test_a_text_that_is_edited_meanwhile_is_judged_by_its_new_words(
    database: Database, clock: Clock, deeds: Deeds
) -> None:
    add_site(database)
    [comment_id] = store(database, arrival("First words about the bridge over the river"))
    new = "Second thoughts about the library and its opening hours"

    def edit(case: Case) -> None:
        with database.write() as connection:
            decisions.change_text(
                connection, case.comment_id, revision=1, source=new, html=f"<p>{new}</p>", now=clock()
            )

    deeds["First"] = edit
    screening = screening_on(database, clock)
    screening.screen([comment_id])
    assert screening.drain() == 0
    booked = books(database)[comment_id]
    assert [one.revision for one in booked.decisions] == [2]
    with database.read() as connection:
        assert connection.scalar(sa.select(fingerprints.c.text_hash)) == fingerprint(fold(new).text).text_hash


def test_a_verdict_about_the_old_words_is_not_one_about_the_new(
    database: Database, clock: Clock, deeds: Deeds
) -> None:
    add_site(database)
    [comment_id] = store(database, arrival("First words"))

    def edit_and_look_elsewhere(case: Case) -> None:
        with database.write() as connection:
            decisions.change_text(
                connection, case.comment_id, revision=1, source="New", html="<p>New</p>", now=clock()
            )
        assert claim(database, clock) == [comment_id]

    deeds["First"] = edit_and_look_elsewhere
    screening_on(database, clock).screen([comment_id])
    booked = books(database)[comment_id]
    # Both were the first attempt at what they looked at.
    assert (booked.awaiting, booked.attempt, booked.decisions) == ("pending", 1, ())


def test_nothing_comes_back_of_a_comment_that_is_erased_meanwhile(
    database: Database, clock: Clock, deeds: Deeds
) -> None:
    add_site(database)
    [comment_id] = store(database, arrival("Forget what I said about the bridge over the river"))

    def erase(case: Case) -> None:
        with database.write() as connection:
            decisions.record_one(connection, by_hand(case, "erase", Status.ERASED))
            vault.forget(connection, case.comment_id)

    deeds["Forget"] = erase
    screening_on(database, clock).screen([comment_id])
    booked = books(database)[comment_id]
    assert booked.status == "erased"
    assert booked.screenings == 0
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(fingerprints)) == 0


# --- Checks that fail, and texts that end a batch -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "status", "reasons"),
    [
        ("enforce", "held", ["check_failed"]),  # a check that cannot run has approved nothing
        ("observe", "approved", []),  # it was only being tried out
        ("off", "approved", []),  # it was not even run
    ],
)
def test_a_failing_check_holds_the_comment_if_it_counts(
    database: Database, clock: Clock, deeds: Deeds, mode: str, status: str, reasons: list[str]
) -> None:
    approving(database, checks={"told": mode})
    [broken, fine] = store(database, arrival("Stumble over this"), arrival("All is well on the bridge"))

    def stumble(_case: Case) -> None:
        raise ValueError("what ada@example.org wrote")

    deeds["Stumble"] = stumble
    assert screening_on(database, clock).drain() == 2
    booked = books(database)
    assert (booked[broken].status, booked[broken].reasons) == (status, reasons)
    assert (booked[fine].status, booked[fine].reasons) == ("approved", [])
    with database.read() as connection:
        query = sa.select(screenings.c.findings).where(screenings.c.comment_id == broken)
        findings = connection.scalar(query)
    failed = [(one["check"], one["why"]) for one in findings if one["outcome"] == "failed"]
    # The error's class, never its text: that may quote what a reader typed.
    assert failed == ([("told", "ValueError")] if mode != "off" else [])


def test_a_poisonous_text_takes_no_neighbour_along_and_is_held_in_the_end(
    database: Database, clock: Clock, deeds: Deeds
) -> None:
    approving(database)
    # Short ones, which are not compared with each other.
    texts = [f"Number {n}" for n in range(5)]
    ids = store(
        database, *map(arrival, texts[:3]), arrival("Poison is in this one"), *map(arrival, texts[3:])
    )
    poison = ids[3]
    runs: Counter[UUID] = Counter()
    deeds["Number"] = lambda case: runs.update([case.comment_id])
    deeds["Poison"] = cut
    screening = screening_on(database, clock, interrupts=(Cut,), max_attempts=3)
    deaths = 0
    while waiting(database):
        try:
            screening.drain()
        except Cut:
            deaths += 1
        clock.move(seconds=61)
    assert deaths == 3
    # Those before it in the batch were looked at twice, those behind it once: it never met them again.
    assert [runs[one] for one in ids if one != poison] == [2, 2, 2, 1, 1]
    booked = books(database)
    assert decided_once(database)
    assert booked[poison].status == "held"
    assert booked[poison].reasons == ["check_failed"]
    assert booked[poison].decisions[0].actor == "screening"
    assert {booked[one].status for one in ids if one != poison} == {"approved"}


def test_new_comments_do_not_wait_for_one_that_was_tried_before(
    database: Database, clock: Clock, deeds: Deeds
) -> None:
    approving(database)
    [poison] = store(database, arrival("Poison is in this one"))
    deeds["Poison"] = cut
    screening = screening_on(database, clock, interrupts=(Cut,))
    with pytest.raises(Cut):
        screening.drain()
    clock.move(seconds=61)
    [fresh] = store(database, arrival("Fresh from the market"))
    with pytest.raises(Cut):
        screening.drain()
    booked = books(database)
    assert booked[fresh].status == "approved"
    assert (booked[poison].status, booked[poison].attempt) == ("pending", 2)


# --- Backlogs and company ------------------------------------------------------------------------------------------


def test_a_backlog_is_drained_in_batches(database: Database, clock: Clock) -> None:
    add_site(database)
    store_many(database, [arrival(f"Story {n} of five hundred, told by reader {n}") for n in range(500)])
    commits: list[None] = []
    sa.event.listen(database.writing, "commit", lambda connection: commits.append(None))
    assert screening_on(database, clock).drain() == 500
    assert decided_once(database)
    # A claim and a verdict for each batch, and one more look that finds nothing of either kind.
    assert len(commits) == 2 * -(-500 // BATCH) + 2


def test_several_who_screen_at_once_decide_each_comment_once(database: Database, clock: Clock) -> None:
    add_site(database)
    ids = store_many(database, [arrival(f"Reader {n} asks about street {n}") for n in range(200)])
    begin = threading.Barrier(4)
    done: list[int] = []

    def work(number: int) -> None:
        screening = screening_on(database, clock)
        begin.wait()
        # Two were sent a job with all ids, two take whatever waits.
        done.append(screening.screen(ids) if number % 2 else screening.drain())

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(done) == 200
    assert decided_once(database)


def test_a_job_takes_its_own_comments_only(database: Database, clock: Clock) -> None:
    add_site(database)
    ids = store(database, *(arrival(f"Number {n}") for n in range(4)))
    assert screening_on(database, clock).screen(ids[1:3]) == 2
    assert [one.awaiting for one in books(database).values()] == ["pending", "held", "held", "pending"]


@pytest.mark.parametrize("way", ["drain", "screen"])
def test_whoever_is_asked_to_stop_finishes_the_batch_and_takes_no_other(
    database: Database, clock: Clock, deeds: Deeds, way: str
) -> None:
    add_site(database)
    ids = store_many(database, [arrival(f"Story {n}, as told by reader {n}") for n in range(BATCH + 10)])
    stop = threading.Event()
    deeds["Story"] = lambda case: stop.set()
    screening = screening_on(database, clock, stopping=stop.is_set)
    assert (screening.drain() if way == "drain" else screening.screen(ids)) == BATCH
    assert waiting(database) == 10
    with database.read() as connection:
        assert not connection.scalar(sa.select(sa.func.max(comments.c.attempt)))


def test_a_drain_ends_when_its_time_is_over(database: Database, clock: Clock) -> None:
    add_site(database)
    store(database, arrival())
    assert screening_on(database, clock).drain(seconds=0) == 0
    assert waiting(database) == 1


def test_a_new_policy_is_in_force_within_seconds(database: Database, clock: Clock) -> None:
    add_site(database)
    seconds = 0.0
    screening = screening_on(database, clock)
    screening.policies = PolicyBook(database, lambda: seconds)
    [first] = store(database, arrival("Before the policy came"))
    screening.drain()
    approving(database)
    [second] = store(database, arrival("Just after the policy came"))
    screening.drain()
    seconds = 5.1
    [third] = store(database, arrival("Later on, in the same year"))
    screening.drain()
    booked = books(database)
    assert [booked[one].status for one in (first, second, third)] == ["held", "held", "approved"]


def test_one_readers_many_links_are_no_campaign_but_many_readers_are(
    database: Database, clock: Clock
) -> None:
    """Also within one batch, before any of them is stored with what was found."""
    approving(database)

    def found(host: str, names: list[str]) -> list[float]:
        texts = [
            f"{place} of https://{host}/{n} is worth a visit, says number {n}"
            for n, place in enumerate(["North", "South", "East", "West", "Mid"])
        ]
        ids = store(
            database, *(arrival(text, author_name=name) for text, name in zip(texts, names, strict=True))
        )
        screening_on(database, clock).screen(ids)
        with database.read() as connection:
            query = (
                sa.select(screenings.c.findings)
                .where(screenings.c.comment_id.in_(ids))
                .order_by(screenings.c.comment_id)
            )
            return [
                one["score"] for row in connection.scalars(query) for one in row if one["check"] == "hosts"
            ]

    assert found("kitchens.example", ["Ann"] * 5) == [0, 0, 0, 0, 0]
    assert found("gutters.example", ["Ann", "Ben", "Cy", "Di", "Ed"]) == [0, 0, 0, 0.5, 0.55]
