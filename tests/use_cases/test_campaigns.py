"""Campaigns against a site that lets comments on stage at once: each is stopped after its first few comments."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import pytest

from service.domain.policy_document import DEFAULT_DOCUMENT
from service.store import threads
from service.store.database import Database
from tests.campaigns import CAMPAIGNS, Sent, talk
from tests.conftest import Clock
from tests.people import NOW, add_site, arrival
from tests.screening_room import books, decide_as_person, screening_on, store_many

COUNT = 30
# By then a campaign of each kind has shown its pattern.
SLIPPING_THROUGH = 6


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Database]:
    """One machine's database: what is counted here is the same on the other."""
    opened = Database(sqlite_url, busy_seconds=2.0)
    yield opened
    opened.close()


def passed(database: Database, clock: Clock, sent: list[Sent], *, moderator: str = "") -> dict[Sent, bool]:
    """Which comments came on stage at once. ``moderator``: what a person does with each afterwards."""
    add_site(database)
    with database.write() as connection:
        document = {**DEFAULT_DOCUMENT, "otherwise": "approve"}
        threads.save_policy(connection, "daily", document, now=NOW, by="Alice")
    screening = screening_on(database, clock)
    found: dict[Sent, bool] = {}
    for number, one in enumerate(sorted(sent, key=lambda one: one.at)):
        clock.at = one.at
        owner = f"{one.name}-{number if one.spam else ''}".encode()
        made = arrival(
            one.text, author_name=one.name, created_at=one.at, vault={"address_index": owner.ljust(32)[:32]}
        )
        ids = store_many(database, [made])
        screening.screen(ids)
        found[dataclasses.replace(one, name=f"{one.name} {number}")] = (
            books(database)[ids[0]].status == "approved"
        )
        if moderator:
            decide_as_person(database, ids[0], moderator)
    return found


@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_a_campaign_is_stopped_after_its_first_comments(campaign: str, site: Database, clock: Clock) -> None:
    sent = CAMPAIGNS[campaign](COUNT)
    found = passed(site, clock, sent, moderator="reject" if campaign == "a slow drip" else "")
    on_stage = [one for one, shown in found.items() if one.spam and shown]
    assert len(on_stage) <= SLIPPING_THROUGH, [one.text for one in on_stage]


def test_ordinary_talk_passes(site: Database, clock: Clock) -> None:
    found = passed(site, clock, talk(150))
    held = [one for one, shown in found.items() if not shown]
    assert len(held) <= 7, [one.text for one in held]


def test_a_link_that_a_moderator_let_through_is_news_and_no_campaign(site: Database, clock: Clock) -> None:
    sent = [
        Sent(
            f"Reader {n}",
            f"{one.text} https://inquiry.example/report",
            NOW + timedelta(minutes=40 * n),
            False,
        )
        for n, one in enumerate(talk(12, seed=9))
        if "http" not in one.text
    ]
    passed(site, clock, sent, moderator="approve")
    reasons = [
        reason for booked in books(site).values() for one in booked.decisions for reason in one.reasons
    ]
    assert [reason for reason in reasons if reason["check"] == "hosts"] == []
