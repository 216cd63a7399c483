"""Readers and moderators at a real Chromium: each has a context of their own, and everything they meet is noted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import sqlalchemy as sa
from playwright.sync_api import Browser, Locator, Page, Playwright, Route, expect

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
    signed_in: bool = False

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
    """Somebody with an empty browser, at one page; ``page.met`` has what they met.

    In the end they keep no cookie, but for a moderator's session.
    """
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **ways})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    met = Met()
    met.watch(page)
    page.met = met  # type: ignore[attr-defined]
    try:
        yield page
        ours = {"__Host-greenroom"} if met.signed_in else set()
        assert {cookie["name"] for cookie in context.cookies()} <= ours, "a cookie was set"
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


def sign_in(page: Page, product: Running, token: str | None = None) -> None:
    """Sign in to the desk by typing a token; the administrator's where none is given."""
    page.goto(f"{product.url}/moderation")
    page.get_by_label("Your token").fill(token or product.admin_token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#filters")).to_be_visible()
    met(page).signed_in = True


def open_queue(page: Page, product: Running, query: str = "") -> None:
    """A queue of the desk, signed in to before."""
    if not met(page).signed_in:
        sign_in(page, product)
    if query:
        page.goto(f"{product.url}/moderation{query}")
    expect(page.locator("#filters")).to_be_visible()
    # With its style sheets: what is measured before they are there has other sizes.
    page.wait_for_load_state()


def card_of(page: Page, text: str) -> Locator:
    return page.locator(".card").filter(has_text=text)


def add_site(product: Running, key: str) -> str:
    """Another site, once the service knows it; the address of a story of its own."""
    product.run("site", "set", key, "--name", f"The {key.title()} Post", "--origin", f"https://{key}.example")
    sites = lambda: product.as_admin("GET", "/v1/admin/sites").json()["sites"]  # noqa: E731
    product.until(lambda: key in {one["site"] for one in sites()}, what=f"the site {key} known")
    return f"https://{key}.example/story"


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


def _until_heard(page: Page, product: Running) -> None:
    """Until what the page asks goes by the test: a page that is there already hears of that a moment later, and on a
    busy machine a key that is pressed at once is quicker."""
    address = page.url.partition("#")[0]
    # A pattern, and gone afterwards: with a function each request waits until the test next asks something of the page.
    itself = re.compile(f"^{re.escape(address)}$")

    def answer(route: Route) -> None:
        if route.request.method == "HEAD":
            route.fulfill(status=204)
        else:
            route.fallback()

    page.route(itself, answer)
    asked = "async (address) => (await fetch(address, {method: 'HEAD'})).status"
    product.until(lambda: page.evaluate(asked, address) == 204, what="a request that goes by the test")
    page.unroute(itself, answer)


class HeldBack:
    """Requests of a page that are not answered until somebody lets them on."""

    def __init__(self, page: Page, product: Running, pattern: str) -> None:
        self._page, self._product, self._pattern = page, product, pattern
        self._waiting: list[Route] = []
        page.route(pattern, self._wait)
        # A publisher's page may ask nobody but the product, and not itself.
        if page.url.startswith(f"{product.url}/"):
            _until_heard(page, product)

    def _wait(self, route: Route) -> None:
        self._waiting.append(route)

    def first(self) -> Route:
        """The first of them, once it is there."""
        # What the page asks is heard of here whenever something is asked of the page.
        self._product.until(lambda: bool(self._page.evaluate("1") and self._waiting), what="a request")
        return self._waiting[0]

    def let_on(self) -> None:
        """Have the first one answered, and hold nothing back any more."""
        self.first().continue_()
        self._page.unroute(self._pattern, self._wait)
