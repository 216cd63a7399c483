"""Reading by the embed: order, folding, permalinks, news, likes, sharing, and calling a moderator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.browsing import met, sent, thread_of
from tests.browser.publisher import (
    Publisher,
    assert_clean,
    element,
    let_everything_through,
    new_story,
    newspaper,
)
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    """A newspaper whose policy lets everything through."""
    with newspaper(product, "herald", "The Herald") as found:
        let_everything_through(product, "herald")
        yield found


@pytest.fixture
def story(publisher: Publisher) -> str:
    """The address of a story of its own."""
    return new_story(publisher, "herald")


def said(product: Running, story: str, text: str, name: str = "Odile", **more: Any) -> dict[str, Any]:
    """A comment on stage under a story."""
    author = {"name": name, "email": f"{uuid4().hex}@example.org"}
    return sent(product, text, site="herald", url=story, author=author, **more)


def texts(section: Locator) -> list[str]:
    return section.locator(".list > li > article .body").all_inner_texts()


def test_readers_choose_what_comes_first(product: Running, story: str, reader: Page) -> None:
    for text in ("First words", "Second words"):
        said(product, story, text)
    reader.goto(story)
    section = thread_of(reader)
    expect(section.get_by_role("heading", name="2 comments")).to_be_visible()
    assert texts(section) == ["First words", "Second words"]
    order = section.get_by_label("Sort by")
    order.select_option("Newest first")
    expect(section.locator(".list > li .body").first).to_have_text("Second words")
    # Who chose by keyboard goes on from there.
    expect(section.get_by_label("Sort by")).to_be_focused()
    expect(section.get_by_label("Sort by")).to_have_value("newest")
    assert_clean(reader)


def test_past_a_long_list_one_press_leads_to_the_form(product: Running, story: str, reader: Page) -> None:
    for number in range(5):
        if number == 4:
            reader.goto(story)
            section = thread_of(reader)
            expect(section.get_by_role("heading", name="4 comments")).to_be_visible()
            # A short list needs none.
            expect(section.get_by_role("button", name="Leave a Reply")).to_have_count(0)
        said(product, story, f"Words number {number}")
    reader.reload()
    section = thread_of(reader)
    section.get_by_role("button", name="Leave a Reply").press("Enter")
    expect(section.get_by_role("textbox", name="Name")).to_be_focused()
    expect(section.get_by_role("textbox", name="Name")).to_be_in_viewport()
    assert_clean(reader)


def test_what_is_typed_stays_when_the_list_is_drawn_anew(product: Running, story: str, reader: Page) -> None:
    first = said(product, story, "To be answered", name="Odile")
    said(product, story, "Another")
    reader.goto(story)
    section = thread_of(reader)
    section.get_by_role("button", name="Reply to Odile").first.click()
    section.locator("form textarea").fill("Half a thought")
    section.get_by_label("Sort by").select_option("Newest first")
    expect(section.locator(".list > li .body").first).to_have_text("Another")
    form = section.locator(f"[id='greenroom-{first['id']}'] + form")
    expect(form.locator("textarea")).to_have_value("Half a thought")
    expect(form.get_by_role("heading", name="Leave a Reply to Odile")).to_be_visible()


def test_answers_are_folded_by_who_does_not_want_them(product: Running, story: str, reader: Page) -> None:
    above = said(product, story, "A question")
    said(product, story, "An answer", parent_id=above["id"])
    reader.goto(story)
    section = thread_of(reader)
    expect(section.get_by_text("An answer")).to_be_visible()
    section.get_by_text("1 reply").click()
    expect(section.get_by_text("An answer")).to_be_hidden()
    # A permalink into what is folded opens it.
    answer = section.locator(".replies article")
    reader.evaluate("(id) => (location.hash = id)", answer.get_attribute("id"))
    expect(section.get_by_text("An answer")).to_be_visible()
    expect(answer).to_be_focused()


def test_a_permalink_finds_its_comment_on_a_page_behind_the_first(
    product: Running, story: str, reader: Page
) -> None:
    for number in range(101):
        author = {"name": f"Reader {number}", "email": f"{uuid4().hex}@example.org"}
        answer = product.post(f"{uuid4().hex} {number}", site="herald", url=story, author=author)
        assert answer.status == 202
    last = said(product, story, "The one that is meant")
    reader.goto(f"{story}#greenroom-{last['id']}")
    target = reader.locator(f"[id='greenroom-{last['id']}']")
    expect(target).to_be_focused()
    expect(target).to_be_in_viewport()
    expect(target).to_have_attribute("data-here", "")
    # Of all pages one request each, and the comment is there once.
    assert len([url for url in met(reader).requests if "/v1/threads" in url]) == 2
    assert_clean(reader)


def test_a_permalink_to_what_is_not_there_leaves_the_list_as_it_is(
    product: Running, story: str, reader: Page
) -> None:
    said(product, story, "The only one")
    reader.goto(f"{story}#greenroom-{uuid4()}")
    expect(reader.get_by_text("The only one")).to_be_visible()
    assert_clean(reader)


def test_new_comments_are_told_by_number_and_come_when_asked_for(
    product: Running, story: str, reader: Page
) -> None:
    said(product, story, "Here before")
    reader.clock.install()
    reader.goto(story)
    section = thread_of(reader)
    expect(section.get_by_text("Here before")).to_be_visible()
    for number in range(2):
        said(product, story, f"Come later {number}")
    news = section.locator(".row").get_by_text("2 new comments")

    def minutes_pass() -> bool:
        reader.clock.fast_forward(60_000)
        return news.is_visible()

    product.until(minutes_pass, what="the news told")
    assert texts(section) == ["Here before"]
    # Unchanged, the answer is only confirmed: the browser asks with the tag that it has.
    with reader.expect_response("**/v1/threads?*") as again:
        reader.clock.fast_forward(60_000)
    assert "if-none-match" in again.value.request.all_headers()
    section.get_by_role("button", name="Show", exact=True).click()
    expect(section.get_by_role("heading", name="3 comments")).to_be_focused()
    assert texts(section) == ["Here before", "Come later 0", "Come later 1"]
    expect(news).to_have_count(0)
    assert_clean(reader)


def test_a_comment_is_shared_by_its_link(product: Running, story: str, reader: Page) -> None:
    made = said(product, story, "Worth passing on")
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.goto(story)
    section = thread_of(reader)
    section.get_by_role("button", name="Share the comment by Odile").click()
    expect(section.locator(".note", has_text="The link was copied.")).to_be_visible()
    assert reader.evaluate("navigator.clipboard.readText()") == f"{story}#greenroom-{made['id']}"


def test_where_a_page_may_not_write_to_the_clipboard_the_link_is_shown(
    product: Running, story: str, reader: Page
) -> None:
    made = said(product, story, "Worth passing on by hand")
    reader.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })"
    )
    reader.goto(story)
    section = thread_of(reader)
    section.get_by_role("button", name="Share the comment by Odile").click()
    expect(section.get_by_label("The link of this comment")).to_have_value(f"{story}#greenroom-{made['id']}")


def test_a_reader_calls_a_moderator_with_a_reason(product: Running, story: str, reader: Page) -> None:
    made = said(product, story, "Not nice at all")
    reader.goto(story)
    section = thread_of(reader)
    report = section.get_by_role("button", name="Report the comment by Odile")
    report.press("Enter")
    reason = section.get_by_label("What is wrong with it?")
    expect(reason).to_be_focused()
    section.get_by_role("button", name="Cancel").click()
    expect(report).to_be_focused()
    report.press("Enter")
    reason.select_option("A threat")
    section.get_by_role("button", name="Send report").click()
    expect(section.get_by_text("Thank you. A moderator will look at it.").last).to_be_visible()
    case = product.as_admin("GET", f"/v1/admin/comments/{made['id']}").json()
    assert case["flags"]["count"] == 1
    assert case["flags"]["reasons"] == {"threat": 1}
    assert_clean(reader)


def test_the_thread_is_there_after_the_page_goes_elsewhere_and_comes_back(
    product: Running, publisher: Publisher, story: str, reader: Page
) -> None:
    said(product, story, "Under the first story")
    other = f"{publisher.url}/{uuid4().hex}"
    said(product, other, "Under the second story")
    reader.goto(story)
    section = thread_of(reader)
    expect(section.get_by_text("Under the first story")).to_be_visible()
    # As applications of one page do: another address, then another thread in the same element.
    reader.evaluate(
        """(url) => {
            history.pushState({}, "", url);
            document.querySelector("greenroom-comments").setAttribute("url", url);
        }""",
        other,
    )
    expect(thread_of(reader).get_by_text("Under the second story")).to_be_visible()
    expect(reader.get_by_text("Under the first story")).to_have_count(0)
    reader.evaluate(
        """() => {
            const element = document.querySelector("greenroom-comments");
            element.remove();
            document.body.append(element);
        }"""
    )
    expect(thread_of(reader).get_by_text("Under the second story")).to_be_visible()
    assert_clean(reader)


def test_nothing_moves_on_the_page_when_comments_come(
    product: Running, publisher: Publisher, reader: Page
) -> None:
    path = f"/{uuid4().hex}"
    prose = "<p>" + "A long story. " * 4_000 + "</p>"
    story = publisher.publish(path, prose + element("herald") + "<footer>The end of the page</footer>")
    for number in range(5):
        said(product, story, f"Comment {number} " * 20)
    reader.add_init_script(
        """window.shifts = 0;
        new PerformanceObserver((list) => {
            for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts += one.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    reader.goto(story)
    # Whoever reads on comes near before the comments can be seen.
    reader.evaluate(
        """() => {
            const { top } = document.querySelector("greenroom-comments").getBoundingClientRect();
            scrollBy(0, top - innerHeight - 300);
        }"""
    )
    reader.locator("greenroom-comments[data-loaded]").wait_for()
    expect(thread_of(reader).get_by_text("Comment 4").first).to_be_visible()
    reader.get_by_text("The end of the page").scroll_into_view_if_needed()
    assert reader.evaluate("shifts") == 0


def test_a_reader_likes_a_comment_and_takes_it_back(product: Running, story: str, reader: Page) -> None:
    said(product, story, "Said before", name="Wenna")
    said(product, story, "Well said")
    reader.goto(story)
    section = thread_of(reader)
    like = section.get_by_role("button", name="Like the comment by Odile")
    like.press("Enter")
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(like).to_have_text("Like 1")
    expect(like).to_have_accessible_name("Like the comment by Odile: 1 like")
    # It is one however often it is pressed and by however many pages of this reader.
    other = reader.context.new_page()
    other.goto(story)
    again = thread_of(other).get_by_role("button", name="Like the comment by Odile")
    expect(again).to_have_text("Like 1")
    again.click()
    expect(again).to_have_attribute("aria-pressed", "true")
    expect(again).to_have_text("Like 1")
    other.close()
    section.get_by_label("Sort by").select_option("Most liked")
    expect(section.locator(".list > li .body").first).to_have_text("Well said")
    like = section.get_by_role("button", name="Like the comment by Odile")
    # The answer that everybody gets does not say whose likes they are: pressed once more, it is still one.
    like.click()
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(like).to_have_text("Like 1")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "false")
    expect(like).to_have_text("Like")
    assert_clean(reader)


def test_a_like_that_is_refused_is_told_below_the_comment(product: Running, story: str, reader: Page) -> None:
    said(product, story, "Liked too late")
    reader.goto(story)
    section = thread_of(reader)
    like = section.get_by_role("button", name="Like the comment by Odile")
    reader.route("**/like", lambda route: route.abort())
    like.click()
    expect(section.locator(".asked").get_by_role("alert")).to_have_text(
        "No answer came from the comment service."
    )
    expect(like).to_have_attribute("aria-pressed", "false")


def test_the_newsrooms_answer_and_the_editors_pick_have_their_badges(
    product: Running, story: str, reader: Page
) -> None:
    picked = said(product, story, "Worth reading twice")
    path = f"/v1/admin/comments/{picked['id']}"
    assert product.as_admin("POST", f"{path}/pick", {"on": True}).status == 200
    assert product.as_admin("POST", f"{path}/reply", {"text": "Thank you for that."}).status == 201
    reader.goto(story)
    section = thread_of(reader)
    article = section.locator(f"[id='greenroom-{picked['id']}']")
    expect(article.locator(".badge")).to_have_text(["Editor’s pick"])
    expect(section.locator(".replies article .badge")).to_have_text(["Staff"])
    expect(section.locator(".replies article")).to_contain_text("Thank you for that.")
    assert_clean(reader)
