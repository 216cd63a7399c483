"""Two people at one queue: whoever comes second sees in place what the first did, and nothing is decided twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.browsing import card_of, met, open_queue, sign_in
from tests.browser.conftest import Come
from tests.browser.desk import at_card, by_people, colleague, decided, flood, held, waiting
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_of_two_moderators_the_second_is_told_in_place_who_decided(product: Running, come: Come) -> None:
    comment_id, text = waiting(product, "Two look at this")
    _, token = colleague(product, "Odile")
    first, second = come(), come()
    open_queue(second, product)
    sign_in(first, product, token)
    card = at_card(second, text)
    at_card(first, text)
    # Whoever comes second to a comment sees whose it is.
    expect(card_of(first, text).locator(".claim")).to_contain_text("first-admin is looking at this")
    first.keyboard.press("a")
    expect(card_of(first, text)).to_have_count(0)
    decided(product, comment_id, ("approve", []))

    at_card(second, text)
    second.keyboard.press("s")
    alert = card.get_by_role("alert")
    expect(alert).to_contain_text("Odile")
    expect(alert).to_contain_text("approved")
    expect(card.get_by_role("button", name="Approve")).to_be_hidden()
    expect(card.get_by_role("button", name="Reload")).to_be_focused()
    assert by_people(product, comment_id) == [("approve", [])]
    second.keyboard.press("Enter")
    expect(card.locator(".chip").first).to_have_text("approved")
    expect(card).to_be_focused()


def test_two_moderators_clear_one_queue_by_keys_and_every_comment_is_decided_once(
    product: Running, come: Come
) -> None:
    made = flood(product, "shared", 20)
    name, token = colleague(product, "Odile")
    one, other = come(), come()
    sign_in(one, product)
    sign_in(other, product, token)
    people = [(one, "first-admin"), (other, name)]
    for page in (one, other):
        page.goto(f"{product.url}/moderation?queue=held&site=shared")
        expect(page.locator("#next")).to_be_visible()
        expect(page.locator(".card").first).to_be_focused()
    # Both stand at the same comment each time. First they take turns in being the faster one …
    for number, comment_id in enumerate(made[:10]):
        (faster, who), (slower, _) = people if number % 2 else reversed(people)
        at(faster, comment_id)
        at(slower, comment_id)
        faster.keyboard.press("a")
        decided(product, comment_id, ("approve", []))
        slower.keyboard.press("s")
        assert_told(slower, comment_id, f"{who} has approved this comment")
    # … then nobody waits for anybody: whoever loses is told, whoever it is.
    for comment_id in made[10:]:
        at(one, comment_id)
        at(other, comment_id)
        one.keyboard.press("a")
        other.keyboard.press("s")
        product.until(lambda: by_people(product, comment_id), what="decided by one")  # noqa: B023
        first = by_people(product, comment_id)[0]
        if first == ("approve", []):
            assert_told(other, comment_id, "first-admin has approved this comment")
        else:
            assert first == ("reject", ["spam"])
            assert_told(one, comment_id, f"{name} has rejected this comment")
    assert held(product, "shared") == 0
    assert [len(by_people(product, comment_id)) for comment_id in made] == [1] * 20
    for page, _ in people:
        assert met(page).errors == []


def at(page: Page, comment_id: str) -> Locator:
    card = page.locator(f"[id='c-{comment_id}']")
    card.focus()
    expect(card).to_be_focused()
    return card


def assert_told(page: Page, comment_id: str, sentence: str) -> None:
    """The card came back and says so; loaded anew, it shows how the comment stands, and holds the focus."""
    card = page.locator(f"[id='c-{comment_id}']")
    expect(card.get_by_role("alert")).to_contain_text(sentence)
    expect(card.get_by_role("button", name="Approve")).to_be_hidden()
    expect(card.get_by_role("button", name="Reload")).to_be_visible()
    # Whoever is at the next card by now stays there until they come back themselves.
    expect(page.locator("#queue :focus")).to_have_count(1)
    at(page, comment_id)
    page.keyboard.press("Enter")
    expect(card.get_by_role("alert")).to_be_hidden()
    expect(card.locator(".chip").first).to_have_text("approved" if "approved" in sentence else "rejected")
    expect(card).to_be_focused()
