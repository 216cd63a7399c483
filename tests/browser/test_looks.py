"""What can be measured of how our pages look: axe finds nothing, in light and dark, and nothing scrolls sideways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsing import (
    approved,
    demo_story,
    fill_in,
    met,
    open_queue,
    person,
    sent,
    thread_of,
    write_comment,
)
from tests.browser.conftest import Come
from tests.browser.desk import at_card
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
WIDTHS = (320, 360, 768, 1280)
HIDDEN_FROM_PEOPLE = ".website, .website *, .unseen, .unseen *, .skip"


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One visitor for the whole file: a look at a page costs more than a page."""
    with person(browser) as found:
        yield found


def sideways(page: Page, width: int) -> int:
    """By how many pixels the page is wider than its window of this width."""
    page.set_viewport_size({"width": width, "height": 900})
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


def assert_looks_right(page: Page, what: str) -> None:
    """Measured as the page stands now: at every width, with large text, from right to left, in light and dark."""
    for width in WIDTHS:
        assert sideways(page, width) == 0, f"{what} at {width}"
    # As large as people may set their text (WCAG 2.2, 1.4.4).
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in (360, 768):
        assert sideways(page, width) == 0, f"{what} with large text at {width}"
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert sideways(page, 360) == 0, f"{what} from right to left"
    page.evaluate("document.documentElement.dir = 'ltr'")
    page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
        told = [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in found
            for node in violation["nodes"]
        ]
        assert told == [], f"{what}, {scheme}"
    page.emulate_media(color_scheme="light")
    assert met(page).errors == []


@pytest.fixture(scope="module")
def conversation(product: Running) -> None:
    """Comments as they come: long and short, a reply to a reply, a quote, code, and Arabic."""
    story = demo_story(product)
    first = approved(
        product,
        "My mother **still** counts the boats.\n\n> A boat is not a bus\n\nNo, it is not: `7.10` is `7.10`.",
        url=story,
        author={"name": "Odile", "email": "odile@example.org"},
    )
    above = first["id"]
    for number in range(6):
        above = approved(
            product,
            f"Reply number {number}, see https://example.org/{'long-' * 20}",
            url=story,
            parent_id=above,
            author={"name": f"Tobias {'of the long name ' * number}"[:60], "email": "t@example.org"},
        )["id"]
    approved(
        product,
        "شكرا على العبارة، ونلتقي في الشتاء.",
        url=story,
        author={"name": "ليلى", "email": "l@example.org"},
    )


def test_the_empty_demo_looks_right(product: Running, page: Page) -> None:
    page.goto(f"{product.url}/demo/")
    expect(thread_of(page).get_by_role("heading", name="Be the first to comment")).to_be_visible()
    assert_looks_right(page, "the demo, empty")


@pytest.mark.usefixtures("conversation")
def test_the_demo_looks_right_with_comments_and_a_form_error(product: Running, page: Page) -> None:
    page.goto(f"{product.url}/demo/")
    section = thread_of(page)
    expect(section.get_by_role("heading", name="8 comments")).to_be_visible()
    section.get_by_role("button", name="Reply to ليلى").click()
    write_comment(section, "A word of mine, waiting.")
    expect(section.locator(".own")).to_be_visible()
    section.get_by_role("button", name="Post Comment").click()
    expect(section.locator("#name-error")).to_have_text("Please write your name.")
    assert_looks_right(page, "the demo, with comments and a form error")


@pytest.mark.usefixtures("conversation")
def test_the_page_of_a_thread_looks_right(product: Running, page: Page) -> None:
    address = f"{product.url}/demo/t?{urlencode({'url': demo_story(product)})}"
    page.goto(address)
    expect(page.get_by_role("heading", name="8 comments")).to_be_visible()
    assert_looks_right(page, "the page of a thread")

    fill_in(page, "Kept.", name="wenna@example.org", email="wenna@localhost")
    with page.expect_navigation():
        page.get_by_role("button", name="Post Comment").click()
    expect(page.locator("#form-errors")).to_be_visible()
    assert_looks_right(page, "the page of a thread, with errors")


def test_the_authors_own_pages_look_right(product: Running, page: Page) -> None:
    page.goto(f"{product.url}/demo/t?{urlencode({'url': demo_story(product) + 'own'})}")
    write_comment(page, "Mine. " + "x" * 90)
    expect(page.get_by_role("link", name="Your private link")).to_be_visible()
    assert_looks_right(page, "the thanks with the private link")
    code = page.locator(".code").inner_text()
    page.goto(f"{product.url}/own")
    assert_looks_right(page, "the field for the code")
    path = f"/v1/admin/comments/{code.partition('.')[0]}"
    product.until(lambda: product.as_admin("GET", path).json()["awaiting"] == "held", what="the comment held")
    page.get_by_label("Your private code").fill(code)
    page.get_by_role("button", name="Show my comment").click()
    expect(page.get_by_role("heading", name="Ask a person to look again")).to_be_visible()
    assert_looks_right(page, "one's own comment")
    page.get_by_label("Comment", exact=True).fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#change-fault")).to_be_visible()
    assert_looks_right(page, "one's own comment with an error")
    page.get_by_role("button", name="Withdraw").click()
    assert_looks_right(page, "the question before withdrawing")


@pytest.mark.usefixtures("conversation")
def test_the_form_of_a_report_looks_right(product: Running, page: Page) -> None:
    page.goto(f"{product.url}/demo/t?{urlencode({'url': demo_story(product)})}")
    page.get_by_role("link", name="Report the comment").first.click()
    expect(page.get_by_role("button", name="Report")).to_be_visible()
    assert_looks_right(page, "the form of a report")


@pytest.mark.usefixtures("conversation")
def test_the_desk_looks_right(product: Running, page: Page) -> None:
    page.goto(f"{product.url}/moderation")
    expect(page.get_by_label("Your token")).to_be_visible()
    assert_looks_right(page, "signing in")

    story = demo_story(product)
    made = sent(
        product, "Write to wenna@example.org or call +44 20 7946 0958, www.example.com/" + "x" * 90, url=story
    )
    open_queue(page, product)
    card = page.locator(".card").first
    page.locator(".more-filters summary").click()
    assert_looks_right(page, "the queue with its filters")
    card.get_by_role("link", name="Reject…").click()
    expect(card.locator("[data-panel=reject-panel]")).to_be_visible()
    page.get_by_text("Several at once").click()
    assert_looks_right(page, "the queue with the reasons open")
    page.get_by_role("button", name="Keys").click()
    expect(page.locator("dialog#help")).to_be_visible()
    assert_looks_right(page, "the keyboard help")
    page.goto(f"{product.url}/moderation?queue=escalated&q=nothing+like+this")
    assert_looks_right(page, "an empty queue")
    page.goto(f"{product.url}/moderation?queue=nowhere")
    assert_looks_right(page, "a queue that is none")
    page.goto(f"{product.url}/moderation/comments/{made['id']}")
    page.get_by_text("Ban or trust").click()
    assert_looks_right(page, "a case")
    page.goto(f"{product.url}/moderation/comments/{'0' * 8}")
    assert_looks_right(page, "a case that is none")
    for path in ("policy", "figures", "people", "journal", "standings", "reasons", "bulks"):
        page.goto(f"{product.url}/moderation/{path}")
        assert_looks_right(page, path)


def test_the_documentation_looks_right(product: Running, page: Page) -> None:
    for path in ("/docs", "/docs/problems", "/demo/t?url=https://example.net/"):
        page.goto(product.url + path)
        assert_looks_right(page, path)


@pytest.mark.usefixtures("conversation")
def test_what_can_be_pressed_is_large_enough_for_a_finger(product: Running, come: Come) -> None:
    """44 px, except for links within running text (as WCAG 2.2, 2.5.8 lets them be)."""
    visitor = come(viewport={"width": 360, "height": 800})
    pages = {
        "/demo/": "greenroom-comments",
        f"/demo/t?{urlencode({'url': demo_story(product)})}": "main",
        "/moderation": "main",
    }
    for path, part in pages.items():
        if path == "/moderation":
            open_queue(visitor, product)
        else:
            visitor.goto(product.url + path)
        where = thread_of(visitor) if path == "/demo/" else visitor.locator(part)
        expect(where.get_by_role("button").first).to_be_visible()
        pressed = where.locator(
            "button, summary, input:not([type=hidden], [type=checkbox], [type=radio]),"
            " textarea, select, a.go, a.button, header a"
        )
        found: list[str] = pressed.evaluate_all(
            """(all, hidden) => all
                .filter((each) => each.checkVisibility() && !each.matches(hidden))
                .filter((each) => each.getBoundingClientRect().height < 43.5)
                .map((each) => `${each.outerHTML.slice(0, 80)}`)""",
            HIDDEN_FROM_PEOPLE,
        )
        assert found == [], path


@pytest.mark.usefixtures("conversation")
def test_whoever_goes_by_keyboard_always_sees_where_they_are(product: Running, come: Come) -> None:
    """What has the focus is outlined, and neither off the screen nor below something (WCAG 2.2, 2.4.7 and 2.4.11)."""
    visitor = come(viewport={"width": 360, "height": 600})
    visitor.goto(f"{product.url}/demo/")
    expect(thread_of(visitor).get_by_role("heading", name="8 comments")).to_be_visible()
    stops = by_keyboard(visitor)
    assert {"textarea", "input", "button", "a"} <= stops.keys()
    assert stops["button"] == 4 * 8 + 2, "four deeds for each comment, the form's own, and the way to it"

    visitor.goto(f"{product.url}/demo/t?{urlencode({'url': demo_story(product)})}")
    stops = by_keyboard(visitor)
    assert (stops["textarea"], stops["input"], stops["button"]) == (1, 2, 1), "the trap is never stopped at"

    # Under another story, so that the one above stays as it is.
    sent(product, "To be approved before anything else")
    sent(product, "Then to be looked at from every side")
    open_queue(visitor, product)
    at_card(visitor, "To be approved")
    visitor.keyboard.press("a")
    # What was just decided is told over the foot of the page.
    expect(visitor.get_by_role("button", name="Undo")).to_be_visible()
    visitor.locator(".card").last.get_by_role("link", name="Reject…").click()
    stops = by_keyboard(visitor)
    assert stops["button"] >= 20
    assert stops["select"] >= 1


FOCUSED = """() => {
    const inner = (found, next) => {
        for (let deeper; (deeper = next(found)) && deeper !== found; ) found = deeper;
        return found;
    };
    const at = inner(document.activeElement, (each) => each.shadowRoot?.activeElement);
    if (at === document.body) return null;
    const { left, top, right, bottom } = at.getClientRects()[0];
    const middle = [(left + right) / 2, (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2];
    const hit = inner(document.elementFromPoint(...middle), (each) => each.shadowRoot?.elementFromPoint(...middle));
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    return {
        what: at.outerHTML.slice(0, 80),
        kind: at.localName,
        outlined: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
        seen: at === hit || at.contains(hit),
    };
}"""


def by_keyboard(page: Page) -> Counter[str]:
    """Tab from the page's beginning to its end; how many stops of each kind there are, each seen to be one."""
    page.locator(".skip").focus()
    stops: list[dict[str, Any]] = []
    while len(stops) < 100:
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            break
        stops.append(stop)
    else:
        raise AssertionError("the page does not let go of the focus")
    # Once round: the first of all stops, which is off the screen until it has the focus.
    page.keyboard.press("Tab")
    stops.append(page.evaluate(FOCUSED))
    assert "Skip to" in stops[-1]["what"]
    assert [stop["what"] for stop in stops if not stop["outlined"]] == []
    assert [stop["what"] for stop in stops if not stop["seen"]] == []
    return Counter(stop["kind"] for stop in stops)
