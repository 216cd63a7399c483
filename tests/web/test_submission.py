"""Sending a comment through the HTTP door: what is taken, what is refused and how, and an author's own later acts."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.domain.site import Site
from service.store import threads
from service.store.tables import idempotency
from service.store.tables import threads as thread_table
from service.store.tables import vault as vault_table
from tests.people import NOW
from tests.web.conftest import ADDRESS, STORY, House, open_house

PUBLIC = "http://127.0.0.1:8080"
PAGE = f"{PUBLIC}/daily/t?url=https%3A%2F%2Fdaily.example%2Fbudget"
DAILY = Site("daily", "The Daily", ("https://daily.example",))
# A window that no test run crosses.
YEAR = "per year"

Opener = Callable[..., House]


@pytest.fixture
def open_daily(sqlite_url: str, tmp_path: Path) -> Iterator[Opener]:
    """Opens houses on one SQLite database with the site ``daily``; keyword arguments are settings."""
    opened: list[House] = []

    def open_one(site: Site = DAILY, **changes: str) -> House:
        house = open_house(sqlite_url, tmp_path, **changes)
        if not opened:
            house.add_site(site)
        opened.append(house)
        return house

    yield open_one
    for house in opened:
        house.close()


def send(
    house: House, text: str = "What about the bridge?", *, remote: str = "192.0.2.1", **more: Any
) -> TestResponse:
    """Post a submission; ``headers`` are headers, everything else changes the body."""
    headers = more.pop("headers", {})
    return house.client.post(
        "/v1/comments",
        json=house.submission(text, **more),
        headers=headers,
        environ_base={"REMOTE_ADDR": remote},
    )


def send_form(house: House, *, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
    """Post the plain form as a browser without scripts does."""
    typed = {
        "site": "daily",
        "url": STORY,
        "name": "Ada",
        "email": ADDRESS,
        "text": "What about the bridge?",
        "website": "",
        "return_to": "page",
        **fields,
    }
    return house.client.post("/v1/comments", data=typed, headers=headers)


def problem(answer: TestResponse, status: int, slug: str) -> dict[str, Any]:
    """The problem document, checked to be this one."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    document: dict[str, Any] = json.loads(answer.data)
    assert document["type"] == f"{PUBLIC}/docs/problems#{slug}"
    assert document["status"] == status
    return document


def faults(answer: TestResponse) -> dict[str, str]:
    """Pointer → sentence of an answer that refuses the content."""
    document = problem(answer, 422, "invalid-submission")
    found = {fault["pointer"]: fault["detail"] for fault in document["errors"]}
    assert len(found) == len(document["errors"]), "a field was named twice"
    return found


def thread_rows(house: House) -> list[dict[str, Any]]:
    with house.database.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(thread_table)).mappings()]


class Page(HTMLParser):
    """What a browser makes of a page: values of inputs, the text area, sentences, and whether scripts are inline."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__(convert_charrefs=True)
        assert answer.content_type == "text/html; charset=utf-8"
        self.values: dict[str, str] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._area: str | None = None
        self.feed(answer.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag == "input" and found.get("name"):
            self.values[found["name"] or ""] = found.get("value") or ""
        if tag == "textarea":
            self._area = found["name"] or ""
            self.values[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None

    def handle_data(self, text: str) -> None:
        if self._area is not None:
            # A browser drops one line break right after the tag.
            self.values[self._area] += text if self.values[self._area] else text.removeprefix("\n")
        else:
            self.text += text


# --- what is taken ---------------------------------------------------------------------------------------------------


def test_an_accepted_comment_is_answered_with_exactly_its_promise(house: House) -> None:
    answer = send(house)
    assert answer.status_code == 202
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    document = json.loads(answer.data)
    assert set(document) == {"id", "status", "edit_token", "links"}
    assert document["status"] == "pending"
    assert str(UUID(document["id"])) == document["id"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", document["edit_token"])
    assert document["links"] == {
        "self": f"{PUBLIC}/v1/comments/{document['id']}",
        "thread": f"{PUBLIC}/v1/threads?site=daily&url=https%3A%2F%2Fdaily.example%2Fbudget",
        "page": PAGE,
    }


def test_an_accepted_comment_is_stored_as_it_was_sent_and_waits(either_house: House) -> None:
    made = either_house.post(
        "  A **bridge**\r\nis a promise.  ", author={"name": " Ada  L. ", "email": ADDRESS}
    )
    (row,) = either_house.stored()
    assert str(row["id"]) == made["id"]
    assert row["source"] == "A **bridge**\nis a promise."
    assert row["author_name"] == "Ada L."
    assert (row["status"], row["awaiting"], row["place"], row["revision"]) == (
        "pending",
        "pending",
        "hidden",
        1,
    )
    assert (row["parent_id"], row["root_id"], row["depth"]) == (None, None, 0)
    assert made["edit_token"] not in repr(row), "the token is kept as a hash only"


def test_the_links_of_an_answer_lead_where_they_say(house: House) -> None:
    made = house.post()
    paths = {name: link.removeprefix(PUBLIC) for name, link in made["links"].items()}
    own = {"Authorization": f"Bearer {made['edit_token']}"}
    assert house.client.get(paths["self"], headers=own).get_json()["id"] == made["id"]
    assert house.client.get(paths["thread"]).get_json()["url"] == STORY
    assert house.client.get(paths["page"]).status_code == 200


def test_the_form_signs_of_a_page_with_scripts_are_kept_for_the_checks(house: House) -> None:
    house.post(form={"trap": "buy", "seconds": 1.26})
    house.post(form={"trap": "", "seconds": 1e7})
    first, second = (row["signals"] for row in house.stored())
    assert first == {"trap_filled": True, "seconds": 1.3, "address_disposable": False}
    assert second == {"trap_filled": False, "seconds": 86_400.0, "address_disposable": False}


# --- what is refused: every fault at once, and nothing of it repeated ------------------------------------------------

CANARY = "Kestrel-7413"


def test_every_fault_of_the_content_is_named_at_once_and_nothing_is_repeated(house: House) -> None:
    answer = send(
        house,
        text=f"{CANARY} " * 800,
        url=f"ftp://daily.example/{CANARY}",
        author={"name": f"{CANARY} " * 10, "email": f"{CANARY}@@example.org"},
        title=f"{CANARY} " * 40,
        thread=f"{CANARY} " * 20,
    )
    found = faults(answer)
    assert set(found) == {"/url", "/author/name", "/author/email", "/text", "/title", "/thread"}
    assert all(sentence.endswith(".") for sentence in found.values())
    assert "Kestrel" not in answer.text
    assert "7413" not in answer.text
    assert house.stored() == []
    assert thread_rows(house) == []


def test_every_fault_of_the_types_is_named_at_once_and_nothing_is_repeated(house: House) -> None:
    body = {
        "url": 7413,
        "author": {"name": ["Kestrel"], "email": {"Kestrel": 1}, "Kestrel/~": "7413"},
        "text": None,
        "parent_id": 7413,
        "thread": False,
        "title": [],
        "form": {"trap": 7413, "seconds": "7413"},
        "Kestrel": "7413",
    }
    answer = house.client.post("/v1/comments", json=body)
    found = faults(answer)
    assert set(found) == {
        "",
        "/site",
        "/url",
        "/author",
        "/author/name",
        "/author/email",
        "/text",
        "/parent_id",
        "/thread",
        "/title",
        "/form/trap",
        "/form/seconds",
    }
    assert found["/site"] == "This field is needed."
    assert "Kestrel" not in answer.text
    assert "7413" not in answer.text


@pytest.mark.parametrize("body", [None, [], "text", 7, True, [{"site": "daily"}]])
def test_a_body_that_is_no_object_is_refused(house: House, body: Any) -> None:
    answer = house.client.post("/v1/comments", data=json.dumps(body), content_type="application/json")
    assert set(faults(answer)) == {""}


@pytest.mark.parametrize(
    ("text", "taken"),
    [("x" * 10_000, True), ("x" * 10_001, False), ("", False), (" \n\t ", False), ("\u200b\u2060", False)],
    ids=["longest", "too long", "empty", "blank", "invisible"],
)
def test_a_text_is_bounded_and_holds_something(house: House, text: str, taken: bool) -> None:
    answer = send(house, text)
    if taken:
        assert answer.status_code == 202
    else:
        assert set(faults(answer)) == {"/text"}


def test_the_bounds_are_the_sites_own(open_daily: Opener) -> None:
    house = open_daily(Site("daily", "The Daily", ("https://daily.example",), text_max=100, name_max=10))
    assert send(house, "x" * 100, author={"name": "n" * 10, "email": ADDRESS}).status_code == 202
    refused = send(house, "x" * 101, author={"name": "n" * 11, "email": ADDRESS})
    assert set(faults(refused)) == {"/text", "/author/name"}


def test_a_site_that_nobody_registered_is_a_404(house: House) -> None:
    problem(send(house, site="weekly"), 404, "site-unknown")
    assert house.stored() == []


# --- stories: only on the site's own origins, and made by their first comment ----------------------------------------

ELSEWHERE = [
    "https://evil.test/budget",
    "https://daily.example.evil.test/budget",
    "https://evildaily.example/budget",
    "https://sub.daily.example/budget",
    "http://daily.example/budget",
    "https://daily.example:8443/budget",
    "https://daily.example@evil.test/budget",
    "https://ada@daily.example/budget",
    "https://ada:secret@daily.example/budget",
    "https://evil.test\\@daily.example/budget",
    "https://daily.example\\@evil.test/budget",
    "https://evil.test/https://daily.example/budget",
    "https://evil.test#https://daily.example/budget",
    "https://daily.example%2eevil.test/budget",
    "https://daily.example%00.evil.test/budget",
    "https://daily.example:port/budget",
    "https://daily.example:99999/budget",
    "https://daily\u3002example.evil.test/budget",
    "https://[::1]/budget",
    "https://[daily.example]/budget",
    "//daily.example/budget",
    "/budget",
    "https:/daily.example/budget",
    "https:daily.example/budget",
    "javascript://daily.example/%0aalert(1)",
    "data:text/html,https://daily.example/",
    "https://daily.example/bud get",
    "https://daily.example/bud\nget",
    "https://daily.example/bud\x00get",
    "https://daily.example/\u202ebudget",
    "https://daily.example/" + "x" * 2_000,
    "",
]


def test_a_story_elsewhere_takes_no_comment_and_makes_no_thread(house: House) -> None:
    for url in ELSEWHERE:
        answer = send(house, url=url)
        if answer.status_code == 403:
            problem(answer, 403, "address-not-allowed")
        else:
            assert set(faults(answer)) == {"/url"}, url
        assert "evil" not in answer.text
    assert house.stored() == []
    assert thread_rows(house) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://daily.example/budget",
        "HTTPS://Daily.Example:443/budget",
        "https://daily.example./budget",
        "https://daily.example/budget?utm_source=mail&fbclid=1",
        "https://daily.example/budget#comments",
    ],
)
def test_every_way_to_write_a_storys_address_leads_to_one_thread(house: House, url: str) -> None:
    house.post()
    house.post(url=url)
    assert [row["url"] for row in thread_rows(house)] == [STORY]
    assert len({row["thread_id"] for row in house.stored()}) == 1


def test_the_first_comment_makes_the_thread_and_a_refused_one_makes_none(either_house: House) -> None:
    assert send(either_house, text="", thread="story-1").status_code == 422
    assert thread_rows(either_house) == []
    either_house.post(thread="story-1", title=" The  budget ")
    either_house.post(thread="story-1", title="Another title")
    (row,) = thread_rows(either_house)
    assert (row["site"], row["url"], row["external_id"]) == ("daily", STORY, "story-1")
    assert row["title"] == "The budget", "the first one's title stays"
    assert (row["approved_count"], row["closed_at"]) == (0, None)


def test_a_story_that_moved_keeps_its_conversation_by_the_publishers_id(either_house: House) -> None:
    either_house.post(thread="story-1")
    either_house.post(url="https://daily.example/2026/budget", thread="story-1")
    assert len(thread_rows(either_house)) == 1
    assert len({row["thread_id"] for row in either_house.stored()}) == 1


def test_a_closed_thread_takes_no_comment_until_it_is_opened_again(either_house: House) -> None:
    either_house.post()
    with either_house.database.write() as connection:
        assert threads.close(connection, "daily", STORY, now=NOW)
    problem(send(either_house), 409, "thread-closed")
    assert send_form(either_house).status_code == 409
    assert len(either_house.stored()) == 1
    with either_house.database.write() as connection:
        threads.close(connection, "daily", STORY, now=None)
    either_house.post("Open again.")
    assert len(either_house.stored()) == 2


# --- answers to comments ---------------------------------------------------------------------------------------------


def test_an_answer_stands_below_the_comment_that_it_answers(either_house: House) -> None:
    root = either_house.approved()
    first = either_house.approved("Indeed.", parent_id=str(root))
    either_house.post("Why?", parent_id=str(first).upper())
    rows = {row["source"]: row for row in either_house.stored()}
    assert (rows["Indeed."]["parent_id"], rows["Indeed."]["root_id"], rows["Indeed."]["depth"]) == (
        root,
        root,
        1,
    )
    assert (rows["Why?"]["parent_id"], rows["Why?"]["root_id"], rows["Why?"]["depth"]) == (first, root, 2)


def test_only_a_comment_on_stage_in_the_same_thread_can_be_answered(house: House) -> None:
    pending = house.post("pending")["id"]
    rejected = house.post("rejected")["id"]
    house.decide(rejected, "reject")
    held = house.post("held")["id"]
    house.decide(held, "hold")
    withdrawn = house.post("withdrawn")
    house.decide(withdrawn["id"])
    own = {"Authorization": f"Bearer {withdrawn['edit_token']}"}
    assert house.client.delete(f"/v1/comments/{withdrawn['id']}", headers=own).status_code == 200
    other_thread = str(house.approved("elsewhere", url="https://daily.example/schools"))
    house.rooms.sites._read_at = float("-inf")
    house.add_site(Site("weekly", "The Weekly", ("https://daily.example",)))
    other_site = str(house.approved("other site", site="weekly"))
    before = house.stored()
    parents = [pending, rejected, held, withdrawn["id"], other_thread, other_site, str(uuid4())]
    for parent in [*parents, "1", "", "null", "../x", "{" + pending + "}", pending.replace("-", "")]:
        found = faults(send(house, parent_id=parent))
        assert found == {"/parent_id": "The comment you answer is not there any more."}, parent
    assert house.stored() == before


def test_answers_go_as_deep_as_the_site_allows_and_no_deeper(open_daily: Opener) -> None:
    house = open_daily(Site("daily", "The Daily", ("https://daily.example",), max_depth=2))
    parent: str | None = None
    for _ in range(3):
        parent = str(house.approved(parent_id=parent))
    found = faults(send(house, parent_id=parent))
    assert found == {"/parent_id": "Answers do not go deeper here. Please answer a comment further up."}


# --- addresses and names ---------------------------------------------------------------------------------------------


def author(email: str | None = None, name: str = "Ada") -> dict[str, Any]:
    return {"name": name, "email": email}


@pytest.mark.parametrize("given", [author(), author(""), author("  "), {"name": "Ada"}])
def test_a_site_says_whether_it_needs_an_address(open_daily: Opener, given: dict[str, Any]) -> None:
    house = open_daily()
    assert set(faults(send(house, author=given))) == {"/author/email"}
    house.add_site(Site("open", "The Open", ("https://daily.example",), email_required=False))
    house.rooms.sites._read_at = float("-inf")
    assert send(house, author=given, site="open").status_code == 202
    with house.database.read() as connection:
        (row,) = connection.execute(sa.select(vault_table)).all()
    assert (row.sealed, row.key_id, row.address_index) == (None, None, None)


def test_an_address_that_is_given_has_to_be_one_even_where_none_is_needed(open_daily: Opener) -> None:
    house = open_daily(Site("daily", "The Daily", ("https://daily.example",), email_required=False))
    for wrong in (
        "ada",
        "ada@",
        "@example.org",
        "a@b",
        "Ada <ada@example.org>",
        "ada@example.org\nbcc: x@y.example",
    ):
        assert set(faults(send(house, author=author(wrong)))) == {"/author/email"}, wrong
    assert send(house, author=author(" ada@example.org ")).status_code == 202


@pytest.mark.parametrize("name", ["ada@example.org", "Ada @ home", "ada＠example.org", "ada﹫example.org"])
def test_a_name_that_may_be_an_address_is_refused(house: House, name: str) -> None:
    answer = send(house, author=author(ADDRESS, name))
    assert set(faults(answer)) == {"/author/name"}
    assert name not in answer.text


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("/text", {"text": f"Write to {ADDRESS}."}),
        ("/text", {"text": "write to ADA@Example.ORG"}),
        ("/text", {"text": "write to mailto:ada@example.org?subject=x"}),
        ("/text", {"text": "write to ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ"}),
        ("/text", {"text": "write to ada\u200b@\u2060example.org"}),
        ("/title", {"title": f"{ADDRESS} writes"}),
        ("/thread", {"thread": f"by {ADDRESS}"}),
        ("/url", {"url": f"https://daily.example/{ADDRESS}"}),
        ("/url", {"url": "https://daily.example/ada%40example.org"}),
    ],
)
def test_ones_own_address_is_not_published_by_accident(
    house: House, field: str, change: dict[str, str]
) -> None:
    answer = send(house, **change)
    assert set(faults(answer)) == {field}
    assert "ada" not in answer.text.casefold()
    assert house.stored() == []


def test_somebody_elses_address_in_the_text_is_for_the_checks_to_judge(house: House) -> None:
    assert send(house, "The office is at council@example.org.").status_code == 202


def test_known_new_and_throw_away_addresses_are_answered_alike(house: House) -> None:
    answers = [
        json.loads(send(house, author=author(email)).data)
        for email in ("new@example.org", "new@example.org", "someone@mailinator.com")
    ]
    assert len({tuple(answer) for answer in answers}) == 1
    assert {answer["status"] for answer in answers} == {"pending"}


# --- mass assignment -------------------------------------------------------------------------------------------------

INSIDE = ["status", "awaiting", "place", "id", "revision", "html", "source", "depth", "root_id", "thread_id"]
INSIDE += [
    "created_at",
    "edit_token",
    "author_name",
    "signals",
    "attempt",
    "approved",
    "__proto__",
    "author.name",
]


@pytest.mark.parametrize("name", INSIDE)
def test_no_field_from_outside_reaches_a_column(house: House, name: str) -> None:
    for place, body in (
        ("", {name: "approved"}),
        ("/author", {"author": {"name": "Ada", "email": ADDRESS, name: "approved"}}),
        ("/form", {"form": {"trap": "", name: "approved"}}),
    ):
        assert faults(send(house, **body)) == {place: "There is a field here that is not known."}
    assert house.stored() == []
    made = house.post()
    own = {"Authorization": f"Bearer {made['edit_token']}"}
    edited = house.client.patch(
        f"/v1/comments/{made['id']}", json={"text": "New.", name: "approved"}, headers=own
    )
    assert faults(edited) == {"": "There is a field here that is not known."}
    assert house.stored()[0]["source"] == "What about the bridge?"


def test_a_form_or_query_with_columns_names_stores_a_waiting_comment(house: House) -> None:
    more = dict.fromkeys(("status", "awaiting", "place", "html", "approved"), "approved")
    assert send_form(house, **more, revision="9", depth="5").status_code == 303
    query = "/v1/comments?status=approved&place=shown"
    assert house.client.post(query, json=house.submission()).status_code == 202
    for row in house.stored():
        assert (row["status"], row["place"], row["revision"], row["depth"]) == ("pending", "hidden", 1, 0)
        assert row["html"] == "<p>What about the bridge?</p>"


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_header_does_not_change_the_method(house: House, header: str) -> None:
    made = house.post()
    own = {"Authorization": f"Bearer {made['edit_token']}", header: "DELETE"}
    assert house.client.get(f"/v1/comments/{made['id']}", headers=own).get_json()["status"] == "pending"


# --- the form without scripts ----------------------------------------------------------------------------------------


def test_the_form_leads_back_to_our_page_with_the_result(house: House) -> None:
    answer = send_form(house)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{PAGE}&result=received#result"
    assert "Set-Cookie" not in answer.headers
    page = house.client.get(answer.headers["Location"].removeprefix(PUBLIC))
    assert "Your comment waits for approval" in Page(page).text
    assert house.stored()[0]["source"] == "What about the bridge?"


def test_the_form_leads_back_to_the_story_where_it_was_written(house: House) -> None:
    answer = send_form(house, return_to="story", url=f"{STORY}?utm=1#top")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{STORY}?greenroom=received#greenroom"


TARGETS = [
    "https://evil.test/",
    "//evil.test",
    "/\\evil.test",
    "javascript:alert(1)",
    "story\r\nLocation: https://evil.test",
    "https://daily.example.evil.test/",
    "",
]


@pytest.mark.parametrize("field", ["return_to", "next", "redirect", "thread", "title", "parent_id"])
def test_no_field_of_the_form_leads_anywhere_else(house: House, field: str) -> None:
    for target in TARGETS:
        answer = send_form(house, **{field: target})
        if answer.status_code == 303:
            assert answer.headers["Location"].startswith(f"{PUBLIC}/daily/t"), target
        else:
            assert answer.status_code == 422
            assert "Location" not in answer.headers


@pytest.mark.parametrize("return_to", ["story", "page"])
def test_a_story_elsewhere_leads_nowhere(house: House, return_to: str) -> None:
    for url in ELSEWHERE:
        answer = send_form(house, url=url, return_to=return_to)
        assert answer.status_code in (403, 422), url
        assert "Location" not in answer.headers
        for tag, attributes in Page(answer).elements:
            for name in ("href", "action", "src"):
                assert "evil.test" not in (attributes.get(name) or ""), tag
    assert house.stored() == []


NASTY = "\"><script>alert(1)</script>'&lt;"


def test_a_form_with_faults_comes_back_with_what_was_typed(house: House) -> None:
    typed = {
        "name": NASTY + "@",
        "email": NASTY,
        "text": f"\n</textarea>{NASTY}\n  indented" + "x" * 10_001,
        "title": NASTY,
    }
    answer = send_form(house, **typed)
    assert answer.status_code == 422
    assert answer.headers["Cache-Control"] == "no-store"
    page = Page(answer)
    assert page.values["name"] == typed["name"]
    assert page.values["email"] == typed["email"]
    assert page.values["text"] == typed["text"]
    assert page.values["title"] == typed["title"]
    assert page.values["url"] == STORY
    assert "names are published" in page.text
    assert "does not look like an e-mail address" in page.text
    assert "too long" in page.text
    assert not any(tag == "script" and "src" not in attributes for tag, attributes in page.elements)
    invalid = {
        attributes.get("name") for _, attributes in page.elements if attributes.get("aria-invalid") == "true"
    }
    assert invalid == {"name", "email", "text"}
    assert house.stored() == []


def test_what_came_back_can_be_mended_and_sent(house: House) -> None:
    page = Page(send_form(house, email="ada", text="Mended."))
    answer = house.client.post("/v1/comments", data={**page.values, "email": ADDRESS})
    assert answer.status_code == 303
    assert house.stored()[0]["source"] == "Mended."


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"text": ""}, 422),
        ({"parent_id": str(uuid4())}, 422),
        ({"title": "x" * 301}, 422),
        ({"thread": "x" * 201}, 422),
        ({"name": "n" * 61}, 422),
    ],
)
def test_a_refused_form_says_why_in_words(house: House, change: dict[str, str], status: int) -> None:
    answer = send_form(house, **{"text": "Keep me.", **change})
    page = Page(answer)
    assert answer.status_code == status
    assert any(attributes.get("role") == "alert" for _, attributes in page.elements)
    if "text" not in change:
        assert page.values["text"] == "Keep me."


def test_a_form_for_a_thread_that_was_closed_meanwhile_keeps_the_text(house: House) -> None:
    house.post()
    with house.database.write() as connection:
        threads.close(connection, "daily", STORY, now=NOW)
    answer = send_form(house, text="Too late & sorry")
    assert answer.status_code == 409
    page = Page(answer)
    assert "Comments on this story are closed." in page.text
    assert page.values["text"] == "Too late & sorry"
    assert not any(tag == "form" for tag, _ in page.elements)


def test_a_form_to_an_unknown_site_is_a_page_too(house: House) -> None:
    answer = send_form(house, site="weekly")
    assert answer.status_code == 404
    assert Page(answer).text


def test_a_form_beyond_the_limit_says_when_it_works_again_and_keeps_the_text(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"1 {YEAR}")
    assert send_form(house).status_code == 303
    answer = send_form(house, text="Keep me.")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    page = Page(answer)
    assert page.values["text"] == "Keep me."
    assert "Too many comments" in page.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "https://daily.example.evil.test"},
        {"Origin": "http://daily.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_foreign_page_cannot_send_a_readers_form_or_json(house: House, headers: dict[str, str]) -> None:
    assert send_form(house, headers=headers).status_code == 403
    problem(send(house, headers=headers), 403, "address-not-allowed")
    assert house.stored() == []


@pytest.mark.parametrize("origin", [PUBLIC, "https://daily.example"])
def test_the_sites_pages_and_our_own_may_send(house: House, origin: str) -> None:
    assert send_form(house, headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"}).status_code == 303
    assert send(house, headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"}).status_code == 202


def test_a_double_click_stores_one_comment_and_a_correction_another(house: House) -> None:
    key = uuid4().hex
    first, again = send_form(house, key=key), send_form(house, key=key)
    assert first.status_code == again.status_code == 303
    assert len(house.stored()) == 1
    send_form(house, key=key, text="Said otherwise.")
    assert len(house.stored()) == 2


# --- Idempotency-Key -------------------------------------------------------------------------------------------------


def test_the_same_key_and_body_get_the_same_answer_and_one_comment(either_house: House) -> None:
    key = {"Idempotency-Key": "a-1"}
    first, again = (send(either_house, headers=key) for _ in range(2))
    assert first.status_code == again.status_code == 202
    assert json.loads(first.data) == json.loads(again.data)
    assert len(either_house.stored()) == 1
    assert json.loads(send(either_house, headers={"Idempotency-Key": "a-2"}).data) != json.loads(first.data)
    assert len(either_house.stored()) == 2


def test_the_same_key_with_another_body_is_refused_and_stores_nothing(either_house: House) -> None:
    key = {"Idempotency-Key": "a-1"}
    send(either_house, headers=key)
    problem(send(either_house, "Something else.", headers=key), 422, "idempotency-mismatch")
    assert len(either_house.stored()) == 1


def test_keys_of_two_sites_have_nothing_to_do_with_each_other(open_daily: Opener) -> None:
    house = open_daily()
    house.add_site(Site("weekly", "The Weekly", ("https://daily.example",)))
    key = {"Idempotency-Key": "a-1"}
    assert send(house, headers=key).status_code == 202
    assert send(house, "Something else.", site="weekly", headers=key).status_code == 202
    assert len(house.stored()) == 2


def test_a_refused_comment_leaves_its_key_free(house: House) -> None:
    key = {"Idempotency-Key": "a-1"}
    assert send(house, "", headers=key).status_code == 422
    assert send(house, "Better.", headers=key).status_code == 202


def test_one_key_sent_many_times_at_once_stores_one_comment(database_url: str, tmp_path: Path) -> None:
    houses = [open_house(database_url, tmp_path) for _ in range(2)]
    houses[0].add_site(DAILY)
    together = threading.Barrier(8)

    def one(number: int) -> dict[str, Any]:
        together.wait()
        answer = send(houses[number % 2], headers={"Idempotency-Key": "a-1"})
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = json.loads(answer.data)
        return found

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert [str(row["id"]) for row in houses[0].stored()] == [answers[0]["id"]]
    for house in houses:
        house.close()


def test_one_key_sent_at_once_with_two_bodies_keeps_one_of_them(database_url: str, tmp_path: Path) -> None:
    houses = [open_house(database_url, tmp_path) for _ in range(2)]
    houses[0].add_site(DAILY)
    together = threading.Barrier(8)

    def one(number: int) -> tuple[str, int]:
        together.wait()
        text = f"Text {number % 2}."
        return text, send(houses[number // 2 % 2], text, headers={"Idempotency-Key": "a-1"}).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    (row,) = houses[0].stored()
    assert {status for text, status in answers if text == row["source"]} == {202}
    assert {status for text, status in answers if text != row["source"]} == {422}
    for house in houses:
        house.close()


def test_a_key_is_remembered_across_a_restart(database_url: str, tmp_path: Path) -> None:
    key = {"Idempotency-Key": "a-1"}
    before = open_house(database_url, tmp_path)
    before.add_site(DAILY)
    first = json.loads(send(before, headers=key).data)
    before.close()
    after = open_house(database_url, tmp_path)
    assert json.loads(send(after, headers=key).data) == first
    problem(send(after, "Something else.", headers=key), 422, "idempotency-mismatch")
    assert len(after.stored()) == 1
    after.close()


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_that_is_none_is_refused(house: House, key: str) -> None:
    problem(send(house, headers={"Idempotency-Key": key}), 400, "malformed-request")
    assert house.stored() == []


@pytest.mark.parametrize("key", ["k" * 200, "k\u00e9y", '"quoted"', "a b"])
def test_any_short_key_will_do_and_is_stored_as_a_hash_only(house: House, key: str) -> None:
    answers = [json.loads(send(house, headers={"Idempotency-Key": key}).data)["id"] for _ in range(2)]
    assert len(set(answers)) == 1
    with house.database.read() as connection:
        (row,) = connection.execute(sa.select(idempotency)).all()
    assert len(row.key_hash) == len(row.body_hash) == 32
    assert key.encode() not in row.key_hash + row.body_hash


# --- rate limits -----------------------------------------------------------------------------------------------------


def limited(answer: TestResponse) -> bool:
    """Whether it was refused by a limit, with all that such an answer needs."""
    if answer.status_code == 202:
        return False
    problem(answer, 429, "rate-limited")
    assert 1 <= int(answer.headers["Retry-After"]) <= 366 * 86_400
    return True


def test_one_origin_is_limited_and_others_are_not(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    assert [limited(send(house, remote="192.0.2.1")) for _ in range(4)] == [False, False, True, True]
    assert not limited(send(house, remote="192.0.2.2"))
    assert len(house.stored()) == 3


def test_one_author_is_limited_from_wherever_and_however_the_address_is_written(open_daily: Opener) -> None:
    house = open_daily(rate_author=f"2 {YEAR}")
    written = ["ada@example.org", "ADA@EXAMPLE.ORG", "ada+news@example.org", " Ada@example.org "]
    answers = [
        limited(send(house, remote=f"192.0.2.{number}", author=author(email)))
        for number, email in enumerate(written)
    ]
    assert answers == [False, False, True, True]
    assert not limited(send(house, author=author("grace@example.org")))


def test_a_site_is_limited_as_a_whole(open_daily: Opener) -> None:
    house = open_daily(rate_site=f"3 {YEAR}")
    answers = [
        limited(send(house, remote=f"192.0.2.{number}", author=author(f"reader{number}@example.org")))
        for number in range(5)
    ]
    assert answers == [False, False, False, True, True]


def test_refused_submissions_count_against_their_origin(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    assert [send(house, "").status_code for _ in range(3)] == [422, 422, 429]


def test_limits_of_two_sites_have_nothing_to_do_with_each_other(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"1 {YEAR}", rate_author=f"1 {YEAR}")
    house.add_site(Site("weekly", "The Weekly", ("https://daily.example",)))
    assert [limited(send(house, site=site)) for site in ("daily", "weekly", "daily")] == [False, False, True]


def test_every_limit_of_a_list_holds(open_daily: Opener) -> None:
    house = open_daily(rate_origin="100 per minute; 2 per year")
    assert [limited(send(house)) for _ in range(3)] == [False, False, True]


def test_edits_count_like_comments(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    made = json.loads(send(house).data)
    answers = [
        house.client.patch(
            f"/v1/comments/{made['id']}",
            json={"text": f"Edit {number}."},
            headers={"Authorization": f"Bearer {made['edit_token']}"},
            environ_base={"REMOTE_ADDR": "192.0.2.1"},
        )
        for number in range(2)
    ]
    assert answers[0].status_code == 202
    assert limited(answers[1])
    assert house.stored()[0]["source"] == "Edit 0."


def test_a_limit_that_is_off_does_not_count(open_daily: Opener) -> None:
    house = open_daily(rate_origin="off", rate_author="off", rate_site="off")
    assert not any(limited(send(house)) for _ in range(5))


def test_ipv6_is_counted_by_64_and_then_by_48(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    same_64 = ["2001:db8:1:1::1", "2001:db8:1:1::2", "2001:db8:1:1:ffff::3", "[2001:db8:1:1::4]:443"]
    assert [limited(send(house, remote=remote)) for remote in same_64] == [False, False, True, True]
    # Whoever has a /48 has 65,536 networks of that size: together they may do ten times as much, and no more.
    others = [limited(send(house, remote=f"2001:db8:1:{number:x}::1")) for number in range(2, 30)]
    assert others.count(False) == 2 * 10 - 2
    assert others == sorted(others), "allowed until the limit is met, and refused from then on"
    assert not limited(send(house, remote="2001:db8:2:1::1")), "another /48 is somebody else"


def test_ipv4_in_the_clothes_of_ipv6_is_the_same_origin(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    same = [
        "192.0.2.1",
        "::ffff:192.0.2.1",
        "::ffff:c000:201",
        "[::ffff:192.0.2.1]:443",
        "64:ff9b::192.0.2.1",
    ]
    assert [limited(send(house, remote=remote)) for remote in same] == [False, False, True, True, True]
    assert not limited(send(house, remote="::ffff:192.0.2.2"))


FORGED = [
    {"X-Forwarded-For": "203.0.113.{n}"},
    {"Forwarded": "for=203.0.113.{n}"},
    {"X-Real-Ip": "203.0.113.{n}"},
    {"Cf-Connecting-Ip": "203.0.113.{n}"},
    {"True-Client-Ip": "203.0.113.{n}"},
]


@pytest.mark.parametrize("forged", FORGED, ids=lambda headers: next(iter(headers)))
def test_without_trusted_proxies_no_header_says_where_a_request_comes_from(
    open_daily: Opener, forged: dict[str, str]
) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}")
    answers = [
        limited(send(house, headers={name: value.format(n=number) for name, value in forged.items()}))
        for number in range(4)
    ]
    assert answers == [False, False, True, True]


@pytest.mark.parametrize(
    ("proxies", "forwarded"),
    [
        # The client's own words stand to the left of what the proxies wrote.
        ("1", "203.0.113.{n}, 198.51.100.7"),
        ("1", "203.0.113.{n},10.0.0.{n},198.51.100.7"),
        ("2", "203.0.113.{n}, 198.51.100.7, 10.0.0.1"),
        ("1", "198.51.100.7:{n}"),
        ("1", "junk{n}, 198.51.100.7"),
    ],
)
def test_trusted_proxies_are_counted_from_the_right(open_daily: Opener, proxies: str, forwarded: str) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}", trusted_proxies=proxies)
    answers = [
        limited(send(house, remote="10.0.0.9", headers={"X-Forwarded-For": forwarded.format(n=number)}))
        for number in range(4)
    ]
    assert answers == [False, False, True, True]
    other = forwarded.format(n=9).replace("198.51.100.7", "198.51.100.8")
    assert not limited(send(house, remote="10.0.0.9", headers={"X-Forwarded-For": other}))


def test_fewer_hops_than_trusted_leave_the_connections_own_address(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"2 {YEAR}", trusted_proxies="2")
    answers = [
        limited(send(house, remote="10.0.0.9", headers={"X-Forwarded-For": f"203.0.113.{number}"}))
        for number in range(4)
    ]
    assert answers == [False, False, True, True]


def test_a_proxy_does_not_change_our_links(open_daily: Opener) -> None:
    house = open_daily(trusted_proxies="1")
    forwarded = {"Host": "evil.test", "Proto": "gopher", "Port": "1", "Prefix": "/evil", "For": "192.0.2.7"}
    answer = send(house, headers={f"X-Forwarded-{name}": value for name, value in forwarded.items()})
    assert "evil" not in answer.text
    assert json.loads(answer.data)["links"]["page"] == PAGE


def test_processes_share_their_counts_through_redis(open_daily: Opener, valkey_url: str) -> None:
    settings = {"limits": "redis", "redis_url": valkey_url, "rate_origin": f"3 {YEAR}"}
    first, second = open_daily(**settings), open_daily(**settings)
    remote = "2001:db8:77:1::1"
    answers = [limited(send(house, remote=remote)) for house in (first, second, first, second, first)]
    assert answers == [False, False, False, True, True]
    assert first.rooms.limiter.fallbacks == second.rooms.limiter.fallbacks == 0


def silent_redis(folder: Path) -> socket.socket:
    """A Redis that takes connections and never says a word."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / "silent.sock"))
    listening.listen(64)
    return listening


@pytest.mark.parametrize("redis", ["away", "silent"])
def test_with_redis_away_a_process_counts_by_itself_and_nobody_waits(
    open_daily: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis: str
) -> None:
    # A short path: a socket's has little room.
    monkeypatch.chdir(tmp_path)
    listening = silent_redis(Path()) if redis == "silent" else None
    name = "silent.sock" if redis == "silent" else "nobody.sock"
    house = open_daily(
        limits="redis", redis_url=f"unix://{name}", rate_origin=f"2 {YEAR}", rate_author=f"2 {YEAR}"
    )
    answers = []
    for _ in range(4):
        began = time.monotonic()
        answers.append(limited(send(house)))
        assert time.monotonic() - began < 1.0
    assert answers == [False, False, True, True]
    assert house.rooms.limiter.fallbacks >= 1
    assert len(house.stored()) == 2
    if listening is not None:
        listening.close()


# --- the author's own comment ----------------------------------------------------------------------------------------


def own(made: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {made['edit_token']}"}


def test_an_author_sees_exactly_this_of_the_own_comment(house: House) -> None:
    made = house.post("A **bridge**.")
    shown = house.client.get(f"/v1/comments/{made['id']}", headers=own(made))
    document = shown.get_json()
    assert shown.headers["Cache-Control"] == "no-store"
    assert set(document) == {
        "id",
        "status",
        "awaiting",
        "revision",
        "text",
        "html",
        "created_at",
        "editable_until",
        "statement",
        "links",
    }
    assert document["id"] == made["id"]
    assert (document["status"], document["awaiting"], document["revision"]) == ("pending", "pending", 1)
    assert document["text"] == "A **bridge**."
    assert document["html"] == "<p>A <strong>bridge</strong>.</p>"
    assert document["statement"] is None
    assert document["links"] == {"self": made["links"]["self"]}


def test_an_edited_comment_is_screened_again(either_house: House) -> None:
    made = either_house.post("First words.")
    answer = either_house.client.patch(
        f"/v1/comments/{made['id']}", json={"text": "Second\r\nwords."}, headers=own(made)
    )
    assert answer.status_code == 202
    assert (answer.get_json()["text"], answer.get_json()["revision"]) == ("Second\nwords.", 2)
    (row,) = either_house.stored()
    assert (row["source"], row["status"], row["awaiting"]) == ("Second\nwords.", "pending", "pending")
    assert row["html"] == "<p>Second<br>\nwords.</p>"


def test_what_was_approved_stays_up_until_the_new_text_is_let_through(either_house: House) -> None:
    made = either_house.post("First words.")
    either_house.decide(made["id"])
    either_house.client.patch(f"/v1/comments/{made['id']}", json={"text": "Second words."}, headers=own(made))
    (shown,) = either_house.thread().get_json()["comments"]
    assert (shown["html"], shown["edited_at"]) == ("<p>First words.</p>", None)
    either_house.decide(made["id"])
    (shown,) = either_house.thread().get_json()["comments"]
    assert shown["html"] == "<p>Second words.</p>"
    assert shown["edited_at"] is not None


def test_an_edit_is_validated_as_the_comment_was(house: House) -> None:
    made = house.post()
    for text in ("", " ", "x" * 10_001, f"Write to {ADDRESS}", "a\u0301" + "\u0301" * 40):
        answer = house.client.patch(f"/v1/comments/{made['id']}", json={"text": text}, headers=own(made))
        assert set(faults(answer)) == {"/text"}
        assert ADDRESS not in answer.text
    assert house.stored()[0]["revision"] == 1


def test_an_edit_comes_too_late_when_its_window_is_over(open_daily: Opener) -> None:
    house = open_daily(Site("daily", "The Daily", ("https://daily.example",), edit_window_seconds=0))
    made = house.post()
    assert (
        house.client.get(f"/v1/comments/{made['id']}", headers=own(made)).get_json()["editable_until"] is None
    )
    answer = house.client.patch(f"/v1/comments/{made['id']}", json={"text": "Late."}, headers=own(made))
    problem(answer, 409, "edit-window-closed")
    assert house.client.delete(f"/v1/comments/{made['id']}", headers=own(made)).status_code == 200


def test_a_rejected_or_withdrawn_comment_cannot_be_edited(house: House) -> None:
    rejected, withdrawn = house.post(), house.post("Another.")
    house.decide(rejected["id"], "reject")
    house.client.delete(f"/v1/comments/{withdrawn['id']}", headers=own(withdrawn))
    for made in (rejected, withdrawn):
        answer = house.client.patch(f"/v1/comments/{made['id']}", json={"text": "Again."}, headers=own(made))
        problem(answer, 409, "edit-window-closed")


def test_nothing_is_edited_in_a_closed_thread(house: House) -> None:
    made = house.post()
    with house.database.write() as connection:
        threads.close(connection, "daily", STORY, now=NOW)
    answer = house.client.patch(f"/v1/comments/{made['id']}", json={"text": "Again."}, headers=own(made))
    problem(answer, 409, "thread-closed")
    assert house.stored()[0]["source"] == "What about the bridge?"


def test_withdrawing_takes_a_comment_off_stage_and_may_be_repeated(either_house: House) -> None:
    made = either_house.post()
    either_house.decide(made["id"])
    for _ in range(2):
        answer = either_house.client.delete(f"/v1/comments/{made['id']}", headers=own(made))
        assert answer.status_code == 200
        assert answer.get_json()["status"] == "withdrawn"
    assert either_house.thread().get_json()["comments"] == []


def every_own_act(
    client: FlaskClient, comment_id: str, headers: dict[str, str]
) -> list[tuple[int, dict[str, Any]]]:
    """(status, problem without its request id) of looking, editing and withdrawing."""
    heard = []
    for method in ("GET", "PATCH", "DELETE"):
        body = {"json": {"text": "Mine now."}} if method == "PATCH" else {}
        answer = client.open(f"/v1/comments/{comment_id}", method=method, headers=headers, **body)
        document = json.loads(answer.data)
        document.pop("request_id")
        heard.append((answer.status_code, document))
    return heard


def test_without_its_token_a_comment_is_as_unknown_as_one_that_never_was(house: House) -> None:
    made, other = house.post(), house.post("Another.")
    token = made["edit_token"]
    never = every_own_act(house.client, str(uuid4()), own(made))
    assert {status for status, _ in never} == {404}
    for authorization in (
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {token}",
        token,
        f"Bearer {token}x",
        f"Bearer {token[:-1]}",
        f"Bearer {token.swapcase()}",
        f"Bearer {other['edit_token']}",
        f"Bearer {house.token}",
        "Bearer " + "x" * 5_000,
        "Bearer \u00e9",
    ):
        headers = {} if authorization is None else {"Authorization": authorization}
        assert every_own_act(house.client, made["id"], headers) == never, authorization
    query = {"edit_token": token, "token": token, "access_token": token}
    assert every_own_act(house.client, f"{made['id']}?{urlencode(query)}", {}) == never, "not from an address"
    assert [row["source"] for row in house.stored()] == ["What about the bridge?", "Another."]
    assert {row["status"] for row in house.stored()} == {"pending"}


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_foreign_page_cannot_act_with_a_token_that_it_got_hold_of(house: House, method: str) -> None:
    made = house.post()
    headers = {**own(made), "Origin": "https://evil.test"}
    answer = house.client.open(
        f"/v1/comments/{made['id']}", method=method, json={"text": "Mine."}, headers=headers
    )
    problem(answer, 403, "address-not-allowed")
    assert house.stored()[0]["revision"] == 1
