"""Readers and moderators at a real Chromium: each has a context of their own, and everything they meet is noted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import sqlalchemy as sa
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from service.store.tables import comments
from service.web.demo import STORY_PATH
from tests.product.running import Running

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Machines may be slow; whoever waits goes on as soon as there is something to see.
PATIENCE_MS = 15_000

expect.set_options(timeout=PATIENCE_MS)


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=QUIET)


@dataclass
class Met:
    """What somebody's pages did: requests by address, and what should never happen."""

    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url in self.requests if not url.startswith(("data:", "blob:"))}

    def watch(self, page: Page) -> None:
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda line: self.errors.append(line.text) if _is_trouble(line.type, line.text) else None,
        )


def _is_trouble(kind: str, text: str) -> bool:
    # That a refusal was answered (409, 422, …) is told by the browser, too; it is no fault of the page.
    return kind == "error" and not text.startswith("Failed to load resource")


@contextmanager
def person(browser: Browser, **ways: Any) -> Iterator[Page]:
    """Somebody with an empty browser, at one page; ``page.met`` has what they met. They keep no cookie in the end."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **ways})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    met = Met()
    met.watch(page)
    page.met = met  # type: ignore[attr-defined]
    try:
        yield page
        assert context.cookies() == [], "a cookie was set"
    finally:
        context.close()


def met(page: Page) -> Met:
    found: Met = page.met  # type: ignore[attr-defined]
    return found


def thread_of(page: Page) -> Locator:
    """The comment section on a story's page, once the comments are there. Playwright looks into open shadow roots."""
    # They come when somebody comes near.
    page.locator("greenroom-comments").first.scroll_into_view_if_needed()
    return page.locator("greenroom-comments[data-loaded]")


def fill_in(where: Page | Locator, text: str, name: str = "Wenna", email: str = "wenna@example.org") -> None:
    """Fill in the form, as the embed and our own page of the thread both show it."""
    where.get_by_role("textbox", name="Name").fill(name)
    where.get_by_role("textbox", name="Email").fill(email)
    text_field(where).fill(text)


def text_field(where: Page | Locator) -> Locator:
    return where.locator("form textarea")


def write_comment(where: Page | Locator, text: str, **author: str) -> None:
    """Fill in the form and send it."""
    fill_in(where, text, **author)
    where.get_by_role("button", name="Post Comment").click()


def open_queue(page: Page, product: Running, query: str = "") -> None:
    """Sign in to the moderation page by typing the token."""
    page.goto(f"{product.url}/moderation{query}")
    page.get_by_label("Admin token").fill(product.admin_token)
    page.get_by_role("button", name="Open the queue").click()
    expect(page.locator("#desk")).to_be_visible()
    expect(page.locator("#queue[aria-busy]")).to_have_count(0)


def card_of(page: Page, text: str) -> Locator:
    return page.locator("moderation-card").filter(has_text=text)


def demo_story(product: Running) -> str:
    """The address of the demo story, by which its thread is known."""
    return f"{product.url}{STORY_PATH}"


def seen_by_readers(product: Running) -> str:
    """What the API tells readers of the demo story, as it comes."""
    query = urlencode({"site": "demo", "url": demo_story(product)})
    return product.ask("GET", f"/v1/threads?{query}").body.decode()


def times_stored(product: Running, text: str) -> int:
    """How many comments there are with this text, whatever their status: a look past the product."""
    with product.database() as connection:
        wanted = sa.select(sa.func.count()).select_from(comments).where(comments.c.source == text)
        return connection.scalar(wanted) or 0


def sent(product: Running, text: str, **changes: Any) -> dict[str, Any]:
    """A comment that came in past the browser and was screened; the answer's JSON."""
    answer = product.post(text, **changes)
    assert answer.status == 202, answer.body
    made: dict[str, Any] = answer.json()
    path = f"/v1/admin/comments/{made['id']}"
    product.until(
        lambda: product.as_admin("GET", path).json()["awaiting"] != "pending", what="a comment screened"
    )
    return made


def approved(product: Running, text: str, **changes: Any) -> dict[str, Any]:
    """A comment that everybody sees; the answer's JSON to its author."""
    made = sent(product, text, **changes)
    path = f"/v1/admin/comments/{made['id']}"
    revision = product.as_admin("GET", path).json()["revision"]
    decided = product.as_admin("POST", f"{path}/decision", {"action": "approve", "revision": revision})
    assert decided.status == 200, decided.body
    return made
