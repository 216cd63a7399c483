"""What a page of other people's making may send and read through a visitor's browser."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from service.domain.roles import Role
from service.domain.site import Site
from service.store.ids import new_id
from tests.web.asks import PUBLIC, STORY, Ask, routes
from tests.web.conftest import House
from tests.web.desk_asks import ASKED
from tests.web.rights import PROTECTED, state

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
        self.made = house.post(author={"name": f"Ada {uuid4().hex}", "email": f"{uuid4().hex}@example.org"})
        self.shown = house.approved()
        house.token_for(self.made["id"], Role.VIEWER)
        own = {"Authorization": f"Bearer {self.made['edit_token']}"}
        form = {"site": "daily", "url": STORY, "name": "Eve", "email": "eve@example.org", "text": "Hi."}
        comment = f"/v1/comments/{self.made['id']}"
        turned_away = house.post("Turned away.")
        house.decide(turned_away["id"], "reject", reasons=["other"])
        decision = {"action": "approve", "revision": 1}
        decided = house.decide(house.post()["id"])
        undone = {"decision": decided["decision"]["id"], "revision": decided["revision"]}
        meant = {"site": "daily", "query": "queue=pending"}
        self.requests: dict[tuple[str, str, str], dict[str, Any]] = {
            ("POST", "public.send_comment", "json"): {"path": "/v1/comments", "json": house.submission()},
            ("POST", "public.send_comment", "form"): {"path": "/v1/comments", "data": form},
            ("PATCH", "public.edit_comment", "json"): {
                "path": comment,
                "json": {"text": "x"},
                "headers": own,
            },
            ("DELETE", "public.withdraw_comment", ""): {"path": comment, "headers": own},
            ("POST", "public.appeal_decision", "json"): {
                "path": f"/v1/comments/{turned_away['id']}/appeal",
                "json": {"text": "x"},
                "headers": {"Authorization": f"Bearer {turned_away['edit_token']}"},
            },
            ("POST", "admin.decide", "json"): {
                "path": f"/v1/admin/comments/{self.made['id']}/decision",
                "json": decision,
                "headers": house.admin,
            },
            **self._about_authors(),
            **self._about_rules(),
            ("POST", "public.flag_comment", "json"): {
                "path": f"/v1/comments/{self.shown}/flag",
                "json": {"reason": "spam"},
            },
            ("POST", "public.preview_text", "json"): {
                "path": "/v1/preview",
                "json": {"site": "daily", "text": "x"},
            },
            ("POST", "report.report_comment", "form"): {
                "path": f"/daily/report/{self.shown}",
                "data": {"reason": "spam"},
            },
            ("POST", "own.own_comment_page", "form"): {
                "path": "/own",
                "data": {
                    "code": f"{self.made['id']}.{self.made['edit_token']}",
                    "step": "withdraw-for-good",
                },
            },
            **{
                (method, f"public.{name}", ""): {"path": f"/v1/comments/{self.shown}/like"}
                for method, name in (("POST", "like_comment"), ("DELETE", "take_like_back"))
            },
            ("POST", "admin.save_view", "json"): {
                "path": "/v1/admin/views",
                "json": {"name": "Mine", "query": "queue=spam"},
                "headers": house.admin,
            },
            ("DELETE", "admin.delete_view", ""): {"path": "/v1/admin/views/x", "headers": house.admin},
            ("POST", "admin.claim_comment", ""): {
                "path": f"/v1/admin/comments/{self.made['id']}/claim",
                "headers": house.admin,
            },
            ("DELETE", "admin.give_up_claim", ""): {
                "path": f"/v1/admin/comments/{self.made['id']}/claim",
                "headers": house.admin,
            },
            ("POST", "admin.pick_comment", "json"): {
                "path": f"/v1/admin/comments/{self.shown}/pick",
                "json": {"on": True},
                "headers": house.admin,
            },
            ("POST", "admin.reply_to_comment", "json"): {
                "path": f"/v1/admin/comments/{self.shown}/reply",
                "json": {"text": "Thank you."},
                "headers": house.admin,
            },
            ("POST", "admin.undo", "json"): {
                "path": f"/v1/admin/comments/{decided['id']}/undo",
                "json": undone,
                "headers": house.admin,
            },
            ("POST", "admin.start_bulk", ""): {
                "path": f"/v1/admin/bulks/{house.bulk(start=False)['id']}/start",
                "headers": house.admin,
            },
            ("POST", "admin.make_bulk", "json"): {
                "path": "/v1/admin/bulks",
                "json": {**meant, "action": "spam"},
                "headers": house.admin,
            },
            ("POST", "admin.undo_bulk", ""): {
                "path": f"/v1/admin/bulks/{house.bulk()['id']}/undo",
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

    def _about_rules(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        house = self.house
        policy = "/v1/admin/policy"
        version = house.client.get(f"{policy}?site=daily", headers=house.admin).get_json()["version"]
        thread = house.stored()[0]["thread_id"]
        asked: dict[tuple[str, str, str], dict[str, Any]] = {
            ("PUT", "admin.set_policy", "json"): {
                "path": f"{policy}?site=daily",
                "json": {"document": {}, "base_version": version},
            },
            ("POST", "admin.check_policy", "json"): {
                "path": f"{policy}/check?site=daily",
                "json": {"document": {}},
            },
            ("POST", "admin.try_policy", "json"): {
                "path": f"{policy}/try?site=daily",
                "json": {"document": {}},
            },
            ("POST", "admin.set_storm", "json"): {
                "path": "/v1/admin/storm",
                "json": {"site": "daily", "on": True},
            },
            ("POST", "admin.change_thread", "json"): {
                "path": f"/v1/admin/threads/{thread}",
                "json": {"storm": True},
            },
        }
        return {change: {**sent, "headers": house.admin} for change, sent in asked.items()}

    def _about_authors(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        house, made = self.house, self.made["id"]
        canned = {"reason": "spam", "title": uuid4().hex, "message": "x"}
        standing = {"comment": made, "kind": "ban", "of": "address"}
        kept = house.can(f"Title {made}")["id"]
        asked: dict[tuple[str, str, str], dict[str, Any]] = {
            ("POST", "admin.add_note", "json"): {
                "path": f"/v1/admin/comments/{made}/notes",
                "json": {"text": "x"},
            },
            ("POST", "admin.preview_standing", "json"): {
                "path": "/v1/admin/standings/preview",
                "json": standing,
            },
            ("POST", "admin.create_standing", "json"): {"path": "/v1/admin/standings", "json": standing},
            ("POST", "admin.lift_standing", ""): {
                "path": f"/v1/admin/standings/{house.stand(made, 'trust', 'address')['id']}/lift"
            },
            ("POST", "admin.add_canned_reason", "json"): {
                "path": "/v1/admin/canned-reasons",
                "json": {"site": "daily", **canned},
            },
            ("PUT", "admin.change_canned_reason", "json"): {
                "path": f"/v1/admin/canned-reasons/{kept}",
                "json": {**canned, "title": uuid4().hex},
            },
            ("DELETE", "admin.remove_canned_reason", ""): {"path": f"/v1/admin/canned-reasons/{kept}"},
        }
        return {change: {**one, "headers": house.admin} for change, one in asked.items()}

    def send(self, change: tuple[str, str, str], headers: dict[str, str]) -> Any:
        asked = self.requests[change]
        merged = {**asked.get("headers", {}), **headers}
        return self.house.client.open(**{**asked, "method": change[0], "headers": merged})


def test_every_change_is_tried_from_foreign_pages(house: House) -> None:
    changing = {(method, name) for method, name in routes(house.app) if method not in ("GET", "OPTIONS")}
    asked = {(method, name) for method, name, _ in Changes(house).requests}
    # Forms of the desk's pages are sent from elsewhere in test_desk_pages.
    assert asked | {(method, name) for method, name in ASKED if method == "POST"} == changing


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_page_changes_nothing_even_with_every_right(house: House, headers: dict[str, str]) -> None:
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    changes = Changes(house)
    before = state(house)
    for change in changes.requests:
        answer = changes.send(change, headers)
        assert answer.status_code == 403, change
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert state(house) == before, change


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "", "text/json"])
def test_json_in_plain_clothes_changes_nothing(house: House, kind: str) -> None:
    # These are what a form of a foreign page, or a fetch without preflight, can send.
    changes = Changes(house)
    before = state(house)
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
    assert state(house) == before


def test_a_form_cannot_decide_for_a_moderator(house: House) -> None:
    changes = Changes(house)
    before = state(house)
    path = changes.requests["POST", "admin.decide", "json"]["path"]
    answer = house.client.post(path, data={"action": "approve", "revision": "1"}, headers=house.admin)
    assert answer.status_code == 415
    assert state(house) == before


def test_a_publishers_page_sends_comments_and_decides_nothing(house: House) -> None:
    origin = {"Origin": "https://daily.example", "Sec-Fetch-Site": "cross-site"}
    done = {change: Changes(house).send(change, origin).status_code for change in Changes(house).requests}
    assert done == {
        ("POST", "public.send_comment", "json"): 202,
        ("POST", "public.send_comment", "form"): 303,
        ("PATCH", "public.edit_comment", "json"): 202,
        ("DELETE", "public.withdraw_comment", ""): 200,
        ("POST", "public.appeal_decision", "json"): 202,
        ("POST", "own.own_comment_page", "form"): 403,
        ("POST", "report.report_comment", "form"): 303,
        ("POST", "public.flag_comment", "json"): 202,
        ("POST", "public.preview_text", "json"): 200,
        ("POST", "public.like_comment", ""): 200,
        ("DELETE", "public.take_like_back", ""): 200,
        **{change: 403 for change in done if change[1].startswith(("admin.", "desk."))},
    }


@pytest.mark.parametrize("headers", [{"Origin": OWN, "Sec-Fetch-Site": "same-origin"}, {}], ids=str)
def test_our_own_pages_and_programs_do_everything(house: House, headers: dict[str, str]) -> None:
    for change in Changes(house).requests:
        if not headers and change[1] == "desk.sign_in":
            # A program has no use for a session, and every browser says where a form was sent from.
            continue
        assert Changes(house).send(change, headers).status_code in (200, 201, 202, 204, 303), change


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
            free = name in ("pages.static_file", "embed.script", "embed.part", "health.contract")
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
    assert {"authorization", "content-type", "idempotency-key", "greenroom-proof"} == set(allowed)
    assert CREDENTIALS not in answer.headers
