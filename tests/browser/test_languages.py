"""The languages of the readers' side in a real browser: which one is spoken, whether it fits, and is all there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from service.web.sentences import for_the_embed
from tests.browser.browsing import met, sent, thread_of
from tests.browser.conftest import Come
from tests.browser.publisher import Publisher, publishing
from tests.browser.test_looks import RULES, sideways
from tests.product.running import Running
from tests.pseudo import BEGIN, pseudo_voice

pytestmark = [pytest.mark.browser, pytest.mark.processes]

OPEN = {"otherwise": "approve", "checks": {"model": "off", "duplicates": "off", "history": "off"}}
FIRST = {
    "en": "Be the first to comment",
    "de": "Schreiben Sie den ersten Kommentar",
    "fr": "Soyez le premier à commenter",
    "uk": "Напишіть перший коментар",
    "ar": "كن أول من يعلّق",
}
# Words of ours in the embed or on a page that were not translated: everything that people read but what people wrote.
UNTRANSLATED = """(root) => {
    const SAID = "p, dt, dd, button, label, a, span, h2, h3, summary, option, title, div, footer";
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node; (node = walker.nextNode()); ) {
        const above = node.parentElement;
        if (above.closest("script, style, time, bdi, textarea, .body, .prose, .lines, .code, h1, slot")) continue;
        if (/\\p{L}/u.test(node.data)) found.push(above.closest(SAID).textContent);
    }
    for (const each of root.querySelectorAll("[aria-label]")) found.push(each.getAttribute("aria-label"));
    return found.map((text) => text.trim());
}"""
# What is cut off, or lies outside of the window.
CUT = """(root) => [...root.querySelectorAll("*")].filter((one) => {
    if (one.closest(".unseen, .website, .skip, option") || !one.getClientRects().length) return false;
    const { left, right } = one.getBoundingClientRect();
    if (left < -1 || right > document.documentElement.clientWidth + 1) return true;
    return !["INPUT", "SELECT"].includes(one.tagName) && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1;
}).map((one) => `${one.tagName} ${one.className}: ${one.textContent.trim().slice(0, 60)}`)"""


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    """A newspaper whose policy lets everything through."""
    with publishing(product.url) as found:
        product.run("site", "set", "herald", "--name", "The Herald", "--origin", found.url)
        path = "/v1/admin/policy?site=herald"
        product.until(lambda: product.as_admin("GET", path).status == 200, what="the site known")
        base = product.as_admin("GET", path).json()["version"]
        answer = product.as_admin("PUT", path, {"document": OPEN, "base_version": base})
        assert answer.status == 200, answer.body
        yield found


Tell = Callable[..., str]


@pytest.fixture
def tell(publisher: Publisher) -> Tell:
    """Publishes a story; its address. ``page`` is the language of the page, ``element`` that of the element."""

    def publish(page: str = "en", element: str | None = None) -> str:
        said = f' lang="{element}"' if element is not None else ""
        body = f'<greenroom-comments site="herald"{said}><a href="/elsewhere">…</a></greenroom-comments>'
        return publisher.publish(f"/{uuid4().hex}", body, lang=page)

    return publish


def conversation(product: Running, story: str) -> None:
    """A comment with likes' worth of answers, seven deep, and one by somebody with a long name."""
    above = None
    for n in range(6):
        author = {"name": f"Odile {n}", "email": f"{uuid4().hex}@example.org"}
        made = sent(product, f"Words number {n}", site="herald", url=story, author=author, parent_id=above)
        above = made["id"] if n < 5 else None


def rewritten(page: Page, pattern: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """The service's answers at these addresses, as they are after ``change``."""

    def answer(route: Route) -> None:
        came = route.fetch()
        document = came.json()
        change(document)
        route.fulfill(response=came, json=document)

    page.route(re.compile(pattern), answer)


def heading(page: Page) -> Locator:
    return thread_of(page).get_by_role("heading", level=2)


def asked_for_words(page: Page) -> list[str]:
    return [url.rpartition("/")[2] for url in met(page).requests if "/words/" in url]


# --- which language is spoken ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "page", "chosen", "spoken"),
    [
        ("uk", "de", "fr-FR", "uk"),
        (None, "de-AT", "fr-FR", "de"),
        (None, "", "fr-FR", "fr"),
        (None, "", "en-US", "en"),
        ("pl", "de", "fr-FR", "en"),
        (None, "pl", "fr-FR", "en"),
        ("AR-eg", "en", "en-US", "ar"),
    ],
)
def test_the_element_decides_before_the_page_and_the_page_before_the_browser(
    come: Come, tell: Tell, element: str | None, page: str, chosen: str, spoken: str
) -> None:
    reader = come(locale=chosen)
    reader.goto(tell(page, element))
    expect(heading(reader)).to_have_text(FIRST[spoken])
    expect(thread_of(reader).locator("section")).to_have_attribute("lang", spoken)
    # One more request for any language but English, and none for that.
    assert asked_for_words(reader) == ([] if spoken == "en" else [f"{spoken}.json"])
    assert met(reader).errors == []


def test_another_language_on_the_element_draws_it_anew(come: Come, tell: Tell) -> None:
    reader = come()
    reader.goto(tell("en", "de"))
    expect(heading(reader)).to_have_text(FIRST["de"])
    for lang in ("ar", "en", "de"):
        reader.evaluate("(lang) => { document.querySelector('greenroom-comments').lang = lang }", lang)
        expect(heading(reader)).to_have_text(FIRST[lang])
        expect(thread_of(reader).locator("section")).to_have_attribute(
            "dir", "rtl" if lang == "ar" else "ltr"
        )
    # What has come is not asked for again.
    assert asked_for_words(reader) == ["de.json", "ar.json"]


def test_where_the_words_cannot_come_english_is_spoken(come: Come, tell: Tell) -> None:
    reader = come()
    reader.route("**/words/de.json", lambda route: route.abort())
    reader.goto(tell("de"))
    expect(heading(reader)).to_have_text(FIRST["en"])
    expect(thread_of(reader).locator("section")).to_have_attribute("lang", "en")


def test_a_button_that_waits_is_in_the_language_too(come: Come, publisher: Publisher) -> None:
    reader = come()
    body = (
        '<greenroom-comments site="herald" loading="manual"><a href="/elsewhere">…</a></greenroom-comments>'
    )
    reader.goto(publisher.publish(f"/{uuid4().hex}", body, lang="fr"))
    reader.get_by_role("button", name="Afficher les commentaires").click()
    expect(heading(reader)).to_have_text(FIRST["fr"])


# --- numbers and moments --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "de",
            {
                1: "1 Kommentar",
                2: "2 Kommentare",
                5: "5 Kommentare",
                21: "21 Kommentare",
                1234: "1.234 Kommentare",
            },
        ),
        (
            "uk",
            {1: "1 коментар", 2: "2 коментарі", 5: "5 коментарів", 21: "21 коментар", 112: "112 коментарів"},
        ),
        ("ar", {1: "تعليق واحد", 2: "تعليقان", 5: "5 تعليقات", 21: "21 تعليقًا", 100: "100 تعليق"}),
    ],
)
def test_a_number_of_comments_has_its_form(come: Come, tell: Tell, lang: str, said: dict[int, str]) -> None:
    for n, sentence in said.items():
        reader = come()
        rewritten(reader, r"/v1/threads\?", lambda document, n=n: document.update(count=n))  # type: ignore[misc]
        reader.goto(tell(lang))
        expect(heading(reader)).to_have_text(sentence)


def test_moments_are_told_as_the_language_tells_them(product: Running, come: Come, tell: Tell) -> None:
    story = tell("de")
    conversation(product, story)
    reader = come(timezone_id="UTC")

    def long_ago(document: dict[str, Any]) -> None:
        document["comments"][0]["created_at"] = "2024-12-24T18:05:00Z"

    rewritten(reader, r"/v1/threads\?", long_ago)
    reader.goto(story)
    first = thread_of(reader).locator("time").first
    expect(first).to_have_attribute("title", "24. Dezember 2024 um 18:05")
    expect(first).to_have_text(re.compile(r"^(vor \d+ Jahren|letztes Jahr|vorletztes Jahr|vor \d+ Jahr)$"))


# --- the service's own sentences ------------------------------------------------------------------------------------


def test_what_the_service_refuses_is_said_in_the_readers_language(come: Come, tell: Tell) -> None:
    reader = come()
    reader.goto(tell("de"))
    section = thread_of(reader)
    section.get_by_role("textbox", name="Name").fill("a@b")
    section.get_by_role("textbox", name="E-Mail").fill("nonsense")
    section.locator("form textarea").fill("Words")
    section.get_by_role("button", name="Kommentar senden").click()
    expect(section.locator("#name-error")).to_have_text(
        "Bitte geben Sie hier einen Namen an, keine E-Mail-Adresse: Namen werden veröffentlicht."
    )
    expect(section.locator("#email-error")).to_have_text(
        re.compile("^Das sieht nicht nach einer E-Mail-Adresse aus")
    )
    expect(section.get_by_role("alert")).to_have_text(
        "Einige Felder brauchen Ihre Aufmerksamkeit. Ihr Text ist noch da."
    )
    assert section.locator("[lang=en]").count() == 0


def refusing(reader: Page, detail: str, kind: str) -> None:
    problem = {
        "type": f"https://talk.example/docs/problems#{kind}",
        "title": "No",
        "status": 429,
        "detail": detail,
    }
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/problem+json"}
    answer = lambda route: route.fulfill(status=429, headers=headers, body=json.dumps(problem))  # noqa: E731
    reader.route(
        "**/v1/comments", lambda route: answer(route) if route.request.method == "POST" else route.continue_()
    )


@pytest.mark.parametrize(
    ("detail", "kind", "said", "english"),
    [
        # A sentence that an older script does not know is told by its kind.
        ("A sentence of next year.", "rate-limited", "Zu viele Kommentare in kurzer Zeit.", False),
        ("This is too long: at most 1,200 characters, please.", "x", "bitte höchstens 1.200 Zeichen.", False),
        ("A sentence of next year.", "something-new", "A sentence of next year.", True),
    ],
)
def test_a_sentence_that_has_no_translation_is_marked_as_english(
    come: Come, tell: Tell, detail: str, kind: str, said: str, english: bool
) -> None:
    reader = come()
    refusing(reader, detail, kind)
    reader.goto(tell("de"))
    section = thread_of(reader)
    section.get_by_role("textbox", name="Name").fill("Odile")
    section.get_by_role("textbox", name="E-Mail").fill("odile@example.org")
    section.locator("form textarea").fill("Words")
    section.get_by_role("button", name="Kommentar senden").click()
    expect(section.get_by_role("alert")).to_contain_text(said)
    assert section.locator("[role=alert] [lang=en]").all_inner_texts() == ([said] if english else [])


# --- all there, and nothing cut -------------------------------------------------------------------------------------


def test_longer_words_fit_on_the_smallest_screens(product: Running, come: Come, tell: Tell) -> None:
    story = tell("de")
    conversation(product, story)
    reader = come(viewport={"width": 320, "height": 800}, has_touch=True)
    words = json.dumps(for_the_embed(pseudo_voice()))
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}
    reader.route("**/words/de.json", lambda route: route.fulfill(headers=headers, body=words))
    reader.goto(story)
    section = thread_of(reader)
    expect(heading(reader)).to_contain_text(BEGIN)
    # Everything that can be opened, and everything that can be said about a form.
    section.locator("form button[type=submit]").click()
    expect(section.locator("#text-error")).to_contain_text(BEGIN)
    section.locator("details").last.evaluate("(one) => { one.open = true }")
    section.locator("[data-do=report]").first.click()
    expect(section.locator("select[name=reason]")).to_be_focused()
    section.locator("[data-do=like]").last.click()
    expect(section.locator("[data-do=like]").last).to_have_attribute("aria-pressed", "true")
    root = section.evaluate_handle("(element) => element.shadowRoot.querySelector('section')")
    assert [text for text in root.evaluate(UNTRANSLATED) if BEGIN not in text] == []
    for width in (320, 360):
        assert sideways(reader, width) == 0
        assert root.evaluate(CUT) == [], width
    assert met(reader).errors == []


# --- from right to left ---------------------------------------------------------------------------------------------


def test_arabic_is_written_from_right_to_left_and_axe_finds_nothing(
    product: Running, come: Come, tell: Tell
) -> None:
    story = tell("ar")
    conversation(product, story)
    reader = come()
    for address in (story, f"{product.url}/herald/t?url={story}&lang=ar"):
        reader.goto(address)
        if address == story:
            section = thread_of(reader).locator("section")
            expect(section).to_have_attribute("dir", "rtl")
            # What a comment says goes its own way.
            expect(thread_of(reader).locator(".body").first).to_have_css("direction", "ltr")
        for scheme in ("light", "dark"):
            reader.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            found = Axe().run(reader, options=RULES).response["violations"]
            assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
        for width in (320, 360, 1280):
            assert sideways(reader, width) == 0
    assert met(reader).errors == []


def test_a_whole_comment_is_written_in_arabic(product: Running, come: Come, tell: Tell) -> None:
    reader = come()
    reader.goto(tell("ar"))
    section = thread_of(reader)
    section.get_by_role("textbox", name="الاسم").fill("وداد")
    section.get_by_role("textbox", name="البريد الإلكتروني").fill("widad@example.org")
    section.locator("form textarea").fill("كلمات")
    section.get_by_role("button", name="إرسال التعليق").click()
    expect(section.locator(".thanks")).to_be_focused()
    expect(section.locator(".own").get_by_role("button", name="سحب", exact=True)).to_be_visible()
    # Screened, and on stage: its author is told.
    expect(section.locator(".thanks")).to_have_text("نُشر تعليقك.")
