"""The comments in a frame on a publisher's page that runs no script but its own, as the command prints it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from playwright.sync_api import Frame, FrameLocator, Page, expect

from tests.browser.browsing import PATIENCE_MS, approved, met, text_field, write_comment
from tests.browser.conftest import Come
from tests.browser.publisher import Publisher, assert_clean, newspaper, publishing
from tests.browser.test_refused_cookies import wary  # noqa: F401
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

STYLE = "body { margin: 0 } iframe { display: block; inline-size: 100%; border: 0 } .before { block-size: 1200px }"


@dataclass
class Courier:
    """A publisher whose pages hold the frame and the script that the command printed for the site."""

    publisher: Publisher
    elements: str

    def story(self, *, before: str = "", after: str = "", query: str = "") -> str:
        """The address of a story of its own."""
        path = f"/{uuid4().hex}"
        address = quote(self.publisher.url + path, safe="") + query
        self.publisher.pages[path] = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="stylesheet" href="/own.css">'
            '<link rel="icon" href="data:,"><title>A story</title></head><body><h1>A story</h1>'
            f"{before}{self.elements.replace('ADDRESS-OF-THE-STORY', address)}{after}</body></html>"
        )
        return self.publisher.url + path


@pytest.fixture(scope="module")
def courier(product: Running) -> Iterator[Courier]:
    with newspaper(product, "daily", "The Daily") as publisher:
        elements, _, script = product.run("embed", "daily", "--frame").partition("\n\n")
        publisher.own_policy = (
            f"default-src 'none'; script-src 'self'; frame-src {product.url}; style-src 'self'; img-src data:;"
            " base-uri 'none'; form-action 'none'"
        )
        publisher.pages |= {"/comments-frame.js": script, "/own.css": STYLE}
        yield Courier(publisher, elements)


@pytest.fixture
def evil() -> Iterator[Publisher]:
    """Somebody else's server."""
    with publishing("http://127.0.0.1:1", strict=False) as found:
        yield found


def comments(page: Page) -> FrameLocator:
    return page.frame_locator("#comments-frame")


def arrived(page: Page) -> FrameLocator:
    """The frame, once somebody came near and the comments are there."""
    page.locator("#comments-frame").scroll_into_view_if_needed()
    found = comments(page)
    expect(found.locator("greenroom-comments[data-loaded]")).to_be_visible()
    return found


def height(page: Page) -> int:
    found: int = page.locator("#comments-frame").evaluate("(frame) => frame.clientHeight")
    return found


def inside(page: Page, name: str = "#comments-frame") -> Frame:
    """The page in the frame, as somebody with power over its scripts sees it."""
    handle = page.locator(name).element_handle()
    found = handle.content_frame() if handle is not None else None
    assert found is not None
    return found


def until(page: Page, condition: Callable[[], object], what: str) -> None:
    for _ in range(PATIENCE_MS // 50):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"did not happen: {what}")


def follows(page: Page) -> int:
    """The frame's height, once it is that of what is in it: nothing scrolls and nothing is empty."""
    asked = "Math.ceil(document.documentElement.getBoundingClientRect().height)"
    until(page, lambda: height(page) == inside(page).evaluate(asked), "the frame as high as the comments")
    return height(page)


def posted_by(page: Page, message: Any, name: str = "#comments-frame") -> None:
    """Have the page in a frame send this to the page around it, and wait until that has heard it."""
    page.evaluate(
        "window.heard = 0; addEventListener('message', ({ data }) => { if (data?.mark) heard += 1; })"
    )
    inside(page, name).evaluate(
        "(said) => { parent.postMessage(said, '*'); parent.postMessage({ mark: true }, '*'); }", message
    )
    until(page, lambda: page.evaluate("heard"), "a message heard")


def held(product: Running, text: str) -> dict[str, Any]:
    """What moderators see of this comment, once it waits for them."""

    def ids() -> list[str]:
        listed = product.as_admin("GET", "/v1/admin/comments?status=held&site=daily").json()["comments"]
        return [one["id"] for one in listed if one["text"] == text]

    product.until(ids, what="the comment held")
    card: dict[str, Any] = product.as_admin("GET", f"/v1/admin/comments/{ids()[0]}").json()
    return card


# --- reading and writing -------------------------------------------------------------------------------------------


def test_comments_are_read_and_written_in_a_frame_whose_height_follows(
    product: Running, courier: Courier, reader: Page
) -> None:
    story = courier.story()
    approved(product, "Here before the frame.", site="daily", url=story)
    reader.goto(story)
    section = arrived(reader)
    expect(section.get_by_text("Here before the frame.")).to_be_visible()
    before = follows(reader)
    assert before != 700, "the height that stands in the page"

    text = f"Written in the frame {uuid4().hex}"
    write_comment(section.locator("greenroom-comments"), text)
    expect(section.get_by_text("Thank you. Your comment waits for approval.").last).to_be_visible()
    assert follows(reader) > before
    card = held(product, text)
    assert (card["thread"]["url"], card["thread"]["title"]) == (story, None)
    path = f"/v1/admin/comments/{card['id']}"
    decided = {"action": "approve", "revision": card["revision"]}
    assert product.as_admin("POST", f"{path}/decision", decided).status == 200
    reader.reload()
    expect(arrived(reader).locator("article").get_by_text(text)).to_be_visible()
    follows(reader)
    # Every script and every style was allowed, ours in the frame and the page's own.
    assert_clean(reader)
    assert met(reader).hosts == {f"127.0.0.1:{courier.publisher.port}", f"127.0.0.1:{product.port}"}


def test_the_frame_shrinks_again(product: Running, courier: Courier, reader: Page) -> None:
    story = courier.story()
    approved(product, "Here before.", site="daily", url=story)
    reader.goto(story)
    section = arrived(reader)
    before = follows(reader)
    section.get_by_role("button", name="Report the comment").click()
    expect(section.get_by_label("What is wrong with it?")).to_be_visible()
    assert follows(reader) > before
    section.locator(".asked").get_by_role("button", name="Cancel").click()
    expect(section.get_by_label("What is wrong with it?")).to_have_count(0)
    assert follows(reader) == before


def test_a_title_that_the_publisher_gives_is_the_storys(
    product: Running, courier: Courier, reader: Page
) -> None:
    story = courier.story(query=f"&title={quote('The ferry & the “Row”')}")
    reader.goto(story)
    section = arrived(reader)
    text = f"About a title {uuid4().hex}"
    write_comment(section.locator("greenroom-comments"), text)
    assert held(product, text)["thread"]["title"] == "The ferry & the “Row”"


def test_without_any_script_the_frame_scrolls_and_its_link_leads_to_our_page(
    product: Running, courier: Courier, come: Come
) -> None:
    story = courier.story()
    approved(product, "For those without scripts.", site="daily", url=story)
    visitor = come(java_script_enabled=False)
    visitor.goto(story)
    visitor.locator("#comments-frame").scroll_into_view_if_needed()
    with visitor.expect_popup() as opening:
        comments(visitor).get_by_role("link", name="Read and write comments").click()
    expect(opening.value.get_by_text("For those without scripts.")).to_be_visible()
    assert height(visitor) == 700


def test_where_the_publisher_runs_no_script_the_comments_scroll_in_their_frame(
    product: Running, courier: Courier, reader: Page
) -> None:
    story = courier.story()
    for number in range(8):
        approved(product, f"Number {number}", site="daily", url=story)
    courier.publisher.pages[story.removeprefix(courier.publisher.url)] = courier.publisher.pages[
        story.removeprefix(courier.publisher.url)
    ].replace('<script src="/comments-frame.js"></script>', "")
    reader.goto(story)
    section = arrived(reader)
    expect(section.locator("article")).to_have_count(8)
    assert height(reader) == 700
    section.get_by_role("button", name="Post Comment").scroll_into_view_if_needed()
    expect(section.get_by_role("button", name="Post Comment")).to_be_in_viewport()
    assert_clean(reader)


def test_with_all_cookies_refused_the_frame_works(
    product: Running,
    courier: Courier,
    wary: Page,  # noqa: F811
) -> None:
    story = courier.story()
    approved(product, "Readable for everybody.", site="daily", url=story)
    wary.goto(story)
    section = arrived(wary)
    expect(section.get_by_text("Readable for everybody.")).to_be_visible()
    write_comment(section.locator("greenroom-comments"), f"Nothing of mine is kept {uuid4().hex}")
    expect(section.get_by_text("Thank you. Your comment waits for approval.").last).to_be_visible()
    follows(wary)
    assert wary.context.cookies() == []


# --- links to one comment ------------------------------------------------------------------------------------------


def test_a_permalink_names_the_story_and_opens_its_comment_through_the_page_around(
    product: Running, courier: Courier, reader: Page
) -> None:
    story = courier.story(before='<div class="before"></div>')
    made = [approved(product, f"Number {number}", site="daily", url=story) for number in range(12)]
    wanted = f"greenroom-{made[9]['id']}"
    # The frame begins below the window, and is not loaded until somebody comes near, or follows such a link.
    reader.goto(f"{story}#{wanted}")
    section = comments(reader)
    expect(section.locator("[data-here]")).to_have_attribute("id", wanted)
    expect(section.locator(f"#{wanted}")).to_be_in_viewport()
    follows(reader)

    other = f"greenroom-{made[2]['id']}"
    link = section.locator(f"#{other} header a")
    expect(link).to_have_attribute("href", f"{story}#{other}")
    link.click()
    reader.wait_for_url(f"{story}#{other}")
    expect(section.locator("[data-here]")).to_have_attribute("id", other)
    expect(section.locator(f"#{other}")).to_be_in_viewport()
    assert len([url for url in met(reader).requests if "/daily/frame" in url]) <= 2, "it was not loaded anew"
    assert_clean(reader)


def test_what_is_shared_is_the_storys_address(product: Running, courier: Courier, reader: Page) -> None:
    story = courier.story()
    made = approved(product, "Worth telling.", site="daily", url=story)
    reader.goto(story)
    section = arrived(reader)
    inner = inside(reader)
    inner.evaluate("() => { navigator.share = async ({ url }) => { window.shared = url; }; }")
    section.get_by_role("button", name="Share the comment").click()
    wanted = f"{story}#greenroom-{made['id']}"
    until(reader, lambda: inner.evaluate("window.shared") == wanted, "the story's address shared")


def test_links_of_a_comment_lead_out_of_the_frame(product: Running, courier: Courier, reader: Page) -> None:
    story, other = courier.story(), courier.story()
    approved(product, f"As I said there: {other}", site="daily", url=story)
    reader.goto(story)
    arrived(reader).locator(".body a").click()
    reader.wait_for_url(other)


# --- strangers -----------------------------------------------------------------------------------------------------


def test_what_strangers_send_to_the_page_changes_nothing(
    product: Running, courier: Courier, reader: Page, evil: Publisher
) -> None:
    evil.pages["/evil"] = "<!doctype html><title>Evil</title>"
    usual = courier.publisher.own_policy
    try:
        courier.publisher.own_policy = str(usual).replace("frame-src ", f"frame-src {evil.url} ")
        story, other = courier.story(), courier.story()
        again = f'<iframe id="second" src="{product.url}/daily/frame?url={quote(other, safe="")}"></iframe>'
        path = story.removeprefix(courier.publisher.url)
        beside = f'<iframe id="evil" src="{evil.url}/evil"></iframe>{again}'
        courier.publisher.pages[path] = courier.publisher.pages[path].replace("</body>", f"{beside}</body>")
        reader.goto(story)
        arrived(reader)
        before = follows(reader)
        expect(reader.frame_locator("#second").locator("greenroom-comments[data-loaded]")).to_be_attached()
        place = reader.evaluate("scrollY")
        # Another origin, and a frame of ours that is not the one: both say it just as ours would.
        for name in ("#evil", "#second"):
            posted_by(reader, {"greenroom": "height", "height": 4321}, name)
            posted_by(reader, {"greenroom": "comment", "top": 4321}, name)
            assert (height(reader), reader.evaluate("scrollY")) == (before, place)
        # Ours, but what no height can be.
        for odd in (-1, 0, 1e9, "4321", None, [4321], {"valueOf": 4321}):
            posted_by(reader, {"greenroom": "height", "height": odd})
            assert height(reader) == before, odd
        for odd in ("4321", None, 4321, [], {"height": 4321}, {"greenroom": "width", "height": 4321}):
            posted_by(reader, odd)
            assert height(reader) == before, odd
        posted_by(reader, {"greenroom": "height", "height": 4321})
        assert height(reader) == 4321, "what the frame says is heard at all"
        # The very frame, but led elsewhere.
        reader.evaluate(
            "(elsewhere) => document.querySelector('#comments-frame').contentWindow.location.replace(elsewhere)",
            f"{evil.url}/evil",
        )
        until(reader, lambda: inside(reader).url == f"{evil.url}/evil", "the frame led elsewhere")
        posted_by(reader, {"greenroom": "height", "height": 1234})
        assert height(reader) == 4321
        assert met(reader).errors == []
    finally:
        courier.publisher.own_policy = usual


def test_a_strangers_page_cannot_frame_the_comments(
    product: Running, courier: Courier, reader: Page, evil: Publisher
) -> None:
    story = courier.story()
    approved(product, "Not for framing.", site="daily", url=story)
    address = f"{product.url}/daily/frame?url={quote(story, safe='')}"
    evil.pages["/around"] = (
        f'<!doctype html><title>Evil</title><iframe id="comments-frame" src="{address}"></iframe>'
    )
    with reader.expect_response(lambda answer: "/daily/frame" in answer.url):
        reader.goto(f"{evil.url}/around")
    reader.wait_for_load_state()
    assert inside(reader).url == "chrome-error://chromewebdata/"
    expect(comments(reader).get_by_text("Not for framing.")).to_have_count(0)


def test_the_frame_tells_its_height_to_the_storys_page_alone(
    product: Running, courier: Courier, reader: Page
) -> None:
    # Another origin of the site may frame it, and learns nothing about a story that is not its own.
    with publishing(product.url, strict=False) as sister:
        product.run(
            *("site", "set", "daily", "--origin", courier.publisher.url, "--origin", sister.url),
        )
        story = courier.story()
        path = f"/daily/frame?url={quote(story, safe='')}"
        policy = "content-security-policy"
        product.until(
            lambda: sister.url in product.ask("GET", path).headers[policy], what="the second origin known"
        )
        sister.pages["/around"] = (
            "<!doctype html><title>Sister</title><script>window.told = [];"
            'addEventListener("message", ({ data }) => told.push(data));</script>'
            f'<iframe id="comments-frame" src="{product.url}{path}"></iframe>'
        )
        reader.goto(f"{sister.url}/around")
        expect(comments(reader).locator("greenroom-comments[data-loaded]")).to_be_attached()
        posted_by(reader, "the last")
        assert reader.evaluate("told.filter((each) => each.greenroom)") == []


def test_written_in_the_frame_a_text_is_kept_until_it_was_sent(
    product: Running, courier: Courier, reader: Page
) -> None:
    story = courier.story()
    reader.goto(story)
    section = arrived(reader)
    text = f"Begun and left {uuid4().hex}"
    text_field(section.locator("greenroom-comments")).fill(text)
    kept = "Object.keys(localStorage).some((key) => key.startsWith('greenroom.draft'))"
    until(reader, lambda: inside(reader).evaluate(kept), "a draft kept")
    reader.reload()
    expect(text_field(arrived(reader).locator("greenroom-comments"))).to_have_value(text)
