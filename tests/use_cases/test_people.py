"""Who governs whom: making tokens, revoking them and changing roles, and who may never be lost."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.errors import (
    Forbidden,
    GreenroomError,
    LastAdministrator,
    PersonNotFound,
    SiteUnknown,
    TokenInvalid,
)
from service.domain.roles import PEOPLE, Role
from service.domain.site import Site
from service.people import Moderator, NameTaken, NameUnfit, Tokens
from service.store import journal
from service.store.database import Database
from tests.conftest import Clock
from tests.people import add_site

ANN = Moderator("Ann", Role.ADMINISTRATOR, None)
DORA = Moderator("Dora", Role.ADMINISTRATOR, "daily")


@pytest.fixture
def people(database: Database, clock: Clock) -> Tokens:
    """Ann governs all sites, Dora the daily's; Ed and Oli moderate at the daily and at the other."""
    add_site(database)
    add_site(database, Site("other", "The Other", ("https://other.example",)))
    made = Tokens(database, clock)
    made.create("Ann", Role.ADMINISTRATOR)
    made.create("Dora", Role.ADMINISTRATOR, "daily")
    made.create("Ed", Role.EDITOR, "daily")
    made.create("Oli", Role.MODERATOR, "other")
    return made


def roles(people: Tokens) -> dict[str, str]:
    return {row.name: "gone" if row.revoked_at else row.role for row in people.everyone()}


def refused(error: type[GreenroomError], act: Callable[[], object]) -> None:
    with pytest.raises(error):
        act()


def test_an_administrator_of_all_sites_governs_everybody(people: Tokens) -> None:
    people.create("Eve", Role.VIEWER, "other", by=ANN)
    people.create("Zoe", Role.ADMINISTRATOR, by=ANN)
    people.change_role("Oli", Role.EDITOR, by=ANN)
    people.revoke("Dora", by=ANN)
    assert roles(people) == {
        "Ann": "administrator",
        "Dora": "gone",
        "Ed": "editor",
        "Oli": "editor",
        "Eve": "viewer",
        "Zoe": "administrator",
    }


def test_an_administrator_of_one_site_governs_its_people_alone(people: Tokens) -> None:
    before = roles(people)
    for site in ("other", None, "nowhere"):
        refused(Forbidden, lambda site=site: people.create("Eve", Role.VIEWER, site, by=DORA))
    for name in ("Ann", "Oli", "Nobody at all", "x" * 300, "a\0b"):
        refused(PersonNotFound, lambda name=name: people.revoke(name, by=DORA))
        refused(PersonNotFound, lambda name=name: people.change_role(name, Role.VIEWER, by=DORA))
    assert roles(people) == before
    people.create("Eve", Role.ADMINISTRATOR, "daily", by=DORA)
    people.change_role("Ed", Role.VIEWER, by=DORA)
    people.revoke("Eve", by=DORA)
    assert roles(people) == {**before, "Ed": "viewer", "Eve": "gone"}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
@pytest.mark.parametrize("site", [None, "daily"])
def test_nobody_else_governs_anybody(people: Tokens, role: Role, site: str | None) -> None:
    before = roles(people)
    who = Moderator("Ed", role, site)
    refused(Forbidden, lambda: people.create("Eve", Role.VIEWER, "daily", by=who))
    refused(Forbidden, lambda: people.revoke("Ed", by=who))
    refused(Forbidden, lambda: people.change_role("Ed", Role.ADMINISTRATOR, by=who))
    assert roles(people) == before


@pytest.mark.parametrize("by", [ANN, DORA, None], ids=["herself", "another", "the operator"])
def test_the_last_administrator_of_all_sites_stays(people: Tokens, by: Moderator | None) -> None:
    error = PersonNotFound if by is DORA else LastAdministrator
    refused(error, lambda: people.revoke("Ann", by=by))
    for role in set(Role) - {Role.ADMINISTRATOR}:
        refused(error, lambda role=role: people.change_role("Ann", role, by=by))
    assert roles(people)["Ann"] == "administrator"
    people.change_role("Ann", Role.ADMINISTRATOR)
    people.create("Zoe", Role.ADMINISTRATOR)
    people.revoke("Ann")
    refused(LastAdministrator, lambda: people.revoke("Zoe"))


def test_two_administrators_cannot_take_each_other_away_at_once(database: Database, people: Tokens) -> None:
    for number in range(8):
        others = [name for name, role in roles(people).items() if role == "administrator" and name != "Dora"]
        people.create(f"Zoe {number}", Role.ADMINISTRATOR)
        pair = [*others, f"Zoe {number}"]
        assert len(pair) == 2
        kept: list[str] = []

        def take_away(name: str, kept: list[str] = kept) -> None:
            try:
                people.revoke(name)
            except LastAdministrator:
                kept.append(name)

        threads = [threading.Thread(target=take_away, args=(name,)) for name in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(kept) == 1


NAMES = ("Ann", "Dora", "Ed", "Oli")
ACTS = st.lists(
    st.tuples(st.sampled_from(("revoke", "role", "create")), st.sampled_from(NAMES), st.sampled_from(PEOPLE)),
    max_size=12,
)


@settings(max_examples=25)
@given(acts=ACTS)
def test_whatever_is_done_somebody_governs_all_sites(
    people: Tokens, acts: list[tuple[str, str, Role]]
) -> None:
    for number, (act, name, role) in enumerate(acts):
        try:
            if act == "create":
                people.create(f"{name} {len(people.everyone())} {number}", role, by=ANN)
            elif act == "revoke":
                people.revoke(name, by=ANN)
            else:
                people.change_role(name, role, by=ANN)
        except (LastAdministrator, PersonNotFound):
            pass
        assert any(
            row.role == "administrator" and row.site is None and row.revoked_at is None
            for row in people.everyone()
        )


def test_a_revoked_token_is_revoked_once_and_gets_no_role(people: Tokens, database: Database) -> None:
    assert people.revoke("Ed", by=ANN)
    assert not people.revoke("Ed", by=ANN)
    refused(PersonNotFound, lambda: people.change_role("Ed", Role.VIEWER, by=ANN))
    with database.read() as connection:
        assert [entry.act for entry in journal.entries(connection, limit=2)] == [
            "token.revoke",
            "token.create",
        ]


def test_a_key_of_a_door_is_revoked_like_a_token_and_has_no_role(people: Tokens) -> None:
    key = people.create_key("wordpress", "akismet", "daily")
    refused(PersonNotFound, lambda: people.change_role("wordpress", Role.VIEWER, by=DORA))
    assert people.find(key).role == "akismet"
    assert people.revoke("wordpress", by=DORA)
    refused(TokenInvalid, lambda: people.find(key))


def test_a_name_is_taken_once_for_good(people: Tokens) -> None:
    people.revoke("Ed")
    refused(NameTaken, lambda: people.create("Ed", Role.VIEWER))
    refused(SiteUnknown, lambda: people.create("Eve", Role.VIEWER, "nowhere"))


@pytest.mark.parametrize(
    "name", ["a/b", ".", "..", "the operator", "The Author", "nobody", "screening", "policy 12"]
)
def test_nobody_has_a_name_that_misleads(people: Tokens, name: str) -> None:
    refused(NameUnfit, lambda: people.create(name, Role.VIEWER))
    refused(NameUnfit, lambda: people.create_key(name, "akismet", "daily"))


def test_the_journal_tells_who_governed_whom(people: Tokens, database: Database) -> None:
    people.create("Eve", Role.VIEWER, "daily", by=DORA)
    people.change_role("Eve", Role.EDITOR, by=ANN)
    people.change_role("Eve", Role.EDITOR, by=ANN)
    people.revoke("Eve")
    with database.read() as connection:
        found = journal.entries(connection, limit=3)
    assert [(one.actor, one.act, one.subject, one.site, one.detail) for one in reversed(found)] == [
        ("Dora", "token.create", "token Eve", "daily", {"role": "viewer"}),
        ("Ann", "token.role", "token Eve", "daily", {"role": "editor", "role_before": "viewer"}),
        ("the operator", "token.revoke", "token Eve", "daily", {"role": "editor"}),
    ]
