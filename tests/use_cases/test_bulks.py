"""One decision about many comments: what is meant is frozen, what has moved on is passed over, and all of it can be
taken back. A worker may die at any moment of it."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from service import bulks as use_case
from service.bulks import LEASE, Bulks, CarryOut, Meant
from service.domain.decision import Choice, DeskAction
from service.domain.errors import BulkNotFound, CannotBeUndone, Forbidden, InvalidSubmission
from service.domain.policy import Reason
from service.domain.queue import Filters, QueueName, Wanted
from service.domain.roles import Role
from service.domain.site import Site
from service.people import Moderator
from service.privacy import forget_expired
from service.store import bulks as bulks_store
from service.store import journal, threads
from service.store.database import Database
from service.store.decisions import change_text
from service.store.desk_tables import bulk_items, notable_findings
from service.store.ids import new_id
from service.store.tables import comments, decisions
from service.store.tables import threads as threads_table
from tests.conftest import Clock
from tests.people import STORY, add_site, arrival, store
from tests.screening_room import decide_as_person

BOB = Moderator("bob", Role.MODERATOR, None)
SPAM = Choice(DeskAction.SPAM, message="No offers here.", note="The roofing firm again.")
HELD = Meant(query=Wanted(QueueName.HELD))


class Killed(BaseException):
    """What ends a worker in the middle of something."""


@pytest.fixture
def bulks(database: Database, clock: Clock) -> Bulks:
    add_site(database)
    return Bulks(database, lambda bulk_id: None, clock)


def many(database: Database, count: int, status: str = "held") -> list[UUID]:
    """So many comments in a status, put there past the product: ten thousand would take it a minute."""
    [first] = store(database, arrival("The first."))
    with database.write() as connection:
        row = dict(connection.execute(sa.select(comments).where(comments.c.id == first)).mappings().one())
        waits = status if status in ("held", "pending") else None
        row |= {"status": status, "awaiting": waits}
        if status == "approved":
            row |= {"place": "shown", "shown_at": row["created_at"]}
            connection.execute(sa.update(threads_table).values(approved_count=count, revision=1))
        ids = [first, *(new_id() for _ in range(count - 1))]
        connection.execute(sa.update(comments).where(comments.c.id == first).values(row))
        if count > 1:
            connection.execute(sa.insert(comments), [{**row, "id": one} for one in ids[1:]])
    return ids


def statuses(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return Counter(connection.scalars(sa.select(comments.c.status)))


def made_by(database: Database, bulk_id: UUID) -> Counter[UUID]:
    """How many decisions a bulk made about each comment."""
    with database.read() as connection:
        query = sa.select(decisions.c.comment_id).where(decisions.c.bulk_id == bulk_id)
        return Counter(connection.scalars(query))


def entries(database: Database, act: str) -> list[journal.Entry]:
    with database.read() as connection:
        assert journal.verify(connection)[2] is None
        return [one for one in journal.entries(connection, limit=1_000) if one.act == act][::-1]


def dying(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Have the worker die at its ``after``-th batch, when all of it is written and nothing committed."""
    append, batches = journal.append, 0

    def append_or_die(connection: sa.Connection, **entry: Any) -> None:
        nonlocal batches
        append(connection, **entry)
        batches += entry["act"] == "bulk.decide"
        if batches == after:
            raise Killed

    monkeypatch.setattr(use_case.journal, "append", append_or_die)


def test_ten_thousand_are_decided_once_each_though_a_worker_dies_and_all_is_taken_back(
    database: Database, clock: Clock, bulks: Bulks, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many(database, 10_000)
    moved = ids[17]
    made = bulks.create(BOB, "daily", SPAM, HELD)
    assert (made.total, made.done) == (10_000, 0)
    decide_as_person(database, moved, "approve")
    # What comes afterwards is not meant.
    late = many(database, 1)
    carry_out = CarryOut(database, clock)
    with monkeypatch.context() as patch:
        dying(patch, after=20)
        with pytest.raises(Killed):
            carry_out(made.id, seconds=60)
    half = bulks.look(BOB, made.id)
    assert (half.done, half.passed_over, half.finished_at) == (19 * 200 - 1, 1, None)
    # Until its lease is over, it is the dead worker's.
    assert carry_out.waiting() == []
    assert carry_out(made.id, seconds=60)
    assert bulks.look(BOB, made.id).done == half.done
    clock.move(seconds=LEASE.total_seconds() + 1)
    assert carry_out.waiting() == [made.id]
    assert carry_out(made.id, seconds=60)
    whole = bulks.look(BOB, made.id)
    assert (whole.done, whole.passed_over, whole.finished_at) == (9_999, 1, clock())
    assert made_by(database, made.id) == Counter(set(ids) - {moved})
    assert statuses(database) == {"rejected": 9_999, "approved": 1, "held": len(late)}
    told = entries(database, "bulk.decide")
    assert len(told) == 50
    assert [one for entry in told for one in entry.detail["comments"]] == [
        str(one) for one in ids if one != moved
    ]
    assert "roofing" not in str(told)
    assert "offers" not in str(told)
    undone = bulks.undo(BOB, made.id)
    assert (undone.total, undone.undoes) == (9_999, made.id)
    decide_as_person(database, ids[5], "hold")
    assert carry_out(undone.id, seconds=60)
    taken_back = bulks.look(BOB, undone.id)
    assert (taken_back.done, taken_back.passed_over) == (9_998, 1)
    assert statuses(database) == {"held": 10_000, "approved": 1}
    with pytest.raises(CannotBeUndone):
        bulks.undo(BOB, made.id)
    assert bulks.look(BOB, made.id).undone_by == undone.id


def test_a_bulk_goes_in_turns_and_two_workers_at_once_do_nothing_twice(
    database: Database, clock: Clock, bulks: Bulks
) -> None:
    ids = many(database, 25)
    made = bulks.create(BOB, "daily", SPAM, HELD)
    one, other = (CarryOut(database, clock, batch=10) for _ in range(2))
    assert not one(made.id, seconds=0)
    assert bulks.look(BOB, made.id).done == 10
    # Its turn over, it gave up the lease.
    assert not other(made.id, seconds=0)
    until = one._one_batch(made.id, None)
    assert until is None, "what is left is less than a batch"
    assert other(made.id)
    assert made_by(database, made.id) == Counter(ids)


def test_who_lost_the_lease_leaves_the_bulk_to_whoever_has_it(
    database: Database, clock: Clock, bulks: Bulks
) -> None:
    many(database, 30)
    made = bulks.create(BOB, "daily", SPAM, HELD)
    slow, quick = (CarryOut(database, clock, batch=10) for _ in range(2))
    first = slow._one_batch(made.id, None)
    assert quick._one_batch(made.id, None) is None
    clock.move(seconds=LEASE.total_seconds() + 1)
    assert quick._one_batch(made.id, None) is not None
    assert slow._one_batch(made.id, first) is None
    assert bulks.look(BOB, made.id).done == 20


def test_an_undo_stops_what_is_not_finished_and_takes_back_what_is(
    database: Database, clock: Clock, bulks: Bulks
) -> None:
    many(database, 30)
    made = bulks.create(BOB, "daily", SPAM, HELD)
    carry_out = CarryOut(database, clock, batch=10)
    carry_out(made.id, seconds=0)
    undone = bulks.undo(BOB, made.id)
    stopped = bulks.look(BOB, made.id)
    assert (stopped.done, stopped.passed_over, stopped.finished_at) == (10, 20, clock())
    assert carry_out(made.id)
    assert carry_out(undone.id)
    assert statuses(database) == {"held": 30}
    again = bulks.undo(BOB, undone.id)
    carry_out(again.id)
    assert statuses(database) == {"held": 20, "rejected": 10}
    fresh = bulks.create(BOB, "daily", SPAM, HELD)
    nothing = bulks.undo(BOB, fresh.id)
    assert (nothing.total, nothing.finished_at) == (0, clock())
    assert [entry.detail["stopped"] for entry in entries(database, "bulk.undo")] == [20, 0, 20]


def test_a_bulk_on_stage_keeps_the_books_of_the_thread(
    database: Database, clock: Clock, bulks: Bulks
) -> None:
    many(database, 50, "approved")
    carry_out = CarryOut(database, clock, batch=20)
    made = bulks.create(BOB, "daily", Choice(DeskAction.HOLD), Meant(query=Wanted(QueueName.APPROVED)))

    def count() -> int:
        with database.read() as connection:
            found = threads.find(connection, STORY.site, url=STORY.url)
        assert found is not None
        return found.approved_count

    carry_out(made.id)
    assert count() == 0
    carry_out(bulks.undo(BOB, made.id).id)
    assert count() == 50


def test_a_query_means_what_it_says(database: Database, clock: Clock, bulks: Bulks) -> None:
    plain, insulted, insult, spam, approved, pending = store(
        database, *(arrival(str(number)) for number in range(6))
    )
    for one in (plain, insulted):
        decide_as_person(database, one, "hold")
    decide_as_person(database, insult, "reject", reason="insult")
    decide_as_person(database, spam, "reject", reason="spam")
    decide_as_person(database, approved, "approve")
    with database.write() as connection:
        found = {"comment_id": insulted, "label": "insult", "check": "model", "score": 0.9}
        connection.execute(sa.insert(notable_findings).values(found))
        connection.execute(sa.update(comments).where(comments.c.id == approved).values(flags=2))

    def meant(queue: str, **narrower: str) -> list[UUID]:
        asked = Wanted(QueueName(queue), filters=Filters(**narrower))  # type: ignore[arg-type]
        try:
            return bulks.draft(BOB, "daily", Choice(DeskAction.HOLD), Meant(query=asked)).examples
        except InvalidSubmission:
            return []

    assert meant("held") == [plain, insulted]
    assert meant("held", label="insult") == [insulted]
    assert meant("rejected") == [insult]
    assert meant("rejected", label="threat") == []
    assert meant("spam") == [spam]
    assert meant("approved") == meant("reported") == [approved]
    assert meant("pending") == [pending]
    assert meant("spot") == meant("escalated") == []


def test_yes_is_said_to_the_comments_that_were_counted_and_to_no_others(
    database: Database, clock: Clock, bulks: Bulks
) -> None:
    ids = many(database, 12)
    draft = bulks.draft(BOB, "daily", SPAM, HELD)
    assert (draft.bulk.total, draft.examples) == (12, sorted(ids)[:5])
    # Nothing is done about a draft, and nobody sees it among the bulks.
    carry_out = CarryOut(database, clock)
    assert carry_out.waiting() == []
    assert carry_out(draft.bulk.id)
    assert bulks.latest(BOB, "daily") == []
    for act in (bulks.look, bulks.undo):
        with pytest.raises(BulkNotFound):
            act(BOB, draft.bulk.id)
    assert entries(database, "bulk.create") == []
    assert statuses(database) == {"held": 12}
    # Between the look and the yes: one comes, one is edited, one is decided by somebody else.
    [late] = many(database, 1)
    edited, decided = ids[2], ids[7]
    with database.write() as connection:
        change_text(connection, edited, revision=1, source="Better said.", html="", now=clock())
    decide_as_person(database, decided, "approve")
    ann = Moderator("ann", Role.EDITOR, None)
    made = bulks.start(ann, draft.bulk.id)
    assert (made.total, made.moderator, made.started_at) == (12, "ann", clock())
    assert bulks.start(BOB, made.id) == made
    assert len(entries(database, "bulk.create")) == 1
    assert carry_out(made.id)
    assert made_by(database, made.id) == Counter(set(ids) - {edited, decided})
    with database.read() as connection:
        rejected = set(connection.scalars(sa.select(comments.c.id).where(comments.c.status == "rejected")))
    assert rejected == set(ids) - {edited, decided}
    assert late not in rejected


def test_a_draft_that_nobody_says_yes_to_is_gone_after_an_hour(
    database: Database, clock: Clock, bulks: Bulks
) -> None:
    ids = many(database, 3)
    old = bulks.draft(BOB, "daily", SPAM, Meant(chosen={ids[0]: 1})).bulk
    started = bulks.create(BOB, "daily", SPAM, Meant(chosen={ids[1]: 1}))
    clock.move(seconds=3_601)
    fresh = bulks.draft(BOB, "daily", SPAM, Meant(chosen={ids[2]: 1})).bulk
    with pytest.raises(BulkNotFound):
        bulks.start(BOB, old.id)
    forget_expired(database, now=clock(), origin_days=30)
    with database.read() as connection:
        kept = set(connection.scalars(sa.select(bulk_items.c.bulk_id)))
    assert kept == {started.id, fresh.id}
    assert bulks.start(BOB, fresh.id).total == 1


def test_a_filter_that_leaves_little_of_very_much_is_asked_to_be_narrower(
    database: Database, bulks: Bulks, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(database, 5_010)
    nobody = Meant(query=Wanted(QueueName.HELD, filters=Filters(author="Zzq")))
    monkeypatch.setattr(bulks_store, "LOOKED_AT_MOST", 4_000)
    with pytest.raises(InvalidSubmission) as told:
        bulks.draft(BOB, "daily", SPAM, nobody)
    assert "narrow" in told.value.errors[0].detail


def test_what_is_no_bulk_is_refused_and_leaves_nothing(
    database: Database, bulks: Bulks, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many(database, 12)
    add_site(database, Site("weekly", "The Weekly", ("https://weekly.example",)))
    monkeypatch.setattr(use_case, "ITEMS_MAX", 10)
    wrong: list[tuple[str, Choice, Meant, str]] = [
        ("daily", SPAM, HELD, "/query"),
        ("weekly", SPAM, HELD, "/query"),
        ("weekly", SPAM, Meant(chosen={ids[0]: 1}), "/comments/0/id"),
        ("daily", SPAM, Meant(chosen={ids[0]: 1, new_id(): 1}), "/comments/1/id"),
        ("daily", Choice(DeskAction.REJECT), Meant(chosen={ids[0]: 1}), "/reasons"),
        ("daily", Choice(DeskAction.ESCALATE), Meant(chosen={ids[0]: 1}), "/note"),
    ]
    for site, choice, meant, pointer in wrong:
        with pytest.raises(InvalidSubmission) as told:
            bulks.create(BOB, site, choice, meant)
        assert [fault.pointer for fault in told.value.errors] == [pointer]
    assert bulks.latest(BOB, None) == []
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(bulk_items)) == 0


def test_a_bulk_is_for_those_who_decide_at_its_site(database: Database, bulks: Bulks) -> None:
    many(database, 1)
    reader, stranger = Moderator("ray", Role.VIEWER, None), Moderator("sue", Role.MODERATOR, "weekly")
    for who in (reader, stranger):
        with pytest.raises(Forbidden):
            bulks.create(who, "daily", SPAM, HELD)
        with pytest.raises(Forbidden):
            bulks.draft(who, "daily", SPAM, HELD)
    waiting = bulks.draft(BOB, "daily", SPAM, HELD).bulk
    with pytest.raises(Forbidden):
        bulks.start(reader, waiting.id)
    with pytest.raises(BulkNotFound):
        bulks.start(stranger, waiting.id)
    made = bulks.create(BOB, "daily", SPAM, HELD)
    assert bulks.look(reader, made.id) == made
    assert bulks.latest(reader, "daily") == [made]
    with pytest.raises(Forbidden):
        bulks.undo(reader, made.id)
    for act in (bulks.look, bulks.undo):
        with pytest.raises(BulkNotFound):
            act(stranger, made.id)
    assert bulks.latest(stranger, None) == []


def test_the_author_is_told_the_message_and_colleagues_the_note(
    database: Database, clock: Clock, bulks: Bulks
) -> None:
    [comment_id] = many(database, 1)
    choice = Choice(DeskAction.REJECT, (Reason.INSULT, Reason.INSULT), "Please be kind.", "Third time.")
    made = bulks.create(BOB, "daily", choice, Meant(chosen={comment_id: 1}))
    assert made.about == "chosen by hand"
    CarryOut(database, clock)(made.id)
    with database.read() as connection:
        [kept] = connection.execute(sa.select(decisions).where(decisions.c.bulk_id == made.id)).all()
    assert (kept.action, kept.actor, kept.automated) == ("reject", "bob", False)
    assert (kept.message, kept.note) == ("Please be kind.", "Third time.")
    assert [reason["code"] for reason in kept.reasons] == ["insult"]
    [created] = entries(database, "bulk.create")
    assert (created.actor, created.site, created.subject) == ("bob", "daily", f"bulk {made.id}")
    assert created.detail == {"action": "reject", "reasons": ["insult"], "total": 1}
