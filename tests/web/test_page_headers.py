"""What every answer tells a browser: run nothing and load nothing but ours, guess no type, name us to no stranger.

The pages are taken from the app's own routes, so that a new one is held to this without anybody thinking of it.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import BadRequest, ImATeapot, RequestEntityTooLarge
from werkzeug.test import TestResponse

from service.domain.errors import CommentNotFound, Forbidden, IllegalMove, RateLimited, TokenInvalid
from service.domain.roles import Role
from service.web.patience import Busy
from service.web.problems import LengthNeeded, TooLarge
from tests.web.asks import routes
from tests.web.conftest import STORY, House
from tests.web.desk_asks import ASKED
from tests.web.desk_asks import asked_anew as page_anew
from tests.web.rights import DESK, OPEN
from tests.web.rights import asked_anew as ask_anew

Route = tuple[str, str]
# What a page may load, by directive; all else is forbidden by ``default-src 'none'``.
PAGE = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "connect-src": {"'self'"},
    "form-action": {"'self'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
}
# What is no page loads nothing, wherever it is opened.
NO_PAGE = {"default-src": {"'none'"}, "frame-ancestors": {"'none'"}}
# Every page that is drawn for people; the front page of the house leads on to one of them.
DRAWN = {
    *("pages.thread_page", "pages.demo_story", "pages.documentation", "pages.problem_pages", "own.own_page"),
    *("frame.frame_page", "gallery.gallery_page"),
}
# The one page that may be framed, by pages of the site's own origins.
FRAMED = {("GET", "frame.frame_page")}
ORIGIN = "https://daily.example"
# What holds an author's private code names itself to nobody at all.
PRIVATE = {"own.own_page", "own.own_comment_page"}
# Asked by a script of the desk, and answered as JSON.
NOT_DRAWN = {"desk.rest"}
# Written to stand in a publisher's page, under the policy of that page.
PARTS = {("GET", "public.thread_fragment")}


def policy_of(answer: TestResponse) -> dict[str, set[str]]:
    [header] = answer.headers.getlist("Content-Security-Policy")
    parts = [part.split() for part in header.split(";")]
    assert len({part[0] for part in parts}) == len(parts), "only the first of two would count"
    return {name: set(sources) for name, *sources in parts}


def assert_guarded(answer: TestResponse, place: object) -> None:
    # A line of HTML comes with a redirect, too; nobody sees it.
    is_page = answer.mimetype == "text/html" and "Location" not in answer.headers and place not in PARTS
    is_framed = is_page and place in FRAMED
    page = {**PAGE, "frame-ancestors": {ORIGIN}} if is_framed else PAGE
    assert policy_of(answer) == (page if is_page else NO_PAGE), place
    header = answer.headers["Content-Security-Policy"]
    header = header.replace(f"frame-ancestors {ORIGIN}", "") if is_framed else header
    assert "unsafe" not in header
    assert not [word for word in ("http", "//", "*", "blob:", "nonce") if word in header], place
    assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"], place
    private = isinstance(place, tuple) and (place[1] in PRIVATE or place[-1] == "/own")
    assert answer.headers.getlist("Referrer-Policy") == ["no-referrer" if private else "same-origin"], place
    if is_page:
        assert answer.headers.getlist("X-Frame-Options") == ([] if is_framed else ["DENY"]), place


def gets(house: House) -> list[Route]:
    return sorted(route for route in routes(house.app) if route[0] == "GET")


def request_for(house: House, route: Route, session: dict[str, str]) -> dict[str, Any]:
    """How this route is asked so that it answers what it is there for."""
    if route in ASKED:
        return {**page_anew(house, route), "headers": session}
    if route in DESK:
        return {**ask_anew(house, DESK[route]), "headers": house.admin}
    return OPEN[route][0].of(house.post()["id"])


def test_every_page_loads_and_runs_nothing_but_ours(house: House) -> None:
    session = house.signed_in(house.admin)
    drawn = set()
    for route in gets(house):
        answer = house.client.open(**request_for(house, route, session))
        assert answer.status_code in (200, 302) or route in OPEN, route
        assert_guarded(answer, route)
        if answer.mimetype == "text/html" and answer.status_code == 200 and route not in PARTS:
            drawn.add(route[1])
        answer.close()
    assert drawn == DRAWN | {name for method, name in ASKED if method == "GET"} - NOT_DRAWN


def test_what_a_form_answers_is_guarded_as_pages_are(house: House) -> None:
    session = house.signed_in(house.admin)
    for route in (one for one in ASKED if one[0] == "POST"):
        answer = house.client.open(**page_anew(house, route), headers=session)
        assert answer.status_code == ASKED[route].status
        assert_guarded(answer, route)


def test_whoever_is_not_signed_in_gets_a_guarded_page(house: House) -> None:
    for route in (one for one in ASKED if one[0] == "GET"):
        answer = house.client.open(**page_anew(house, route))
        assert answer.status_code == (200 if route[1] == "desk.front" else 401)
        assert answer.mimetype == "text/html"
        assert_guarded(answer, route)


def refused(house: House) -> list[tuple[int, TestResponse]]:
    """What went wrong in every way that a caller can bring about, with the status that it ought to have."""
    client: FlaskClient = house.client
    viewer = house.signed_in(house.token_for("viewer", Role.VIEWER))
    ours = {"Origin": house.settings.public_url}
    long = {"site": "daily", "text": "x" * (house.settings.body_bytes + 1)}
    form = {"site": "daily", "url": STORY, "name": "Ada", "email": "ada@example.org", "text": ""}
    return [
        (400, client.post("/v1/comments", data="{", content_type="application/json")),
        (400, client.post("/moderation/bulks", data={"pick": "x"}, headers=house.signed_in(house.admin))),
        (401, client.get("/v1/admin/me")),
        (401, client.get("/moderation/people")),
        (401, client.post("/moderation/sign-in", data={"token": "grt_" + "A" * 43}, headers=ours)),
        (403, client.get("/moderation/people", headers=viewer)),
        (403, client.post("/moderation/sign-in", data={"token": house.token})),
        (403, client.post("/v1/comments", data=form, headers={"Origin": "https://evil.example"})),
        (403, client.post("/own", data={"code": "x"}, headers={"Origin": "https://evil.example"})),
        (404, client.post("/own", data={"code": "x"})),
        (404, client.get("/daily/report/x")),
        (404, client.post("/daily/report/x", data={"reason": "spam"})),
        (404, client.get("/nowhere/t?url=x")),
        (404, client.get("/daily/t?url=https://evil.example/")),
        (404, client.get("/nowhere/frame?url=x")),
        (404, client.get("/daily/frame?url=https://evil.example/")),
        (404, client.get("/no/such/page/of/ours")),
        (404, client.get("/moderation/nowhere")),
        (404, client.get("/moderation/comments/unknown", headers=viewer)),
        (404, client.get("/static/no-such-file.js")),
        (404, client.post("/v1/comments", data={**form, "site": "nowhere"})),
        (405, client.put("/docs")),
        (405, client.delete("/moderation")),
        (405, client.patch("/daily/t")),
        (413, client.post("/v1/comments", data=long)),
        (413, client.post("/moderation/sign-in", data=long, headers=ours)),
        (415, client.post("/moderation/sign-in", json={}, headers=ours)),
        (415, client.post("/own", json={})),
        (413, client.post("/own", data=long)),
        (422, client.post("/v1/comments", data=form)),
    ]


def test_what_is_refused_is_guarded_as_well(house: House) -> None:
    for number, (status, answer) in enumerate(refused(house)):
        place = (number, answer.request.method, answer.request.path)
        assert answer.status_code == status, place
        assert_guarded(answer, place)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("broken"), 500),
        (OperationalError("SELECT 1", {}, Exception("away")), 503),
        (Busy(), 503),
        (RateLimited(7, "origin"), 429),
        (TokenInvalid(), 401),
        (Forbidden(), 403),
        (CommentNotFound(), 404),
        (IllegalMove(), 409),
        (LengthNeeded(), 411),
        (TooLarge(), 413),
        (BadRequest(), 400),
        (RequestEntityTooLarge(), 413),
        (ImATeapot(), None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_whatever_breaks_behind_a_route_its_answer_is_guarded(
    house: House, error: Exception, status: int | None
) -> None:
    session = house.signed_in(house.admin)
    asked = {route: request_for(house, route, session) for route in gets(house)}

    def broken(**_: Any) -> None:
        raise error

    for _, name in asked:
        house.app.view_functions[name] = broken
    for route, request in asked.items():
        answer = house.client.open(**request)
        at_the_desk = route[1].startswith("desk.")
        # What nobody at the desk thought of is a fault of ours there.
        assert answer.status_code == (status or (500 if at_the_desk else 418)), route
        # People see it there, and programs elsewhere.
        assert not at_the_desk or answer.mimetype == "text/html", route
        assert_guarded(answer, route)
        assert b"Traceback" not in answer.data
        assert b"SELECT" not in answer.data
