"""The proof of work in a real browser: done by itself, and said; where it cannot be done, the text is kept."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.browsing import met, sent, text_field, thread_of, times_stored, write_comment
from tests.browser.publisher import Publisher, new_story, newspaper
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

# What a live region said is over in a moment: it is written down by the page itself.
NOTE_SAYINGS = """
window.sayings = [];
customElements.whenDefined("greenroom-comments").then(() => {
  const told = document.querySelector("greenroom-comments").shadowRoot.querySelector("[role=status]");
  new MutationObserver(() => sayings.push(told.textContent)).observe(told, { childList: true, characterData: true });
});
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service that asks everybody after the first comment."""
    asking = {"proof_origin": "1 per year", "proof_work": "20000"}
    running = Running(tmp_path_factory.mktemp("product"), settings=asking)
    try:
        running.up()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    with newspaper(product, "gazette", "The Gazette") as found:
        # The one that nobody is asked about.
        sent(product, "In a calm hour", site="gazette", url=f"{found.url}/calm")
        yield found


def sendings(page: Page) -> list[Request]:
    """Every comment that this page sends from now on."""
    heard: list[Request] = []
    page.on(
        "request", lambda one: heard.append(one) if one.method == "POST" and "/comments" in one.url else None
    )
    return heard


def test_the_embed_does_the_work_by_itself_and_says_so(
    product: Running, publisher: Publisher, reader: Page
) -> None:
    reader.add_init_script(NOTE_SAYINGS)
    reader.goto(new_story(publisher, "gazette"))
    heard = sendings(reader)
    section = thread_of(reader)
    texts = [f"In a busy hour {uuid4().hex}" for _ in range(3)]
    for number, text in enumerate(texts, start=1):
        write_comment(section, text)
        expect(section.locator(".own article")).to_have_count(number)
    assert [times_stored(product, text) for text in texts] == [1, 1, 1]
    proofs = [one.headers.get("greenroom-proof") for one in heard]
    assert [bool(proof) for proof in proofs] == [False, True] * 3
    assert len(set(proofs)) == 4, "each comment has a proof of its own"
    for asked, proved in zip(heard[::2], heard[1::2], strict=True):
        assert asked.post_data == proved.post_data
        assert asked.headers["idempotency-key"] == proved.headers["idempotency-key"]
    assert [said for said in reader.evaluate("sayings") if "small sum" in said]
    assert reader.evaluate("violations") == []
    assert met(reader).errors == []


def test_a_reader_whose_browser_cannot_is_asked_to_try_later_and_loses_nothing(
    product: Running, publisher: Publisher, reader: Page
) -> None:
    reader.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    reader.goto(new_story(publisher, "gazette"))
    section = thread_of(reader)
    text = f"From an old browser {uuid4().hex}"
    write_comment(section, text)
    alert = section.locator("form [role=alert]")
    expect(alert).to_have_text(
        "Many comments come in just now. Your text is not lost: please try again in a few minutes."
        " Your text is still here."
    )
    expect(text_field(section)).to_have_value(text)
    assert times_stored(product, text) == 0


def test_a_proof_that_is_refused_is_not_tried_for_ever(
    product: Running, publisher: Publisher, reader: Page
) -> None:
    reader.goto(new_story(publisher, "gazette"))
    # Whatever this browser answers is bent on the way.
    reader.route(
        "**/v1/comments",
        lambda route: route.continue_(headers={**route.request.headers, "greenroom-proof": "bent"}),
    )
    heard = sendings(reader)
    section = thread_of(reader)
    text = f"Bent {uuid4().hex}"
    write_comment(section, text)
    expect(section.locator("form [role=alert]")).to_contain_text("try again in a few minutes")
    expect(text_field(section)).to_have_value(text)
    assert len(heard) == 2
    assert times_stored(product, text) == 0
