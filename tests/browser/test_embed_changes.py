"""A thread that changes while somebody reads and writes: another story, another order, an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import HeldBack, fill_in, met, sent, text_field, thread_of, write_comment
from tests.browser.publisher import Publisher, assert_clean, let_everything_through, new_story, newspaper
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

KEPT = "Object.fromEntries(Object.entries(localStorage))"
GO_ON = "(url) => document.querySelector('greenroom-comments').setAttribute('url', url)"


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    """A newspaper whose policy lets everything through."""
    with newspaper(product, "tribune", "The Tribune") as found:
        let_everything_through(product, "tribune")
        yield found


@pytest.fixture
def story(publisher: Publisher) -> str:
    return new_story(publisher, "tribune")


def said(product: Running, story: str, text: str, **more: Any) -> dict[str, Any]:
    author = {"name": "Odile", "email": f"{uuid4().hex}@example.org"}
    return sent(product, text, site="tribune", url=story, author=author, **more)


def test_what_is_written_under_one_story_is_not_put_under_another(
    product: Running, publisher: Publisher, story: str, reader: Page
) -> None:
    other = new_story(publisher, "tribune")
    said(product, story, "To be answered")
    said(product, other, "Elsewhere")
    said(product, other, "Elsewhere again")
    reader.goto(story)
    section = thread_of(reader)
    section.get_by_role("button", name="Reply to Odile").click()
    text = f"Half a thought {uuid4().hex}"
    fill_in(section, text)
    # Before the pause is over after which a draft is kept.
    reader.evaluate(GO_ON, other)
    section = thread_of(reader)
    expect(section.get_by_text("Elsewhere again")).to_be_visible()
    product.until(lambda: text in str(reader.evaluate(KEPT)), what="the draft kept")
    assert [name for name in reader.evaluate(KEPT) if story in name] == list(reader.evaluate(KEPT))
    expect(text_field(section)).to_have_value("")
    section.get_by_label("Sort by").select_option("Newest first")
    expect(section.locator(".list > li .body").first).to_have_text("Elsewhere again")
    expect(section.locator("form")).to_have_count(1)
    # Back at the first story it is there again.
    reader.evaluate(GO_ON, story)
    section = thread_of(reader)
    expect(text_field(section)).to_have_value(text)
    assert_clean(reader)


def test_a_comment_that_is_sent_while_the_page_goes_on_is_not_shown_elsewhere(
    product: Running, publisher: Publisher, story: str, reader: Page
) -> None:
    other = new_story(publisher, "tribune")
    said(product, other, "Elsewhere")
    said(product, other, "Elsewhere again")
    reader.goto(story)
    section = thread_of(reader)
    comment = HeldBack(reader, product, "**/v1/comments")
    text = f"On its way {uuid4().hex}"
    write_comment(section, text)
    comment.first()
    expect(text_field(section)).not_to_be_editable()
    reader.evaluate(GO_ON, other)
    section = thread_of(reader)
    expect(section.get_by_text("Elsewhere again")).to_be_visible()
    comment.let_on()
    product.until(lambda: reader.evaluate(KEPT) == {}, what="the draft gone")
    expect(section.locator(".own")).to_have_count(0)
    expect(section.get_by_role("alert")).to_have_count(0)
    section.get_by_label("Sort by").select_option("Newest first")
    expect(section.locator(".list > li .body").first).to_have_text("Elsewhere again")
    expect(section.locator(".own")).to_have_count(0)
    assert_clean(reader)


def test_a_thread_that_was_changed_often_is_looked_at_once_a_minute(
    product: Running, publisher: Publisher, story: str, reader: Page
) -> None:
    other = new_story(publisher, "tribune")
    for each in (story, other):
        said(product, each, f"Under {each}")
    reader.clock.install()
    reader.goto(story)
    for each in (other, story, other):
        expect(thread_of(reader)).to_have_count(1)
        reader.evaluate(GO_ON, each)
        expect(thread_of(reader).get_by_text(f"Under {each}")).to_be_visible()
        reader.clock.fast_forward(1_000)
    # What the page asks is heard of here whenever something is asked of the page.
    watching = lambda: reader.evaluate("1") and any(url.endswith("deeds.js") for url in met(reader).requests)  # noqa: E731
    product.until(watching, what="the watch begun")

    def asked() -> int:
        return len([url for url in met(reader).requests if "/v1/threads" in url])

    def minutes_pass() -> bool:
        before = asked()
        with reader.expect_response("**/v1/threads?*"):
            reader.clock.fast_forward(60_000)
        reader.evaluate("fetch('/favicon.ico').catch(() => {})")
        return asked() == before + 1

    assert [minutes_pass() for _ in range(3)] == [True] * 3


def test_a_report_can_be_opened_again_after_something_else_was_asked(
    product: Running, story: str, reader: Page
) -> None:
    said(product, story, "Not nice")
    reader.goto(story)
    section = thread_of(reader)
    report = section.get_by_role("button", name="Report the comment by Odile")
    report.click()
    expect(section.get_by_label("What is wrong with it?")).to_be_visible()
    reader.route("**/like", lambda route: route.abort())
    section.get_by_role("button", name="Like the comment by Odile").click()
    expect(section.get_by_label("What is wrong with it?")).to_have_count(0)
    expect(report).to_have_attribute("aria-expanded", "false")
    report.click()
    expect(section.get_by_label("What is wrong with it?")).to_be_focused()


def test_whoever_writes_when_a_thread_is_closed_keeps_the_text(
    product: Running, story: str, reader: Page
) -> None:
    made = said(product, story, "The first")
    said(product, story, "The second")
    reader.goto(story)
    section = thread_of(reader)
    section.get_by_role("button", name="Reply to Odile").first.click()
    fill_in(section, "A long answer")
    thread_id = product.as_admin("GET", f"/v1/admin/comments/{made['id']}").json()["thread"]["id"]
    answer = product.as_admin("POST", f"/v1/admin/threads/{thread_id}", {"closed": True})
    assert answer.status == 200, answer.body
    section.get_by_label("Sort by").select_option("Newest first")
    expect(section.get_by_text("Comments are closed.")).to_be_visible()
    expect(section.locator("form")).to_have_count(0)
    kept = section.get_by_label("Comment", exact=True)
    expect(kept).to_have_value("A long answer")
    expect(kept).not_to_be_editable()
    assert_clean(reader)


def test_another_order_is_shown_from_its_beginning_whatever_was_linked_to(
    product: Running, story: str, reader: Page
) -> None:
    first = said(product, story, "Linked to")
    said(product, story, "Said later")
    reader.goto(f"{story}#greenroom-{first['id']}")
    section = thread_of(reader)
    expect(reader.locator(f"[id='greenroom-{first['id']}']")).to_be_focused()
    section.get_by_label("Sort by").select_option("Newest first")
    expect(section.locator(".list > li .body").first).to_have_text("Said later")
    expect(section.get_by_label("Sort by")).to_be_focused()
    expect(section.locator("[data-here]")).to_have_count(0)
