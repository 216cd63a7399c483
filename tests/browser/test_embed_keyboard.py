"""The whole life of a comment without a mouse: all is reached by Tab and by its name, and all that happens is said."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.browsing import HeldBack, approved, text_field
from tests.browser.keyboard import Keyboard
from tests.browser.publisher import Publisher, assert_clean, element, newspaper
from tests.browser.test_embed_writing import decide
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

AROUND = '<p><a href="#before">Before the comments</a></p>{}<p><a href="#after">After the comments</a></p>'


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    with newspaper(product, "courier", "The Courier") as found:
        yield found


@pytest.fixture
def story(publisher: Publisher) -> str:
    """A story of its own, with a link on either side of its comments."""
    return publisher.publish(f"/{uuid4().hex}", AROUND.format(element("courier")))


def said(product: Running, story: str, text: str, name: str = "Odile", **more: str) -> str:
    author = {"name": name, "email": f"{uuid4().hex}@example.org"}
    made: str = approved(product, text, site="courier", url=story, author=author, **more)["id"]
    return made


def opened(page: Page, story: str) -> Locator:
    page.goto(story)
    found = page.locator("greenroom-comments[data-loaded]")
    expect(found).to_have_count(1)
    return found


def press(section: Locator, name: str) -> Locator:
    return section.get_by_role("button", name=name)


def fill_in(keyboard: Keyboard, section: Locator, text: str) -> None:
    keyboard.write(section.get_by_role("textbox", name="Name"), "Wenna")
    keyboard.write(section.get_by_role("textbox", name="Email"), "wenna@example.org")
    keyboard.write(section.get_by_role("textbox", name="Comment"), text)
    keyboard.do(press(section, "Post Comment"))


def own_of(section: Locator) -> Locator:
    return section.locator(".own article")


def test_a_comment_is_written_followed_changed_and_withdrawn(
    product: Running, story: str, reader: Page
) -> None:
    said(product, story, "Here before")
    reader.clock.install()
    section = opened(reader, story)
    keyboard = Keyboard(reader)
    keyboard.go_to(reader.get_by_role("link", name="Before the comments"))

    with reader.expect_response(lambda answer: answer.request.method == "POST") as posting:
        fill_in(keyboard, section, f"Written by key {uuid4().hex}")
    keyboard.heard("Thank you. Your comment waits for approval.")
    comment_id = posting.value.json()["id"]
    own = own_of(section)
    keyboard.stands_at(own.locator(".thanks"))

    keyboard.do(press(own, "Edit"))
    field = own.get_by_role("textbox", name="Comment")
    keyboard.stands_at(field)
    keyboard.press("Control+a")
    keyboard.press("Delete")
    keyboard.do(press(own, "Save"))
    expect(own.get_by_role("alert")).not_to_have_text("")
    keyboard.stands_at(field)
    keyboard.write(field, "Written better")
    keyboard.do(press(own, "Save"))
    keyboard.heard("Your change was received and is looked at again.")
    keyboard.stands_at(press(own, "Edit"))

    product.until(
        lambda: product.as_admin("GET", f"/v1/admin/comments/{comment_id}").json()["awaiting"] == "held",
        what="the change held",
    )
    reader.clock.fast_forward(3_000)
    keyboard.heard("Your comment waits for a person to read it.")
    keyboard.stands_at(press(own, "Edit"))
    decide(product, comment_id, "approve")
    reader.clock.fast_forward(60_000)
    keyboard.heard("Your comment is published.")
    keyboard.stands_somewhere()

    keyboard.do(press(own, "Withdraw"))
    keyboard.do(press(own, "Cancel"))
    keyboard.stands_at(press(own, "Withdraw"))
    keyboard.press("Enter")
    keyboard.stands_at(press(own, "Yes, withdraw"))
    keyboard.press("Enter")
    keyboard.heard("You have withdrawn this comment.")
    keyboard.stands_at(own.locator(".thanks"))
    keyboard.go_to(reader.get_by_role("link", name="After the comments"))
    assert_clean(reader)


def test_somebody_is_answered_liked_shared_and_reported(product: Running, story: str, reader: Page) -> None:
    made = said(product, story, "To be answered")
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    section = opened(reader, story)
    keyboard = Keyboard(reader)

    like = press(section, "Like the comment by Odile")
    keyboard.do(like)
    keyboard.heard("You like this: 1 like")
    keyboard.press("Space")
    keyboard.heard("Your like was taken back.")
    keyboard.stands_at(like)

    share = press(section, "Share the comment by Odile")
    keyboard.do(share)
    keyboard.heard("The link was copied.")
    keyboard.stands_at(share)

    report = press(section, "Report the comment by Odile")
    keyboard.do(report)
    reasons = section.get_by_role("combobox", name="What is wrong with it?")
    keyboard.stands_at(reasons)
    # The same button closes what it opened.
    keyboard.do(report, back=True)
    expect(reasons).to_have_count(0)
    keyboard.stands_at(report)
    keyboard.press("Enter")
    keyboard.stands_at(reasons)
    reader.keyboard.type("A threat")
    keyboard.do(press(section, "Send report"))
    keyboard.heard("Thank you. A moderator will look at it.")
    keyboard.stands_at(report)
    flags = product.as_admin("GET", f"/v1/admin/comments/{made}").json()["flags"]
    assert flags["reasons"] == {"threat": 1}

    reply = press(section, "Reply to Odile")
    keyboard.do(reply, back=True)
    keyboard.stands_at(section.get_by_role("textbox", name="Name"))
    keyboard.do(press(section, "Cancel"))
    keyboard.stands_at(reply)
    keyboard.press("Enter")
    expect(section.get_by_role("form", name="Leave a Reply to Odile")).to_be_visible()
    text = f"An answer {uuid4().hex}"
    fill_in(keyboard, section, text)
    keyboard.heard("Thank you. Your comment waits for approval.")
    keyboard.stands_at(section.locator(".replies .own .thanks"))
    expect(section.get_by_role("form", name="Leave a Reply", exact=True)).to_be_visible()
    assert_clean(reader)


def test_the_list_is_sorted_folded_and_continued(product: Running, story: str, reader: Page) -> None:
    first = said(product, story, "First words")
    said(product, story, "An answer", name="Tobias", parent_id=first)
    said(product, story, "Second words", name="Wenna")
    said(product, story, "Third words", name="Lowenna")
    # As few on a page as there are comments here.
    reader.route("**/v1/threads?*", lambda route: route.continue_(url=f"{route.request.url}&limit=2"))
    section = opened(reader, story)
    keyboard = Keyboard(reader)

    fold = section.locator("summary", has_text="1 reply")
    keyboard.do(fold)
    expect(section.get_by_text("An answer")).to_be_hidden()
    keyboard.stands_at(fold)
    keyboard.press("Enter")
    expect(section.get_by_text("An answer")).to_be_visible()

    more = press(section, "Show more comments")
    reader.context.set_offline(True)
    keyboard.do(more)
    keyboard.heard("No answer came from the comment service.")
    keyboard.stands_at(more)
    reader.context.set_offline(False)
    keyboard.press("Enter")
    keyboard.stands_at(section.get_by_role("article", name="Lowenna"))
    expect(more).to_have_count(0)

    order = section.get_by_role("combobox", name="Sort by")
    keyboard.go_to(order, back=True)
    keyboard.press("ArrowDown")
    expect(section.locator(".list > li .body").first).to_have_text("Third words")
    keyboard.stands_at(order)
    expect(order).to_have_value("newest")
    assert_clean(reader)


def test_an_order_that_does_not_come_is_said_and_shown_and_the_list_stays(
    product: Running, story: str, reader: Page
) -> None:
    said(product, story, "First words")
    said(product, story, "Second words")
    section = opened(reader, story)
    keyboard = Keyboard(reader)
    order = section.get_by_role("combobox", name="Sort by")
    keyboard.go_to(order)
    reader.context.set_offline(True)
    keyboard.press("ArrowDown")
    keyboard.heard("The comments could not be loaded.")
    expect(section.locator("p:not(.unseen)", has_text="The comments could not be loaded.")).to_be_visible()
    keyboard.stands_at(order)
    # What it says is how the list stands.
    expect(order).to_have_value("oldest")
    expect(section.locator(".list > li .body").first).to_have_text("First words")
    reader.context.set_offline(False)
    keyboard.press("ArrowDown")
    expect(section.locator(".list > li .body").first).to_have_text("Second words")
    keyboard.stands_at(order)


def test_news_are_said_and_lead_to_the_heading(product: Running, story: str, reader: Page) -> None:
    said(product, story, "Here before")
    reader.clock.install()
    section = opened(reader, story)
    keyboard = Keyboard(reader)
    keyboard.go_to(press(section, "Reply to Odile"))
    said(product, story, "Come later", name="Wenna")
    told = section.locator(".row").get_by_text("1 new comment")

    def minutes_pass() -> bool:
        reader.clock.fast_forward(60_000)
        return told.is_visible()

    product.until(minutes_pass, what="the news told")
    keyboard.heard("1 new comment")
    keyboard.do(section.get_by_role("button", name="Show", exact=True), back=True)
    keyboard.stands_at(section.get_by_role("heading", name="2 comments"))


def test_what_is_wrong_with_a_form_is_said_where_it_stands(story: str, reader: Page) -> None:
    section = opened(reader, story)
    keyboard = Keyboard(reader)
    keyboard.do(press(section, "Post Comment"))
    keyboard.heard("Please look at the marked fields.")
    name = section.get_by_role("textbox", name="Name")
    keyboard.stands_at(name)
    expect(name).to_have_accessible_description("Please write your name.")
    # While it is on its way, and when it did not arrive.
    reader.route("**/v1/comments", lambda route: route.abort())
    fill_in(keyboard, section, "Written in a tunnel")
    keyboard.heard("No answer came from the comment service. Your text is still here.")
    keyboard.stands_at(press(section, "Post Comment"))
    expect(text_field(section)).to_have_value("Written in a tunnel")


def test_that_a_comment_is_on_its_way_is_said(product: Running, story: str, reader: Page) -> None:
    section = opened(reader, story)
    keyboard = Keyboard(reader)
    comment = HeldBack(reader, product, "**/v1/comments")
    fill_in(keyboard, section, f"On its way {uuid4().hex}")
    comment.first()
    keyboard.heard("Sending …")
    keyboard.stands_at(section.get_by_role("button", name="Sending …"))
    comment.let_on()
    keyboard.heard("Thank you. Your comment waits for approval.")


def test_a_preview_that_does_not_come_is_said(story: str, reader: Page) -> None:
    section = opened(reader, story)
    keyboard = Keyboard(reader)
    keyboard.write(section.get_by_role("textbox", name="Comment"), "Words")
    reader.route("**/v1/preview", lambda route: route.abort())
    preview = section.locator("summary", has_text="Preview")
    keyboard.do(preview)
    keyboard.heard("No answer came from the comment service.")
    keyboard.stands_at(preview)


def test_a_deed_whose_script_cannot_come_is_told_below_the_comment(
    product: Running, story: str, reader: Page
) -> None:
    said(product, story, "To be liked")
    reader.route("**/deeds.js*", lambda route: route.abort())
    section = opened(reader, story)
    keyboard = Keyboard(reader)
    like = press(section, "Like the comment by Odile")
    for _ in range(2):
        keyboard.do(like)
        keyboard.heard("No answer came from the comment service.")
        expect(section.locator("article").get_by_role("alert")).to_be_visible()
    keyboard.stands_at(like)
    reader.unroute("**/deeds.js*")
    keyboard.press("Enter")
    keyboard.heard("You like this: 1 like")
