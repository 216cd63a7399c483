"""Pages around the embed as no one would wish them: rules, other scripts, a storage that throws, hostile texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from service.web.embed import embed
from tests.browser.browsing import HeldBack, met, sent, text_field, thread_of, times_stored, write_comment
from tests.browser.conftest import Come
from tests.browser.publisher import Publisher, element, let_everything_through, newspaper
from tests.browser.test_languages import CUT
from tests.browser.test_looks import sideways
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

ELEMENT = element("star")
# By what they do; each with a weight that no rule of ours could outdo.
SHEETS = {
    "all is unset": "* { all: unset !important }",
    "all is initial": "* { all: initial !important }",
    "giant letters": "html { font-size: 40px }",
    "giant letters everywhere": "* { font-size: 48px !important; line-height: 0 !important }",
    "nothing is displayed": "body *:not(greenroom-comments), greenroom-comments * { display: none !important }",
    "nothing is seen": "section, article, form, button, p, h2 { visibility: hidden !important; opacity: 0 !important }",
    "buttons are fixed": "button { position: fixed !important; inset: 0 !important; z-index: 9 !important }",
    "what is not defined is hidden": ":not(:defined) { display: none !important }",
    "letters far apart": "* { letter-spacing: .5em !important; word-spacing: 2em !important; text-indent: 4em"
    " !important }",
    "from right to left": "* { direction: rtl !important; unicode-bidi: bidi-override !important }",
    "upright columns": "body { writing-mode: vertical-rl }",
    "in columns": "body { columns: 3; column-width: 60px }",
    "in a narrow grid": "body { display: grid; grid-template-columns: 1fr 1fr } body > * { min-width: 0 }",
}
VERTICAL = {"upright columns", "in columns", "in a narrow grid"}
# Texts that break pages; the longest is as long as a comment may be.
HOSTILE = {
    "stacked marks": "z" + "\u0335\u0336\u0337\u0338" * 6 + "a" + "\u0300\u0301\u0302\u0303" * 6 + "lgo",
    "a long word": "W" * 10_000,
    "a long word with marks": "**" + "ß̈" * 2_000 + "**",
    "from right to left": "شكرا \u202e على \u2067 العبارة " + "ش" * 500,
    "both directions": "Shown: ‏עברית‏ (1) and العربية, 2 > 1, and back.",
    "Chinese": "渡輪明年冬天繼續航行。" * 100,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 200,
    "code": "`" + "x" * 2_000 + "`\n\n```\n" + "y" * 2_000 + "\n```",
    "quotes in quotes": "\n".join(">" * depth + " deep" for depth in range(1, 30)),
    "a long link": "https://example.org/" + "path/" * 300,
    "empty lines": "a" + "\n" * 500 + "b",
}
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
    for (const one of list.getEntries())
        shifts.push([one.value, one.sources.map(({ node }) => node?.nodeName ?? "gone")]);
}).observe({ type: "layout-shift", buffered: true });
"""
FRAMES = (
    "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
)


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    """A registered site's server, whose pages may do whatever they like, and whose policy lets everything through."""
    with newspaper(product, "star", "The Star", strict=False) as found:
        let_everything_through(product, "star")
        yield found


def said(product: Running, story: str, text: str, name: str = "Odile", **more: Any) -> str:
    author = {"name": name, "email": f"{uuid4().hex}@example.org"}
    made: str = sent(product, text, site="star", url=story, author=author, **more)["id"]
    return made


def path() -> str:
    return f"/{uuid4().hex}"


def inner(page: Page) -> Any:
    return page.evaluate_handle("document.querySelector('greenroom-comments').shadowRoot.lastElementChild")


def assert_works(product: Running, page: Page, *, widths: tuple[int, ...] = (360, 1280)) -> None:
    """Under one comment by Odile: it can be read, all stands where it should, and an answer is sent."""
    section = thread_of(page)
    expect(section.locator(".body").first).to_be_visible()
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        assert inner(page).evaluate(CUT) == [], width
    # What is pressed is what is seen there: Playwright presses nothing that something else lies upon.
    section.get_by_role("button", name="Like the comment by Odile").click()
    expect(section.get_by_role("button", name="Like the comment by Odile")).to_have_attribute(
        "aria-pressed", "true"
    )
    section.get_by_role("button", name="Reply to Odile").click()
    text = f"Written all the same {uuid4().hex}"
    write_comment(section, text)
    expect(section.locator(".replies .own").get_by_text(text)).to_be_visible()
    assert times_stored(product, text) == 1
    assert met(page).errors == []


@pytest.mark.parametrize("kind", SHEETS)
def test_whatever_a_page_says_of_its_elements_the_comments_are_read_and_answered(
    product: Running, publisher: Publisher, come: Come, kind: str
) -> None:
    story = publisher.publish(path(), f"<style>{SHEETS[kind]}</style><p>Prose</p>{ELEMENT}<p>More</p>")
    said(product, story, "A comment that is long enough to be broken into lines on a narrow page.")
    page = come()
    page.goto(story)
    # A page that stands its text upright or in columns is wide by itself.
    assert_works(product, page, widths=(1280,) if kind in VERTICAL else (360, 1280))
    text = thread_of(page).locator(".body p").first
    look = "(each) => ['letterSpacing', 'textIndent', 'opacity', 'visibility'].map((of) => getComputedStyle(each)[of])"
    assert text.evaluate(look) == ["normal", "0px", "1", "visible"]
    if kind not in VERTICAL:
        assert sideways(page, 360) == 0


def test_large_letters_of_a_page_are_large_in_the_comments(
    product: Running, publisher: Publisher, come: Come
) -> None:
    story = publisher.publish(path(), f"<style>{SHEETS['giant letters']}</style>{ELEMENT}")
    said(product, story, "As large as the story")
    page = come()
    page.goto(story)
    expect(thread_of(page).locator(".body p")).to_have_css("font-size", "40px")


def test_a_page_in_the_browsers_oldest_ways_is_a_page(
    product: Running, publisher: Publisher, come: Come
) -> None:
    story = publisher.publish(path(), f"<table><tr><td>{ELEMENT}</table>", doctype="")
    said(product, story, "In quirks")
    page = come()
    page.goto(story)
    assert page.evaluate("document.compatMode") == "BackCompat"
    assert_works(product, page)


# --- other scripts, and a storage that keeps nothing -----------------------------------------------------------------


@pytest.mark.parametrize("first", ["older", "newer"])
def test_a_page_with_two_versions_of_the_script_has_comments_once(
    product: Running, publisher: Publisher, come: Come, first: str
) -> None:
    older = f"{product.url}/embed/0123456789abcdef"
    scripts = [f"{product.url}/embed.js", f"{older}/main.js"]
    loads = "".join(
        f'<script type="module" src="{src}"></script>'
        for src in (reversed(scripts) if first == "older" else scripts)
    )
    story = publisher.publish(path(), f"{ELEMENT}{loads}", scripts=0)
    said(product, story, "Once")
    page = come()

    def as_it_was(route: Route) -> None:
        name = route.request.url.rpartition("/")[2].partition("?")[0]
        text = embed().parts[name].decode().replace(embed().version, "0123456789abcdef")
        headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "text/javascript"}
        route.fulfill(body=text.replace("Be the first", "Be the very first"), headers=headers)

    page.route(f"{older}/**", as_it_was)
    page.goto(story)
    assert_works(product, page)
    section = thread_of(page)
    expect(section.locator("section")).to_have_count(1)
    expect(section.locator("form")).to_have_count(1)
    parts = {url for url in met(page).requests if re.search(r"/embed/\w+/(form|own|deeds)\.js", url)}
    # Never two halves of different releases.
    assert {url.startswith(older) for url in parts} == {first == "older"}
    assert len(parts) == 3


def test_a_storage_that_throws_keeps_nothing_and_stops_nobody(
    product: Running, publisher: Publisher, come: Come
) -> None:
    story = publisher.publish(path(), ELEMENT)
    said(product, story, "Kept nowhere")
    page = come()
    page.add_init_script(
        """for (const name of ["getItem", "setItem", "removeItem", "key", "clear"])
            Storage.prototype[name] = () => { throw new DOMException("No room", "QuotaExceededError"); };"""
    )
    page.goto(story)
    section = thread_of(page)
    section.get_by_label("Remember me on this device").check()
    text_field(section).fill("Half a thought")
    assert_works(product, page)
    section.locator(".own").get_by_role("button", name="Edit").click()
    section.locator(".own textarea").fill("Changed all the same")
    section.locator(".own").get_by_role("button", name="Save").click()
    expect(section.locator(".own .body")).to_have_text("Changed all the same")
    section.locator(".own").get_by_role("button", name="Withdraw").click()
    section.locator(".own").get_by_role("button", name="Yes, withdraw").click()
    expect(section.locator(".own")).to_have_text("You have withdrawn this comment.")
    assert met(page).errors == []


# --- texts -----------------------------------------------------------------------------------------------------------


def test_no_text_breaks_the_page_it_stands_on(product: Running, publisher: Publisher, come: Come) -> None:
    story = publisher.publish(path(), f"{ELEMENT}<footer>The end</footer>")
    above = None
    for number, (kind, text) in enumerate(HOSTILE.items()):
        made = said(product, story, text, name=f"{text[:20]} {kind}"[:40], parent_id=above)
        # As deep as answers are indented, and back to the margin.
        above = made if number % 4 else None
    page = come()
    page.goto(story)
    section = thread_of(page)
    expect(section.locator("article")).to_have_count(len(HOSTILE))
    for width in (320, 360, 768, 1280):
        assert sideways(page, width) == 0
        assert inner(page).evaluate(CUT) == [], width
    assert_nothing_reaches_out(section)
    assert met(page).errors == []


def assert_nothing_reaches_out(section: Locator) -> None:
    """No text is drawn over what stands around it: what marks pile up is cut at the comment's own edge."""
    assert set(
        section.locator(".body").evaluate_all("(all) => all.map((each) => getComputedStyle(each).overflow)")
    ) == {"clip"}
    boxes = section.locator("article").evaluate_all(
        """(all) => all.map((each) => each.getBoundingClientRect()).map(({ top, bottom }) => [top, bottom])"""
    )
    ordered = sorted(boxes)
    assert all(below[0] >= above[1] - 1 for above, below in pairwise(ordered))


# --- nothing moves ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("comments", [0, 1, 30])
def test_nothing_moves_when_comments_come_to_whoever_reads_on(
    product: Running, publisher: Publisher, come: Come, comments: int
) -> None:
    prose = "<p>" + "A long story. " * 3_000 + "</p>"
    footer = "<footer><p>The end of the page</p></footer>"
    story = publisher.publish(path(), f"{prose}{ELEMENT}{footer}")
    for number in range(comments):
        answer = product.post(
            f"Comment {number} " * 20,
            site="star",
            url=story,
            author={"name": "Odile", "email": f"{uuid4().hex}@example.org"},
        )
        assert answer.status == 202
    asked = f"/v1/counts?{urlencode({'site': 'star', 'url': story})}"
    product.until(
        lambda: product.ask("GET", asked).json()["counts"][0]["count"] == comments, what="all on stage"
    )
    page = come()
    page.add_init_script(SHIFTS)
    thread = HeldBack(page, product, "**/v1/threads?*")
    page.goto(story)
    # Read on by the wheel, until the comments are near; they come while their place is still below the window.
    page.mouse.move(640, 450)
    near = "document.querySelector('greenroom-comments').getBoundingClientRect().top - innerHeight"
    while page.evaluate(near) > 350:
        page.mouse.wheel(0, 300)
        page.evaluate(FRAMES)
    thread.let_on()
    expect(page.locator("greenroom-comments[data-loaded]")).to_have_count(1)
    page.evaluate(FRAMES)
    bottom = "scrollY + innerHeight >= document.documentElement.scrollHeight - 2"
    while not page.evaluate(bottom):
        page.mouse.wheel(0, 600)
        page.evaluate(FRAMES)
    expect(page.get_by_text("The end of the page")).to_be_in_viewport()
    assert page.evaluate("shifts") == []


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_what_stands_below_an_empty_thread_does_not_move_even_where_it_is_seen(
    product: Running, publisher: Publisher, come: Come, width: int
) -> None:
    """The element keeps the room of an empty thread with its form."""
    story = publisher.publish(path(), f"{ELEMENT}<footer><p>The end of the page</p></footer>")
    page = come(viewport={"width": width, "height": 1400})
    page.add_init_script(SHIFTS)
    thread = HeldBack(page, product, "**/v1/threads?*")
    page.goto(story)
    thread.first()
    # Before the script is here the page alone decides how much room there is.
    page.evaluate(FRAMES)
    page.evaluate("shifts.length = 0")
    before = page.get_by_text("The end of the page").bounding_box()
    thread.let_on()
    expect(page.locator("greenroom-comments[data-loaded]")).to_have_count(1)
    page.evaluate(FRAMES)
    assert page.get_by_text("The end of the page").bounding_box() == before
    assert page.evaluate("shifts") == []
