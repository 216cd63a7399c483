"""A browser that keeps nothing for anybody: cookies and all other storage are refused, and everything works."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsing import (
    CHROMIUM,
    PATIENCE_MS,
    QUIET,
    Met,
    demo_story,
    met,
    thread_of,
    times_stored,
    write_comment,
)
from tests.browser.publisher import publishing
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

BLOCK = 2


@pytest.fixture(scope="module")
def wary(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Somebody whose browser's settings say "block all cookies", as a person sets them."""
    profile: Path = tmp_path_factory.mktemp("profile")
    preferences = {"profile": {"default_content_setting_values": {"cookies": BLOCK}}}
    (profile / "Default").mkdir()
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences))
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=CHROMIUM, headless=True, args=QUIET, viewport={"width": 1280, "height": 900}
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context.pages[0]
    finally:
        context.close()


@pytest.fixture
def reader(wary: Page) -> Page:
    """Their page, and what it meets in this test."""
    found = Met()
    found.watch(wary)
    wary.met = found  # type: ignore[attr-defined]
    return wary


def assert_kept_nothing(page: Page) -> None:
    kept = page.evaluate(
        """() => {
            document.cookie = "kept=1";
            const open = (name) => { try { return Boolean(window[name]); } catch { return false; } };
            return [document.cookie, open("sessionStorage"), open("localStorage")];
        }"""
    )
    assert kept == ["", False, False], "the setting is not in force"
    assert page.context.cookies() == []
    assert met(page).errors == []


def test_the_embed_works_on_our_page_and_on_a_publishers(product: Running, reader: Page) -> None:
    with publishing(product.url) as publisher:
        product.run("site", "set", "daily", "--name", "The Daily", "--origin", publisher.url)
        product.until(
            lambda: product.ask("GET", f"/v1/counts?site=daily&url={publisher.url}/story").status == 200,
            what="the site known",
        )
        element = '<greenroom-comments site="daily"><a href="/elsewhere">Comments</a></greenroom-comments>'
        for story in (f"{product.url}/demo/", publisher.publish("/story", element)):
            reader.goto(story)
            section = thread_of(reader)
            text = f"Nothing of mine is kept {uuid4().hex}"
            write_comment(section, text)
            expect(section.get_by_text("Thank you. Your comment waits for approval.").last).to_be_visible()
            assert times_stored(product, text) == 1
            own = section.locator(".own")
            own.get_by_role("button", name="Edit").click()
            own.get_by_label("Comment").fill(f"Nor of what I changed {uuid4().hex}")
            own.get_by_role("button", name="Save").click()
            expect(own.get_by_text("Nor of what I changed")).to_be_visible()
            own.get_by_role("button", name="Withdraw").click()
            own.get_by_role("button", name="Yes, withdraw").click()
            expect(own.get_by_text("You have withdrawn this comment.")).to_be_visible()
            section.get_by_label("Remember me on this device").check()
            assert_kept_nothing(reader)


def test_the_page_of_a_thread_works(product: Running, reader: Page) -> None:
    reader.goto(f"{product.url}/demo/t?url={demo_story(product)}")
    text = f"By the plain form {uuid4().hex}"
    write_comment(reader, text)
    expect(reader.get_by_text("Thank you. Your comment waits for approval.")).to_be_visible()
    assert times_stored(product, text) == 1
    assert_kept_nothing(reader)
