"""The queue as a list: news that does not move it, sites, pages of it, nothing in it, and what a browser remembers."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.browsing import card_of, demo_story, met, open_queue, sent
from tests.browser.conftest import Come
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

# As many as the page asks for at once, and two more.
ARRIVING = 52
PAGE = 50
POLL_MS = 20_000
BUSY_STORY = "https://busy.example/story"


@pytest.fixture(scope="module")
def busy(product: Running) -> Running:
    """The product with a second site, at which nobody has written yet."""
    product.run("site", "set", "busy", "--name", "The Busy Post", "--origin", "https://busy.example")
    product.until(
        lambda: len(product.as_admin("GET", "/v1/admin/sites").json()["sites"]) == 2, what="the site known"
    )
    return product


def held(product: Running, site: str) -> int:
    queues = product.as_admin("GET", f"/v1/admin/queues?site={site}").json()["queues"]
    found: int = next(queue["count"] for queue in queues if queue["queue"] == "held")
    return found


def arrive(product: Running) -> None:
    for number in range(ARRIVING):
        answer = product.post(
            f"{uuid4().hex} {uuid4().hex}",
            site="busy",
            url=BUSY_STORY,
            author={"name": f"Reader {number}", "email": f"reader-{number}@example.org"},
        )
        assert answer.status == 202, answer.body
    product.until(lambda: held(product, "busy") == ARRIVING, what="all held")


def settled(page: Page) -> None:
    expect(page.locator("#queue[aria-busy]")).to_have_count(0)


def asked_in(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_news_is_counted_and_waits_to_be_shown(busy: Running, come: Come) -> None:
    elsewhere = f"Not of this site {uuid4().hex}"
    sent(busy, elsewhere, url=demo_story(busy))
    page = come()
    # The page asks by itself every now and then; a test need not sit and wait for it.
    page.clock.install()
    open_queue(page, busy, "?status=held&site=busy")
    expect(page.get_by_text("Nothing is here.")).to_be_visible()
    expect(page.locator("#queue-title")).to_be_focused()
    expect(page.locator("#news-text")).to_have_text("Nothing new")
    expect(card_of(page, elsewhere)).to_have_count(0)

    arrive(busy)
    place = page.locator("#queue-title").bounding_box()
    page.clock.fast_forward(POLL_MS)
    expect(page.locator("#news-text")).to_have_text(f"{ARRIVING} new")
    # Announced politely, and nothing moves below a finger before it is asked for.
    expect(page.locator("#news-text")).to_have_attribute("role", "status")
    expect(page.locator("moderation-card")).to_have_count(0)
    assert page.locator("#queue-title").bounding_box() == place
    expect(page.locator("#queue-title")).to_be_focused()

    page.get_by_role("button", name="Show").click()
    cards = page.locator("moderation-card")
    expect(cards).to_have_count(PAGE)
    expect(page.locator("#news-text")).to_have_text("Nothing new")
    expect(cards.first.locator("article")).to_be_focused()
    expect(cards.first.locator("h3")).to_have_text("Reader 0")
    page.get_by_role("button", name="Load more").click()
    expect(cards).to_have_count(ARRIVING)
    expect(cards.nth(PAGE).locator("article")).to_be_focused()
    expect(page.get_by_role("button", name="Load more")).to_be_hidden()
    names = cards.locator("h3").all_text_contents()
    assert names == [f"Reader {number}" for number in range(ARRIVING)], "oldest first, each once"
    # At either end of the list there is nothing further to go to.
    cards.last.locator("article").focus()
    page.keyboard.press("j")
    expect(cards.last.locator("article")).to_be_focused()
    assert met(page).errors == []


def test_a_site_is_chosen_and_stays_in_the_address(busy: Running, come: Come) -> None:
    here, there = f"Of the demo {uuid4().hex}", f"Of the busy one {uuid4().hex}"
    sent(busy, here, url=demo_story(busy))
    page = come()
    open_queue(page, busy, "?site=demo")
    expect(page.get_by_label("Site")).to_have_value("demo")
    expect(card_of(page, here)).to_be_visible()
    page.get_by_label("Site").select_option("The Busy Post")
    settled(page)
    assert asked_in(page) == {"status": ["held"], "site": ["busy"]}
    sites = page.locator("moderation-card p.small > .quiet").all_text_contents()
    assert not [site for site in sites if "busy" not in site and " · " in site]
    expect(card_of(page, here)).to_have_count(0)
    page.locator("#queues [data-status=rejected]").click()
    settled(page)
    assert asked_in(page) == {"status": ["rejected"], "site": ["busy"]}
    expect(page.get_by_text("Nothing is here.")).to_be_visible()

    page.go_back()
    settled(page)
    expect(page.locator("#queue-title")).to_have_text("Held for a person")
    expect(page.get_by_label("Site")).to_have_value("busy")
    page.go_back()
    expect(page.get_by_label("Site")).to_have_value("demo")
    expect(card_of(page, here)).to_be_visible()
    page.reload()
    expect(page.get_by_label("Site")).to_have_value("demo")
    expect(card_of(page, here)).to_be_visible()

    # The counts beside the queues are of the site that is chosen.
    sent(busy, there, site="busy", url=BUSY_STORY)
    page.get_by_label("Site").select_option("The Busy Post")
    expect(page.locator("#queues [data-status=held] b")).to_have_text(str(held(busy, "busy")))
    assert met(page).errors == []


def test_the_keyboard_help_comes_by_its_key_and_gives_the_focus_back(busy: Running, come: Come) -> None:
    text = f"Which key was it? {uuid4().hex}"
    sent(busy, text, url=demo_story(busy))
    page = come()
    open_queue(page, busy, "?site=demo")
    page.locator("#queue-title").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    article = card_of(page, text).locator("article")
    article.focus()
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard help")
    expect(help_).to_be_visible()
    told = help_.locator("kbd").all_text_contents()
    assert told == ["j", "k", "a", "r", "Enter", "Esc", "h", "c", "z", "?"]
    # Behind the dialog no key decides anything.
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    expect(article).to_be_focused()
    expect(card_of(page, text).locator(".chip")).to_have_text("held")


def test_the_switch_of_the_keys_is_remembered_in_this_browser_and_no_other(busy: Running, come: Come) -> None:
    page = come()
    open_queue(page, busy)
    expect(page.get_by_label("Keyboard shortcuts")).to_be_checked()
    page.get_by_label("Keyboard shortcuts").uncheck()
    page.reload()
    expect(page.locator("#desk")).to_be_visible()
    expect(page.get_by_label("Keyboard shortcuts")).not_to_be_checked()
    again = page.context.new_page()
    open_queue(again, busy)
    expect(again.get_by_label("Keyboard shortcuts")).not_to_be_checked()
    again.get_by_label("Keyboard shortcuts").check()
    page.reload()
    expect(page.get_by_label("Keyboard shortcuts")).to_be_checked()
    other = come()
    open_queue(other, busy)
    expect(other.get_by_label("Keyboard shortcuts")).to_be_checked()


def test_a_story_that_is_visited_from_the_queue_learns_nothing_of_it(busy: Running, come: Come) -> None:
    text = f"What is this about? {uuid4().hex}"
    sent(busy, text, url=demo_story(busy))
    page = come()
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    open_queue(page, busy, "?site=demo")
    card_of(page, text).get_by_role("link").first.click()
    page.wait_for_url(demo_story(busy))
    [visit] = [each for each in requests if each.url == demo_story(busy)]
    assert "referer" not in visit.headers
    assert page.evaluate("document.referrer") == ""
    told = {urlsplit(each.url).path for each in requests if busy.admin_token in str(each.headers)}
    assert told
    assert all(path.startswith("/v1/admin/") for path in told)
