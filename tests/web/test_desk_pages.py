"""The desk's pages: who may open and send what, for every route; and none shows what only the store may know."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from service.domain.roles import POWERS, Power, Role
from service.domain.site import Site
from service.web.desk import words
from service.web.desk.frame import NEEDS
from tests.product.canaries import Canaries, Search
from tests.web.asks import routes
from tests.web.conftest import House
from tests.web.desk_asks import ASKED, asked_anew
from tests.web.rights import state
from tests.web.test_hidden_keys import secrets_of, spelled

# These are for whoever comes; test_signing_in tells of them.
DOOR = {("POST", f"desk.{name}") for name in ("sign_in", "sign_out", "sign_out_everywhere")}


def power_of(route: tuple[str, str]) -> Power:
    name = route[1].rpartition(".")[2]
    return NEEDS["queue" if name == "front" else name]


def open_page(house: House, route: tuple[str, str], headers: dict[str, str]) -> Any:
    """Ask a page about a comment that was made for it; the answer."""
    return house.client.open(**asked_anew(house, route), headers=headers)


def test_every_page_of_the_desk_stands_in_the_table_and_names_its_power(house: House) -> None:
    there = {route for route in routes(house.app) if route[1].startswith("desk.")}
    assert set(ASKED) | DOOR == there
    assert all(power_of(route) in Power for route in ASKED)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SCRAPER])
@pytest.mark.parametrize("site", [None, "daily", "other"])
def test_every_page_answers_every_role_at_every_site_as_its_power_says(
    house: House, role: Role, site: str | None
) -> None:
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    headers = house.signed_in(house.token_for("somebody", role, site))
    differ = {}
    for route, page in ASKED.items():
        asked = asked_anew(house, route)
        before = state(house)
        answer = house.client.open(**asked, headers=headers)
        granted = page.elsewhere if site == "other" else page.status
        right = granted if power_of(route) in POWERS[role] else 403
        if answer.status_code != right or (right >= 400 and state(house) != before):
            differ[route] = answer.status_code
        answer.close()
    assert not differ


def test_nobody_who_is_not_signed_in_gets_any_page_but_the_form(house: House) -> None:
    for route in ASKED:
        answer = open_page(house, route, {"Origin": house.settings.public_url})
        assert answer.status_code == (200 if route[1] == "desk.front" else 401), route
        assert "Your token" in answer.text
        assert "Ada" not in answer.text


@pytest.mark.parametrize(
    "strange",
    [
        {"X-CSRF-Token": None},
        {"Origin": None},
        {"Origin": "https://evil.example"},
        {"Origin": "https://daily.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
def test_no_form_changes_anything_that_a_page_of_ours_did_not_send(
    house: House, strange: dict[str, str | None]
) -> None:
    given = {**house.signed_in(house.admin), **strange}
    headers = {name: value for name, value in given.items() if value is not None}
    for route in (one for one in ASKED if one[0] == "POST"):
        asked = asked_anew(house, route)
        before = state(house)
        assert house.client.open(**asked, headers=headers).status_code == 403, route
        assert state(house) == before, route


def test_no_page_shows_by_what_an_author_is_known(either_house: House) -> None:
    house = either_house
    canaries = Canaries()
    address = canaries.make("the author", "{local}@{domain}.example.org")
    author = {"name": "Ada", "email": address}
    made = house.post("Words about a bridge.", author=author)["id"]
    for of in ("name", "origin", "address"):
        house.stand(made, of=of)
    house.screen()
    headers = house.signed_in(house.admin)
    heard = []
    for route in ASKED:
        answer = open_page(house, route, headers)
        heard.append((route[1], answer.data + str(answer.headers).encode()))
    for path in (f"/comments/{made}", "/standings", "/journal", "?queue=everything"):
        heard.append((path, house.client.get(f"/moderation{path}", headers=headers).data))
    search = Search(canaries.all)
    search.look_at(iter(heard))
    assert not search.found
    needles = {needle for secret in secrets_of(house) for needle in spelled(secret)}
    assert not [(place, needle) for place, raw in heard for needle in needles if needle in raw]


def send(house: House, path: str, form: dict[str, Any]) -> Any:
    """Send a form of the desk as an administrator; the answer."""
    return house.client.post(f"/moderation{path}", data=form, headers=house.signed_in(house.admin))


def test_a_bulk_without_a_selection_says_what_is_missing(house: House) -> None:
    answer = send(house, "/bulks", {"which": "picked", "action": "hold"})
    assert answer.status_code == 422
    assert "Select some comments first." in answer.text


@pytest.mark.parametrize("revision", ["²", "٣", "9" * 30, "-1", "", "x"])
def test_a_selection_with_a_revision_that_is_no_number_is_malformed(house: House, revision: str) -> None:
    made = house.post()["id"]
    answer = send(house, "/bulks", {"which": "picked", "pick": f"{made}:{revision}", "action": "hold"})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/journal?before=²", "/policy?site=daily&version=²"])
def test_a_digit_of_no_number_in_an_address_is_passed_over(house: House, path: str) -> None:
    assert house.client.get(f"/moderation{path}", headers=house.signed_in(house.admin)).status_code == 200


def preview(house: House, which: str, ids: list[str]) -> Any:
    """The last look before a bulk about these comments, or before a ban of the first one's author."""
    if which == "bulk":
        picked = {"which": "picked", "pick": [f"{one}:1" for one in ids], "action": "hold"}
        return send(house, "/bulks", picked)
    return send(house, "/standings", {"comment": ids[0], "what": "ban name", "cause": "spam"})


@pytest.mark.parametrize("which", ["bulk", "ban"])
def test_showing_more_examples_asks_the_database_no_more_often(either_house: House, which: str) -> None:
    house = either_house
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    ids, counts = [], []
    sa.event.listen(house.database.reading, "before_cursor_execute", note)
    for text in ("One bridge.", "Two of them.", "A third bridge."):
        ids.append(house.post(text)["id"])
        # The sites are looked at every two seconds by whoever comes first.
        house.rooms.sites.get("daily")
        asked.clear()
        answer = preview(house, which, ids)
        assert answer.text.count(text) == 1
        counts.append(len([one for one in asked if "FROM sites" not in one]))
    assert counts[0] == counts[-1]


def test_a_selection_with_another_sites_comment_is_not_found(house: House) -> None:
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    ours = house.post()["id"]
    theirs = house.post(site="other", url="https://other.example/story")["id"]
    headers = house.signed_in(house.token_for("Olga", Role.MODERATOR, "daily"))
    form = {"which": "picked", "pick": [f"{ours}:1", f"{theirs}:1"], "action": "hold"}
    answer = house.client.post("/moderation/bulks", data=form, headers=headers)
    assert answer.status_code == 404


def test_a_card_loaded_again_shows_the_marks_that_its_queue_shows(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The number in it is a weaker finding than its links.
    monkeypatch.setattr("service.web.admin.shown.WORTH_SHOWING", 0.95)
    made = house.post("Call 0170 1234567 for a bridge: https://bit.ly/abc https://bit.ly/def")["id"]
    house.screen()
    headers = house.signed_in(house.admin)
    asked = ("/list?queue=everything", f"/comments/{made}/card?queue=everything")
    listed, loaded = (house.client.get(f"/moderation{path}", headers=headers).text for path in asked)
    assert "<mark" in listed
    assert re.findall("<mark.*?</mark>", loaded) == re.findall("<mark.*?</mark>", listed)


@pytest.mark.parametrize(
    ("path", "field", "form", "longest"),
    [
        ("/views", "name", {"query": "queue=held"}, 80),
        ("/reasons/new", "title", {"site": "daily", "reason": "spam", "message": "x"}, 100),
        ("/people", "name", {"role": "viewer", "site": "daily"}, 100),
    ],
)
def test_a_name_may_be_as_long_on_the_desk_as_through_the_api(
    house: House, path: str, field: str, form: dict[str, str], longest: int
) -> None:
    assert send(house, path, {**form, field: "n" * longest}).status_code in (201, 303)
    refused = send(house, path, {**form, field: "n" * (longest + 1)})
    assert refused.status_code == 422
    assert f"at most {longest} characters" in refused.text
    page = "" if path == "/views" else path.removesuffix("/new")
    shown = house.client.get(f"/moderation{page}", headers=house.signed_in(house.admin)).text
    assert re.search(rf'name="{field}"[^>]*maxlength="{longest}"', shown)


def test_the_title_of_a_sentence_is_one_line(house: House) -> None:
    form = {"site": "daily", "reason": "spam", "message": "x", "title": "One\r\ntitle"}
    assert send(house, "/reasons/new", form).status_code == 303
    kept = house.client.get("/v1/admin/canned-reasons?site=daily", headers=house.admin).get_json()
    assert [one["title"] for one in kept["canned_reasons"]] == ["One title"]


@pytest.mark.parametrize("name", ["", " ", "\u200b"])
def test_a_view_without_a_name_is_refused_with_a_reason(house: House, name: str) -> None:
    answer = send(house, "/views", {"query": "queue=held", "name": name})
    assert answer.status_code == 422
    assert "Please write something." in answer.text


@pytest.mark.parametrize("name", ["thread", "author_of"])
def test_a_filter_that_has_no_field_stays_when_the_others_are_pressed(house: House, name: str) -> None:
    made = house.post()["id"]
    about = made if name == "author_of" else str(house.stored()[0]["thread_id"])
    headers = house.signed_in(house.admin)
    page = house.client.get(f"/moderation?queue=everything&{name}={about}", headers=headers).text
    [filters] = re.findall('<form class="filters".*?</form>', page, re.S)
    assert f'<input type="hidden" name="{name}" value="{about}">' in filters


def test_a_page_is_compressed_for_whoever_takes_it_and_kept_by_no_cache(house: House) -> None:
    headers = house.signed_in(house.admin)
    plain = house.client.get("/moderation", headers=headers)
    small = house.client.get("/moderation", headers={**headers, "Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) < len(plain.data) / 2
    for answer in (plain, small):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


spans = st.tuples(st.integers(-5, 60), st.integers(-5, 60), st.sampled_from(["a", "b"]))


@given(st.text(max_size=50), st.lists(spans, max_size=6))
def test_marking_evidence_neither_loses_nor_adds_a_character(
    text: str, places: list[tuple[int, int, str]]
) -> None:
    evidence = [{"start": start, "end": end, "note": note} for start, end, note in places]
    pieces = words.marked(text, [{"evidence": evidence}])
    assert "".join(piece.text for piece in pieces) == text
    at = 0
    for piece in pieces:
        inside = {
            note for start, end, note in places if 0 <= start < min(end, len(text)) and start <= at < end
        }
        assert set(piece.notes.split("; ")) - {""} == inside
        at += len(piece.text)
