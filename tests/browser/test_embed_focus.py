"""The focus in the embed: handed on where something goes away, and held nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.browsing import HeldBack, met
from tests.browser.keyboard import STANDS_AT, Keyboard
from tests.browser.publisher import Publisher, assert_clean, element, newspaper
from tests.browser.test_embed_keyboard import AROUND, fill_in, opened, own_of, press, said
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    with newspaper(product, "courier", "The Courier") as found:
        yield found


@pytest.fixture
def story(publisher: Publisher) -> str:
    """A story of its own, with a link on either side of its comments."""
    return publisher.publish(f"/{uuid4().hex}", AROUND.format(element("courier")))


def test_the_focus_goes_on_to_what_a_button_made_room_for(
    product: Running, publisher: Publisher, reader: Page
) -> None:
    manual = element("courier").replace("<greenroom-comments", '<greenroom-comments loading="manual"')
    story = publisher.publish(f"/{uuid4().hex}", AROUND.format(manual))
    said(product, story, "Waited for")
    reader.goto(story)
    keyboard = Keyboard(reader)
    section = reader.locator("greenroom-comments")
    reader.context.set_offline(True)
    keyboard.do(press(section, "Show comments"))
    keyboard.heard("The comments could not be loaded.")
    keyboard.stands_at(press(section, "Try again"))
    reader.context.set_offline(False)
    keyboard.press("Enter")
    keyboard.stands_at(section.get_by_role("heading", name="1 comment"))
    assert_clean(reader)


def test_whoever_stands_at_the_link_inside_goes_on_from_the_comments(
    product: Running, story: str, reader: Page
) -> None:
    said(product, story, "Come while somebody stood here")
    thread = HeldBack(reader, product, "**/v1/threads?*")
    reader.goto(story)
    keyboard = Keyboard(reader)
    keyboard.go_to(reader.get_by_role("link", name="Read and write comments"))
    thread.let_on()
    keyboard.stands_at(reader.get_by_role("heading", name="1 comment"))


def test_the_focus_is_kept_when_the_time_for_changes_is_over(
    product: Running, story: str, reader: Page
) -> None:
    reader.clock.install()
    section = opened(reader, story)
    keyboard = Keyboard(reader)
    fill_in(keyboard, section, f"Too late to be changed {uuid4().hex}")
    own = own_of(section)

    def too_late(route: Route) -> None:
        came = route.fetch()
        document = came.json()
        route.fulfill(response=came, json={**document, "editable_until": None})

    # One look later it is too late: first for who is writing, then for who stands at the button.
    keyboard.do(press(own, "Edit"))
    reader.route("**/v1/comments/*", too_late)
    with reader.expect_response("**/v1/comments/*"):
        reader.clock.fast_forward(3_000)
    keyboard.do(press(own, "Cancel"))
    keyboard.stands_at(press(own, "Withdraw"))
    expect(press(own, "Edit")).to_be_hidden()
    reader.unroute("**/v1/comments/*")
    with reader.expect_response("**/v1/comments/*"):
        reader.clock.fast_forward(10_000)
    keyboard.go_to(press(own, "Edit"), back=True)
    reader.route("**/v1/comments/*", too_late)
    with reader.expect_response("**/v1/comments/*"):
        reader.clock.fast_forward(20_000)
    expect(press(own, "Edit")).to_be_hidden()
    keyboard.stands_at(own.locator(".thanks"))


def test_tab_leads_through_everything_that_is_open_and_out_again(
    product: Running, story: str, reader: Page
) -> None:
    said(product, story, "To be answered and reported")
    section = opened(reader, story)
    keyboard = Keyboard(reader)
    keyboard.do(press(section, "Report the comment by Odile"))
    keyboard.do(press(section, "Reply to Odile"), back=True)
    keyboard.do(section.locator("summary", has_text="Preview"))
    before, after = (
        reader.get_by_role("link", name=f"{where} the comments") for where in ("Before", "After")
    )
    seen: set[str] = set()

    def walk(to: Locator, key: str) -> None:
        for _ in range(40):
            if to.evaluate("(each) => each.matches(':focus')"):
                return
            keyboard.press(key)
            seen.add(str(reader.evaluate(STANDS_AT)))
        raise AssertionError("the comments do not let go of the focus")

    walk(after, "Tab")
    walk(before, "Shift+Tab")
    walk(after, "Tab")
    for part in (
        "<select",
        "<textarea",
        "<summary",
        'name="email"',
        'type="checkbox"',
        "Cancel",
        "Send report",
    ):
        assert any(part in one for one in seen), part
    assert not any('name="website"' in one for one in seen), "the trap is never stopped at"
    assert met(reader).errors == []


def test_a_link_that_cannot_be_copied_is_there_to_be_copied_by_hand(
    product: Running, story: str, reader: Page
) -> None:
    said(product, story, "Worth passing on by hand")
    reader.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })"
    )
    section = opened(reader, story)
    Keyboard(reader).do(press(section, "Share the comment by Odile"))
    link = section.get_by_role("textbox", name="The link of this comment")
    expect(link).to_be_focused()
    assert link.evaluate("(each) => each.selectionEnd - each.selectionStart === each.value.length")
