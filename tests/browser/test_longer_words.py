"""Our own pages in a language that is longer than any: all of it is translated, and fits on the smallest screens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route

from service.domain.site import Site
from service.web import own, pages, report
from tests.browser.browsing import met
from tests.browser.conftest import Come
from tests.browser.test_languages import CUT, UNTRANSLATED
from tests.browser.test_looks import sideways
from tests.pseudo import BEGIN, pseudo_voice
from tests.web.conftest import House, open_house
from tests.web.stage import put_on_stage

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """An app in this process, whose words can be changed."""
    opened = open_house(sqlite_url, tmp_path)
    opened.add_site(Site("daily", "The Daily", ("https://daily.example",)))
    yield opened
    opened.close()


def test_longer_words_fit_on_our_own_page(house: House, come: Come, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = put_on_stage(house, [None, 0, 1, 2, 3, 4])
    monkeypatch.setattr(pages, "spoken_here", lambda _: pseudo_voice())
    reader = come(viewport={"width": 320, "height": 800})
    serve(reader, house)
    for query in (f"reply_to={ids[0]}", "result=received", "limit=1"):
        reader.goto(f"http://127.0.0.1:8080/daily/t?url=https://daily.example/budget&{query}")
        root = reader.evaluate_handle("document.documentElement")
        theirs = {"The Daily"}
        assert [
            text for text in root.evaluate(UNTRANSLATED) if BEGIN not in text and text not in theirs
        ] == []
        for width in (320, 360):
            assert sideways(reader, width) == 0
            assert root.evaluate(CUT) == [], width
    assert met(reader).errors == []


def test_longer_words_fit_on_the_pages_of_authors_and_reporters(
    house: House, come: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page in (own, pages, report):
        monkeypatch.setattr(page, "spoken_here", lambda _: pseudo_voice())
    waiting, shown = house.post(), house.approved("On stage.")
    reader = come(viewport={"width": 320, "height": 800})
    serve(reader, house)

    def fits(step: str) -> None:
        root = reader.evaluate_handle("document.documentElement")
        said = [text for text in root.evaluate(UNTRANSLATED) if text not in ("The Daily", "Greenroom")]
        assert [text for text in said if BEGIN not in text] == [], step
        assert said
        for width in (320, 360):
            assert sideways(reader, width) == 0, step
            assert root.evaluate(CUT) == [], step

    def press(at: int) -> None:
        reader.get_by_role("button").nth(at).click()

    reader.goto(f"http://127.0.0.1:8080/daily/report/{shown}")
    fits("report")
    reader.goto("http://127.0.0.1:8080/own")
    fits("asked for the code")
    reader.locator("#code").fill("nonsense")
    press(0)
    fits("a wrong code")
    reader.locator("#code").fill(f"{waiting['id']}.{waiting['edit_token']}")
    press(0)
    fits("waiting")
    house.decide(waiting["id"], "reject", reasons=["personal_data", "flood"], message="It is long.")
    reader.locator("form", has=reader.locator("#text")).get_by_role("button").click()
    fits("rejected, and nothing changed")
    reader.locator("form", has=reader.locator("#words")).get_by_role("button").click()
    fits("appealed")
    reader.get_by_role("button").last.click()
    fits("sure?")
    press(0)
    fits("withdrawn")
    assert met(reader).errors == []


def serve(reader: Page, house: House) -> None:
    """Lets the browser talk to an app in this process."""

    def answer(route: Route) -> None:
        url, request = urlsplit(route.request.url), route.request
        # Of a request that is held up here, the browser does not tell these.
        headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"} if request.method == "POST" else {}
        sent = {"data": request.post_data_buffer, "content_type": request.headers.get("content-type")}
        with house.client.open(
            f"{url.path}?{url.query}", method=request.method, headers=headers, **sent
        ) as came:
            route.fulfill(status=came.status_code, headers=dict(came.headers), body=came.data)

    reader.route("http://127.0.0.1:8080/**", answer)
