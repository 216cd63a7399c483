"""A comment's case: everything that is known of it stands on one page, and its look-alikes are decided with it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from service.web.desk import words
from tests.browser.browsing import approved, card_of, met, person, sent, sign_in
from tests.browser.desk import by_people, case, colleague, waiting
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

TITLE = "What the ferry costs"
BEFORE = "The **ferry** was late again, and the bridge was shut."
AFTER = "The **ferry** was never late, you complete idiot, call +44 20 7946 0958 and ask."


@pytest.fixture(scope="module")
def page(browser: Browser, product: Running) -> Iterator[Page]:
    """A moderator, signed in."""
    with person(browser) as found:
        sign_in(found, product)
        yield found


def decide(product: Running, comment_id: str, token: str, action: str, **more: Any) -> None:
    answer = product.ask(
        "POST",
        f"/v1/admin/comments/{comment_id}/decision",
        {"action": action, "revision": case(product, comment_id)["revision"], **more},
        Authorization=f"Bearer {token}",
    )
    assert answer.status == 200, answer.body


def made_as_admin(product: Running, path: str, body: dict[str, Any]) -> None:
    answer = product.as_admin("POST", path, body)
    assert answer.status == 201, answer.body


@pytest.fixture(scope="module")
def addresses() -> dict[str, str]:
    """Everybody's, none of which a moderator ever sees."""
    return {name: f"{name}-{uuid4().hex}@example.org" for name in ("Odile", "Tobias", "Mallory")}


@pytest.fixture(scope="module")
def known(product: Running, addresses: dict[str, str]) -> str:
    """A comment with a past: an answer within a conversation, rejected, approved and then edited, by an author who is
    known, trusted, banned and noted about. Its id."""

    def by(name: str, alias: str = "") -> dict[str, str]:
        return {"name": alias or name, "email": addresses[name]}

    about = {"url": f"https://example.org/{uuid4().hex}", "title": TITLE}
    root = approved(product, "How much is a season ticket?", author=by("Odile"), **about)
    parent = approved(product, "Forty, and worth it.", author=by("Tobias"), parent_id=root["id"], **about)
    approved(product, "Thirty for a child.", author=by("Odile"), parent_id=parent["id"], **about)
    approved(product, "A kind word of mine", author=by("Mallory", "Mal"))
    unkind = sent(product, "An unkind word of mine", author=by("Mallory"))
    _, token = colleague(product, "Sefa")
    decide(product, unkind["id"], token, "spam")
    made_as_admin(product, f"/v1/admin/comments/{unkind['id']}/notes", {"text": "Known to the sports desk."})
    made = sent(product, BEFORE, author=by("Mallory"), parent_id=parent["id"], **about)
    said = {"message": "Please be kind.", "note": "The third today."}
    decide(product, made["id"], token, "reject", reasons=["insult", "off_topic"], **said)
    decide(product, made["id"], product.admin_token, "approve")
    edited = product.ask(
        "PATCH",
        f"/v1/comments/{made['id']}",
        {"text": AFTER},
        Authorization=f"Bearer {made['edit_token']}",
    )
    assert edited.status == 202, edited.body
    product.until(lambda: case(product, made["id"])["awaiting"] == "held", what="the edit held")
    for standing in (
        {"kind": "trust", "of": "address", "note": "Writes for the parish."},
        {"kind": "ban", "of": "name", "cause": "insult", "note": "Until they calm down."},
    ):
        made_as_admin(product, "/v1/admin/standings", {"comment": made["id"], **standing})
    made_as_admin(product, f"/v1/admin/comments/{made['id']}/notes", {"text": "Rang us about it."})
    return made["id"]


@pytest.fixture
def opened(product: Running, page: Page, known: str) -> Page:
    page.goto(f"{product.url}/moderation/comments/{known}")
    return page


def section(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def pieces(text: Locator) -> list[tuple[str, str]]:
    """The pieces of a text as (what stands there, what it is marked as or with)."""
    found = text.evaluate(
        "(all) => [...all.childNodes].map((each) => [each.textContent, each.title || each.localName || ''])"
    )
    return [(words, mark) for words, mark in found]


def test_a_case_shows_the_comment_as_typed_and_as_served_its_edit_word_by_word_and_its_story(
    product: Running, opened: Page, known: str
) -> None:
    story = case(product, known)["thread"]["url"]
    expect(opened.get_by_role("link", name=TITLE)).to_have_attribute("href", story)
    expect(section(opened, "As typed").locator(".text")).to_have_text(AFTER)
    opened.get_by_text("As readers would see it").click()
    expect(opened.locator(".card .prose strong")).to_have_text("ferry")
    expect(opened.locator(".card .prose")).to_have_text(AFTER.replace("*", ""))
    changes = pieces(section(opened, "The new text, with what it changes").locator(".text"))
    assert "".join(said for said, what in changes if what != "ins") == BEFORE
    assert "".join(said for said, what in changes if what != "del") == AFTER
    # Word by word: what both have in common is not told as gone and come again.
    assert changes[0] == ("The **ferry** was ", "")
    assert met(opened).errors == []


def test_around_a_comment_stand_what_it_answers_and_its_conversation(opened: Page) -> None:
    told = section(opened, "Around it").locator("li")
    for name, what, text in (
        ("Odile", "begins the conversation", "How much is a season ticket?"),
        ("Tobias", "what it answers", "Forty, and worth it."),
        ("Odile", "answers the same", "Thirty for a child."),
    ):
        one = told.filter(has_text=text)
        expect(one).to_contain_text(f"{name} · {what} · approved")
    expect(told.last).to_contain_text("This comment.")
    told.first.get_by_role("link", name="open").click()
    expect(opened.get_by_role("heading", name="Comment by Odile")).to_be_visible()


def test_of_the_author_everything_is_told_but_the_address(opened: Page, addresses: dict[str, str]) -> None:
    author = section(opened, "This author")
    expect(author).to_contain_text("2 approved, 1 rejected")
    expect(author).to_contain_text("Mallory, Mal")
    expect(author).to_contain_text("Trusted by address (Other) by first-admin")
    expect(author).to_contain_text("Writes for the parish.")
    expect(author.locator(".notice.bad")).to_contain_text("Banned by name (Insult) by first-admin")
    notes = section(opened, "Notes")
    expect(notes).to_contain_text("Rang us about it.")
    expect(notes).to_contain_text("Known to the sports desk. (about another comment)")
    content = opened.content()
    assert [one for one in addresses.values() if one in content or one.split("@")[0] in content] == []


def test_each_finding_stands_there_with_its_version_its_evidence_and_why_it_did_not_run(
    product: Running, opened: Page, known: str
) -> None:
    findings = case(product, known)["findings"]
    opened.get_by_text("Checks that found nothing or did not run").click()
    rows = section(opened, "What the checks saw").first.locator("tbody tr")
    told: list[list[str]] = rows.evaluate_all(
        "(all) => all.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    assert sorted((check, version) for check, _, _, _, version in told) == sorted(
        (one["check"].replace("_", " "), one["version"]) for one in findings
    )
    asleep = {(one["check"].replace("_", " "), one["outcome"], one["why"]) for one in findings if one["why"]}
    assert ("trap", "skipped", "the time spent on the form is not known") in asleep
    assert asleep <= {(check, found, why) for check, found, _, why, _ in told}

    marks = [mark for said, mark in pieces(section(opened, "As typed").locator(".text")) for _ in said]
    placed = [one for finding in findings for one in finding["evidence"] if one["start"] is not None]
    assert {"on the list: idiot", "a phone number"} <= {one["note"] for one in placed}
    for one in placed:
        assert all(one["note"] in mark for mark in marks[one["start"] : one["end"]]), one
    # What no finding speaks of is not marked.
    assert marks[0] == ""


def test_every_decision_stands_there_with_all_its_reasons(product: Running, opened: Page, known: str) -> None:
    decisions = case(product, known)["decisions"]
    told = section(opened, "Decisions").locator(".decision").all_inner_texts()
    assert len(told) == len(decisions) >= 4
    for one, line in zip(reversed(decisions), told, strict=True):
        assert line.startswith(words.DONE[one["action"]])
        assert ("by the checks" if one["automated"] else f"by {one['actor']}") in line
        for reason in one["reasons"]:
            assert words.in_words(reason["code"]) in line
    [rejected] = [line for line in told if line.startswith("Rejected")]
    for said in ("Insult, Off topic", "“The third today.”", "told the author: “Please be kind.”"):
        assert said in rejected


def test_a_comment_is_escalated_from_its_case_with_a_note_and_not_without(
    product: Running, page: Page
) -> None:
    comment_id, text = waiting(product, "Somebody above should see this")
    page.goto(f"{product.url}/moderation/comments/{comment_id}")
    form = section(page, "Decide")
    form.get_by_role("button", name="Escalate").click()
    expect(page.locator("#told")).to_have_class("notice bad")
    assert by_people(product, comment_id) == []
    form.get_by_label("Note for colleagues").fill("Is this the councillor himself?")
    form.get_by_role("button", name="Escalate").click()
    expect(page.locator("#told")).to_contain_text("Escalated.")
    assert by_people(product, comment_id) == [("escalate", [])]
    page.goto(f"{product.url}/moderation?queue=escalated")
    expect(card_of(page, text)).to_contain_text("Is this the councillor himself?")


def test_one_text_under_several_names_is_rejected_as_spam_together_once_it_was_confirmed(
    product: Running, page: Page
) -> None:
    advert = (
        "Our family trusted Hartley and Sons with the new kitchen, and we have not regretted it for a moment: they"
        " came when they said, they swept the floor, and the bill was what had been agreed."
    )

    def came(name: str, text: str) -> str:
        author = {"name": name, "email": f"{uuid4().hex}@example.org"}
        made: str = sent(product, text, author=author)["id"]
        return made

    names = ["Ann", "Ben", "Carla", "Dimitri"]
    first, *others = [came(name, advert) for name in names]
    nearly = came("Hugo", advert.replace("moment", "minute"))
    apart = came("Kofi", f"The tram was on time {uuid4().hex}.")
    everyone = [first, *others, nearly, apart]
    assert [case(product, one)["status"] for one in everyone] == ["held"] * 6

    page.goto(f"{product.url}/moderation/comments/{first}")
    alike = section(page, "Much like it")
    for name in names[1:]:
        expect(alike.locator("li").filter(has_text=name)).to_contain_text("same text")
    expect(alike.locator("li").filter(has_text="Hugo")).to_contain_text("similar")
    expect(alike.locator("li").filter(has_text="Kofi")).to_have_count(0)
    # Similar is not the same: a moderator may leave it out.
    alike.locator("li").filter(has_text="Hugo").get_by_role("checkbox").uncheck()
    alike.get_by_role("button", name="These are spam").click()
    expect(page.get_by_role("heading", name="Rejected as spam: 4 comments?")).to_be_visible()
    for name in names:
        expect(page.get_by_role("link", name=name)).to_be_visible()
    assert [by_people(product, one) for one in everyone] == [[]] * 6
    page.get_by_role("button", name="Yes: rejected as spam, 4 of them").click()
    together = [first, *others]
    product.until(
        lambda: [by_people(product, one) for one in together] == [[("reject", ["spam"])]] * 4,
        what="all of one text rejected as spam",
    )
    assert {case(product, one)["status"] for one in together} == {"rejected"}
    for one in (nearly, apart):
        assert by_people(product, one) == []
        assert case(product, one)["status"] == "held"


def test_how_far_many_at_once_are_is_told_in_place_while_a_worker_carries_it_out(
    product: Running, page: Page
) -> None:
    word = f"w{uuid4().hex[:12]}"
    made = [sent(product, f"{word} {uuid4().hex} {uuid4().hex}")["id"] for _ in range(3)]
    page.goto(f"{product.url}/moderation?queue=held&q={word}")
    for box in page.locator(".card").get_by_role("checkbox").all():
        box.check()
    page.get_by_text("Several at once").click()
    page.locator("#bulk").get_by_role("button", name="Approve").click()
    with sleeping(product.workers):
        page.get_by_role("button", name="Yes: approved, 3 of them").click()
        told = page.get_by_role("status")
        expect(told).to_have_text(re.compile("^0 decided, .* 3 to go"))
        expect(page.get_by_role("link", name="Look again")).to_be_visible()
        back = page.get_by_role("button", name="Stop, and undo what was decided")
        back.focus()
        page.evaluate("window.stayed = true")
    expect(told).to_have_text(re.compile("^3 decided, .* Done"))
    expect(page.get_by_role("button", name="Undo all of it")).to_be_focused()
    expect(page.get_by_role("link", name="Look again")).to_have_count(0)
    assert page.evaluate("window.stayed")
    assert {case(product, one)["status"] for one in made} == {"approved"}
    assert met(page).errors == []


@contextmanager
def sleeping(processes: list[int]) -> Iterator[None]:
    """These processes do nothing meanwhile."""
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)
