"""The desk in use: keys, taking back, and an author who edits meanwhile."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from playwright.sync_api import Route, expect

from tests.browser.browsing import card_of, demo_story, met, open_queue, sent
from tests.browser.conftest import Come
from tests.browser.desk import at_card, by_people, case, decided, flood, focused, held, waiting
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_keys_work_while_a_card_has_the_focus_and_nowhere_else(product: Running, come: Come) -> None:
    first, one = waiting(product, "The first of two")
    second, two = waiting(product, "The second of two")
    page = come()
    open_queue(page, product)
    for elsewhere in ("#queue-title", "#keys"):
        page.locator(elsewhere).focus()
        for key in "arshz":
            page.keyboard.press(key)
    expect(page.locator("[data-panel=reject-panel]")).to_have_count(0)
    at_card(page, one)
    page.keyboard.press("j")
    assert focused(page) == two
    page.keyboard.press("k")
    assert focused(page) == one
    for held_down in ("Control+a", "Alt+a", "Meta+a"):
        page.keyboard.press(held_down)
    assert by_people(product, first) == by_people(product, second) == []

    page.keyboard.press("r")
    panel = card_of(page, one).locator("[data-panel=reject-panel]")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    page.keyboard.press("r")
    note = panel.get_by_label("Note for colleagues")
    note.press_sequentially("sash")
    expect(note).to_have_value("sash")
    panel.get_by_role("button", name="Other").focus()
    page.keyboard.press("i")
    expect(card_of(page, one)).to_have_count(0)
    assert focused(page) == two
    expect(page.locator("#toast-text")).to_have_text("Rejected (insult): the comment by Ada.")
    decided(product, first, ("reject", ["insult"]))
    assert case(product, first)["decisions"][-1]["note"] == "sash"
    assert by_people(product, second) == []
    assert met(page).errors == []


def test_a_rejection_may_have_several_reasons_and_a_sentence_for_its_author(
    product: Running, come: Come
) -> None:
    comment_id, text = waiting(product, "Two reasons at once")
    page = come()
    open_queue(page, product)
    card = at_card(page, text)
    page.keyboard.press("r")
    page.keyboard.press("Shift+T")
    expect(card.get_by_role("button", name="Threat")).to_have_attribute("aria-pressed", "true")
    card.get_by_label("Tell the author").fill("Please write without threats.")
    card.get_by_role("button", name="Hate").click()
    expect(card).to_have_count(0)
    decided(product, comment_id, ("reject", ["threat", "hate"]))
    assert case(product, comment_id)["decisions"][-1]["message"] == "Please write without threats."


def test_enter_in_a_field_rejects_with_what_is_marked(product: Running, come: Come) -> None:
    comment_id, text = waiting(product, "Marked, and explained")
    page = come()
    open_queue(page, product)
    card = at_card(page, text)
    page.keyboard.press("r")
    page.keyboard.press("Shift+I")
    note = card.get_by_label("Note for colleagues")
    note.fill("The third time")
    note.press("Enter")
    expect(card).to_have_count(0)
    decided(product, comment_id, ("reject", ["insult"]))
    assert case(product, comment_id)["decisions"][-1]["note"] == "The third time"


def test_fifty_held_comments_are_cleared_by_keyboard_alone(product: Running, come: Come) -> None:
    made = flood(product, "fifty", 50)
    page = come()
    open_queue(page, product, "?queue=held&site=fifty")
    expect(page.locator(".card").first).to_be_focused()
    for number in range(50):
        expect(page.locator(".card:focus")).to_have_count(1)
        page.keyboard.press("asr"[number % 3])
        if number % 3 == 2:
            page.keyboard.press("f")
    expect(page.get_by_text("Nothing waits. Well done.")).to_be_visible()
    product.until(lambda: held(product, "fifty") == 0, what="all decided")
    wanted = [("approve", []), ("reject", ["spam"]), ("reject", ["off_topic"])]
    assert [by_people(product, one) for one in made] == [[wanted[number % 3]] for number in range(50)]
    assert met(page).errors == []


def test_shortcuts_can_be_switched_off_and_stay_off_in_this_browser_alone(
    product: Running, come: Come
) -> None:
    comment_id, text = waiting(product, "Keys are off")
    page = come()
    open_queue(page, product)
    page.get_by_label("Keyboard shortcuts").uncheck()
    page.reload()
    expect(page.get_by_label("Keyboard shortcuts")).not_to_be_checked()
    card = at_card(page, text)
    for key in "arsh":
        page.keyboard.press(key)
    expect(card.locator("[data-panel=reject-panel]")).to_have_count(0)
    card.get_by_role("link", name="Reject…").click()
    card.get_by_role("button", name="Insult").click()
    expect(card).to_have_count(0)
    decided(product, comment_id, ("reject", ["insult"]))
    other = come()
    open_queue(other, product)
    expect(other.get_by_label("Keyboard shortcuts")).to_be_checked()


def test_an_undo_brings_back_the_comment_its_thread_the_counts_and_the_etag(
    product: Running, come: Come
) -> None:
    url = f"https://example.org/{uuid4().hex}"
    comment_id = sent(product, text := f"Approved by a slip {uuid4().hex}", url=url)["id"]
    _, other = waiting(product, "Somebody has to stay in the list")
    thread = f"/v1/threads?{urlencode({'site': 'demo', 'url': url})}"
    counts = f"/v1/counts?{urlencode({'site': 'demo', 'url': url})}"

    def public() -> list[tuple[str | None, bytes]]:
        answers = [product.ask("GET", path) for path in (thread, counts)]
        # Counts have no ETag, and are fresh for a minute instead.
        return [(answer.headers.get("etag"), answer.body) for answer in answers]

    before = public()
    assert before[0][0] is not None
    page = come()
    open_queue(page, product)
    at_card(page, text)
    page.keyboard.press("a")
    expect(card_of(page, text)).to_have_count(0)
    decided(product, comment_id, ("approve", []))
    product.until(
        lambda: all(now != then for now, then in zip(public(), before, strict=True)),
        what="the comment on stage, and counted",
    )
    page.get_by_role("button", name="Undo").click()
    expect(card_of(page, text)).to_be_focused()
    expect(page.locator("#toast-text")).to_have_text("Taken back: the comment by Ada is held again.")
    decided(product, comment_id, ("approve", []), ("undo", []))
    product.until(lambda: public() == before, what="the thread and its count as they were, byte for byte")
    # It can be decided again from the same card, and taken back by key from another.
    page.keyboard.press("a")
    expect(card_of(page, text)).to_have_count(0)
    at_card(page, other)
    page.keyboard.press("u")
    expect(card_of(page, text)).to_be_focused()
    decided(product, comment_id, *[("approve", []), ("undo", [])] * 2)


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
    # Whoever is at another card by now is not taken away from it.
    at_card(page, text)
    page.keyboard.press("Enter")
    card = card_of(page, after)
    expect(card).to_be_focused()
    page.keyboard.press("a")
    expect(card).to_have_count(0)
    decided(product, made["id"], ("approve", []))


def test_what_could_not_be_sent_comes_back_with_the_reason(product: Running, come: Come) -> None:
    comment_id, text = waiting(product, "The network is away")
    page = come()
    open_queue(page, product)

    def away(route: Route) -> None:
        route.abort()

    page.route("**/decision", away)
    card = at_card(page, text)
    page.keyboard.press("a")
    expect(card.get_by_role("alert")).to_contain_text("No answer came from the service.")
    page.unroute("**/decision", away)
    card.get_by_role("button", name="Reload").click()
    expect(card.get_by_role("alert")).to_be_hidden()
    at_card(page, text)
    page.keyboard.press("a")
    expect(card).to_have_count(0)
    decided(product, comment_id, ("approve", []))


def test_the_keyboard_help_comes_by_its_key_and_gives_the_focus_back(product: Running, come: Come) -> None:
    _, text = waiting(product, "Which key was it?")
    page = come()
    open_queue(page, product)
    card = at_card(page, text)
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard help")
    expect(help_).to_be_visible()
    # Behind the dialog no key decides anything.
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    expect(card).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.get_by_label("Search").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(1)
    expect(card_of(page, text)).to_be_focused()
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Comment by Ada")).to_be_visible()


KEYS_OF_CONTROLS = """() => {
    const found = new Set();
    const shown = (each) => each.checkVisibility() && !each.closest("dialog");
    for (const control of document.querySelectorAll("button, a, input, select, textarea")) {
        if (!shown(control)) continue;
        for (const key of (control.getAttribute("aria-keyshortcuts") ?? "").split(" ")) found.add(key);
        for (const each of [control, ...(control.labels ?? [])])
            for (const kbd of each.querySelectorAll("kbd")) if (shown(kbd)) found.add(kbd.textContent);
    }
    return [...found];
}"""


def test_each_key_that_the_help_tells_of_stands_at_something_to_press(product: Running, come: Come) -> None:
    _, text = waiting(product, "Decided, so that there is something to take back")
    waiting(product, "Here to stay")
    page = come()
    open_queue(page, product)
    at_card(page, text)
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_text("Several at once").click()
    named = set(page.evaluate(KEYS_OF_CONTROLS))
    told: list[list[str]] = page.locator("#help dt").evaluate_all(
        "(all) => all.map((each) => [...each.querySelectorAll('kbd')].map((key) => key.textContent))"
    )
    going = ["g", "1…9", "0"]
    assert going in told
    pressed = {key for keys in told if keys != going for key in keys}
    assert len(pressed) >= 15
    assert sorted(pressed - named) == []
    # A queue's is two keys, one after the other, and has its place where the queue says what it holds.
    tabs = page.locator("#queues a")
    expect(tabs).to_have_count(10)
    for number in range(1, 11):
        expect(tabs.nth(number - 1)).to_have_attribute("title", re.compile(rf"\(keys: g {number % 10}\)$"))


def test_what_the_models_found_is_said_in_words_and_each_reason_once(product: Running, come: Come) -> None:
    _, text = waiting(product, "You are a complete idiot, and that is")
    page = come()
    open_queue(page, product)
    card = card_of(page, text)
    expect(card.locator(".findings")).to_contain_text("Toxicity")
    expect(card.locator(".findings")).to_contain_text("the marked words weighed most")
    expect(card.locator("mark").filter(has_text="idiot")).to_have_count(1)
    # The list and the models both say so.
    line = card.locator(".decision").inner_text()
    assert line.count("Offensive") == 1


def test_a_story_that_is_visited_from_the_queue_learns_nothing_of_it(product: Running, come: Come) -> None:
    text = f"What is this about? {uuid4().hex}"
    sent(product, text, url=demo_story(product))
    page = come()
    open_queue(page, product, "?site=demo")
    card_of(page, text).locator(".story a").click()
    page.wait_for_url(demo_story(product))
    assert page.evaluate("document.referrer") == ""


def test_no_secret_stands_in_an_address_or_in_the_browsers_storage(product: Running, come: Come) -> None:
    page = come()
    open_queue(page, product)
    page.get_by_label("Keyboard shortcuts").uncheck()
    page.goto(f"{product.url}/moderation/people")
    token = product.admin_token
    [cookie] = page.context.cookies()
    kept = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])"
    )
    for secret in (token, cookie["value"]):
        assert secret not in kept
        assert secret not in page.content()
        assert not [url for url in [page.url, *met(page).requests] if secret in url]
    page.locator(".me summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_label("Your token")).to_be_visible()
    page.goto(f"{product.url}/moderation/people")
    expect(page.get_by_label("Your token")).to_be_visible()
    assert page.context.cookies() == []
