"""The policy by API: shown, checked, tried and set, with every fault told and no change lost."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service.domain.policy_document import DEFAULT_DOCUMENT
from service.domain.roles import Role
from service.store import journal
from tests.web.conftest import House

POLICY = "/v1/admin/policy?site=daily"
CHECK, TRY = "/v1/admin/policy/check?site=daily", "/v1/admin/policy/try?site=daily"
APPROVES = {**DEFAULT_DOCUMENT, "otherwise": "approve"}
WRONG = {
    "otherwise": "publish",
    "checks": {"likns": "off"},
    "options": {"model": {"tier": "huge"}},
    "sections": [
        {"path": "sport", "rules": [{"label": "spam", "at": 2, "action": "hold", "check": "likns"}]}
    ],
}
FAULTS = {
    "/otherwise",
    "/checks/likns",
    "/options/model",
    "/sections/0/path",
    "/sections/0/rules/0/at",
    "/sections/0/rules/0/check",
}


def put(house: House, document: Any = None, base_version: int = 0, **more: Any) -> TestResponse:
    sent = {"base_version": base_version, **({"document": document} if document is not None else {}), **more}
    return house.client.put(POLICY, json=sent, headers=house.admin)


def pointers(answer: TestResponse) -> set[str]:
    return {error["pointer"] for error in answer.get_json()["errors"]}


def test_the_built_in_policy_is_shown_until_one_is_set(house: House) -> None:
    shown = house.client.get(POLICY, headers=house.admin).get_json()
    assert (shown["version"], shown["in_force"], shown["set_by"], shown["set_at"]) == (0, True, None, None)
    assert shown["document"] == tomllib.loads(shown["toml"]) == DEFAULT_DOCUMENT


def test_a_policy_is_set_in_either_form_and_shown_in_both(house: House) -> None:
    first = put(house, APPROVES).get_json()
    assert (first["version"], first["document"]) == (1, APPROVES)
    second = put(house, toml='otherwise = "trust"  # ours\n', base_version=1).get_json()
    assert (second["version"], second["document"]) == (2, {"otherwise": "trust"})
    assert tomllib.loads(second["toml"]) == {"otherwise": "trust"}
    assert house.client.get(POLICY, headers=house.admin).get_json() == second
    earlier = house.client.get(f"{POLICY}&version=1", headers=house.admin).get_json()
    assert earlier == {**first, "in_force": False}
    built_in = house.client.get(f"{POLICY}&version=0", headers=house.admin).get_json()
    assert built_in["document"] == DEFAULT_DOCUMENT
    history = house.client.get("/v1/admin/policy/history?site=daily", headers=house.admin).get_json()
    assert [(one["version"], one["set_by"][:5]) for one in history["versions"]] == [
        (2, "admin"),
        (1, "admin"),
    ]
    assert history["next_cursor"] is None


def test_a_new_policy_decides_the_next_comment(house: House) -> None:
    put(house, {"otherwise": "hold", "sections": [{"path": "/sport/", "otherwise": "approve"}]})
    held = house.post("The bridge was never audited.")["id"]
    shown = house.post("The final was a joy to watch.", url="https://daily.example/sport/final")["id"]
    house.screen()
    status = {str(row["id"]): row["status"] for row in house.stored()}
    assert (status[held], status[shown]) == ("held", "approved")


def test_who_looked_at_an_older_version_is_refused_and_told_the_present_one(house: House) -> None:
    assert put(house, APPROVES).status_code == 200
    late = put(house, {"otherwise": "discard"})
    assert late.status_code == 409
    assert late.get_json()["type"].endswith("#policy-conflict")
    assert late.get_json()["policy_version"] == 1
    assert house.client.get(POLICY, headers=house.admin).get_json()["document"] == APPROVES


def test_every_fault_is_told_at_once_with_its_place_and_nothing_is_set(house: House) -> None:
    refused = put(house, WRONG)
    assert refused.status_code == 422
    assert refused.get_json()["type"].endswith("#invalid-policy")
    assert pointers(refused) == FAULTS
    tried = house.client.post(TRY, json={"document": WRONG}, headers=house.admin)
    assert (tried.status_code, pointers(tried)) == (422, FAULTS)
    checked = house.client.post(CHECK, json={"document": WRONG}, headers=house.admin)
    assert (checked.status_code, pointers(checked)) == (200, FAULTS)
    assert checked.get_json()["toml"] is checked.get_json()["changes"] is None
    assert house.client.get(POLICY, headers=house.admin).get_json()["version"] == 0


@pytest.mark.parametrize(
    "sent",
    [{}, {"document": {}, "toml": ""}, {"toml": 7}, {"document": []}, {"document": {}, "site": "daily"}],
    ids=str,
)
def test_a_policy_comes_in_one_of_two_forms(house: House, sent: dict[str, Any]) -> None:
    for answer in (
        put(house, **sent),
        house.client.post(CHECK, json=sent, headers=house.admin),
        house.client.post(TRY, json=sent, headers=house.admin),
    ):
        assert answer.status_code == 422
        assert answer.get_json()["type"].endswith("#invalid-submission")


@pytest.mark.parametrize(
    "document",
    [
        '{"options": {"trap": {"seconds": 1e400}}}',
        '{"options": {"trap": {"seconds": null}}}',
        '{"options": {"wordlist": {"hold": ["a\\u0000"]}}}',
        '{"options": {"wordlist": {"hold": ["\\ud800"]}}}',
        '{"options": {"wordlist": {"\\ud800": 1}}}',
        '{"options": {"\\ud800": {}}}',
        '{"checks": {"\\u0000": "off"}}',
        '{"\\ud800": 1}',
        '{"options": {"a": ' + "[" * 900 + "]" * 900 + "}}",
        '{"rules": [' + "{}," * 3_000 + "{}]}",
    ],
    ids=lambda text: text[:40],
)
def test_what_could_not_be_kept_is_a_fault_and_no_accident(either_house: House, document: str) -> None:
    house, kind = either_house, {"content_type": "application/json", "headers": either_house.admin}
    sent = '{"base_version": 0, "document": ' + document + "}"
    assert house.client.put(POLICY, data=sent, **kind).status_code == 422
    checked = house.client.post(CHECK, data='{"document": ' + document + "}", **kind)
    assert checked.status_code == 200
    assert 1 <= len(checked.get_json()["errors"]) <= 100


def test_toml_that_is_none_is_told_where(house: House) -> None:
    for text in ("otherwise =", "a = [" * 5_000, "at = 2026-11-24\n", "\x00"):
        checked = house.client.post(CHECK, json={"toml": text}, headers=house.admin)
        assert checked.status_code == 200, text
        assert checked.get_json()["errors"], text
        assert put(house, toml=text).status_code == 422


def test_a_check_shows_what_would_change_line_by_line(house: House) -> None:
    changed = {**DEFAULT_DOCUMENT, "otherwise": "trust", "close_after_days": 14}
    checked = house.client.post(CHECK, json={"document": changed}, headers=house.admin).get_json()
    said = [line["sign"] + line["text"] for line in checked["changes"] if line["sign"] != " "]
    assert said == ['-otherwise = "hold"', '+otherwise = "trust"', "+close_after_days = 14"]
    assert checked["document"] == tomllib.loads(checked["toml"]) == changed
    same = house.client.post(CHECK, json={"toml": checked["toml"]}, headers=house.admin).get_json()
    assert same["document"] == changed
    alone = house.client.post("/v1/admin/policy/check", json={"document": changed}, headers=house.admin)
    assert alone.get_json()["changes"] is None


def test_a_policy_is_tried_on_the_comments_of_the_last_days(house: House) -> None:
    made = house.post("The bridge was never audited.")
    house.screen()
    sent = {"document": {**APPROVES, "options": {"wordlist": {"hold": ["x"]}}}, "days": 1}
    tried = house.client.post(TRY, json=sent, headers=house.admin).get_json()
    assert tried == {
        "looked": 1,
        "more": False,
        "counts": [{"was": "hold", "would_be": "approve", "count": 1}],
        "differ": 1,
        "differences": [{"comment_id": made["id"], "was": "hold", "would_be": "approve", "reasons": []}],
        "unseen": ["wordlist"],
    }
    assert house.client.get(POLICY, headers=house.admin).get_json()["version"] == 0


def test_a_token_of_one_site_need_not_name_it(house: House) -> None:
    editor = house.token_for("eve", Role.EDITOR, "daily")
    assert house.client.get("/v1/admin/policy", headers=editor).get_json()["site"] == "daily"
    asked = house.client.get("/v1/admin/policy", headers=house.admin)
    assert (asked.status_code, pointers(asked)) == (422, {"/site"})


def test_a_policy_that_is_set_stands_in_the_journal(house: House) -> None:
    put(house, APPROVES)
    put(house, {"otherwise": "publish"}, 1)
    put(house, {}, 7)
    put(house, {}, 1)
    with house.database.read() as connection:
        noted = [one for one in journal.entries(connection, site="daily") if one.act == "policy.set"]
    assert [(one.subject, one.detail) for one in noted] == [
        ("site daily", {"version": 2, "before": 1}),
        ("site daily", {"version": 1, "before": 0}),
    ]
    assert all(one.actor.startswith("admin") for one in noted)


def test_holding_a_policy_against_the_checks_takes_no_numpy() -> None:
    asked = (
        "import sys, service.web.app, service.ruling as ruling;"
        "print(ruling.faults_of({'options': {'model': {'tier': 'linear'}, 'links': {}}}), 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"
