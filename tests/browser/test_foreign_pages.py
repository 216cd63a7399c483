"""Pages of strangers: what they make a visitor's browser do to us is refused, and they never get us into a frame."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import demo_story, thread_of, times_stored
from tests.browser.conftest import Come
from tests.browser.publisher import Publisher, publishing
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

BLOCKED = "chrome-error://chromewebdata/"


@pytest.fixture(scope="module")
def stranger(product: Running) -> Iterator[Publisher]:
    """A server whose origin no site has registered, and whose pages may do whatever they like."""
    with publishing(product.url, strict=False) as found:
        yield found


def plain_form(product: Running, text: str, **attributes: str) -> str:
    fields = {
        "site": "demo",
        "url": demo_story(product),
        "name": "Mallory",
        "email": "mallory@example.org",
        "text": text,
    }
    inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
    told = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<form method="post" action="{product.url}/v1/comments"{told}>{inputs}<button>Win a boat</button></form>'


def test_a_form_on_a_strangers_page_stores_nothing(product: Running, stranger: Publisher, come: Come) -> None:
    # Without a referrer some browsers send "Origin: null"; that is a stranger, too.
    for number, attributes in enumerate(({}, {"referrerpolicy": "no-referrer"}, {"rel": "noreferrer"})):
        text = f"I never wrote this {uuid4().hex}"
        victim = come()
        victim.goto(stranger.publish(f"/form-{number}", plain_form(product, text, **attributes), scripts=0))
        with victim.expect_response(lambda answer: answer.request.method == "POST") as posting:
            victim.get_by_role("button", name="Win a boat").click()
        assert posting.value.status == 403
        # The visitor sees what was about to be said in their name, and why it was not taken.
        refusal = "This page does not belong to one of the site's registered origins."
        expect(victim.get_by_role("alert")).to_have_text(refusal)
        assert times_stored(product, text) == 0


def test_a_script_on_a_strangers_page_can_neither_send_nor_read(
    product: Running, stranger: Publisher, come: Come
) -> None:
    text = f"I never wrote this either {uuid4().hex}"
    victim = come()
    victim.goto(stranger.publish("/script", "<p>Nothing to see.</p>", scripts=0))
    heard = victim.evaluate(
        """async ([service, story, text]) => {
            const body = JSON.stringify({
                site: "demo", url: story, text, author: { name: "Mallory", email: "mallory@example.org" },
            });
            const heard = [];
            for (const type of ["application/json", "text/plain"])
                for (const mode of ["cors", "no-cors"])
                    for (const credentials of ["omit", "include"])
                        await fetch(`${service}/v1/comments`, {
                            method: "POST", headers: { "Content-Type": type }, body, mode, credentials,
                        }).then((answer) => heard.push(answer.type), () => heard.push("refused"));
            for (const path of ["/demo/", "/moderation", "/v1/admin/me", "/metrics"])
                await fetch(service + path).then((answer) => heard.push(path), () => heard.push("refused"));
            return heard;
        }""",
        [product.url, demo_story(product), text],
    )
    # "opaque" is an answer that the page may not look at.
    assert set(heard) <= {"refused", "opaque"}, heard
    assert times_stored(product, text) == 0


def test_none_of_our_pages_shows_in_a_frame(product: Running, stranger: Publisher, come: Come) -> None:
    ours = ("/moderation", f"/demo/t?url={demo_story(product)}", "/docs", "/demo/")
    frames = "".join(f'<iframe src="{product.url}{path}"></iframe>' for path in ours)
    victim = come()
    victim.goto(stranger.publish("/frames", frames, scripts=0))
    assert [frame.url for frame in victim.frames[1:]] == [BLOCKED] * len(ours)


def test_the_embed_does_not_listen_to_messages(product: Running, come: Come) -> None:
    page = come()
    page.goto(f"{product.url}/demo/")
    section = thread_of(page)
    expect(section.get_by_role("heading", name="Be the first to comment")).to_be_visible()
    before = drawn(page)
    page.evaluate(
        """["resize", "theme", { type: "greenroom:count", count: 7, height: 9999, html: "<b>x</b>" }]
            .forEach((message) => postMessage(message, "*"))"""
    )
    page.evaluate("new Promise((done) => { addEventListener('message', done); postMessage('last', '*'); })")
    assert drawn(page) == before


def drawn(page: Page) -> str:
    found: str = page.evaluate(
        """(() => {
            const element = document.querySelector("greenroom-comments");
            return element.outerHTML + element.shadowRoot.innerHTML + element.offsetHeight;
        })()"""
    )
    return found
