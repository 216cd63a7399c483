"""The private link with scripts: one press shows the comment, and no address, Referer or history keeps the code."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.browsing import demo_story, met, open_queue, sent, thread_of, write_comment
from tests.browser.conftest import Come
from tests.browser.test_hostile_texts import HOSTILE, assert_nothing_happened, let_canary_sing
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def headers_of(page: Page) -> list[dict[str, str]]:
    """The headers of every request from now on."""
    heard: list[dict[str, str]] = []

    def note(request: Request) -> None:
        heard.append(request.all_headers())

    page.on("requestfinished", note)
    return heard


def test_a_private_link_shows_the_comment_and_leaves_no_trace_of_its_code(
    product: Running, come: Come
) -> None:
    text = f"Shown by a link {uuid4().hex}"
    made = sent(product, text, url=demo_story(product))
    page = come()
    heard = headers_of(page)
    page.goto(made["links"]["own"])
    expect(page.locator(".prose").get_by_text(text)).to_be_visible()
    assert page.url == f"{product.url}/own"
    assert page.evaluate("document.referrer") in ("", f"{product.url}/own")
    token = made["edit_token"]
    page.get_by_role("link", name="To the comments").click()
    expect(page.get_by_role("heading", name="Leave a Reply")).to_be_visible()
    assert page.evaluate("document.referrer") == ""
    assert heard
    assert not [one for one in heard if token in str(one)]
    assert not [one for one in heard if "own" in one.get("referer", "")]
    assert token not in product.log()


def test_a_second_link_in_the_same_window_shows_the_other_comment(product: Running, come: Come) -> None:
    texts = [f"One of two {uuid4().hex}" for _ in range(2)]
    links = [sent(product, text, url=demo_story(product))["links"]["own"] for text in texts]
    page = come()
    page.goto(f"{product.url}/own")
    for link, text in zip(links, texts, strict=True):
        page.goto(link)
        expect(page.locator(".prose").get_by_text(text)).to_be_visible()


def test_a_wrong_link_says_so_and_keeps_the_code_to_be_mended(product: Running, come: Come) -> None:
    page = come()
    page.goto(f"{product.url}/own#{uuid4()}.{'x' * 43}")
    expect(page.get_by_role("alert")).to_contain_text("There is no comment with this code.")
    expect(page.get_by_label("Your private code")).to_be_focused()
    assert page.url == f"{product.url}/own"
    assert met(page).errors == []


def test_the_link_of_the_embed_leads_to_the_comment(product: Running, come: Come) -> None:
    page = come()
    page.goto(f"{product.url}/demo/")
    text = f"Written in the embed {uuid4().hex}"
    write_comment(thread_of(page), text)
    page.get_by_role("link", name="Keep this private link").click()
    expect(page.locator(".prose").get_by_text(text)).to_be_visible()
    assert page.url == f"{product.url}/own"


def test_hostile_texts_are_words_to_their_author_and_appeals_to_the_moderator(
    product: Running, come: Come
) -> None:
    author, moderator = come(viewport={"width": 360, "height": 800}), come()
    calls = let_canary_sing(author)
    for kind, hostile in HOSTILE.items():
        made = sent(product, hostile, url=demo_story(product), title=HOSTILE["a script"])
        path = f"/v1/admin/comments/{made['id']}"
        revision = product.as_admin("GET", path).json()["revision"]
        chosen = {"action": "reject", "reasons": ["other"], "message": hostile, "revision": revision}
        assert product.as_admin("POST", f"{path}/decision", chosen).status == 200
        author.goto(f"{product.url}/own")
        author.goto(made["links"]["own"])
        author.get_by_label("What should they know?").fill(hostile)
        author.get_by_role("button", name="Ask a person to look again").click()
        expect(author.get_by_role("heading", name="That is still to come.")).to_be_visible()
        assert author.evaluate("document.documentElement.scrollWidth <= innerWidth"), kind
        assert_nothing_happened(author, calls)
    calls = let_canary_sing(moderator)
    open_queue(moderator, product, "?queue=appeals")
    expect(moderator.get_by_label("Its author’s appeal")).to_have_count(len(HOSTILE))
    assert_nothing_happened(moderator, calls)
