"""A moderator's browser: signing in and out, what its session opens, and what no foreign page can make of it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from service.bootstrap import build_web
from service.domain.roles import Role
from service.store import journal
from service.store.desk_tables import sessions
from service.web.identity import COOKIE
from tests.web.asks import Ask
from tests.web.conftest import House, make_app, open_house
from tests.web.rights import DESK, state, subject
from tests.web.sending import Page

OURS = "http://127.0.0.1:8080"
SIGN_IN, SIGN_OUT, EVERYWHERE = (f"/moderation/sign-{what}" for what in ("in", "out", "out-everywhere"))
FORM = "application/x-www-form-urlencoded"


def sign_in(house: House, token: str, **headers: str) -> Any:
    return house.client.post(SIGN_IN, data={"token": token}, headers={"Origin": OURS, **headers})


def cookie_of(answer: Any) -> str:
    found: str = answer.headers["Set-Cookie"].partition(";")[0]
    return found


def sees_the_desk(house: House, cookie: str) -> bool:
    answer = house.client.get("/moderation", headers={"Cookie": cookie})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return 'id="queues"' in answer.text


def acts(house: House) -> list[tuple[str, str, dict[str, Any]]]:
    with house.database.read() as connection:
        return [(one.actor, one.act, one.detail) for one in journal.everything(connection)]


# --- the form --------------------------------------------------------------------------------------------------------


def test_whoever_is_not_signed_in_sees_a_form_that_needs_no_script(house: House) -> None:
    answer = house.client.get("/moderation")
    assert answer.status_code == 200
    page = Page(answer)
    [form] = [found for tag, found in page.elements if tag == "form"]
    assert (form["method"], form["action"]) == ("post", SIGN_IN)
    # One without a name is not sent: it tells password managers under what to keep the token.
    [field] = [found for tag, found in page.elements if tag == "input" and found.get("name")]
    assert (field["name"], field["type"]) == ("token", "password")
    assert [found["for"] for tag, found in page.elements if tag == "label"] == [field["id"]]
    assert not [tag for tag, _ in page.elements if tag == "script"]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "Set-Cookie" not in answer.headers


def test_a_right_token_signs_in_and_leads_to_the_desk(house: House) -> None:
    answer = sign_in(house, f" {house.token}\r\n")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{OURS}/moderation")
    cookie, *attributes = answer.headers["Set-Cookie"].split("; ")
    name, _, secret = cookie.partition("=")
    assert name == "__Host-greenroom"
    assert len(secret) == 43
    # No Domain, and no end: what ends is the session, and the cookie with the browser.
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]
    assert house.token not in str(answer.headers)
    assert sees_the_desk(house, cookie)


WRONG = ["grt_" + "A" * 43, "x", "x" * 201, "é", "grt_\x00", "' OR 1=1 --"]


@pytest.mark.parametrize("token", WRONG, ids=lambda token: token[:12])
def test_a_wrong_token_is_told_and_never_repeated(house: House, token: str) -> None:
    answer = sign_in(house, token)
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers
    page = Page(answer)
    assert "not known here, or it was revoked" in page.text
    assert page.values == {"token": ""}
    assert len(token) < 5 or token not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    with house.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(sessions)) == 0


def test_no_token_is_asked_for_again_and_counts_as_no_guess(sqlite_url: str, tmp_path: Path) -> None:
    house = open_house(sqlite_url, tmp_path, rate_guess="1/minute")
    for _ in range(5):
        answer = sign_in(house, " ")
        assert answer.status_code == 401
        assert "Please give your token." in answer.text
    assert [act for _, act, _ in acts(house)] == ["token.create"]
    house.close()


def test_guessing_is_slowed_and_locks_no_right_token_out(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house = open_house(sqlite_url, tmp_path, rate_guess="3/minute")
    with caplog.at_level(logging.WARNING, "greenroom.web"):
        statuses = [sign_in(house, "wrong").status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert [one.getMessage() for one in caplog.records] == ["a wrong token was sent to desk.sign_in"] * 3
    slowed = sign_in(house, "wrong")
    assert 1 <= int(slowed.headers["Retry-After"]) <= 60
    assert "Too many wrong tokens came from your network" in slowed.text
    assert 'name="token"' in slowed.text
    # One count with the API's: whoever guesses there has guessed here.
    guess = {"Authorization": "Bearer wrong"}
    assert house.client.get("/v1/admin/me", headers=guess).status_code == 429
    assert sign_in(house, house.token).status_code == 303
    elsewhere = house.client.post(
        SIGN_IN,
        data={"token": "wrong"},
        headers={"Origin": OURS},
        environ_base={"REMOTE_ADDR": "198.51.100.7"},
    )
    assert elsewhere.status_code == 401
    house.close()


def test_refused_sign_ins_are_counted_in_the_journal_without_an_address(house: House) -> None:
    for number in range(40):
        house.client.post(
            SIGN_IN,
            data={"token": "wrong"},
            headers={"Origin": OURS},
            environ_base={"REMOTE_ADDR": f"198.51.100.{number}"},
        )
    house.close()
    with house.database.read() as connection:
        found = [entry for entry in journal.everything(connection) if entry.act == "session.refused"]
    # The rest is written down with the next minute, or at the next refusal after it.
    assert [(one.actor, one.site, one.detail) for one in found] == [
        ("nobody", None, {"count": 1, "origins": 1})
    ]
    assert "198.51" not in repr(found)


def test_signing_in_works_from_our_own_pages_alone(house: House) -> None:
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8080"},
        {"Origin": OURS, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ):
        answer = house.client.post(SIGN_IN, data={"token": house.token}, headers=headers)
        assert answer.status_code == 403, headers
        assert f"{OURS}/moderation" in answer.text
        assert "Set-Cookie" not in answer.headers
    for headers in ({"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": OURS}):
        answer = house.client.post(SIGN_IN, data={"token": house.token}, headers=headers)
        assert answer.status_code == 303, headers


def test_signing_in_always_makes_a_new_session_and_ends_the_old_one(house: House) -> None:
    planted = f"{COOKIE}={'A' * 43}"
    first = cookie_of(sign_in(house, house.token, Cookie=planted))
    assert first != planted
    assert not sees_the_desk(house, planted)
    second = cookie_of(sign_in(house, house.token, Cookie=first))
    assert second not in (first, planted)
    assert not sees_the_desk(house, first)
    assert sees_the_desk(house, second)


@pytest.mark.parametrize("path", [SIGN_IN, SIGN_OUT, EVERYWHERE])
def test_a_form_that_cannot_be_read_is_answered_with_a_page(house: House, path: str) -> None:
    cookie = {"Cookie": house.signed_in(house.admin)["Cookie"], "Origin": OURS}
    before = state(house)
    for body, kind, statuses in (
        (b"token=a&token=b", FORM, (400, 403)),
        (b"token=%ff&csrf=%ff", FORM, (400,)),
        (b"\xff", FORM, (400,)),
        (b"&".join(b"a%d=b" % number for number in range(40)), FORM, (400, 403)),
        (b'{"token": "x"}', "application/json", (415, 403)),
        (b"token=x", "text/plain", (415, 403)),
        (b"x" * 300_000, FORM, (413,)),
    ):
        answer = house.client.post(path, data=body, content_type=kind, headers=cookie)
        assert answer.status_code in statuses, (path, body[:20])
        assert answer.content_type == "text/html; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    assert state(house) == before


def test_whoever_signs_in_while_the_database_is_away_sees_a_page(house: House, tmp_path: Path) -> None:
    rooms = build_web(replace(house.settings, database_url=f"sqlite:///{tmp_path}/nowhere/greenroom.db"))
    client = make_app(rooms).test_client(use_cookies=False)
    for path in (SIGN_IN, SIGN_OUT):
        headers = {"Origin": OURS, "Cookie": f"{COOKIE}={'A' * 43}"}
        answer = client.post(path, data={"token": house.token}, headers=headers)
        assert answer.status_code == 503
        assert answer.content_type == "text/html; charset=utf-8"
        assert answer.headers["Retry-After"]
    rooms.close()


# --- out -------------------------------------------------------------------------------------------------------------


def test_signing_out_ends_this_browsers_session_or_all_of_them(house: House) -> None:
    here, there = house.signed_in(house.admin), house.signed_in(house.admin)
    answer = house.client.post(SIGN_OUT, data={"csrf": here["X-CSRF-Token"]}, headers=_plain(here))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{OURS}/moderation")
    gone = answer.headers["Set-Cookie"]
    assert gone.startswith(f"{COOKIE}=;")
    assert "Max-Age=0" in gone
    # Without these a browser would not let go of a cookie with that prefix.
    assert {"Secure", "Path=/"} <= set(gone.split("; "))
    assert not sees_the_desk(house, here["Cookie"])
    assert sees_the_desk(house, there["Cookie"])
    here = house.signed_in(house.admin)
    answer = house.client.post(EVERYWHERE, data={"csrf": here["X-CSRF-Token"]}, headers=_plain(here))
    assert answer.status_code == 303
    assert not sees_the_desk(house, here["Cookie"])
    assert not sees_the_desk(house, there["Cookie"])
    assert [(act, detail) for _, act, detail in acts(house)][-2:] == [
        ("session.begin", {}),
        ("session.end_everywhere", {"sessions": 2}),
    ]


def _plain(session: dict[str, str]) -> dict[str, str]:
    """What a form without scripts is sent with."""
    return {"Cookie": session["Cookie"], "Origin": OURS}


def test_whoever_is_signed_out_already_is_led_to_the_form(house: House) -> None:
    for cookie in ("", f"{COOKIE}={'A' * 43}"):
        for path in (SIGN_OUT, EVERYWHERE):
            answer = house.client.post(path, data={}, headers={"Cookie": cookie, "Origin": OURS})
            assert answer.status_code == 303
    assert [act for _, act, _ in acts(house)] == ["token.create"]


# --- what a session is worth -----------------------------------------------------------------------------------------


def test_a_script_of_the_desk_learns_who_it_speaks_for_and_what_goes_with_a_change(house: House) -> None:
    session = house.signed_in(house.token_for("Ed", Role.EDITOR, "daily"))
    me = house.client.get("/v1/admin/me", headers={"Cookie": session["Cookie"]}).get_json()
    assert (me["name"], me["role"], me["site"]) == ("Ed", "editor", "daily")
    assert me["powers"] == ["decide", "read", "rule", "stand"]
    assert len(me["csrf"]) >= 43
    assert me["session_ends"].endswith("Z")
    assert me["csrf"] not in session["Cookie"]


def test_a_session_lasts_as_long_as_the_settings_say(sqlite_url: str, tmp_path: Path) -> None:
    house = open_house(sqlite_url, tmp_path, session_idle_minutes="7", session_hours="3")
    assert house.rooms.sessions.idle == timedelta(minutes=7)
    session = house.signed_in(house.admin)
    ends = datetime.fromisoformat(
        house.client.get("/v1/admin/me", headers=session).get_json()["session_ends"]
    )
    assert timedelta(hours=2, minutes=50) < ends - datetime.now(UTC) <= timedelta(hours=3)
    house.close()


def test_a_bearer_token_goes_before_a_session(house: House) -> None:
    session = house.signed_in(house.admin)
    viewer = house.token_for("Vera", Role.VIEWER)
    me = house.client.get("/v1/admin/me", headers={**session, **viewer}).get_json()
    assert (me["name"], me["csrf"], me["session_ends"]) == ("Vera", None, None)
    wrong = {**session, "Authorization": "Bearer wrong"}
    assert house.client.get("/v1/admin/me", headers=wrong).status_code == 401
    # A password that a proxy in front asks for is none of our tokens.
    basic = {**session, "Authorization": "Basic eDp5"}
    assert house.client.get("/v1/admin/me", headers=basic).status_code == 200


def test_no_cache_keeps_what_a_session_is_answered(house: House) -> None:
    session = house.signed_in(house.admin)
    for ask in (
        *DESK.values(),
        Ask("/moderation"),
        Ask("/v1/admin/comments/none"),
        Ask("/v1/admin/journal?limit=0"),
    ):
        if ask.path != "/metrics":
            answer = house.client.open(**{**ask.of(subject(house)), "headers": session})
            assert answer.headers["Cache-Control"] == "no-store", ask.path
