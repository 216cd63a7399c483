"""Screening from claim to verdict: leases, fences, and texts that end a batch."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from service.checks.catalogue import CATALOGUE
from service.domain.comment import Case, Status
from service.domain.folding import fold
from service.scoring.fingerprints import fingerprint
from service.screening import BATCH
from service.store import comments as rows
from service.store import decisions, vault
from service.store.database import Database
from service.store.tables import fingerprints, screenings
from tests.conftest import Clock
from tests.people import NOW, add_site, arrival, store
from tests.screening_room import approving, books, decided_once, screening_on, waiting
from tests.use_cases.conftest import Deeds


class Cut(Exception):
    """Ends a batch as a job's time limit does."""


def cut(_case: Case) -> None:
    raise Cut


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
