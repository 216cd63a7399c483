"""Pages that make it hard for the embed, out of carelessness or malice: what they say and style stays theirs."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from service.web.embed import embed
from tests.browser.browsing import approved, met, thread_of, times_stored, write_comment
from tests.browser.conftest import Come
from tests.browser.publisher import Publisher, newspaper
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

ELEMENT = (
    '<greenroom-comments site="daily"><a href="/elsewhere">Read and write comments</a></greenroom-comments>'
)
# Rules as careless resets have them, with a weight that none of ours could outdo, and as sheets inherit them.
ROUGH_SHEET = """
html, body { text-align: center; white-space: pre; text-indent: 4em; text-transform: uppercase; letter-spacing: 1em;
  line-height: 0.3; word-spacing: 2em; visibility: visible; }
* { color: #eee; background: #eee; line-height: 0.3; white-space: nowrap;
  text-indent: 4em; text-transform: uppercase; letter-spacing: 1em; word-spacing: 2em; text-align: center;
  font: 3px/0.3 fantasy; }
form, input, textarea, button, article, header, section, ol, li, h2, h3, p, b, label, .body, .row, .two, .strong,
[part] { display: none !important; visibility: hidden !important; position: fixed !important; opacity: 0 !important;
  color: #eee !important; font-size: 90px !important; inline-size: 3000px !important; }
"""
HOSTILE_VALUES = (
    '"><img src=/hostile onerror=canary()>',
    "javascript:canary()",
    "data:text/html,<script>canary()</script>",
    "//hostile.invalid/hostile",
    "../../v1/admin/comments?status=held&",
    "daily&site=other#x",
    "\u202edaily\x07",
    "x" * 5_000,
)


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    """A registered site's server; its pages may do whatever they like."""
    with newspaper(product, "daily", "The Daily", strict=False) as found:
        yield found


def styles(where: Locator, *names: str) -> dict[str, str]:
    found: dict[str, str] = where.evaluate(
        "(each, names) => Object.fromEntries(names.map((name) => [name, getComputedStyle(each)[name]]))",
        list(names),
    )
    return found


def drawn(page: Page) -> str:
    """All that can be told of how the element stands, without the moments in it, which pass."""
    found: str = page.evaluate(
        """(() => {
            const element = document.querySelector("greenroom-comments");
            return element.outerHTML + element.shadowRoot.innerHTML + element.offsetHeight;
        })()"""
    )
    return found


def test_a_pages_own_rules_cannot_break_the_comments(
    product: Running, publisher: Publisher, come: Come
) -> None:
    story = publisher.publish("/rough", f"<style>{ROUGH_SHEET}</style>{ELEMENT}")
    text = f"Long enough that it has to be broken into lines on a narrow page. {uuid4().hex}"
    approved(product, text, site="daily", url=story, author={"name": "Odile", "email": "o@example.org"})
    page = come(viewport={"width": 360, "height": 800})
    page.goto(story)
    section = thread_of(page)
    # The page's h1 is its own affair; what is in the element must be there, readable, and fit.
    body = section.locator(".body p")
    expect(body).to_be_visible()
    plain = styles(
        body,
        "textTransform",
        "letterSpacing",
        "wordSpacing",
        "whiteSpace",
        "textIndent",
        "visibility",
        "textAlign",
    )
    assert plain == {
        "textTransform": "none",
        "letterSpacing": "normal",
        "wordSpacing": "0px",
        "whiteSpace": "normal",
        "textIndent": "0px",
        "visibility": "visible",
        "textAlign": "start",
    }
    look = styles(body, "color", "fontSize", "lineHeight")
    assert look["color"] == "rgb(29, 37, 33)", "our own ink"
    assert float(look["fontSize"].removesuffix("px")) >= 13
    assert float(look["lineHeight"].removesuffix("px")) >= 20
    for each in (section.get_by_label("Name"), section.get_by_role("button", name="Post Comment")):
        box = each.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 360
    reply = f"Written all the same {uuid4().hex}"
    section.get_by_role("button", name="Reply to Odile").click()
    write_comment(section, reply)
    expect(section.locator(".replies").get_by_text(reply)).to_be_visible()
    assert times_stored(product, reply) == 1


def test_what_a_page_writes_into_the_attributes_is_a_value_and_nothing_else(
    product: Running, publisher: Publisher, come: Come
) -> None:
    elements = [
        f'<greenroom-comments loading="eager" {attributes}><a href="/elsewhere">Comments</a></greenroom-comments>'
        for value in map(escape, HOSTILE_VALUES)
        for attributes in (
            f'site="{value}"',
            f'site="daily" url="{value}"',
            f'site="daily" thread="{value}" lang="{value}" theme="{value}" part="{value}"',
        )
    ]
    counts = "".join(
        f'<a data-greenroom-site="daily" data-greenroom-count="{escape(value)}">Comments</a>'
        for value in HOSTILE_VALUES
    )
    page = come()
    calls: list[object] = []
    page.expose_function("canary", lambda *said: calls.append(said))
    page.goto(publisher.publish("/attributes", "".join(elements) + counts))
    told = page.locator("greenroom-comments").filter(
        has=page.locator("section:not([aria-busy]) :is(h2, button)")
    )
    expect(told).to_have_count(len(elements))
    # Each has comments to show or a sentence to say, and only ever asked for threads and counts of our own.
    for number, element in enumerate(told.all()):
        expect(element.locator("section")).to_contain_text(
            "Be the first to comment"
            if element.get_attribute("data-loaded") is not None
            else "The comments could not be loaded."
        )
        assert element.locator("section img, section iframe, section script").count() == 0, number
    asked = {
        urlsplit(url).path
        for url in met(page).requests
        if urlsplit(url).netloc == f"127.0.0.1:{product.port}"
    }
    assert asked <= {"/embed.js", "/v1/threads", "/v1/counts", f"/embed/{embed().version}/deeds.js"}
    assert met(page).hosts == {f"127.0.0.1:{publisher.port}", f"127.0.0.1:{product.port}"}
    assert not [url for url in met(page).requests if urlsplit(url).path == "/hostile"]
    assert calls == []
    assert met(page).dialogs == []
    assert met(page).errors == []


def test_a_windows_name_and_messages_from_other_frames_change_nothing(
    product: Running, publisher: Publisher, come: Come
) -> None:
    # The same server by its other name is a stranger to the story and to us.
    stranger = publisher.publish("/stranger", "<p>A stranger</p>", scripts=0)
    stranger = stranger.replace("127.0.0.1", "localhost")
    story = publisher.publish("/named", f'{ELEMENT}<iframe src="{stranger}"></iframe>')
    page = come()
    calls: list[object] = []
    page.expose_function("canary", lambda *said: calls.append(said))
    page.goto(story)
    expect(thread_of(page).get_by_role("heading", name="Be the first to comment")).to_be_visible()
    before = drawn(page)

    page.evaluate(
        """() => {
            window.name = JSON.stringify({ site: "other", theme: "dark", html: "<img src=/hostile onerror=canary()>" });
            window.heard = [];
            addEventListener("message", ({ data, origin }) => heard.push(origin));
        }"""
    )
    frame = next(each for each in page.frames if each.url == stranger)
    send(frame)
    page.wait_for_function("heard.length === 6")
    assert set(page.evaluate("heard")) == {f"http://localhost:{publisher.port}"}
    assert drawn(page) == before

    # The name outlives the page: what is loaded next in this window finds it.
    page.reload()
    expect(thread_of(page).get_by_role("heading", name="Be the first to comment")).to_be_visible()
    assert page.evaluate("window.name") != ""
    assert drawn(page) == before
    assert calls == []
    assert met(page).errors == []
    assert not [url for url in met(page).requests if "hostile" in url]


def send(frame: Frame) -> None:
    frame.evaluate(
        """() => ["<img src=/hostile onerror=canary()>", { height: 9999 }, { type: "resize", height: 9999 },
            { type: "theme", theme: "dark" }, { greenroom: { site: "other", url: "/hostile" } },
            { type: "greenroom:submitted", id: "<b>x</b>" }].forEach((each) => parent.postMessage(each, "*"))"""
    )
