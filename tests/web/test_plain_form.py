"""The form without scripts: back to where it was written, or back with what was typed."""

from __future__ import annotations

from uuid import uuid4

import pytest

from service.store import threads
from tests.people import NOW
from tests.web.conftest import ADDRESS, STORY, House, Opener
from tests.web.sending import (
    ELSEWHERE,
    PAGE,
    PUBLIC,
    YEAR,
    Page,
    problem,
    send,
    send_form,
)


def test_our_own_page_answers_with_the_private_link_and_no_address_holds_it(house: House) -> None:
    answer = send_form(house)
    assert answer.status_code == 202
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = Page(answer)
    assert "Your comment waits for approval" in page.text
    code = page.values["code"]
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert f"{PUBLIC}/own#{code}" in links
    assert code in page.text
    assert {PAGE, STORY} <= set(links), "the way back"
    comment_id, _, token = code.partition(".")
    shown = house.client.get(
        f"/v1/comments/{comment_id}", headers={"Authorization": f"Bearer {token}"}
    ).get_json()
    assert shown["text"] == "What about the bridge?"


@pytest.mark.parametrize("return_to", ["", "elsewhere"])
def test_any_other_form_leads_back_to_our_page_with_the_result(house: House, return_to: str) -> None:
    answer = send_form(house, return_to=return_to)
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
        elif answer.status_code == 202:
            links = {attributes.get("href") or "" for tag, attributes in Page(answer).elements if tag == "a"}
            assert all(link.startswith((PUBLIC, STORY, "#")) for link in links), target
            assert "Location" not in answer.headers
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
    assert answer.status_code == 202
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
    assert send_form(house).status_code == 202
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
    assert send_form(house, headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"}).status_code == 202
    assert send(house, headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"}).status_code == 202


def test_a_double_click_stores_one_comment_and_a_correction_another(house: House) -> None:
    key = uuid4().hex
    first, again = send_form(house, key=key), send_form(house, key=key)
    assert first.status_code == again.status_code == 202
    assert Page(first).values["code"] == Page(again).values["code"]
    assert len(house.stored()) == 1
    send_form(house, key=key, text="Said otherwise.")
    assert len(house.stored()) == 2
