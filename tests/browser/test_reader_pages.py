"""Our own pages for readers in every state: measured as the embed is, in English and in Arabic."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Come
from tests.browser.embed_states import Place, conversation
from tests.browser.measured import LOOKS, faults
from tests.browser.publisher import Publisher, newspaper
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

STATES = 21


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    with newspaper(product, "mirror", "The Mirror") as found:
        yield found


@pytest.mark.parametrize("lang", LOOKS)
def test_our_own_pages_stand_right_in_whatever_state_they_are(
    product: Running, publisher: Publisher, come: Come, lang: str
) -> None:
    reader = come()
    place = Place(reader, product, publisher, "mirror", lang)
    found: dict[str, list[str]] = {}
    for state in (state for part in (thread, form, report, own) for state in part(place)):
        root = reader.evaluate_handle("document.documentElement")
        assert root.evaluate("(html) => [html.lang, html.dir]") == [lang, "rtl" if lang == "ar" else "ltr"]
        assert state not in found
        found[state] = faults(reader, root, lang)
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
    assert len(found) == STATES


def page_of(place: Place, story: str, **more: str) -> str:
    query = urlencode({"url": story, "lang": place.lang, **more})
    return f"{place.product.url}/{place.site}/t?{query}"


def send(place: Place, form: str) -> None:
    """Send a form without the browser's own look at it."""
    with place.page.expect_navigation():
        place.page.locator(f"{form} button").first.click()


def thread(place: Place) -> Iterator[str]:
    page = place.page
    page.goto(page_of(place, place.story()))
    expect(page.locator("h2").first).to_be_visible()
    yield "empty"
    story, ids = conversation(place)
    page.goto(page_of(place, story))
    expect(page.locator(".removed")).to_be_visible()
    yield "with comments"
    page.goto(page_of(place, story, limit="1", result="reported"))
    expect(page.locator("#result")).to_be_visible()
    yield "with a next page, after a report"
    page.goto(page_of(place, story, reply_to=ids["last"], result="received"))
    expect(page.locator("[name=parent_id]")).to_have_count(1)
    yield "with a form that answers, after a comment"
    page.goto(f"{page_of(place, story)}#greenroom-{ids['picked']}")
    expect(page.locator(":target")).to_be_visible()
    yield "with a comment that was linked to"
    page.goto(page_of(place, "https://elsewhere.example/story"))
    expect(page.locator("h1")).to_be_visible()
    yield "a message"


def form(place: Place) -> Iterator[str]:
    page, product = place.page, place.product
    story = place.story()
    made = place.said(story, "The only one")
    page.goto(page_of(place, story))
    page.locator("#name").fill("wenna@example.org")
    page.locator("#email").fill("wenna@localhost")
    page.locator("#text").fill("Kept. " + "x" * 90)
    send(place, "#leave-a-reply")
    expect(page.locator("#form-errors")).to_be_visible()
    yield "a form with faults"
    case = product.as_admin("GET", f"/v1/admin/comments/{made['id']}").json()
    closing = f"/v1/admin/threads/{case['thread']['id']}"
    assert product.as_admin("POST", closing, {"closed": True}).status == 200
    page.locator("#name").fill("Wenna")
    page.locator("#email").fill("wenna@example.org")
    send(place, "#leave-a-reply")
    expect(page.locator("textarea[readonly]")).to_be_visible()
    yield "closed while somebody wrote"
    page.goto(page_of(place, story))
    expect(page.locator("form")).to_have_count(0)
    yield "closed"


def report(place: Place) -> Iterator[str]:
    page = place.page
    made = place.said(place.story(), "Not nice " + "x" * 90)
    page.goto(f"{place.product.url}/{place.site}/report/{made['id']}?lang={place.lang}")
    yield "a report"
    page.locator("select").evaluate("(each) => each.removeAttribute('required')")
    send(place, "main form")
    expect(page.locator("#fault")).to_be_visible()
    yield "a report without a reason"


def own(place: Place) -> Iterator[str]:
    page, product = place.page, place.product
    page.goto(page_of(place, place.story()))
    page.locator("#name").fill("Wenna")
    page.locator("#email").fill("wenna@example.org")
    page.locator("#text").fill(f"Mine. {uuid4().hex} " + "x" * 90)
    send(place, "#leave-a-reply")
    expect(page.locator(".code")).to_be_visible()
    yield "thanks with the private link"
    code = page.locator(".code").inner_text()
    page.goto(f"{product.url}/own?lang={place.lang}")
    yield "asked for the code"
    page.locator("#code").fill("nonsense")
    send(place, "#ask")
    expect(page.locator("#fault")).to_be_visible()
    yield "a wrong code"
    page.locator("#code").fill(code)
    send(place, "#ask")
    expect(page.locator("#text")).to_be_visible()
    yield "ones own comment"
    send(place, "form:has(#text)")
    expect(page.locator("#result")).to_be_visible()
    yield "ones own comment unchanged"
    page.locator("#text").fill("")
    send(place, "form:has(#text)")
    expect(page.locator("#change-fault")).to_be_visible()
    yield "a change with a fault"
    place.decide(code.partition(".")[0], "reject", reasons=["insult"], message="Nobody here is a fool.")
    send(place, "main > form:last-of-type")
    expect(page.locator("#sure")).to_be_visible()
    yield "asked before withdrawing"
    page.locator("section form button").last.click()
    expect(page.locator("#words")).to_be_visible()
    yield "rejected, with an appeal to make"
    page.locator("#words").fill("I meant the timetable. " + "x" * 90)
    send(place, "form:has(#words)")
    expect(page.locator("#asked")).to_be_visible()
    yield "rejected, and asked to look again"
    send(place, "main > form:last-of-type")
    send(place, "section form")
    expect(page.locator("#result")).to_be_visible()
    yield "withdrawn"
