"""The moderation page in use: keys, taking back, two people at one queue, an author who edits, and the token."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.browsing import card_of, met, open_queue, sent
from tests.browser.conftest import Come
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def waiting(product: Running, words: str) -> tuple[str, str]:
    """A held comment with words of its own: its id and its text."""
    text = f"{words} {uuid4().hex}"
    return sent(product, text)["id"], text


def case(product: Running, comment_id: str) -> dict[str, Any]:
    found: dict[str, Any] = product.as_admin("GET", f"/v1/admin/comments/{comment_id}").json()
    return found


def by_people(product: Running, comment_id: str) -> list[tuple[str, list[str], str]]:
    """Action, reasons and note of each decision that a person took, oldest first."""
    found = [one for one in case(product, comment_id)["decisions"] if not one["automated"]]
    found.sort(key=lambda one: one["decided_at"])
    return [
        (one["action"], [reason["code"] for reason in one["reasons"]], one["note"] or "") for one in found
    ]


def at_card(page: Page, text: str) -> Locator:
    """The card of this comment, with the focus in it."""
    card = card_of(page, text)
    card.locator("article").focus()
    expect(card.locator("article")).to_be_focused()
    return card


def focused(page: Page) -> str:
    """The text of the card that has the focus; empty where none has."""
    found: str = page.evaluate("document.activeElement.closest('moderation-card')?.item.text ?? ''")
    return found


def test_keys_work_while_a_card_has_the_focus_and_nowhere_else(product: Running, come: Come) -> None:
    first, one = waiting(product, "The first of two")
    second, two = waiting(product, "The second of two")
    page = come()
    open_queue(page, product)

    page.locator("#queue-title").focus()
    for key in "arhcz":
        page.keyboard.press(key)
    page.locator("#keys").focus()
    for key in "arhcz":
        page.keyboard.press(key)
    expect(card_of(page, one).locator(".reasons")).to_be_hidden()
    expect(card_of(page, one).locator(".context")).to_be_hidden()
    assert by_people(product, first) == by_people(product, second) == []

    at_card(page, one)
    page.keyboard.press("j")
    assert focused(page) == two
    page.keyboard.press("k")
    assert focused(page) == one
    page.keyboard.press("c")
    expect(card_of(page, one).locator(".context")).to_contain_text("Every check")
    expect(card_of(page, one).locator(".context")).to_contain_text("Decisions so far")
    for held_down in ("Control+a", "Alt+a", "Meta+a"):
        page.keyboard.press(held_down)
    assert by_people(product, first) == []

    page.keyboard.press("r")
    expect(card_of(page, one).locator(".reasons")).to_be_visible()
    page.keyboard.press("Escape")
    expect(card_of(page, one).locator(".reasons")).to_be_hidden()
    page.keyboard.press("r")
    note = card_of(page, one).get_by_label("Note for the record")
    note.fill("")
    note.press_sequentially("sash")
    expect(note).to_have_value("sash")
    card_of(page, one).locator("[data-reason=other]").focus()
    page.keyboard.press("s")
    expect(card_of(page, one)).to_have_count(0)
    assert focused(page) == two
    expect(page.locator("#toast-text")).to_have_text("Rejected (spam): the comment by Ada.")
    assert by_people(product, first) == [("reject", ["spam"], "sash")]

    page.locator("#queues [data-status=rejected]").click()
    at_card(page, one)
    page.keyboard.press("h")
    expect(card_of(page, one)).to_have_count(0)
    assert [action for action, *_ in by_people(product, first)] == ["reject", "hold"]
    assert by_people(product, second) == []


def test_shortcuts_can_be_switched_off(product: Running, come: Come) -> None:
    comment_id, text = waiting(product, "Keys are off")
    page = come()
    open_queue(page, product)
    page.get_by_label("Keyboard shortcuts").uncheck()
    card = at_card(page, text)
    for key in "arhc":
        page.keyboard.press(key)
    expect(card.locator(".reasons")).to_be_hidden()
    expect(card.locator(".context")).to_be_hidden()
    card.get_by_role("button", name="Reject").click()
    card.get_by_role("button", name="Insult").click()
    expect(card).to_have_count(0)
    assert by_people(product, comment_id) == [("reject", ["insult"], "")]


def test_taking_back_is_a_decision_of_its_own(product: Running, come: Come) -> None:
    comment_id, text = waiting(product, "Approved by a slip")
    _, other = waiting(product, "Somebody has to stay in the list")
    page = come()
    open_queue(page, product)
    at_card(page, text)
    page.keyboard.press("a")
    expect(card_of(page, text)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(card_of(page, text).locator("article")).to_be_focused()
    expect(page.locator("#toast-text")).to_have_text("Taken back: the comment by Ada is held again.")
    assert case(product, comment_id)["status"] == "held"
    assert by_people(product, comment_id) == [("approve", [], ""), ("hold", [], "Taken back")]

    page.keyboard.press("a")
    expect(card_of(page, text)).to_have_count(0)
    # The key of taking back works in the list; its button everywhere.
    at_card(page, other)
    page.keyboard.press("z")
    expect(card_of(page, text).locator("article")).to_be_focused()
    assert [action for action, *_ in by_people(product, comment_id)] == ["approve", "hold"] * 2


def test_of_two_moderators_the_second_is_told_in_place_who_decided(product: Running, come: Come) -> None:
    comment_id, text = waiting(product, "Two look at this")
    colleague = product.run("token", "create", "Odile").split()[-1]
    first, second = come(), come()
    open_queue(second, product)
    first.goto(f"{product.url}/moderation")
    first.get_by_label("Admin token").fill(colleague)
    first.keyboard.press("Enter")
    expect(first.locator("#who")).to_have_text("as Odile")
    at_card(first, text)
    first.keyboard.press("a")
    expect(card_of(first, text)).to_have_count(0)

    card = at_card(second, text)
    second.keyboard.press("r")
    second.keyboard.press("s")
    alert = card.get_by_role("alert")
    expect(alert).to_contain_text("Odile")
    expect(alert).to_contain_text("approved")
    expect(card.get_by_role("button", name="Approve")).to_be_hidden()
    assert by_people(product, comment_id) == [("approve", [], "")]
    expect(card.get_by_role("button", name="Reload")).to_be_focused()
    second.keyboard.press("Enter")
    expect(card.locator(".chip")).to_have_text("approved")
    expect(card.locator("article")).to_be_focused()


def test_a_moderator_is_told_that_the_author_edited_meanwhile(product: Running, come: Come) -> None:
    made = sent(product, text := f"Before the edit {uuid4().hex}")
    page = come()
    open_queue(page, product)
    card = at_card(page, text)
    after = f"After the edit {uuid4().hex}"
    edited = product.ask(
        "PATCH",
        f"/v1/comments/{made['id']}",
        {"text": after},
        Authorization=f"Bearer {made['edit_token']}",
    )
    assert edited.status == 202, edited.body
    product.until(lambda: case(product, made["id"])["awaiting"] != "pending", what="the edit screened")
    page.keyboard.press("a")
    expect(card.get_by_role("alert")).to_contain_text("author")
    assert by_people(product, made["id"]) == []
    page.keyboard.press("Enter")
    card = card_of(page, after)
    expect(card.locator("article")).to_be_focused()
    page.keyboard.press("a")
    expect(card).to_have_count(0)
    found = case(product, made["id"])
    assert (found["status"], found["text"]) == ("approved", after)


def test_a_wrong_token_opens_nothing(product: Running, come: Come) -> None:
    page = come()
    page.goto(f"{product.url}/moderation")
    refused = "The service does not accept this token."
    slip = "A token has no spaces and no accents in it. Please copy it again."
    for wrong, sentence in {
        "grt_wrong": refused,
        "two words": slip,
        "x" * 300: refused,
        "schlüssel": slip,
    }.items():
        page.get_by_label("Admin token").fill(wrong)
        page.keyboard.press("Enter")
        expect(page.locator("#trouble")).to_have_text(sentence)
        expect(page.locator("#desk")).to_be_hidden()
        expect(page.get_by_label("Admin token")).to_be_focused()
        expect(page.get_by_label("Admin token")).to_have_value("")
        assert page.evaluate("sessionStorage.length") == 0
    assert met(page).errors == []


def test_the_token_lives_in_its_tab_and_is_forgotten_on_request(product: Running, come: Come) -> None:
    page = come()
    open_queue(page, product)
    page.reload()
    expect(page.locator("#desk")).to_be_visible()
    page.get_by_label("Keyboard shortcuts").uncheck()
    page.locator("#queues [data-status=approved]").click()
    expect(page.locator("#queue-title")).to_have_text("Approved")
    token = product.admin_token
    kept = page.evaluate("JSON.stringify([{...localStorage}, document.cookie, history.state])")
    assert token not in kept
    assert not [url for url in [page.url, *met(page).requests] if token in url]
    assert token not in page.content()
    neighbour = page.context.new_page()
    neighbour.goto(f"{product.url}/moderation")
    expect(neighbour.get_by_label("Admin token")).to_be_visible()
    page.get_by_role("button", name="Forget token").click()
    expect(page.locator("#desk")).to_be_hidden()
    assert page.evaluate("sessionStorage.length") == 0
    assert page.locator("moderation-card").count() == 0
    page.reload()
    expect(page.get_by_label("Admin token")).to_be_visible()


def test_what_the_models_found_is_said_in_words_and_each_reason_once(product: Running, come: Come) -> None:
    _, text = waiting(product, "You are a complete idiot, and that is")
    page = come()
    open_queue(page, product)
    card = card_of(page, text)
    expect(card.locator(".findings")).to_contain_text("Toxicity")
    expect(card.locator(".findings")).to_contain_text("the marked words weighed most")
    expect(card.locator("mark").filter(has_text="idiot")).to_have_count(1)
    # The list and the models both say so.
    line = card.locator("p", has_text="Held by the checks").inner_text()
    assert line.count("Offensive") == 1
