"""Never kept: after a whole life of comments in a real browser, no address is anywhere in it, nor in what it was sent.

Addresses of every kind are typed as readers type them, into the embed and into our own pages. Then the search for
canaries (see tests/product/canaries.py) goes through all that the browser keeps, all that its pages hold, every answer
that it got, and every address and header that it sent. One thing is let through and looked at closely: a comment's own
request carries the address of its author, once. That nothing unseen shows is held byte by byte in
tests/web/test_invisibility.py; here another reader's browser is looked at while comments wait and are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from playwright.sync_api import Error, Locator, Page, Request, Response, expect

from tests.browser.browsing import sent, thread_of, write_comment
from tests.browser.conftest import Come
from tests.browser.publisher import Publisher, element, newspaper
from tests.browser.test_embed_writing import decide
from tests.product.canaries import Canaries, Canary, Search, mark
from tests.product.running import Running
from tests.product.strangers import TAKEN

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SITE = "echo"
# Everything that a page can keep in a browser, by the name of the place.
KEPT = """async () => {
    const rows = (request) => new Promise((done, failed) => {
        request.onsuccess = () => done(request.result);
        request.onerror = () => failed(request.error);
    });
    const databases = [];
    for (const { name } of await indexedDB.databases()) {
        const database = await rows(indexedDB.open(name));
        for (const store of database.objectStoreNames)
            databases.push([name, store, await rows(database.transaction(store).objectStore(store).getAll())]);
    }
    const cached = [];
    for (const name of globalThis.caches ? await caches.keys() : [])
        for (const request of await (await caches.open(name)).keys())
            cached.push([name, request.url, await (await caches.match(request)).text()]);
    return {
        "local storage": { ...localStorage },
        "session storage": { ...sessionStorage },
        "databases": databases,
        "caches": cached,
        "cookies": document.cookie,
        "workers": (await navigator.serviceWorker?.getRegistrations() ?? []).length,
        "history": [history.state, location.href, window.name],
    };
}"""
# The document with every shadow root in it, and what stands in its fields.
DRAWN = """() => {
    const roots = (root) => [root, ...[...root.querySelectorAll("*")].flatMap((each) =>
        each.shadowRoot ? roots(each.shadowRoot) : [])];
    return roots(document).map((root) => [
        root === document ? document.documentElement.outerHTML : root.innerHTML,
        [...root.querySelectorAll("input, textarea")].map((field) => field.value),
    ]);
}"""


class Ears:
    """What a page is sent, and what it sends but for the bodies of its forms, which are kept apart."""

    def __init__(self, page: Page) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.posted: list[tuple[str, bytes]] = []
        page.on("requestfinished", self._request)
        page.on("response", self._response)
        page.on("console", lambda line: self.heard.append(("the console", line.text.encode())))

    def _request(self, request: Request) -> None:
        self.heard.append(("addresses that were asked for", request.url.encode()))
        self.heard.append(("headers that were sent", json.dumps(request.all_headers()).encode()))
        if request.post_data_buffer:
            self.posted.append((request.url.partition("?")[0], request.post_data_buffer))

    def _response(self, response: Response) -> None:
        self.heard.append(("headers of answers", json.dumps(response.all_headers()).encode()))
        # A page that was left keeps no answers, and a redirect has none.
        with suppress(Error):
            self.heard.append(("answers", response.body()))


def in_browser(page: Page) -> Iterator[tuple[str, bytes]]:
    """All that the page keeps and holds, place by place."""
    for place, kept in page.evaluate(KEPT).items():
        yield place, json.dumps(kept, ensure_ascii=False).encode()
    yield "cookies", json.dumps(page.context.cookies()).encode()
    yield "the page", json.dumps(page.evaluate(DRAWN), ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    with newspaper(product, SITE, "The Echo") as found:
        yield found


def own_of(section: Locator) -> Locator:
    return section.locator(".own article").last


def live_in_the_embed(page: Page, product: Running, address: str, *, told: bool) -> str:
    """A comment's whole life under this address; its id. ``told`` remembers the name on this device."""
    section = thread_of(page)
    if told:
        section.get_by_label("Remember me on this device").check()
    section.locator("form").last.get_by_text("Preview", exact=True).click()
    with page.expect_response(
        lambda answer: answer.request.method == "POST" and "/v1/comments" in answer.url
    ) as posting:
        write_comment(section, f"Words {uuid4().hex}", email=address)
    made: str = posting.value.json()["id"]
    own = own_of(section)
    expect(own).to_contain_text("Thank you.")
    own.get_by_role("button", name="Edit").click()
    own.get_by_label("Comment").fill(f"Better words {uuid4().hex}")
    own.get_by_role("button", name="Save").click()
    expect(own.locator(".body")).to_contain_text("Better words")
    return made


def live_without_scripts(page: Page, product: Running, story: str, address: str) -> None:
    """The same on our own pages, with a form that is refused first."""
    page.goto(f"{product.url}/{SITE}/t?{urlencode({'url': story})}")
    write_comment(page, f"Plain words {uuid4().hex}", name="a@b", email=address)
    expect(page.locator("#name-error")).to_be_visible()
    write_comment(page, f"Plain words {uuid4().hex}", email=address)
    page.get_by_role("button", name="See what becomes of it").click()
    expect(page.get_by_role("heading", name="What you wrote")).to_be_visible()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("button", name="Yes, withdraw").click()
    expect(page.get_by_text("You have withdrawn your comment.")).to_be_visible()


def test_no_trace_of_an_address_is_in_a_readers_browser(
    product: Running, publisher: Publisher, come: Come
) -> None:
    canaries = Canaries()
    story = publisher.publish(f"/{uuid4().hex}", element(SITE))
    page = come()
    ears = Ears(page)
    kept: list[tuple[str, bytes]] = []
    for number, (kind, form) in enumerate(TAKEN.items()):
        address = canaries.make(f"{kind}, in the embed", form)
        page.goto(story)
        live_in_the_embed(page, product, address, told=number % 2 == 0)
        # As a reader leaves it, and after coming back.
        kept += in_browser(page)
        page.reload()
        expect(thread_of(page)).to_have_count(1)
        kept += in_browser(page)
    sent_once = list(canaries.all)
    half = canaries.make("typed, and never sent")
    thread_of(page).get_by_role("textbox", name="Email").fill(half)
    thread_of(page).locator("form textarea").fill("Half a thought")
    product.until(
        lambda: "Half a thought" in str(page.evaluate("({ ...localStorage })")), what="a draft kept"
    )
    storage = [(place, raw) for place, raw in in_browser(page) if place != "the page"]
    page.reload()
    kept += [*storage, *in_browser(page)]

    embedded, posts = list(ears.heard), list(ears.posted)
    plain = canaries.make("in a plain form")
    live_without_scripts(page, product, story, plain)
    kept += in_browser(page)

    search = Search(canaries.all)
    search.look_at(iter(kept))
    search.look_at(iter(embedded))
    assert search.found == set()
    assert {"local storage", "session storage", "databases", "caches", "cookies", "the page"} <= set(
        search.places
    )
    assert search.places["answers"] > 10_000
    assert search.places["headers of answers"] > 1_000
    assert_sent_once(posts, sent_once)


def assert_sent_once(posts: list[tuple[str, bytes]], canaries: list[Canary]) -> None:
    """Of all that the embed sent, an address is in its own comment's request and in no other."""
    for canary in canaries:
        search = Search([canary])
        search.look_at(iter(posts))
        assert {where.rpartition("/v1/")[2] for where, _ in search.found} == {"comments"}, canary.why
        assert sum(canary.marks[0].encode() in body.lower() for _, body in posts) == 1, canary.why
    assert {where.rpartition("/v1/")[2].partition("/")[0] for where, _ in posts} <= {"comments", "preview"}


def test_another_readers_browser_gets_nothing_of_what_is_not_on_stage(
    product: Running, publisher: Publisher, come: Come
) -> None:
    story = publisher.publish(f"/{uuid4().hex}", element(SITE))
    unseen = {name: mark() for name in ("pending", "held", "rejected", "withdrawn", "a change", "a name")}

    def said(text: str, name: str = "Odile") -> dict[str, Any]:
        author = {"name": name, "email": f"{uuid4().hex}@example.org"}
        return sent(product, text, site=SITE, url=story, author=author)

    shown = said("On stage before it was changed")
    decide(product, shown["id"], "approve")
    asked = {
        path: product.ask("GET", path)
        for path in (
            *(
                f"/v1/{form}?site={SITE}&url={quote(story)}"
                for form in ("threads", "threads.html", "threads.jsonld")
            ),
            f"/v1/feeds/thread.atom?site={SITE}&url={quote(story)}",
            f"/v1/feeds/site.atom?site={SITE}",
            f"/v1/counts?site={SITE}&url={quote(story)}",
        )
    }
    said(f"Held: {unseen['held']}", name=f"Held {unseen['a name']}")
    decide(product, said(f"Refused: {unseen['rejected']}")["id"], "reject", reasons=["other"])
    gone = said(f"Taken back: {unseen['withdrawn']}")
    own = {"Authorization": f"Bearer {gone['edit_token']}"}
    assert product.ask("DELETE", f"/v1/comments/{gone['id']}", **own).status == 200
    change = {"text": f"Changed: {unseen['a change']}"}
    changed = product.ask(
        "PATCH", f"/v1/comments/{shown['id']}", change, Authorization=f"Bearer {shown['edit_token']}"
    )
    assert changed.status == 202
    author = {"name": "Odile", "email": f"{uuid4().hex}@example.org"}
    assert product.post(f"Just come: {unseen['pending']}", site=SITE, url=story, author=author).status == 202

    for path, before in asked.items():
        after = product.ask("GET", path)
        assert (after.status, after.body) == (before.status, before.body), path
        assert after.headers.get("etag") == before.headers.get("etag"), path
    reader = come()
    ears = Ears(reader)
    reader.goto(story)
    expect(thread_of(reader).get_by_text("On stage before it was changed")).to_be_visible()
    held = list(in_browser(reader))
    reader.goto(f"{product.url}/{SITE}/t?{urlencode({'url': story})}")
    expect(reader.get_by_text("On stage before it was changed")).to_be_visible()
    held += in_browser(reader)
    # The own page of a comment, with another one's token.
    reader.goto(f"{product.url}/own#{gone['id']}.{shown['edit_token']}")
    expect(reader.get_by_text("There is no comment with this code.")).to_be_visible()
    held += in_browser(reader)
    everything = b"\n".join(raw for _, raw in (*held, *ears.heard))
    assert b"On stage before it was changed" in everything
    assert [name for name, word in unseen.items() if word.encode() in everything] == []
