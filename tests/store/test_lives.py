"""Any life that a comment can have, in any order: the books balance, the log only grows, nothing hidden is on stage."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from service.domain.comment import MOVES, Place, Status
from service.domain.errors import (
    CannotBeUndone,
    CommentNotFound,
    IllegalMove,
    NotOnStage,
    RevisionConflict,
)
from service.domain.policy import GroundedReason, Reason
from service.store import comments as claims
from service.store import decisions, likes, picks, stage, threads, undoing, vault
from service.store.database import Database
from service.store.tables import comments
from service.store.tables import decisions as log
from service.store.tables import threads as threads_table
from tests.people import NOW, STORY, add_site, appeal_if_possible, arrival, store

LEASE = timedelta(seconds=60)
PEOPLE = {Status.APPROVED: "approve", Status.HELD: "hold", Status.REJECTED: "reject"}


Stood = tuple[Status, str | None, bool]


@dataclass
class Life:
    """What the model knows of one comment."""

    status: Status = Status.PENDING
    awaiting: str | None = "pending"
    revision: int = 1
    decisions: int = 0
    edit_waits: bool = False
    parent: UUID | None = None
    claims: list[claims.Claim] = field(default_factory=list)
    # Each decision of a person, with how it stood before; the last can be undone while nothing came after it.
    past: list[tuple[decisions.Recorded, Stood]] = field(default_factory=list)
    undoable: bool = False
    likers: set[bytes] = field(default_factory=set)

    @property
    def stood(self) -> Stood:
        return self.status, self.awaiting, self.edit_waits


class Lives(RuleBasedStateMachine):
    database: Database

    known = Bundle("known")

    def __init__(self) -> None:
        super().__init__()
        self.lives: dict[UUID, Life] = {}
        self.story = replace_story()
        self.now = NOW
        self.shown: list[Any] = []
        self.revision = 0
        self.log: list[Any] = []

    # --- what happens ------------------------------------------------------------------------------------------------

    @initialize(target=known)
    def begin(self) -> Any:
        ids = store(self.database, *(arrival(f"Text {n}", story=self.story) for n in range(2)))
        for comment_id in ids:
            self.lives[comment_id] = Life()
        return multiple(*ids)

    @rule(target=known, parent=known)
    def answer(self, parent: UUID) -> Any:
        with self.database.read() as connection:
            above = stage.parent(connection, parent)
        if above is None:
            # What is not on stage cannot be answered.
            assert self.lives[parent].status is not Status.APPROVED
            return multiple()
        assert self.lives[parent].status is Status.APPROVED
        made = arrival(
            "An answer",
            story=self.story,
            parent_id=parent,
            root_id=above.root_id or parent,
            depth=above.depth + 1,
        )
        [comment_id] = store(self.database, made)
        self.lives[comment_id] = Life(parent=parent)
        return comment_id

    @rule(comment=known, alone=st.booleans())
    def claim(self, comment: UUID, alone: bool) -> None:
        self.now += timedelta(seconds=1)
        with self.database.write() as connection:
            found = claims.claim(connection, now=self.now, lease=LEASE, limit=5, ids=[comment], alone=alone)
        for one in found:
            assert self.lives[comment].awaiting == "pending"
            self.lives[comment].claims.append(one)

    @rule()
    def leases_run_out(self) -> None:
        self.now += 2 * LEASE

    @rule(comment=known, which=st.integers(min_value=0, max_value=5), status=st.sampled_from(list(PEOPLE)))
    def machine(self, comment: UUID, which: int, status: Status) -> None:
        """A verdict of any claim that there ever was, late ones too."""
        life = self.lives[comment]
        if not life.claims:
            return
        claim = life.claims[which % len(life.claims)]
        verdict = decisions.Verdict(
            comment_id=comment,
            revision=claim.revision,
            attempt=claim.attempt,
            action=PEOPLE[status],
            status=status,
            actor="policy 0",
            automated=True,
            decided_at=self.now,
            reasons=(GroundedReason(Reason.SPAM.value, "links", 0.5),),
            findings=[],
        )
        with self.database.write() as connection:
            recorded = decisions.record(connection, [verdict])
        newest = claim is life.claims[-1] and claim.revision == life.revision and life.awaiting == "pending"
        assert bool(recorded) is newest
        if recorded:
            self._decided(life, status)
            life.claims.clear()
            life.undoable = False

    @rule(comment=known, stale=st.booleans(), status=st.sampled_from(list(PEOPLE)))
    def person(self, comment: UUID, stale: bool, status: Status) -> None:
        life = self.lives[comment]
        looked_at = life.revision - 1 if stale and life.revision > 1 else life.revision
        stood = life.stood
        with self.database.write() as connection:
            try:
                recorded = decisions.record_one(
                    connection, self._persons(comment, looked_at, PEOPLE[status], status)
                )
            except RevisionConflict:
                assert looked_at != life.revision
                return
            except IllegalMove:
                assert status not in MOVES[life.status]
                return
        assert looked_at == life.revision
        self._decided(life, status)
        life.revision += 1
        self._noted(life, recorded, stood)

    @rule(comment=known, which=st.sampled_from(["last", "last", "last", "earlier"]))
    def undo(self, comment: UUID, which: str) -> None:
        """The last decision of a person, or one before it; undos too."""
        life = self.lives[comment]
        if len(life.past) < (1 if which == "last" else 2):
            return
        undone, back = life.past[-1 if which == "last" else -2]
        stood = life.stood
        with self.database.write() as connection:
            try:
                recorded = undoing.undo_one(
                    connection,
                    comment,
                    undone.decision_id,
                    revision=life.revision,
                    actor="ada",
                    at=self.now,
                )
            except CannotBeUndone:
                assert which == "earlier" or not life.undoable
                return
        assert which == "last"
        assert life.undoable
        life.status, life.awaiting, life.edit_waits = back
        life.decisions += 1
        life.revision += 1
        self._noted(life, recorded, stood)

    @staticmethod
    def _noted(life: Life, recorded: decisions.Recorded, stood: Stood) -> None:
        life.past.append((recorded, stood))
        life.undoable = True

    @rule(comment=known)
    def edit(self, comment: UUID) -> None:
        life = self.lives[comment]
        if life.status not in (Status.PENDING, Status.HELD, Status.APPROVED):
            return
        with self.database.write() as connection:
            decisions.change_text(
                connection,
                comment,
                revision=life.revision,
                source="New",
                html=f"<p>{uuid4()}</p>",
                now=self.now,
            )
        life.revision += 1
        life.undoable = False
        life.awaiting = "pending"
        life.edit_waits = life.status is Status.APPROVED
        if not life.edit_waits:
            life.status = Status.PENDING

    @rule(comment=known)
    def appeal(self, comment: UUID) -> None:
        with self.database.write() as connection:
            appealed = appeal_if_possible(connection, comment, now=self.now)
        if appealed:
            self.lives[comment].revision += 1
            self.lives[comment].undoable = False

    @rule(comment=known, end=st.sampled_from([Status.WITHDRAWN, Status.ERASED]))
    def leave(self, comment: UUID, end: Status) -> None:
        life = self.lives[comment]
        action = "withdraw" if end is Status.WITHDRAWN else "erase"
        with self.database.write() as connection:
            try:
                decisions.record_one(connection, self._persons(comment, life.revision, action, end))
            except IllegalMove:
                assert end not in MOVES[life.status]
                return
            if end is Status.ERASED:
                vault.forget(connection, comment)
                life.likers.clear()
        self._decided(life, end)
        life.revision += 1
        life.undoable = False

    @rule(comment=known, liker=st.sampled_from([b"here", b"there"]), likes_it=st.booleans())
    def like(self, comment: UUID, liker: bytes, likes_it: bool) -> None:
        life = self.lives[comment]
        with self.database.write() as connection:
            if likes_it:
                counted = likes.add(connection, comment, liker=liker, now=self.now)
            else:
                counted = likes.take_back(connection, comment, liker=liker)
        if life.status is not Status.APPROVED:
            assert counted is None
            return
        (life.likers.add if likes_it else life.likers.discard)(liker)
        assert counted == len(life.likers)

    @rule(comment=known, on=st.booleans())
    def pick(self, comment: UUID, on: bool) -> None:
        with self.database.write() as connection:
            try:
                picks.pick(connection, comment, on=on)
            except NotOnStage:
                assert self.lives[comment].status is not Status.APPROVED

    @rule()
    def nobody_decides_about_what_is_not_there(self) -> None:
        with self.database.write() as connection, pytest.raises(CommentNotFound):
            decisions.record_one(connection, self._persons(uuid4(), 1, "approve", Status.APPROVED))

    def _persons(self, comment: UUID, revision: int, action: str, status: Status) -> decisions.Verdict:
        return decisions.Verdict(
            comment_id=comment,
            revision=revision,
            action=action,
            status=status,
            actor="ada",
            automated=False,
            decided_at=self.now,
        )

    @staticmethod
    def _decided(life: Life, status: Status) -> None:
        life.decisions += 1
        if life.edit_waits and status in (Status.HELD, Status.REJECTED):
            life.awaiting = "held" if status is Status.HELD else None
            life.edit_waits = status is Status.HELD
            return
        life.status, life.edit_waits = status, False
        life.awaiting = "held" if status is Status.HELD else None

    # --- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def every_comment_is_where_its_life_led(self) -> None:
        with self.database.read() as connection:
            for comment_id, life in self.lives.items():
                row = connection.execute(sa.select(comments).where(comments.c.id == comment_id)).one()
                assert (row.status, row.awaiting, row.revision) == (
                    life.status.value,
                    life.awaiting,
                    life.revision,
                )
                assert (row.edit_source is not None) is life.edit_waits
                shown = life.status is Status.APPROVED
                assert (row.likes, row.rank) == (len(life.likers), -len(life.likers) if shown else 0)
                assert shown or not row.picked
                count = connection.scalar(
                    sa.select(sa.func.count()).select_from(log).where(log.c.comment_id == comment_id)
                )
                assert count == life.decisions

    @invariant()
    def the_stage_holds_what_is_approved_and_the_places_that_it_needs(self) -> None:
        approved = {comment_id for comment_id, life in self.lives.items() if life.status is Status.APPROVED}
        needed: set[UUID] = set()
        for comment_id in approved:
            above = self.lives[comment_id].parent
            while above is not None:
                needed.add(above)
                above = self.lives[above].parent
        with self.database.read() as connection:
            places = dict(
                connection.execute(
                    sa.select(comments.c.id, comments.c.place).where(comments.c.id.in_(list(self.lives)))
                ).all()
            )
        for comment_id in self.lives:
            expected = (
                Place.SHOWN
                if comment_id in approved
                else Place.TOMBSTONE
                if comment_id in needed
                else Place.HIDDEN
            )
            assert places[comment_id] == expected.value

    @invariant()
    def the_threads_revision_grows_when_and_only_when_readers_see_a_difference(self) -> None:
        if not self.lives:
            return
        with self.database.read() as connection:
            thread = connection.execute(
                sa.select(threads_table).where(threads_table.c.url == self.story.url)
            ).one()
            roots = stage.roots(connection, thread.id, sort="oldest", after=None, limit=500)
            below = stage.replies(connection, [root.id for root in roots], sort="oldest", limit=500)
        shown = [*roots, *below]
        assert thread.approved_count == sum(row.shown for row in shown)
        assert all(row.author_name == "" and row.html == "" for row in shown if not row.shown)
        if shown != self.shown:
            assert thread.revision > self.revision
        elif self.shown:
            assert thread.revision == self.revision
        self.shown, self.revision = shown, thread.revision

    @invariant()
    def the_log_only_grows(self) -> None:
        # What a decision replaced is kept to take it back; it goes, with what was said, when the comment is erased.
        columns = [column for column in log.c if column.name not in ("replaced", "note", "message")]
        query = sa.select(*columns).where(log.c.comment_id.in_(list(self.lives))).order_by(log.c.id)
        with self.database.read() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        assert rows[: len(self.log)] == self.log
        self.log = rows


def replace_story() -> threads.Story:
    """A story of its own for each run, in the one database that all of them share."""
    return replace(STORY, url=f"https://daily.example/{uuid4()}")


LIVES = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def test_every_life_keeps_the_books_on_both_databases(database: Database) -> None:
    add_site(database)
    run_state_machine_as_test(type("OnThis", (Lives,), {"database": database}), settings=LIVES)
