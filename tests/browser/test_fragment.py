"""Comments that a publisher's server put into its page: there without scripts, and shown once with them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import approved, met, thread_of
from tests.browser.conftest import Come
from tests.browser.publisher import NOTE_VIOLATIONS, Publisher, newspaper
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

HOSTILE = "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 1'> and *more*"


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    with newspaper(product, "daily", "The Daily") as found:
        yield found


@pytest.fixture
def story(product: Running, publisher: Publisher) -> str:
    """A story with a comment and an answer, whose page was made with both in it."""
    path = f"/{uuid4().hex}"
    author = {"name": "Odile <b>", "email": "o@example.org"}
    made = approved(product, HOSTILE, site="daily", url=publisher.url + path, author=author)
    approved(product, "An answer.", site="daily", url=publisher.url + path, parent_id=made["id"])
    asked = urlencode({"site": "daily", "url": publisher.url + path})
    fragment = product.ask("GET", f"/v1/threads.html?{asked}").body.decode()
    return publisher.publish(path, f'<greenroom-comments site="daily">{fragment}</greenroom-comments>')


def described(page: Page) -> list[str]:
    """The ids that the page tells search engines, from the outermost in."""
    found: list[str] = page.evaluate("""() => {
        const [story] = [...document.querySelectorAll('script[type="application/ld+json"]')]
            .map((one) => JSON.parse(one.textContent));
        const [above] = story.comment;
        return [story["@id"], above["@id"], above.comment[0]["@id"], above.text];
    }""")
    return found


def test_without_scripts_the_comments_are_in_the_page(product: Running, story: str, come: Come) -> None:
    page = come(java_script_enabled=False)
    page.goto(story)
    expect(page.get_by_role("heading", name="2 comments")).to_be_visible()
    expect(page.get_by_text("window.ran = 1").first).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.locator("article em")).to_have_text("more")
    page.get_by_role("link", name="Read and write comments").click()
    expect(page.get_by_role("heading", name="Leave a Reply")).to_be_visible()
    expect(page.get_by_role("link", name="Follow by feed")).to_be_visible()


def test_with_scripts_they_are_shown_once_and_nothing_in_them_runs(
    product: Running, story: str, come: Come
) -> None:
    page = come()
    page.context.add_init_script(NOTE_VIOLATIONS)
    page.goto(story)
    expect(thread_of(page).get_by_role("heading", name="2 comments")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(2)
    address, above, answer, text = described(page)
    assert address == story
    assert above.startswith(f"{story}#greenroom-")
    assert answer.startswith(f"{story}#greenroom-")
    assert text == HOSTILE.replace("*", "")
    # Even a strict policy has nothing against data that is not run.
    assert page.evaluate("[violations, window.ran ?? 0]") == [[], 0]
    assert met(page).errors == []
    page.goto(above)
    expect(thread_of(page).locator(".body em")).to_be_in_viewport()
