"""Bans and trust over the API: made from a comment, tried beforehand, lifted once, and no reader can tell."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from service.domain.roles import Role
from service.privacy import Erasure
from service.store.ids import new_id
from tests.people import NOW
from tests.web.conftest import ADDRESS, House

SHOWN = {
    "id",
    "site",
    "kind",
    "of",
    "comment_id",
    "author",
    "cause",
    "note",
    "moderator",
    "created_at",
    "until",
    "lifted_at",
    "lifted_by",
    "running",
}


def ask(house: House, comment_id: str, preview: bool = False, **body: Any) -> TestResponse:
    return house.client.post(
        "/v1/admin/standings" + "/preview" * preview,
        json={"comment": comment_id, "kind": "ban", "of": "name", **body},
        headers=house.admin,
    )


def lift(house: House, standing_id: str) -> TestResponse:
    return house.client.post(f"/v1/admin/standings/{standing_id}/lift", headers=house.admin)


def listed(house: House, **query: Any) -> Any:
    return house.client.get("/v1/admin/standings", query_string=query, headers=house.admin).get_json()


def test_a_ban_is_made_shown_and_lifted_once(either_house: House) -> None:
    made = either_house.post()
    row = either_house.stand(
        made["id"], cause="spam", note="Third time.", until="2099-12-24T18:00:00+01:00", of="address"
    )
    assert set(row) == SHOWN
    assert (row["kind"], row["of"], row["site"], row["cause"], row["note"]) == (
        "ban",
        "address",
        "daily",
        "spam",
        "Third time.",
    )
    assert (row["comment_id"], row["author"], row["running"]) == (made["id"], {"name": "Ada"}, True)
    assert (row["until"], row["lifted_at"]) == ("2099-12-24T17:00:00Z", None)
    assert listed(either_house, site="daily") == {"standings": [row], "next_cursor": None}
    again = ask(either_house, either_house.post()["id"], of="address")
    assert (again.status_code, again.get_json()["type"].rpartition("#")[2]) == (409, "already-standing")
    lifted = lift(either_house, row["id"])
    assert lifted.status_code == 200
    assert not lifted.get_json()["running"]
    assert lifted.get_json()["lifted_by"].startswith("admin")
    twice = lift(either_house, row["id"])
    assert (twice.status_code, twice.get_json()["type"].rpartition("#")[2]) == (409, "standing-over")
    # Whoever was banned once can be banned anew.
    assert ask(either_house, made["id"], of="address").status_code == 201
    assert [one["running"] for one in listed(either_house, kind="ban")["standings"]] == [True, False]
    assert listed(either_house, kind="trust")["standings"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "trust", "of": "name"}, "/of"),
        ({"kind": "trust", "of": "origin"}, "/of"),
        ({"kind": "curse"}, "/kind"),
        ({"of": "country"}, "/of"),
        ({"cause": "ugly"}, "/cause"),
        ({"cause": "check_failed"}, "/cause"),
        ({"until": "2020-01-01T00:00:00Z"}, "/until"),
        ({"until": "2099-01-01T00:00:00"}, "/until"),
        ({"until": "tomorrow"}, "/until"),
        ({"until": "0001-01-01T00:00:00+14:00"}, "/until"),
        ({"until": 5}, "/until"),
        ({"note": "x" * 2_001}, "/note"),
        ({"address": ADDRESS}, ""),
    ],
    ids=str,
)
def test_a_ban_that_makes_no_sense_is_refused(house: House, body: dict[str, Any], pointer: str) -> None:
    made = house.post()
    for preview in (False, True):
        answer = ask(house, made["id"], preview, **body)
        assert answer.status_code == 422, answer.text
        assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]
        assert ADDRESS not in answer.text
    assert listed(house)["standings"] == []


def test_nobody_is_known_by_what_a_comment_does_not_have(house: House) -> None:
    from service.domain.site import Site

    house.add_site(Site("open", "The Open", ("https://open.example",), email_required=False))
    bare = house.post(site="open", url="https://open.example/a", author={"name": "Ada"})
    for kind in ("ban", "trust"):
        assert ask(house, bare["id"], kind=kind, of="address").status_code == 409
    assert ask(house, bare["id"], of="name").status_code == 201
    gone = house.post()
    assert Erasure(house.database, house.rooms.cipher, lambda: NOW).erase(ADDRESS) == 1
    for of in ("name", "address", "origin"):
        assert ask(house, gone["id"], of=of).status_code == 409
    for unknown in (str(new_id()), "x", ADDRESS):
        assert ask(house, unknown).status_code == 404
        assert lift(house, unknown).status_code == 404


def test_a_preview_tells_what_would_have_been_caught_and_changes_nothing(either_house: House) -> None:
    first = either_house.post("One that is new.")["id"]
    approved = str(either_house.approved("One that is up."))
    either_house.post("Of somebody else.", author={"name": "Bob", "email": "bob@example.org"})
    for of in ("name", "address"):
        told = ask(either_house, first, True, of=of, until="2099-01-01T00:00:00Z").get_json()
        assert told == {
            "days": 30,
            "counts": [{"status": "approved", "count": 1}, {"status": "pending", "count": 1}],
            "more": False,
            "examples": [approved, first],
            "until": "2099-01-01T00:00:00Z",
        }
    origin = ask(either_house, first, True, of="origin").get_json()
    # Everybody's here. It ends when the origin is forgotten, whatever was asked for.
    assert sum(one["count"] for one in origin["counts"]) == 3
    assert origin["until"] is not None
    assert listed(either_house)["standings"] == []


def test_the_list_goes_on_where_its_last_page_ended(house: House) -> None:
    made = []
    for n in range(5):
        author = {"name": f"Reader {n}", "email": f"reader{n}@example.org"}
        made.append(house.stand(house.post(author=author)["id"])["id"])
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = listed(house, limit=2, **cursor)
        seen += [one["id"] for one in page["standings"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == made[::-1]


def test_a_banned_reader_is_answered_like_any_other(either_house: House) -> None:
    def shape(name: str, email: str) -> Any:
        answer = either_house.client.post(
            "/v1/comments",
            json=either_house.submission("One more thing.", author={"name": name, "email": email}),
        )
        document = answer.get_json()
        lengths = {key: len(document[key]) for key in ("id", "status", "edit_token")}
        headers = {k: v for k, v in answer.headers.items() if k not in ("X-Request-Id", "Date")}
        own = {"Authorization": f"Bearer {document['edit_token']}"}
        looked = either_house.client.get(f"/v1/comments/{document['id']}", headers=own).get_json()
        return (
            answer.status_code,
            sorted(document),
            lengths,
            sorted(document["links"]),
            headers,
            sorted(looked),
        )

    first = either_house.post(author={"name": "Eve", "email": "eve@example.org"})["id"]
    unknown = shape("Bob", "bob@example.org")
    for of in ("name", "address", "origin"):
        either_house.stand(first, of=of)
        assert shape("Eve", "eve@example.org") == unknown
    either_house.screen()
    rejected = [row["status"] for row in either_house.stored()]
    # All from one network, and the last ban was of that.
    assert set(rejected) == {"rejected"}


def test_taking_a_banned_readers_comment_is_the_same_work(either_house: House) -> None:
    """No time tells who is banned where the same is done for everybody."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    for of in ("name", "address", "origin"):
        either_house.stand(either_house.post(author={"name": "Eve", "email": "eve@example.org"})["id"], of=of)
    done = []
    for engine in (either_house.database.reading, either_house.database.writing):
        sa.event.listen(engine, "before_cursor_execute", note)
    for name in ("Eve", "Bob"):
        # The sites are looked at every two seconds by whoever comes first.
        either_house.rooms.sites.get("daily")
        sent.clear()
        either_house.post(author={"name": name, "email": f"{name.lower()}@example.org"})
        done.append([statement for statement in sent if "FROM sites" not in statement])
    assert done[0] == done[1]
    assert done[0]
    assert not any("standings" in statement for statement in done[0])


def test_a_trusted_authors_comment_still_waits_where_the_policy_does_not_trust(house: House) -> None:
    first = house.post()["id"]
    house.stand(first, "trust", "address")
    house.post("Another one.")
    house.screen()
    assert {row["status"] for row in house.stored()} == {"held"}


def test_a_moderator_of_one_site_sees_and_lifts_only_what_is_theirs(house: House) -> None:
    from service.domain.site import Site

    house.add_site(Site("other", "The Other", ("https://other.example",)))
    ours = house.stand(house.post()["id"])
    narrow = house.token_for("narrow", Role.MODERATOR, "other")
    theirs = house.post(site="other", url="https://other.example/x")["id"]
    own = house.client.post(
        "/v1/admin/standings", json={"comment": theirs, "kind": "ban", "of": "name"}, headers=narrow
    ).get_json()
    shown = house.client.get("/v1/admin/standings", headers=narrow).get_json()["standings"]
    assert [one["id"] for one in shown] == [own["id"]]
    answer = house.client.post(f"/v1/admin/standings/{ours['id']}/lift", headers=narrow)
    assert answer.status_code == 404
    assert listed(house, site="daily")["standings"] == [ours]
