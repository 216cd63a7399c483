"""Banned and trusted authors on their way through screening."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.policy import Reason
from service.domain.roles import Role
from service.domain.standing import Kind, Of
from service.people import Moderator
from service.screening import Screening
from service.standings import Standings, Wanted
from service.store import desk, journal
from service.store.database import Database
from service.store.decisions import Verdict, change_text, record_one
from service.store.tables import decisions
from tests.conftest import Clock
from tests.people import NOW, arrival, store
from tests.screening_room import approving, books, decide_as_person, screening_on

ADA, HOME = b"a" * 32, b"h" * 32
MIA = Moderator("mia", Role.MODERATOR, None)


def write(database: Database, text: str, name: str = "Ada", address: bytes | None = ADA) -> UUID:
    made = arrival(text, author_name=name, vault={"address_index": address, "origin_index": HOME})
    [comment_id] = store(database, made)
    return comment_id


def screened(database: Database, clock: Clock, *ids: UUID, screening: Screening | None = None) -> list[str]:
    """What became of these comments, by a worker that has just started unless one is given."""
    (screening or screening_on(database, clock)).drain()
    return [books(database)[one].status for one in ids]


@pytest.fixture
def place(database: Database) -> Database:
    """A site that puts on stage whatever no check minds."""
    approving(database)
    return database


@pytest.mark.parametrize("of", list(Of))
def test_a_banned_authors_next_comment_is_rejected_with_the_ban_as_the_reason(
    place: Database, clock: Clock, of: Of
) -> None:
    first = write(place, "The first words of a spammer")
    assert screened(place, clock, first) == ["approved"]
    Standings(place, clock, 30).create(MIA, Wanted(first, Kind.BAN, of, Reason.SPAM))
    second = write(place, "Something else altogether, by the same")
    stranger = write(place, "A stranger speaks of bridges", "Grace", b"g" * 32)
    # Of one origin everybody is caught: that is what such a ban says.
    assert screened(place, clock, second, stranger) == [
        "rejected",
        "rejected" if of is Of.ORIGIN else "approved",
    ]
    assert books(place)[second].reasons == ["banned_author"]
    # What is on stage already stays.
    assert books(place)[first].status == "approved"


def test_an_edit_of_a_banned_author_does_not_get_on_stage(place: Database, clock: Clock) -> None:
    first = write(place, "Harmless words about a bridge")
    screened(place, clock, first)
    Standings(place, clock, 30).create(MIA, Wanted(first, Kind.BAN, Of.ADDRESS, Reason.SPAM))
    with place.write() as connection:
        change_text(connection, first, revision=1, source="New words", html="<p>New words</p>", now=clock())
    screened(place, clock, first)
    with place.read() as connection:
        row = desk.get(connection, first)
    assert row is not None
    assert (row.status, row.source, row.awaiting) == ("approved", "Harmless words about a bridge", None)


def test_a_ban_ends_at_its_moment_and_outlives_every_worker(place: Database, clock: Clock) -> None:
    first = write(place, "The first words of a spammer")
    until = clock() + timedelta(days=2)
    Standings(place, clock, 30).create(MIA, Wanted(first, Kind.BAN, Of.NAME, Reason.SPAM, until=until))
    assert screened(place, clock, first) == ["rejected"]
    clock.move(days=2, seconds=-1)
    # Another process, which has only the database.
    later = Database(place.url.render_as_string(hide_password=False))
    late = write(later, "In the last second of it")
    assert screened(later, clock, late) == ["rejected"]
    later.close()
    clock.move(seconds=1)
    free = write(place, "In the first second after")
    assert screened(place, clock, free) == ["approved"]


def test_what_is_lifted_stays_lifted_when_the_decision_that_led_to_it_is_undone(
    place: Database, clock: Clock
) -> None:
    first = write(place, "The first words of a spammer")
    decide_as_person(place, first, "reject")
    standings = Standings(place, clock, 30)
    row = standings.create(MIA, Wanted(first, Kind.BAN, Of.ADDRESS, Reason.SPAM))
    standings.lift(MIA, row.id)
    undo(place, first)
    assert books(place)[first].status == "pending"
    later = write(place, "Words of somebody who is free")
    assert screened(place, clock, first, later) == ["approved", "approved"]
    [shown] = standings.page(MIA, site="daily")
    assert (shown.id, shown.running, shown.lifted_by) == (row.id, False, "mia")


def test_an_undone_decision_lifts_no_ban(place: Database, clock: Clock) -> None:
    first = write(place, "The first words of a spammer")
    decide_as_person(place, first, "reject")
    Standings(place, clock, 30).create(MIA, Wanted(first, Kind.BAN, Of.ADDRESS, Reason.SPAM))
    undo(place, first)
    assert screened(place, clock, first) == ["rejected"]


def undo(database: Database, comment_id: UUID) -> None:
    """Take the last decision about a comment back."""
    with database.write() as connection:
        last = connection.execute(
            sa.select(decisions).where(decisions.c.comment_id == comment_id).order_by(decisions.c.id.desc())
        ).first()
        row = desk.get(connection, comment_id)
        assert last is not None
        assert row is not None
        record_one(
            connection,
            Verdict(
                comment_id=comment_id,
                revision=row.revision,
                action="undo",
                status=Status(last.replaced["status"]),
                actor="mia",
                automated=False,
                decided_at=NOW,
                undoes=last.id,
                restored=last.replaced,
            ),
        )


def test_trust_is_told_to_the_policy_whether_given_or_earned(place: Database, clock: Clock) -> None:
    first = write(place, "The first words of a friend")
    Standings(place, clock, 30).create(MIA, Wanted(first, Kind.TRUST, Of.ADDRESS, Reason.OTHER))
    earned = [write(place, f"Thoughtful words, number {n}", "Eve", b"e" * 32) for n in range(3)]
    for one in earned:
        decide_as_person(place, one, "approve")
    given, later = write(place, "More of a friend"), write(place, "More of Eve", "Eve", b"e" * 32)
    stranger = write(place, "A stranger", "Grace", b"g" * 32)
    screened(place, clock, given, later, stranger)
    with place.read() as connection:
        found = desk.findings_of(connection, [given, later, stranger])
    told = {
        one: [
            finding["label"] for finding in found[one] if finding["check"] == "standing" and finding["score"]
        ]
        for one in found
    }
    assert told == {given: ["trusted"], later: ["trusted"], stranger: []}


@pytest.mark.parametrize("action", ["reject", "hold"])
def test_edits_that_people_turn_down_earn_no_trust(place: Database, clock: Clock, action: str) -> None:
    mine = [write(place, f"Thoughtful words, number {n}") for n in range(3)]
    assert screened(place, clock, *mine) == ["approved"] * 3
    for one in mine:
        with place.write() as connection:
            change_text(connection, one, revision=1, source="Worse", html="<p>Worse</p>", now=clock())
        decide_as_person(place, one, action)
        assert books(place)[one].status == "approved"
    later = write(place, "One more of them")
    screened(place, clock, later)
    with place.read() as connection:
        found = desk.findings_of(connection, [later])[later]
    assert [one["score"] for one in found if one["check"] == "standing"] == [0.0]


def test_every_act_stands_in_the_journal_and_says_nothing_of_the_author(
    place: Database, clock: Clock
) -> None:
    first = write(place, "Words", name="Kestrelname")
    standings = Standings(place, clock, 30)
    row = standings.create(MIA, Wanted(first, Kind.BAN, Of.NAME, Reason.SPAM, note="Kestrelnote"))
    standings.lift(MIA, row.id)
    with place.read() as connection:
        entries = journal.entries(connection, site="daily")
        assert journal.verify(connection)[2] is None
    assert [(entry.act, entry.actor, entry.subject) for entry in reversed(entries)] == [
        ("ban.create", "mia", f"standing {row.id}"),
        ("ban.lift", "mia", f"standing {row.id}"),
    ]
    assert "Kestrel" not in repr(entries)
