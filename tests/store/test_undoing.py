"""Taking decisions back: what stood before stands again, and only the last word of a person can be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.errors import CannotBeUndone, RevisionConflict
from service.domain.policy import GroundedReason
from service.store import context, decisions, desk, undoing, vault
from service.store.database import Database
from service.store.tables import comments
from service.store.tables import decisions as log
from tests.people import NOW, add_site, arrival, store
from tests.store.test_decisions import claim, decide, machine, verdict

# What an undo must not bring back: it is a decision, so the revision goes on, and screening begins anew.
APART = ("revision", "attempt", "lease_until", "risk")


def row_of(database: Database, comment_id: UUID) -> dict[str, Any]:
    with database.read() as connection:
        query = sa.select(comments).where(comments.c.id == comment_id)
        found = dict(connection.execute(query).mappings().one())
    return {name: value for name, value in found.items() if name not in APART}


def undo(database: Database, recorded: decisions.Recorded, revision: int | None = None) -> decisions.Recorded:
    with database.write() as connection:
        return undoing.undo_one(
            connection,
            recorded.comment_id,
            recorded.decision_id,
            revision=revision or recorded.revision,
            actor="Cleo",
            at=NOW,
        )


def edit(database: Database, comment_id: UUID, revision: int) -> None:
    with database.write() as connection:
        decisions.change_text(
            connection,
            comment_id,
            revision=revision,
            source="New",
            html="<p>New</p>",
            now=NOW + timedelta(minutes=1),
        )


@pytest.mark.parametrize("status", [Status.APPROVED, Status.HELD, Status.REJECTED])
@pytest.mark.parametrize("before", [None, Status.APPROVED, Status.HELD, Status.REJECTED])
@pytest.mark.parametrize("edited", [False, True])
def test_an_undo_brings_back_every_column_and_undoing_that_the_decision(
    database: Database, status: Status, before: Status | None, edited: bool
) -> None:
    add_site(database)
    [comment_id] = store(database, arrival())
    revision = 1
    if before is not None:
        revision = decide(database, comment_id, before).revision
    if edited and before is not Status.REJECTED:
        edit(database, comment_id, revision)
        revision += 1
    stood = row_of(database, comment_id)
    with database.write() as connection:
        reasons = (GroundedReason("insult"),)
        given = replace(verdict(comment_id, status, revision), reasons=reasons, escalated=True)
        decided = decisions.record_one(connection, given)
    then = row_of(database, comment_id)
    undone = undo(database, decided)
    assert row_of(database, comment_id) == stood
    assert undone.status.value == stood["status"]
    again = undo(database, undone)
    assert row_of(database, comment_id) == then
    undo(database, again)
    assert row_of(database, comment_id) == stood
    with database.read() as connection:
        past = desk.decisions_of(connection, [comment_id])[comment_id]
    assert [one.action for one in past][-3:] == ["undo"] * 3
    assert [one.undoes for one in past][-3:] == [one.id for one in past][-4:-1]


def test_what_was_being_screened_when_it_was_decided_waits_to_be_screened_again(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival())
    [late] = claim(database)
    undo(database, decide(database, comment_id, Status.REJECTED))
    with database.write() as connection:
        assert decisions.record(connection, [machine(late)]) == []
    [found] = claim(database)
    assert (found.revision, found.attempt) == (3, 1)
    with database.write() as connection:
        assert len(decisions.record(connection, [machine(found)])) == 1


def test_calls_that_readers_made_since_are_kept_beside_those_from_before(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival(flags=3))

    def called() -> int:
        with database.write() as connection:
            connection.execute(sa.update(comments).values(flags=comments.c.flags + 1))
        return flags()

    def flags() -> int:
        return int(row_of(database, comment_id)["flags"])

    decided = decide(database, comment_id, Status.APPROVED)
    assert flags() == 0
    assert called() == 1
    undone = undo(database, decided)
    assert flags() == 4
    assert called() == 5
    undo(database, undone)
    assert flags() == 2


def refused(database: Database, recorded: decisions.Recorded, revision: int, sentence: str) -> None:
    before = row_of(database, recorded.comment_id)
    with pytest.raises(CannotBeUndone, match=sentence):
        undo(database, recorded, revision)
    assert row_of(database, recorded.comment_id) == before


def test_only_the_last_word_of_a_person_can_be_taken_back(database: Database) -> None:
    add_site(database)
    first, second = store(database, arrival("one"), arrival("two"))
    early = decide(database, first, Status.APPROVED)
    last = decide(database, first, Status.REJECTED, revision=2)
    refused(database, early, 3, "Something came after")
    refused(database, replace(last, decision_id=uuid4()), 3, "no such decision")
    other = decide(database, second, Status.APPROVED)
    refused(database, replace(last, decision_id=other.decision_id), 3, "no such decision")
    with pytest.raises(RevisionConflict, match="Bob has rejected"):
        undo(database, last, 2)
    undone = undo(database, last)
    refused(database, last, undone.revision, "Something came after")
    with pytest.raises(RevisionConflict, match="Cleo has taken back the last decision about this comment"):
        undo(database, last)


def test_nothing_is_taken_back_after_an_edit_a_machine_or_the_authors_farewell(database: Database) -> None:
    add_site(database)
    edited, screened, withdrawn, erased = store(database, *(arrival(str(n)) for n in range(4)))
    approved = decide(database, edited, Status.APPROVED)
    edit(database, edited, 2)
    refused(database, approved, 3, "Something came after")
    undone = undo(database, decide(database, screened, Status.HELD))
    [found] = [one for one in claim(database) if one.comment_id == screened]
    with database.write() as connection:
        [by_machine] = decisions.record(connection, [machine(found)])
    refused(database, undone, undone.revision, "Something came after")
    refused(database, by_machine, undone.revision, "A machine decided this")
    gone = decide(database, withdrawn, Status.WITHDRAWN)
    refused(database, gone, 2, "withdrawn")
    lost = decide(database, erased, Status.ERASED)
    with database.write() as connection:
        vault.forget(connection, erased)
    refused(database, lost, 2, "erased")


def test_of_an_erased_comment_decisions_keep_their_reasons_and_lose_what_was_said(
    database: Database,
) -> None:
    add_site(database)
    [comment_id] = store(database, arrival())
    given = replace(
        verdict(comment_id, Status.REJECTED), reasons=(GroundedReason("insult"),), note="Ada", message="Ada!"
    )
    with database.write() as connection:
        decisions.record_one(connection, given)
        vault.forget(connection, comment_id)
        [kept] = desk.decisions_of(connection, [comment_id])[comment_id]
        replaced = connection.scalars(sa.select(log.c.replaced)).all()
    assert (kept.action, kept.note, kept.message, replaced) == ("reject", "", "", [None])
    assert [reason["code"] for reason in kept.reasons] == ["insult"]


def kept_texts(database: Database, comment_id: UUID) -> list[str | None]:
    """The source that each decision about a comment keeps to be taken back, oldest first; what is kept without one
    counts as nothing."""
    with database.read() as connection:
        query = sa.select(log.c.replaced).where(log.c.comment_id == comment_id).order_by(log.c.id)
        return [(one or {}).get("source") for one in connection.scalars(query)]


@pytest.mark.parametrize("after", ["a decision", "a machine", "an edit", "an undo"])
def test_a_text_that_was_edited_away_is_kept_only_as_long_as_it_can_come_back(
    database: Database, after: str
) -> None:
    add_site(database)
    [comment_id] = store(database, arrival("Old"))
    decide(database, comment_id, Status.APPROVED)
    edit(database, comment_id, 2)
    taken = decide(database, comment_id, Status.APPROVED, revision=3)
    assert kept_texts(database, comment_id) == [None, "Old"]
    if after == "a decision":
        decide(database, comment_id, Status.REJECTED, revision=4)
    elif after == "an undo":
        undone = undo(database, taken)
        # The undo keeps what it replaced, and brings that back.
        assert kept_texts(database, comment_id) == [None, None, "New"]
        undo(database, undone)
        assert kept_texts(database, comment_id) == [None, None, None, "Old"]
        assert row_of(database, comment_id)["source"] == "New"
    else:
        edit(database, comment_id, 4)
    if after == "a machine":
        [found] = claim(database)
        with database.write() as connection:
            assert decisions.record(connection, [machine(found, Status.APPROVED)])
    if after != "an undo":
        assert "Old" not in kept_texts(database, comment_id)
    with database.read() as connection:
        row = desk.get(connection, comment_id)
    assert row is not None
    refused(database, taken, row.revision, "Something came after")


def test_of_many_decisions_those_are_taken_back_that_still_are_the_last(database: Database) -> None:
    add_site(database)
    ids = store(database, *(arrival(str(n)) for n in range(4)))
    made = {one: decide(database, one, Status.REJECTED) for one in ids}
    decide(database, ids[1], Status.APPROVED, revision=2)
    pairs = {one: made[one].decision_id for one in ids}
    pairs[ids[2]] = made[ids[3]].decision_id
    bulk_id = uuid4()
    with database.write() as connection:
        done = undoing.undo_each(connection, pairs, actor="Cleo", at=NOW, bulk_id=bulk_id)
    assert {one.comment_id for one in done} == {ids[0], ids[3]}
    with database.read() as connection:
        past = desk.decisions_of(connection, ids)
    assert [past[one][-1].bulk_id == bulk_id for one in ids] == [True, False, False, True]


def test_of_many_verdicts_those_count_whose_comment_is_as_it_was_seen(database: Database) -> None:
    add_site(database)
    same, moved, gone = store(database, *(arrival(str(n)) for n in range(3)))
    decide(database, moved, Status.HELD)
    decide(database, gone, Status.WITHDRAWN)
    seen = {same: 1, moved: 1, gone: 2, uuid4(): 1}
    with database.write() as connection:
        verdicts = [verdict(one, Status.REJECTED, revision) for one, revision in seen.items()]
        [recorded] = decisions.record_each(connection, verdicts)
    assert recorded.comment_id == same


def test_an_approval_that_was_taken_back_says_nothing_for_the_hosts_it_let_through(
    database: Database,
) -> None:
    add_site(database)
    linking, asked = store(database, arrival("See boats.example"), arrival("And boats.example"))
    leads = [context.Linking(one, "Ada", NOW, ("boats.example",)) for one in (linking, asked)]
    with database.write() as connection:
        context.keep_hosts(connection, leads[:1])

    def approved() -> int:
        with database.read() as connection:
            [found] = context.host_records(connection, leads[1:])[asked]
        return found.approved

    by_hand = decide(database, linking, Status.APPROVED)
    assert approved() == 1
    undo(database, by_hand)
    [found] = [one for one in claim(database) if one.comment_id == linking]
    with database.write() as connection:
        assert decisions.record(connection, [machine(found, Status.APPROVED)])
    assert approved() == 0
