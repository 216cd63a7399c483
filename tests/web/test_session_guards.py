"""What nobody else can make of a moderator's session: no foreign page, no public door, no thief of logs."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, Response, request

from service.domain.roles import Role
from service.web.bodies import read_bytes, read_form
from service.web.identity import moderator
from tests.web.asks import PUBLIC, Ask, Heard
from tests.web.conftest import House, make_app
from tests.web.rights import DESK, asked_anew, expected, state, subject
from tests.web.rights import Who as Somebody

OURS = "http://127.0.0.1:8080"
SIGN_IN, SIGN_OUT, EVERYWHERE = (f"/moderation/sign-{what}" for what in ("in", "out", "out-everywhere"))
FORM = "application/x-www-form-urlencoded"


def _plain(session: dict[str, str]) -> dict[str, str]:
    """What a form without scripts is sent with."""
    return {"Cookie": session["Cookie"], "Origin": OURS}


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
        path = f"{asked['path']}{'&' if '?' in asked['path'] else '?'}csrf={session['X-CSRF-Token']}"
        answer = house.client.open(**{**asked, "headers": headers, "path": path})
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
            answer = house.client.open(**{**asked_anew(house, ask), "headers": cookie})
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
