"""The one door to a comment's status, on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from service.domain.comment import Place, Status
from service.domain.errors import IllegalMove, RevisionConflict
from service.domain.policy import GroundedReason
from service.store import comments as claims
from service.store import decisions, desk, stage, threads
from service.store.database import Database
from service.store.tables import comments
from tests.people import NOW, STORY, add_site, arrival, store

LEASE = timedelta(seconds=60)


def verdict(comment_id: UUID, status: Status, revision: int = 1, *, by: str = "Bob") -> decisions.Verdict:
    return decisions.Verdict(
        comment_id=comment_id,
        revision=revision,
        action={"approved": "approve", "rejected": "reject", "held": "hold"}.get(status.value, status.value),
        status=status,
        actor=by,
        automated=False,
        decided_at=NOW,
    )


def decide(database: Database, comment_id: UUID, status: Status, revision: int = 1) -> decisions.Recorded:
    with database.write() as connection:
        return decisions.record_one(connection, verdict(comment_id, status, revision))


def thread(database: Database) -> threads.ThreadRow:
    with database.read() as connection:
        found = threads.find(connection, STORY.site, url=STORY.url)
    assert found is not None
    return found


def places(database: Database) -> dict[UUID, str]:
    with database.read() as connection:
        return {row[0]: row[1] for row in connection.execute(sa.select(comments.c.id, comments.c.place))}


def test_a_decision_changes_status_count_revision_and_log_together(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival())
    recorded = decide(database, comment_id, Status.APPROVED)
    assert recorded.status is Status.APPROVED
    assert recorded.revision == 2
    assert (thread(database).revision, thread(database).approved_count) == (1, 1)
    with database.read() as connection:
        [logged] = desk.decisions_of(connection, [comment_id])[comment_id]
    assert (logged.action, logged.actor, logged.automated) == ("approve", "Bob", False)


def test_the_second_of_two_moderators_is_told_who_was_first(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival())
    decide(database, comment_id, Status.REJECTED)
    with pytest.raises(RevisionConflict, match="Bob has rejected") as told:
        decide(database, comment_id, Status.APPROVED)
    assert (told.value.revision, told.value.status) == (2, "rejected")


def test_a_moderator_who_saw_the_old_text_is_told_that_it_was_edited(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival())
    with database.write() as connection:
        decisions.change_text(
            connection,
            comment_id,
            revision=1,
            source="New",
            html="<p>New</p>",
            now=NOW + timedelta(minutes=1),
        )
    with pytest.raises(RevisionConflict, match="author has changed"):
        decide(database, comment_id, Status.APPROVED)


def test_what_a_machine_said_since_is_not_told_as_what_came_between(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival())
    with database.write() as connection:
        decisions.change_text(connection, comment_id, revision=1, source="N", html="<p>N</p>", now=NOW)
    [found] = claim(database)
    with database.write() as connection:
        decisions.record(connection, [machine(found)])
    with pytest.raises(RevisionConflict, match="author has changed"):
        decide(database, comment_id, Status.APPROVED)
    with pytest.raises(RevisionConflict, match="has changed since you looked"):
        decide(database, comment_id, Status.APPROVED, revision=9)


def test_a_moderator_is_told_that_it_was_the_edit_that_another_one_rejected(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival())
    decide(database, comment_id, Status.APPROVED)
    with database.write() as connection:
        decisions.change_text(connection, comment_id, revision=2, source="N", html="<p>N</p>", now=NOW)
    decide(database, comment_id, Status.REJECTED, revision=3)
    with pytest.raises(RevisionConflict, match="Bob has rejected the new text of this comment") as told:
        decide(database, comment_id, Status.APPROVED, revision=3)
    assert (told.value.revision, told.value.status) == (4, "approved")


def test_what_waits_or_was_rejected_never_touches_what_the_public_sees(database: Database) -> None:
    add_site(database)
    first, second, third = store(database, arrival("one"), arrival("two"), arrival("three"))
    decide(database, first, Status.APPROVED)
    before = thread(database)
    decide(database, second, Status.HELD)
    decide(database, third, Status.REJECTED)
    decide(database, second, Status.REJECTED, revision=2)
    assert thread(database) == before


def test_an_approved_text_stays_up_while_its_edit_waits(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival("Old words"))
    decide(database, comment_id, Status.APPROVED)
    before = thread(database)
    with database.write() as connection:
        decisions.change_text(
            connection, comment_id, revision=2, source="New words", html="<p>New words</p>", now=NOW
        )
    with database.read() as connection:
        [shown] = stage.roots(connection, before.id, sort="oldest", after=None, limit=9)
    assert shown.html == "<p>Old words</p>"
    assert shown.edited_at is None
    assert thread(database) == before
    decide(database, comment_id, Status.APPROVED, revision=3)
    with database.read() as connection:
        [shown] = stage.roots(connection, before.id, sort="oldest", after=None, limit=9)
    assert shown.html == "<p>New words</p>"
    assert thread(database).revision == before.revision + 1
    assert thread(database).approved_count == 1


def test_rejecting_an_edit_leaves_the_approved_text_in_place(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival("Old words"))
    decide(database, comment_id, Status.APPROVED)
    with database.write() as connection:
        decisions.change_text(connection, comment_id, revision=2, source="New", html="<p>New</p>", now=NOW)
    recorded = decide(database, comment_id, Status.REJECTED, revision=3)
    assert (recorded.status, recorded.awaiting) == (Status.APPROVED, None)
    with database.read() as connection:
        row = desk.get(connection, comment_id)
    assert row is not None
    assert (row.source, row.edit_source) == ("Old words", None)


def test_the_time_of_an_edit_is_public_when_its_text_is(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival("Old words"))
    decide(database, comment_id, Status.APPROVED)

    def edit(revision: int, **later: int) -> None:
        with database.write() as connection:
            now = NOW + timedelta(**later)
            decisions.change_text(
                connection, comment_id, revision=revision, source="N", html="<p>N</p>", now=now
            )

    def edited_at() -> object:
        with database.read() as connection:
            [shown] = stage.roots(connection, thread(database).id, sort="oldest", after=None, limit=9)
        return shown.edited_at

    edit(2, minutes=1)
    assert edited_at() is None
    decide(database, comment_id, Status.REJECTED, revision=3)
    assert edited_at() is None
    edit(4, minutes=2)
    decide(database, comment_id, Status.APPROVED, revision=5)
    assert edited_at() == NOW + timedelta(minutes=2)
    edit(6, minutes=3)
    assert edited_at() == NOW + timedelta(minutes=2)
    with database.read() as connection:
        row = desk.get(connection, comment_id)
    assert row is not None
    assert row.edited_at == NOW + timedelta(minutes=3)
    decide(database, comment_id, Status.REJECTED, revision=7)
    assert edited_at() == NOW + timedelta(minutes=2)


def test_a_withdrawn_comment_cannot_be_brought_back(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival())
    decide(database, comment_id, Status.WITHDRAWN)
    with pytest.raises(IllegalMove):
        decide(database, comment_id, Status.APPROVED, revision=2)


def test_a_removed_comment_keeps_its_place_only_while_replies_need_it(database: Database) -> None:
    add_site(database)
    [root] = store(database, arrival("root"))
    decide(database, root, Status.APPROVED)
    [reply] = store(database, arrival("reply", parent_id=root, root_id=root, depth=1))
    decide(database, reply, Status.APPROVED)
    decide(database, root, Status.REJECTED, revision=2)
    assert places(database) == {root: Place.TOMBSTONE.value, reply: Place.SHOWN.value}
    with database.read() as connection:
        [tombstone] = stage.roots(connection, thread(database).id, sort="oldest", after=None, limit=9)
    assert (tombstone.shown, tombstone.author_name, tombstone.html) == (False, "", "")
    decide(database, reply, Status.WITHDRAWN, revision=2)
    assert set(places(database).values()) == {Place.HIDDEN.value}
    assert thread(database).approved_count == 0


def test_a_reply_approved_after_its_parent_was_removed_finds_a_tombstone(database: Database) -> None:
    add_site(database)
    [root] = store(database, arrival("root"))
    decide(database, root, Status.APPROVED)
    [reply] = store(database, arrival("reply", parent_id=root, root_id=root, depth=1))
    decide(database, root, Status.WITHDRAWN, revision=2)
    assert places(database)[root] == Place.HIDDEN.value
    decide(database, reply, Status.APPROVED)
    assert places(database) == {root: Place.TOMBSTONE.value, reply: Place.SHOWN.value}


# --- machines ------------------------------------------------------------------------------------------------


def claim(database: Database, now: object = NOW, **asked: object) -> list[claims.Claim]:
    with database.write() as connection:
        return claims.claim(connection, now=now, lease=LEASE, limit=10, **asked)  # type: ignore[arg-type]


def machine(found: claims.Claim, status: Status = Status.HELD) -> decisions.Verdict:
    return decisions.Verdict(
        comment_id=found.comment_id,
        revision=found.revision,
        attempt=found.attempt,
        action="hold",
        status=status,
        actor="policy 0",
        automated=True,
        decided_at=NOW,
        reasons=(GroundedReason("spam", "links", 0.8),),
        findings=[],
        policy_version=0,
    )


def test_a_claimed_comment_is_nobody_elses_until_the_lease_runs_out(database: Database) -> None:
    add_site(database)
    store(database, arrival())
    assert len(claim(database)) == 1
    assert claim(database) == []
    assert claim(database, alone=True) == []
    [again] = claim(database, now=NOW + timedelta(seconds=61), alone=True)
    assert again.attempt == 2


def test_a_comment_whose_screening_died_is_only_taken_alone(database: Database) -> None:
    add_site(database)
    store(database, *(arrival(f"text {n}") for n in range(3)))
    assert len(claim(database)) == 3
    later = NOW + timedelta(seconds=61)
    assert claim(database, now=later) == []
    assert len(claim(database, now=later, alone=True)) == 1


def test_a_late_machine_does_not_overrule_a_person(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival())
    [found] = claim(database)
    decide(database, comment_id, Status.APPROVED)
    with database.write() as connection:
        assert decisions.record(connection, [machine(found, Status.REJECTED)]) == []
    with database.read() as connection:
        row = desk.get(connection, comment_id)
    assert row is not None
    assert row.status == "approved"


def test_a_verdict_from_before_the_lease_ran_out_is_dropped(database: Database) -> None:
    add_site(database)
    store(database, arrival())
    [slow] = claim(database)
    [fresh] = claim(database, now=NOW + timedelta(seconds=61), alone=True)
    with database.write() as connection:
        assert decisions.record(connection, [machine(slow, Status.REJECTED)]) == []
        assert len(decisions.record(connection, [machine(fresh)])) == 1
        assert decisions.record(connection, [machine(fresh)]) == []


def test_a_machines_verdict_leaves_the_revision_that_a_moderator_looks_at(database: Database) -> None:
    add_site(database)
    [comment_id] = store(database, arrival())
    [found] = claim(database)
    with database.write() as connection:
        [recorded] = decisions.record(connection, [machine(found)])
    assert recorded.revision == 1
    assert decide(database, comment_id, Status.APPROVED).status is Status.APPROVED


def test_no_other_code_writes_a_status() -> None:
    here = Path(__file__).parents[2]
    writing = {"update(comments)", "insert(comments)", "delete(comments)"}
    users = {
        path.relative_to(here).as_posix()
        for root in ("service", "workers")
        for path in (here / root).rglob("*.py")
        if any(words in path.read_text() for words in writing)
    }
    # decisions: the door. writer: new comments. comments: leases. vault: erasing what is personal. flags,
    # likes: their count. picks: the mark. appeals: that one waits.
    assert users == {
        "service/store/decisions.py",
        "service/store/writer.py",
        "service/store/comments.py",
        "service/store/vault.py",
        "service/store/flags.py",
        "service/store/likes.py",
        "service/store/picks.py",
        "service/store/appeals.py",
    }
