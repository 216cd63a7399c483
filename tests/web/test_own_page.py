"""The author's own page: for whoever has the code, and for nobody else; the code is in no address, and no typed text
is lost."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from service.domain.site import Site
from service.store import threads
from service.web.languages import languages
from tests.adapters.test_sanitizer import PAYLOADS
from tests.people import NOW
from tests.web.conftest import ADDRESS, STORY, House, Opener
from tests.web.sending import PUBLIC, YEAR, Page, send_form

OURS = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
UNKNOWN = "There is no comment with this code."


def code_of(made: dict[str, Any]) -> str:
    return f"{made['id']}.{made['edit_token']}"


def visit(house: House, code: str, step: str = "look", **fields: str) -> TestResponse:
    """Send the page's own form, as a browser does that says nothing of where it comes from."""
    return house.client.post("/own", data={"code": code, "step": step, **fields}, headers=OURS)


def shown(house: House, made: dict[str, Any], step: str = "look", **fields: str) -> Page:
    answer = visit(house, code_of(made), step, **fields)
    assert answer.status_code == 200, answer.text
    return Page(answer)


def test_the_receipt_has_the_private_link(house: House) -> None:
    made = house.post()
    assert made["links"]["own"] == f"{PUBLIC}/own#{code_of(made)}"


def test_the_page_asks_for_the_code_and_reads_nothing_of_its_address(house: House) -> None:
    made = house.post()
    plain = house.client.get("/own")
    assert "Your private code" in Page(plain).text
    assert house.client.get("/own", query_string={"code": code_of(made)}).data == plain.data


def test_an_author_is_told_in_words_what_happens_now(house: House) -> None:
    made = house.post("A **bridge**.")
    waiting = shown(house, made)
    assert "Your comment waits for the checks" in waiting.text
    assert "A bridge." in waiting.text
    assert waiting.values["text"] == "A **bridge**."
    house.decide(made["id"], "hold", reasons=["personal_data"], message="Is that number yours?")
    held = shown(house, made)
    assert "waits for a person" in held.text
    for told in ("Personal data", "A person decided this.", "Is that number yours?"):
        assert told in held.text
    house.decide(made["id"])
    assert "Your comment is published." in shown(house, made).text
    house.decide(made["id"], "reject", reasons=["off_topic", "insult"], message="It is about trams.")
    rejected = shown(house, made)
    assert "Your comment was not published." in rejected.text
    assert "Off topic, Insult" in rejected.text
    assert "It is about trams." in rejected.text


def test_an_author_is_told_when_a_machine_decided_alone(house: House) -> None:
    made = house.post("Call me at +44 20 7946 0958, or buy at https://bit.ly/x")
    house.screen()
    held = shown(house, made)
    assert "waits for a person" in held.text
    assert "No person has looked at it yet." in held.text


def test_no_moderator_and_no_note_is_named_to_an_author(house: House) -> None:
    made = house.post()
    house.decide(made["id"], "escalate", note="Ask the desk of kestrels.", reasons=["insult"])
    page = visit(house, code_of(made))
    assert "kestrels" not in page.text
    assert "admin" not in page.text
    assert "waits for a person" in Page(page).text


def test_the_text_is_changed_in_its_window_and_looked_at_again(house: House) -> None:
    made = house.post("First words.")
    assert "You can change it until" in shown(house, made).text
    after = shown(house, made, "change", text="Second\r\nwords.")
    assert "Your change was received" in after.text
    assert after.values["text"] == "Second\nwords."
    assert house.stored()[0]["source"] == "Second\nwords."
    assert "already" in shown(house, made, "change", text="Second\r\nwords.").text
    assert house.stored()[0]["revision"] == 2, "loading the answer again changes nothing"


def test_readers_see_the_former_text_until_the_change_is_through(house: House) -> None:
    made = house.post("First words.")
    house.decide(made["id"])
    assert "until then readers see the former text" in shown(house, made, "change", text="New words.").text
    house.decide(made["id"], "hold")
    assert "waits for a person to read it; until then" in shown(house, made).text
    house.decide(made["id"], "reject", reasons=["spam"])
    refused = shown(house, made)
    assert "Your change was not published." in refused.text
    assert "First words." in refused.text


def test_withdrawing_is_asked_twice(house: House) -> None:
    made = house.post()
    house.decide(made["id"])
    asked = shown(house, made, "withdraw")
    assert "Withdraw this comment for good?" in asked.text
    assert house.stored()[0]["status"] == "approved"
    for _ in range(2):
        assert "You have withdrawn" in shown(house, made, "withdraw-for-good").text
    assert house.stored()[0]["status"] == "withdrawn"
    assert "Withdraw this comment" not in shown(house, made, "withdraw").text


def test_a_wrong_code_and_one_of_no_comment_are_answered_alike(house: House) -> None:
    made, other = house.post(), house.post("Another.")
    token = made["edit_token"]
    wrong = (
        *("", " ", ".", "x", "é", made["id"], f"{made['id']}.", f"{made['id']}.{token}x", f".{token}"),
        *(f"{uuid4()}.{token}", f"{made['id']}.{other['edit_token']}", f"{made['id']}.{'x' * 5_000}"),
        *(f"{made['id']}.{house.token}", f"{made['id']}.é", f"{made['id']} {token}", f"x.{token}"),
    )
    for code in wrong:
        for step in ("look", "change", "withdraw-for-good", "kestrel"):
            answer = visit(house, code, step, text="Mine now.")
            page = Page(answer)
            assert answer.status_code == 404, code
            assert UNKNOWN in page.text
            assert page.values["code"] == code, "what was typed is kept"
            heard = answer.text.replace(f'value="{code}"', "")
            assert heard.count("Mine now.") == 1, "and so is the text"
    assert {row["status"] for row in house.stored()} == {"pending"}
    assert {row["revision"] for row in house.stored()} == {1}


def test_a_whole_private_link_does_as_well_as_the_code_in_it(house: House) -> None:
    made = house.post()
    answer = visit(house, f"  {made['links']['own']}\n")
    assert answer.status_code == 200


def test_no_answer_puts_the_code_anywhere_but_into_hidden_fields(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    made = house.post()
    token = made["edit_token"]
    with caplog.at_level(logging.DEBUG):
        for step in ("look", "change", "withdraw", "withdraw-for-good"):
            answer = visit(house, code_of(made), step, text="Another text.")
            page = Page(answer)
            assert token not in str(answer.headers)
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert "Set-Cookie" not in answer.headers
            holding = [
                (tag, attributes) for tag, attributes in page.elements if token in str(attributes.values())
            ]
            for tag, attributes in holding:
                assert (tag, attributes["type"], attributes["name"]) == ("input", "hidden", "code")
            assert token not in page.text
    assert token not in caplog.text


FAULTS = {"": "Please", "x" * 10_001: "too long", f"Write to {ADDRESS}": "e-mail address"}


@pytest.mark.parametrize("text", FAULTS, ids=["nothing", "too much", "the own address"])
def test_a_refused_change_keeps_what_was_typed(house: House, text: str) -> None:
    made = house.post()
    answer = visit(house, code_of(made), "change", text=text)
    page = Page(answer)
    assert answer.status_code == 422
    if text:
        assert page.values["text"] == text
        assert FAULTS[text] in page.text
    assert any(attributes.get("aria-invalid") == "true" for _, attributes in page.elements)
    assert page.values["code"] == code_of(made)
    assert house.stored()[0]["revision"] == 1


def test_a_change_that_comes_too_late_keeps_what_was_typed(open_daily: Opener) -> None:
    house = open_daily(Site("daily", "The Daily", ("https://daily.example",), edit_window_seconds=0))
    made = house.post()
    assert "text" not in shown(house, made).values
    answer = visit(house, code_of(made), "change", text="Too late & sorry")
    assert answer.status_code == 409
    assert Page(answer).values["text"] == "Too late & sorry"


def test_a_change_in_a_closed_thread_keeps_what_was_typed(house: House) -> None:
    made = house.post()
    with house.database.write() as connection:
        threads.close(connection, "daily", STORY, now=NOW)
    answer = visit(house, code_of(made), "change", text="Too late & sorry")
    assert answer.status_code == 409
    assert Page(answer).values["text"] == "Too late & sorry"


def test_a_change_beyond_the_limit_says_when_it_works_again(open_daily: Opener) -> None:
    house = open_daily(rate_origin=f"1 {YEAR}")
    made = house.post()
    answer = visit(house, code_of(made), "change", text="Keep me.")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert Page(answer).values["text"] == "Keep me."
    assert "It works again in" in Page(answer).text


@pytest.mark.parametrize("fails", ["look", "edit"])
def test_while_the_database_is_away_nothing_that_was_typed_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    made = house.post()

    def away(*_: object, **__: object) -> None:
        raise OperationalError("x", {}, Exception("away"))

    with monkeypatch.context() as patched:
        patched.setattr(f"service.submission.AuthorsOwn.{fails}", away)
        answer = visit(house, code_of(made), "change", text="Keep me.")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    page = Page(answer)
    assert page.values["text"] == "Keep me."
    again = house.client.post("/own", data={**page.values, "step": "change"}, headers=OURS)
    assert again.status_code == 200
    assert house.stored()[0]["source"] == "Keep me."


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_was_written_to_harm_is_words_on_the_own_page(house: House, payload: str) -> None:
    made = house.post(f"x {payload}", author={"name": "Eve", "email": ADDRESS}, title="<script>x</script>")
    house.decide(made["id"], "reject", reasons=["spam"], message="</dd><script>alert(1)</script>")
    for step in ("look", "withdraw", "change"):
        page = Page(visit(house, code_of(made), step, text=f"</textarea>{payload}"))
        assert not any(tag == "script" and "src" not in attributes for tag, attributes in page.elements), step
        assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://daily.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=str,
)
def test_a_form_of_another_page_is_not_taken_and_says_so_in_words(
    house: House, headers: dict[str, str]
) -> None:
    made = house.post()
    answer = house.client.post(
        "/own", data={"code": code_of(made), "step": "withdraw-for-good"}, headers=headers
    )
    assert answer.status_code == 403
    assert "not sent from our own page" in Page(answer).text
    assert house.stored()[0]["status"] == "pending"


def test_the_window_that_is_told_is_the_sites(house: House) -> None:
    made = house.post()
    row, _ = house.rooms.authors_own.look(house.stored()[0]["id"], made["edit_token"])
    until = house.rooms.authors_own.editable_until(row)
    assert until is not None
    assert until - row.created_at == timedelta(seconds=house.rooms.sites.get("daily").edit_window_seconds)
    assert until.strftime("%H:%M UTC") in shown(house, made).text


def test_an_author_is_told_in_the_language_that_was_asked_for(house: House) -> None:
    sent = send_form(house, lang="de")
    assert sent.headers["Content-Language"] == "de"
    assert "Ihr privater Link" in Page(sent).text
    made = house.post("Another.")
    house.decide(made["id"], "reject", reasons=["personal_data"])
    said = shown(house, made, lang="de")
    for sentence in (
        "Ihr Kommentar wurde nicht veröffentlicht.",
        "Persönliche Daten",
        "Das hat ein Mensch entschieden.",
    ):
        assert sentence in said.text
    assert said.values["lang"] == "de"
    asked = shown(house, made, "appeal", words="Es ist meine eigene Nummer.", lang="de")
    assert "wartet auf einen Menschen" in asked.text
    again = visit(house, code_of(made), "appeal", lang="de")
    assert again.status_code == 409
    assert "bereits um eine erneute Prüfung gebeten" in Page(again).text


def test_the_private_link_of_a_german_form_opens_in_german(house: House) -> None:
    link = next(
        value for value in re.findall(r'href="([^"]+)"', send_form(house, lang="de").text) if "/own" in value
    )
    assert link.startswith(f"{PUBLIC}/own?lang=de#")
    assert "Ihr privater Code" in house.client.get("/own?lang=de").text


@pytest.mark.parametrize("lang", languages())
def test_a_comment_is_shown_in_every_language_and_nothing_is_told_that_did_not_happen(
    house: House, lang: str
) -> None:
    page = shown(house, house.post("A bridge."), lang=lang)
    assert "A bridge." in page.text
    classes = [one.get("class", "") for _, one in page.elements]
    assert "notice" not in classes
    assert not [one for _, one in page.elements if one.get("lang") == "en" and lang != "en"]
