"""Backlogs, and several who screen at once: in batches, each comment once, until somebody asks to stop."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.policies import PolicyBook
from service.screening import BATCH
from service.store import comments as rows
from service.store.database import Database
from service.store.tables import comments, screenings
from tests.conftest import Clock
from tests.people import add_site, arrival, store
from tests.screening_room import approving, books, decided_once, screening_on, store_many, waiting
from tests.use_cases.conftest import Deeds


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


def test_what_a_slow_batch_does_not_come_to_is_given_back_as_if_it_had_not_been_taken(
    database: Database, clock: Clock, deeds: Deeds
) -> None:
    add_site(database)
    ids = store_many(database, [arrival(f"Slow story {n}") for n in range(5)])
    seen: list[int] = []
    deeds["Slow"] = lambda case: seen.append(1)
    # No patience at all: each batch looks at one comment, and the others are free for whoever comes next.
    screening = screening_on(database, clock, patience=-1.0)
    assert screening._one_batch(None, alone=False) == 1
    booked = books(database)
    assert [booked[one].awaiting for one in sorted(ids)] == ["held", *["pending"] * 4]
    with database.read() as connection:
        left = connection.execute(sa.select(comments.c.attempt, comments.c.lease_until)).all()
    assert left == [(0, None)] * 5
    assert screening.drain() == 4
    assert len(seen) == 5
    assert decided_once(database)


def test_what_another_has_taken_meanwhile_is_not_given_back(database: Database, clock: Clock) -> None:
    add_site(database)
    store(database, arrival())
    lease = timedelta(seconds=60)
    with database.write() as connection:
        mine = rows.claim(connection, now=clock(), lease=lease, limit=1)
    clock.move(seconds=61)
    with database.write() as connection:
        theirs = rows.claim(connection, now=clock(), lease=lease, limit=1, alone=True)
        rows.give_back(connection, mine)
    assert [claim.attempt for claim in (*mine, *theirs)] == [1, 2]
    with database.read() as connection:
        assert connection.execute(sa.select(comments.c.attempt, comments.c.lease_until)).one() == (
            2,
            clock() + lease,
        )


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
