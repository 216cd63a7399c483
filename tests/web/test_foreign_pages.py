"""What a page of other people's making may send and read through a visitor's browser."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from service.domain.roles import Role
from service.domain.site import Site
from service.store.desk_tables import journal
from service.store.ids import new_id
from service.store.tables import decisions, tokens
from tests.web.asks import PUBLIC, STORY, Ask, routes
from tests.web.conftest import House
from tests.web.test_authorisation import PROTECTED

# --- requests that a foreign page makes a browser send ----------------------------------------------------------------

FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "https://daily.example.evil.example"},
    {"Origin": "https://evildaily.example"},
    {"Origin": "https://evil-daily.example"},
    {"Origin": "http://daily.example"},
    {"Origin": "https://daily.example:8443"},
    {"Origin": "https://other.example"},
    {"Origin": ""},
    {"Origin": "https://daily.example, https://evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
)
OWN = "http://127.0.0.1:8080"


class Changes:
    """Every request that changes something, with all that it needs to succeed."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.made = house.post()
        house.token_for(self.made["id"], Role.VIEWER)
        own = {"Authorization": f"Bearer {self.made['edit_token']}"}
        form = {"site": "daily", "url": STORY, "name": "Eve", "email": "eve@example.org", "text": "Hi."}
        comment = f"/v1/comments/{self.made['id']}"
        decision = {"action": "approve", "revision": 1}
        self.requests: dict[tuple[str, str, str], dict[str, Any]] = {
            ("POST", "public.send_comment", "json"): {"path": "/v1/comments", "json": house.submission()},
            ("POST", "public.send_comment", "form"): {"path": "/v1/comments", "data": form},
            ("PATCH", "public.edit_comment", "json"): {
                "path": comment,
                "json": {"text": "x"},
                "headers": own,
            },
            ("DELETE", "public.withdraw_comment", ""): {"path": comment, "headers": own},
            ("POST", "admin.decide", "json"): {
                "path": f"/v1/admin/comments/{self.made['id']}/decision",
                "json": decision,
                "headers": house.admin,
            },
            ("POST", "admin.make_person", "json"): {
                "path": "/v1/admin/people",
                "json": {"name": f"Eve {self.made['id']}", "role": "viewer"},
                "headers": house.admin,
            },
            ("POST", "admin.change_role", "json"): {
                "path": f"/v1/admin/people/{self.made['id']}/role",
                "json": {"role": "editor"},
                "headers": house.admin,
            },
            ("POST", "admin.revoke_person", ""): {
                "path": f"/v1/admin/people/{self.made['id']}/revoke",
                "headers": house.admin,
            },
            ("POST", "desk.sign_in", "form"): {
                "path": "/moderation/sign-in",
                "data": {"token": house.token},
            },
            **{
                ("POST", f"desk.{name}", "form"): {
                    "path": f"/moderation/{name.replace('_', '-')}",
                    "data": {},
                    "headers": house.signed_in(house.admin),
                }
                for name in ("sign_out", "sign_out_everywhere")
            },
        }

    def send(self, change: tuple[str, str, str], headers: dict[str, str]) -> Any:
        asked = self.requests[change]
        merged = {**asked.get("headers", {}), **headers}
        return self.house.client.open(**{**asked, "method": change[0], "headers": merged})

    def state(self) -> Any:
        with self.house.database.read() as connection:
            return self.house.stored(), *(
                connection.execute(sa.select(*asked)).all()
                for asked in ((decisions,), (tokens.c.name, tokens.c.role, tokens.c.revoked_at), (journal,))
            )


def test_every_change_is_tried_from_foreign_pages(house: House) -> None:
    changing = {(method, name) for method, name in routes(house.app) if method not in ("GET", "OPTIONS")}
    assert {(method, name) for method, name, _ in Changes(house).requests} == changing


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_page_changes_nothing_even_with_every_right(house: House, headers: dict[str, str]) -> None:
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    changes = Changes(house)
    before = changes.state()
    for change in changes.requests:
        answer = changes.send(change, headers)
        assert answer.status_code == 403, change
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert changes.state() == before, change


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "", "text/json"])
def test_json_in_plain_clothes_changes_nothing(house: House, kind: str) -> None:
    # These are what a form of a foreign page, or a fetch without preflight, can send.
    changes = Changes(house)
    before = changes.state()
    for change, asked in changes.requests.items():
        if change[2] == "json":
            answer = house.client.open(
                asked["path"],
                method=change[0],
                data=json.dumps(asked["json"]),
                content_type=kind,
                headers=asked.get("headers", {}),
            )
            assert answer.status_code == 415, change
    assert changes.state() == before


def test_a_form_cannot_decide_for_a_moderator(house: House) -> None:
    changes = Changes(house)
    before = changes.state()
    path = changes.requests["POST", "admin.decide", "json"]["path"]
    answer = house.client.post(path, data={"action": "approve", "revision": "1"}, headers=house.admin)
    assert answer.status_code == 415
    assert changes.state() == before


def test_a_publishers_page_sends_comments_and_decides_nothing(house: House) -> None:
    origin = {"Origin": "https://daily.example", "Sec-Fetch-Site": "cross-site"}
    done = {change: Changes(house).send(change, origin).status_code for change in Changes(house).requests}
    assert done == {
        ("POST", "public.send_comment", "json"): 202,
        ("POST", "public.send_comment", "form"): 303,
        ("PATCH", "public.edit_comment", "json"): 202,
        ("DELETE", "public.withdraw_comment", ""): 200,
        ("POST", "admin.decide", "json"): 403,
        ("POST", "admin.make_person", "json"): 403,
        ("POST", "admin.change_role", "json"): 403,
        ("POST", "admin.revoke_person", ""): 403,
        ("POST", "desk.sign_in", "form"): 403,
        ("POST", "desk.sign_out", "form"): 403,
        ("POST", "desk.sign_out_everywhere", "form"): 403,
    }


@pytest.mark.parametrize("headers", [{"Origin": OWN, "Sec-Fetch-Site": "same-origin"}, {}], ids=str)
def test_our_own_pages_and_programs_do_everything(house: House, headers: dict[str, str]) -> None:
    for change in Changes(house).requests:
        if not headers and change[1] == "desk.sign_in":
            # A program has no use for a session, and every browser says where a form was sent from.
            continue
        assert Changes(house).send(change, headers).status_code in (200, 201, 202, 303), change


def test_a_moderators_token_adds_no_power_on_the_public_door(house: House) -> None:
    answer = house.client.post(
        "/v1/comments", json=house.submission("<script>alert(1)</script> **x**"), headers=house.admin
    )
    assert answer.get_json()["status"] == "pending"
    [row] = house.stored()
    assert row["status"] == "pending"
    assert "<script" not in row["html"]


# --- which pages may read --------------------------------------------------------------------------------------------

CREDENTIALS = "Access-Control-Allow-Credentials"
ALLOWED = "Access-Control-Allow-Origin"


def opened(client: FlaskClient, ask: Ask, **headers: str) -> Any:
    answer = client.open(**{**ask.of(str(new_id())), "headers": {**ask.headers, **headers}})
    answer.close()
    return answer


def test_pages_of_registered_sites_read_public_answers_and_problems(house: House) -> None:
    asks = [ask for name, asks in PUBLIC.items() if name.startswith("public.") for ask in asks]
    for ask in asks:
        answer = opened(house.client, ask, Origin="https://daily.example")
        assert answer.headers[ALLOWED] == "https://daily.example"
        assert "Origin" in answer.headers["Vary"]
        assert CREDENTIALS not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "*",
        "https://evil.example",
        "https://daily.example.evil.example",
        "https://evil-daily.example",
        "https://evildaily.example",
        "https://sub.daily.example",
        "http://daily.example",
        "https://daily.example/",
        "https://daily.example:443",
        "https://DAILY.example",
    ],
)
def test_no_other_page_reads_an_answer(house: House, origin: str) -> None:
    assert house.thread().status_code == 200
    for name, asks in PUBLIC.items():
        for ask in asks[:1]:
            answer = opened(house.client, ask, Origin=origin)
            # Scripts and the contract are for everybody, and the same for everybody.
            free = name in ("pages.static_file", "pages.embed", "health.contract")
            assert answer.headers.get(ALLOWED) == ("*" if free else None), name
            assert CREDENTIALS not in answer.headers


def test_no_page_of_a_publisher_reads_what_moderators_read(house: House) -> None:
    for origin in ("https://daily.example", OWN):
        for ask in PROTECTED:
            answer = house.client.open(
                **{**ask.of(house.post()["id"]), "headers": {**house.admin, "Origin": origin}}
            )
            assert ALLOWED not in answer.headers
        preflight = house.client.options(
            "/v1/admin/comments",
            headers={"Origin": origin, "Access-Control-Request-Headers": "authorization"},
        )
        assert preflight.status_code == 405
        assert ALLOWED not in preflight.headers


def test_a_preflight_allows_what_the_embed_sends(house: House) -> None:
    answer = house.client.options(
        "/v1/comments",
        headers={"Origin": "https://daily.example", "Access-Control-Request-Method": "POST"},
    )
    assert answer.status_code == 204
    assert answer.headers[ALLOWED] == "https://daily.example"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, PATCH, DELETE"
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "content-type", "idempotency-key"} == set(allowed)
    assert CREDENTIALS not in answer.headers
