"""Figures as moderators' tools ask for them."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest

from service.domain.figures import REST_AFTER_GRIM, REST_AFTER_LONG
from service.domain.roles import Role
from service.figures import Figures
from service.store.threads import Story
from service.web.drawings import DRAWINGS
from tests.past import Past
from tests.web.conftest import STORY, House


def asked(house: House, headers: dict[str, str], query: str = "?site=daily&days=2") -> dict[str, object]:
    answer = house.client.get(f"/v1/admin/figures{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.get_json()
    return found


def test_what_was_decided_here_is_told(either_house: House) -> None:
    house = either_house
    held = house.post("Call me at +44 20 7946 0958")
    house.post("A bridge is a promise.")
    house.screen()
    house.decide(held["id"], "reject", reasons=["personal_data"])
    told = asked(house, house.admin)
    assert told["site"] == "daily"
    assert told["looked_at"] == 1
    days, hours = told["daily"], told["hours"]
    assert isinstance(days, list)
    assert isinstance(hours, list)
    assert (len(days), len(hours)) == (2, 48)
    # Midnight may come in between.
    assert sum(day["comments"] for day in days) == sum(hour["comments"] for hour in hours) == 2
    assert sum(day["by_machine"]["held"] for day in days) == 2
    assert sum(day["by_people"]["rejected"] for day in days) == 1
    checks = {(one["check"], one["code"]): one["rejected"] for one in told["checks"]}  # type: ignore[attr-defined]
    assert checks["personal_data", None]["part"] == checks["personal_data", "personal_data"]["whole"] == 1
    assert not checks["personal_data", None]["enough"]
    assert told["own_load"]["last_hour"] == 1  # type: ignore[index]


def test_a_moderator_is_shown_their_own_load_and_an_administrator_everybodys(house: House) -> None:
    house.decide(house.post()["id"])
    alice = house.token_for("Alice", Role.MODERATOR)
    theirs, mine = asked(house, house.admin), asked(house, alice)
    assert isinstance(theirs["team_load"], list)
    assert [one["today"] + one["last_hour"] for one in theirs["team_load"]] == [2]
    assert mine["team_load"] is None
    assert mine["own_load"]["moderator"] == "Alice"  # type: ignore[index]
    assert mine["own_load"]["today"] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    ("minutes", "count", "risk", "sentence"), [(9, 11, 0.1, REST_AFTER_LONG), (1, 51, 0.5, REST_AFTER_GRIM)]
)
def test_whoever_should_rest_is_told_so_on_their_pages_and_nobody_else_is(
    house: House, minutes: int, count: int, risk: float, sentence: str
) -> None:
    alice, bob = (house.signed_in(house.token_for(name, Role.MODERATOR)) for name in ("Alice", "Bob"))
    decided_steadily(house, "Alice", every=timedelta(minutes=minutes), count=count, risk=risk)
    nudged = f'<p class="notice">{sentence}</p>'
    for who, told in ((alice, sentence), (bob, "")):
        assert (nudged in house.client.get("/moderation/figures", headers=who).text) is bool(told)
        assert house.client.get("/moderation/rest", headers=who).get_json() == {"rest": told}


def decided_steadily(house: House, who: str, *, every: timedelta, count: int, risk: float) -> None:
    """Decisions of a moderator without a pause, the last one just now."""
    past, story = Past(house.database), Story("daily", STORY)
    now = house.rooms.figures.now()
    for n in reversed(range(count)):
        at = now - n * every - timedelta(seconds=1)
        comment_id = past.came(at - timedelta(seconds=5), story)
        past.screened(comment_id, "hold", at - timedelta(seconds=3), risk=risk)
        past.decided(comment_id, "approve", at, who)


def test_for_a_minute_asking_whether_to_rest_asks_the_database_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = house.signed_in(house.token_for("Alice", Role.MODERATOR))
    looks: list[str] = []
    look = Figures._look_at_loads
    monkeypatch.setattr(Figures, "_look_at_loads", lambda *a: looks.append("") or look(*a))  # type: ignore[func-returns-value]
    for _ in range(3):
        assert house.client.get("/moderation/rest", headers=alice).get_json() == {"rest": ""}
    assert len(looks) == 1


@pytest.mark.parametrize("of", DRAWINGS)
def test_every_drawing_is_an_svg_of_its_own_type(house: House, of: str) -> None:
    house.decide(house.post()["id"])
    answer = house.client.get(f"/v1/admin/figures/drawing?of={of}&site=daily", headers=house.admin)
    assert answer.status_code == 200
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert ElementTree.fromstring(answer.data).get("role") == "img"


@pytest.mark.parametrize("of", DRAWINGS)
def test_beside_every_drawing_stands_a_table(house: House, of: str) -> None:
    house.decide(house.post()["id"])
    told = house.rooms.figures.of(house.rooms.tokens.recognise(house.token), site="daily", days=7)
    drawing = DRAWINGS[of](told)
    assert len(drawing.rows) == {"hours": 48, "days": 7, "waits": 7, "precision": 0}[of]
    assert {len(row) for row in drawing.rows} <= {len(drawing.heads)}


@pytest.mark.parametrize("days", ["0", "91", "-1", "1.5", "x", "", "9999", "²"])
def test_the_window_is_one_to_ninety_days(house: House, days: str) -> None:
    answer = house.client.get("/v1/admin/figures", query_string={"days": days}, headers=house.admin)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.get_json()["errors"]] == ["/days"]


def test_only_what_there_is_can_be_drawn(house: House) -> None:
    for query in ("", "?of=", "?of=%3Cscript%3E"):
        answer = house.client.get(f"/v1/admin/figures/drawing{query}", headers=house.admin)
        assert answer.status_code == 422
        assert b"script" not in answer.data


def test_for_a_drawing_that_there_is_not_no_figures_are_made(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr(Figures, "of", lambda *asked, **rest: made.append("figures"))
    assert house.client.get("/v1/admin/figures/drawing?of=x", headers=house.admin).status_code == 422
    # What a token may not do at all it is told first.
    scraper = house.token_for("scraper", Role.SCRAPER)
    assert house.client.get("/v1/admin/figures/drawing?of=x", headers=scraper).status_code == 403
    assert made == []
