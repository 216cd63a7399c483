"""What a submission may say of its author, and that no field of it reaches further than it should."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from service.domain.site import Site
from service.store.tables import vault as vault_table
from tests.web.conftest import ADDRESS, House, Opener
from tests.web.sending import (
    author,
    faults,
    send,
    send_form,
)


@pytest.mark.parametrize("given", [author(), author(""), author("  "), {"name": "Ada"}])
def test_a_site_says_whether_it_needs_an_address(open_daily: Opener, given: dict[str, Any]) -> None:
    house = open_daily()
    assert set(faults(send(house, author=given))) == {"/author/email"}
    house.add_site(Site("open", "The Open", ("https://daily.example",), email_required=False))
    house.rooms.sites._read_at = float("-inf")
    assert send(house, author=given, site="open").status_code == 202
    with house.database.read() as connection:
        (row,) = connection.execute(sa.select(vault_table)).all()
    assert (row.sealed, row.key_id, row.address_index) == (None, None, None)


def test_an_address_that_is_given_has_to_be_one_even_where_none_is_needed(open_daily: Opener) -> None:
    house = open_daily(Site("daily", "The Daily", ("https://daily.example",), email_required=False))
    for wrong in (
        "ada",
        "ada@",
        "@example.org",
        "a@b",
        "Ada <ada@example.org>",
        "ada@example.org\nbcc: x@y.example",
    ):
        assert set(faults(send(house, author=author(wrong)))) == {"/author/email"}, wrong
    assert send(house, author=author(" ada@example.org ")).status_code == 202


@pytest.mark.parametrize("name", ["ada@example.org", "Ada @ home", "ada＠example.org", "ada﹫example.org"])
def test_a_name_that_may_be_an_address_is_refused(house: House, name: str) -> None:
    answer = send(house, author=author(ADDRESS, name))
    assert set(faults(answer)) == {"/author/name"}
    assert name not in answer.text


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("/text", {"text": f"Write to {ADDRESS}."}),
        ("/text", {"text": "write to ADA@Example.ORG"}),
        ("/text", {"text": "write to mailto:ada@example.org?subject=x"}),
        ("/text", {"text": "write to ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ"}),
        ("/text", {"text": "write to ada\u200b@\u2060example.org"}),
        ("/title", {"title": f"{ADDRESS} writes"}),
        ("/thread", {"thread": f"by {ADDRESS}"}),
        ("/url", {"url": f"https://daily.example/{ADDRESS}"}),
        ("/url", {"url": "https://daily.example/ada%40example.org"}),
    ],
)
def test_ones_own_address_is_not_published_by_accident(
    house: House, field: str, change: dict[str, str]
) -> None:
    answer = send(house, **change)
    assert set(faults(answer)) == {field}
    # The request's id is drawn, and may spell anything.
    told = answer.text.replace(answer.headers["X-Request-Id"], "")
    assert "ada" not in told.casefold()
    assert house.stored() == []


def test_somebody_elses_address_in_the_text_is_for_the_checks_to_judge(house: House) -> None:
    assert send(house, "The office is at council@example.org.").status_code == 202


def test_known_new_and_throw_away_addresses_are_answered_alike(house: House) -> None:
    answers = [
        json.loads(send(house, author=author(email)).data)
        for email in ("new@example.org", "new@example.org", "someone@mailinator.com")
    ]
    assert len({tuple(answer) for answer in answers}) == 1
    assert {answer["status"] for answer in answers} == {"pending"}


# --- mass assignment -------------------------------------------------------------------------------------------------

INSIDE = ["status", "awaiting", "place", "id", "revision", "html", "source", "depth", "root_id", "thread_id"]
INSIDE += [
    "created_at",
    "edit_token",
    "author_name",
    "signals",
    "attempt",
    "approved",
    "__proto__",
    "author.name",
]


@pytest.mark.parametrize("name", INSIDE)
def test_no_field_from_outside_reaches_a_column(house: House, name: str) -> None:
    for place, body in (
        ("", {name: "approved"}),
        ("/author", {"author": {"name": "Ada", "email": ADDRESS, name: "approved"}}),
        ("/form", {"form": {"trap": "", name: "approved"}}),
    ):
        assert faults(send(house, **body)) == {place: "There is a field here that is not known."}
    assert house.stored() == []
    made = house.post()
    own = {"Authorization": f"Bearer {made['edit_token']}"}
    edited = house.client.patch(
        f"/v1/comments/{made['id']}", json={"text": "New.", name: "approved"}, headers=own
    )
    assert faults(edited) == {"": "There is a field here that is not known."}
    assert house.stored()[0]["source"] == "What about the bridge?"


def test_a_form_or_query_with_columns_names_stores_a_waiting_comment(house: House) -> None:
    more = dict.fromkeys(("status", "awaiting", "place", "html", "approved"), "approved")
    assert send_form(house, **more, revision="9", depth="5").status_code == 202
    query = "/v1/comments?status=approved&place=shown"
    assert house.client.post(query, json=house.submission()).status_code == 202
    for row in house.stored():
        assert (row["status"], row["place"], row["revision"], row["depth"]) == ("pending", "hidden", 1, 0)
        assert row["html"] == "<p>What about the bridge?</p>"


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_header_does_not_change_the_method(house: House, header: str) -> None:
    made = house.post()
    own = {"Authorization": f"Bearer {made['edit_token']}", header: "DELETE"}
    assert house.client.get(f"/v1/comments/{made['id']}", headers=own).get_json()["status"] == "pending"
