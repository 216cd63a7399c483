"""Coral's external moderation phases: what is signed is judged, and whatever goes wrong then holds the comment."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

import service.checks.model as check
from service.domain.policy import Action
from service.doors import Answer
from service.scoring.scorer import WeightsDamaged
from tests.doors.conftest import CORAL_SECRET, Building

INSULT = "You are a complete idiot and everybody knows it."
CASH = "I get paid over $185 per hour working from home, just try it http://best-cash-now.example/join"


def asked(text: str, **author: str) -> bytes:
    """A question as Coral's guide for external moderation phases shows it."""
    return json.dumps(
        {
            "action": "NEW",
            "comment": {"body": text, "parentID": None},
            "author": {"id": "baf4e943", "role": "COMMENTER", **author},
            "story": {"id": "245b3856", "url": "https://daily.example/budget"},
            "site": {"id": "a4bede88"},
            "tenantID": "19ba5794",
            "tenantDomain": "localhost",
        }
    ).encode()


def signature(body: bytes, secret: str = CORAL_SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def moderated(building: Building, body: bytes, signed: str | None = None) -> Any:
    return building.client.post(
        f"/coral/v1/moderation?key={building.coral}",
        data=body,
        content_type="application/json",
        headers={"X-Coral-Signature": signature(body) if signed is None else signed},
    )


def test_a_comment_that_nothing_speaks_against_goes_on_its_way(building: Building) -> None:
    answer = moderated(building, asked("I agree with the council on the bus lanes."))
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize("text", [INSULT, f"<div>{INSULT}</div>", "<p>You are a complete <b>idi</b>ot.</p>"])
def test_an_insult_waits_for_a_person_with_a_flag(building: Building, text: str) -> None:
    answer = moderated(building, asked(text))
    assert answer.status_code == 200
    assert answer.get_json() == {
        "status": "SYSTEM_WITHHELD",
        "actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}],
    }


def test_spam_waits_for_a_person_with_a_flag(building: Building) -> None:
    found = moderated(building, asked(CASH)).get_json()
    assert found["status"] == "SYSTEM_WITHHELD"
    assert {"actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM"} in found["actions"]


def test_where_a_link_leads_is_read_in_html(building: Building) -> None:
    text = '<div>So true! <a href="http://198.51.100.7/win">read</a> <a href="http://198.51.100.8/win">on</a></div>'
    plain = moderated(building, asked("<div>So true! read on</div>"))
    assert plain.status_code == 204
    found = moderated(building, asked(text)).get_json()
    assert found["status"] == "REJECTED"
    assert {"actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM"} in found["actions"]


@pytest.mark.parametrize("code", ["personal_data", "other"])
def test_what_coral_has_no_flag_for_waits_without_one(
    building: Building, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    found = Answer(Action.HOLD, (code,), spam=False, failed=False)
    monkeypatch.setattr(type(building.rooms.doors), "judge", lambda self, key, asked: found)
    assert moderated(building, asked("My number is in here.")).get_json() == {"status": "PREMOD"}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("role", ["STAFF", "MODERATOR", "ADMIN"])
def test_the_newsroom_itself_is_not_judged(building: Building, role: str) -> None:
    assert moderated(building, asked(INSULT, role=role)).status_code == 204


@pytest.mark.usefixtures("quick")
def test_while_coral_changes_its_secret_either_signature_does(building: Building) -> None:
    body = asked("Nice bridge.")
    both = f"{signature(body, 'the-secret-of-tomorrow')}, {signature(body)}"
    assert moderated(building, body, both).status_code == 204


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("signed", ["", "sha256=", "sha256=00", "é", "other"])
def test_a_question_that_coral_did_not_sign_is_not_answered(building: Building, signed: str) -> None:
    body = asked(INSULT)
    given = signature(body, "a-secret-of-somebody-else") if signed == "other" else signed
    answer = moderated(building, body, given.encode().decode("latin-1"))
    assert answer.status_code == 401
    assert "status" not in answer.get_json() or answer.get_json()["status"] == 401


@pytest.mark.usefixtures("quick")
def test_a_signature_is_of_the_whole_question(building: Building) -> None:
    assert moderated(building, asked(INSULT), signature(asked("Nice bridge."))).status_code == 401


@pytest.mark.usefixtures("quick")
def test_without_the_phases_secret_nothing_is_answered(sqlite_url: str, tmp_path: Path) -> None:
    building = Building(sqlite_url, tmp_path, coral_secrets="weekly:a-secret-of-another-site")
    answer = moderated(building, asked(INSULT))
    assert answer.status_code == 403
    assert "GREENROOM_CORAL_SECRETS" in answer.get_json()["detail"]
    building.rooms.close()


def test_a_dead_model_holds(building: Building, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(tier: str) -> Any:
        raise WeightsDamaged("gone")

    monkeypatch.setattr(check, "scorer", damaged)
    assert moderated(building, asked("Nice bridge.")).get_json() == {"status": "PREMOD"}


@pytest.mark.usefixtures("quick")
def test_a_database_that_is_away_holds(building: Building, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(key: str) -> Any:
        raise OSError("away")

    monkeypatch.setattr(building.rooms.doors.policies, "get", away)
    assert moderated(building, asked("Nice bridge.")).get_json() == {"status": "PREMOD"}


@pytest.mark.usefixtures("quick")
def test_who_asks_too_much_has_its_comments_held(sqlite_url: str, tmp_path: Path) -> None:
    building = Building(sqlite_url, tmp_path, rate_door="1 per minute")
    body = asked("Nice bridge.")
    assert moderated(building, body).status_code == 204
    assert moderated(building, body).get_json() == {"status": "PREMOD"}
    building.rooms.close()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"comment": 7}', b"[" * 10_000])
def test_a_signed_question_that_cannot_be_read_holds(building: Building, body: bytes) -> None:
    assert moderated(building, body).get_json() == {"status": "PREMOD"}
