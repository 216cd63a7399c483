"""A moderator's browser: signing in and out, what its session opens, and what no foreign page can make of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask, Response, request

from service.bootstrap import build_web
from service.domain.roles import Role
from service.store import journal
from service.store.desk_tables import sessions
from service.web.bodies import read_bytes, read_form
from service.web.identity import COOKIE, moderator
from tests.web.asks import PUBLIC, Ask, Heard
from tests.web.conftest import House, make_app, open_house
from tests.web.sending import Page
from tests.web.test_authorisation import DESK, expected, state, subject
from tests.web.test_authorisation import Who as Somebody

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
    return 'id="desk"' in answer.text


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
    [field] = [found for tag, found in page.elements if tag == "input"]
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


# --- what no foreign page can make of it -----------------------------------------------------------------------------

CHANGES = {route: ask for route, ask in DESK.items() if route[0] != "GET"} | {
    ("POST", "desk.sign_out"): Ask(SIGN_OUT, "POST", form={}),
    ("POST", "desk.sign_out_everywhere"): Ask(EVERYWHERE, "POST", form={}),
}


def ways_without_a_right_token(house: House, session: dict[str, str]) -> Iterator[dict[str, str]]:
    cookie, right = session["Cookie"], session["X-CSRF-Token"]
    another = house.signed_in(house.token_for(f"Zoe {len(house.stored())}", Role.ADMINISTRATOR))[
        "X-CSRF-Token"
    ]
    for wrong in (
        None,
        "",
        "x",
        right[:-1],
        right + "x",
        right.swapcase(),
        "é",
        another,
        cookie.partition("=")[2],
    ):
        yield {"Cookie": cookie, "Origin": OURS, **({} if wrong is None else {"X-CSRF-Token": wrong})}
    for origin in (
        {},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "https://daily.example"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": OURS + ".evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": OURS, "Sec-Fetch-Site": "cross-site"},
    ):
        yield {"Cookie": cookie, "X-CSRF-Token": right, **origin}


@pytest.mark.parametrize("route", CHANGES, ids=lambda route: route[1])
def test_a_change_without_the_sessions_own_token_is_refused_and_changes_nothing(
    house: House, route: tuple[str, str]
) -> None:
    session = house.signed_in(house.admin)
    ask, made = CHANGES[route], subject(house)
    ways = list(ways_without_a_right_token(house, session))
    before = state(house)
    for headers in ways:
        asked = ask.of(made)
        # Nor does it count anywhere but in the header, or in the field of a form.
        answer = house.client.open(
            **{**asked, "headers": headers, "query_string": {"csrf": session["X-CSRF-Token"]}}
        )
        assert answer.status_code == 403, headers
        if route[1].startswith("admin."):
            assert answer.get_json()["type"].endswith("#csrf-refused")
        assert "load the page again" in answer.text
        assert "Set-Cookie" not in answer.headers
        assert state(house) == before, headers
    for headers in (session, {**_plain(session), "X-CSRF-Token": session["X-CSRF-Token"]}):
        answer = house.client.open(**{**ask.of(made), "headers": headers})
        assert answer.status_code != 403
        assert answer.status_code < 500


def test_reading_needs_no_such_token(house: House) -> None:
    cookie = {"Cookie": house.signed_in(house.admin)["Cookie"], "Sec-Fetch-Site": "cross-site"}
    for route, ask in DESK.items():
        if route[0] == "GET":
            answer = house.client.open(**{**ask.of(subject(house)), "headers": cookie})
            assert answer.status_code == expected(route, Somebody("administrator"), cookie)


def test_the_token_of_a_session_is_of_no_use_to_another(house: House) -> None:
    mine, theirs = house.signed_in(house.admin), house.signed_in(house.admin)
    assert mine["X-CSRF-Token"] != theirs["X-CSRF-Token"]
    mixed = {**mine, "X-CSRF-Token": theirs["X-CSRF-Token"]}
    answer = house.client.post("/v1/admin/people", json={"name": "Eve", "role": "viewer"}, headers=mixed)
    assert answer.status_code == 403


def test_a_form_is_read_whole_after_its_token_was_looked_at(house: House) -> None:
    app: Flask = make_app(house.rooms)

    def probe() -> Response:
        who = moderator()
        return Response(f"{who.name} {request.method} {sorted(read_form(read_bytes()).items())}")

    app.add_url_rule("/moderation/probe", "desk.probe", probe, methods=["POST"])
    session = house.signed_in(house.token_for("Ada", Role.MODERATOR))
    typed = {"note": "a&b=c é", "csrf": session["X-CSRF-Token"]}
    answer = app.test_client(use_cookies=False).post("/moderation/probe", data=typed, headers=_plain(session))
    assert answer.text == f"Ada POST {sorted(typed.items())}"
    for csrf in ("", "x"):
        body = urlencode({"csrf": csrf, "note": "x"}) + "&" + urlencode({"csrf": session["X-CSRF-Token"]})
        answer = app.test_client(use_cookies=False).post(
            "/moderation/probe", data=body, content_type=FORM, headers=_plain(session)
        )
        assert answer.status_code == 403


# --- the public doors ------------------------------------------------------------------------------------------------

OUTSIDE = {name: asks for name, asks in PUBLIC.items() if not name.startswith(("admin.", "desk."))}


def test_public_answers_are_the_same_with_a_moderators_session(stage: House) -> None:
    session = stage.signed_in(stage.admin)
    hidden = stage.post("The zanzibar ledger was never audited.")["id"]
    for ask in (one for asks in OUTSIDE.values() for one in asks):
        plain = Heard.of(stage.client.open(**ask.of(hidden)))
        with_cookie = {**ask.of(hidden), "headers": {**ask.headers, "Cookie": session["Cookie"]}}
        assert Heard.of(stage.client.open(**with_cookie)) == plain, ask


class Watched(dict[str, Any]):
    """A request's environment that notes whether its cookies were looked at."""

    seen = False

    def __getitem__(self, name: str) -> Any:
        self.seen = self.seen or name == "HTTP_COOKIE"
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.seen = self.seen or name == "HTTP_COOKIE"
        return super().get(name, default)

    def items(self) -> Any:
        # Whoever looks at all headers looks at this one.
        self.seen = True
        return super().items()


def test_a_cookie_is_read_at_the_desk_alone_and_set_by_signing_in_and_out_alone(house: House) -> None:
    session = house.signed_in(house.admin)
    last: list[Watched] = []
    whole = house.app.wsgi_app

    def watching(environ: dict[str, Any], start: Any) -> Any:
        last[:] = [Watched(environ)]
        return whole(last[0], start)

    house.app.wsgi_app = watching  # type: ignore[method-assign]
    read, written = set(), set()
    for name, asks in PUBLIC.items():
        for ask in asks:
            asked = ask.of(house.post()["id"])
            answer = house.client.open(**{**asked, "headers": {**ask.headers, **session}})
            answer.close()
            if last[0].seen:
                read.add(name)
            if "Set-Cookie" in answer.headers:
                written.add(name)
            session = house.signed_in(house.admin)
    # Signing in looks at the cookie when it works, for the session that it takes the place of.
    assert read | {"desk.sign_in"} == {name for name in PUBLIC if name.startswith(("admin.", "desk."))}
    assert written == {"desk.sign_out", "desk.sign_out_everywhere"}


def test_a_session_adds_no_power_on_the_public_door(house: House) -> None:
    session = house.signed_in(house.admin)
    answer = house.client.post("/v1/comments", json=house.submission("<b>x</b>"), headers=session)
    assert answer.get_json()["status"] == "pending"
    [row] = house.stored()
    assert row["status"] == "pending"


# --- theft -----------------------------------------------------------------------------------------------------------


def test_the_secret_of_a_session_is_in_the_cookie_and_nowhere_else(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        session = house.signed_in(house.admin)
        secret = session["Cookie"].partition("=")[2]
        wrong = {**session, "X-CSRF-Token": "x"}
        asks = [*(one for asks in PUBLIC.values() for one in asks), *DESK.values()]
        for ask in sorted(asks, key=lambda ask: ask.path.startswith("/moderation/sign-out")):
            for headers in (wrong, session):
                answer = house.client.open(**{**ask.of(subject(house)), "headers": headers})
                heard = answer.data + str(answer.headers).encode()
                assert secret.encode() not in heard, ask
                assert house.token.encode() not in heard, ask
                answer.close()
    assert secret not in caplog.text
    assert house.token not in caplog.text
    lines = house.client.get("/v1/admin/journal.jsonl", headers=house.admin).text.splitlines()
    assert len(lines) > 10
    assert not any(secret in line or house.token in line for line in lines)
    assert all(json.loads(line)["hash"] for line in lines)
    house.close()
    for file in Path(str(house.database.url.database)).parent.glob("greenroom.db*"):
        content = file.read_bytes()
        assert secret.encode() not in content
        assert house.token.encode() not in content
