"""The gallery in a real browser: every look is another one, and the page is fit to be read at every width."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from service.web.gallery import LOOKS, Look
from tests.browser.browsing import approved, demo_story, met
from tests.browser.conftest import Come
from tests.browser.publisher import assert_clean
from tests.browser.test_looks import assert_looks_right, sideways
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

# What a reader sees of a look, as computed: of the whole, of a name, of the strong button and of the form.
SEEN = """(element) => {
    const style = (selector, ...names) => {
        const found = getComputedStyle(element.shadowRoot.querySelector(selector));
        return names.map((name) => `${selector} ${name}: ${found[name]}`);
    };
    return [
        ...style("section", "fontFamily", "fontSize", "color", "backgroundColor", "direction"),
        ...style("[part=author]", "fontVariantCaps", "fontSize", "letterSpacing"),
        ...style("button.strong", "backgroundColor", "borderRadius", "textTransform"),
        ...style("form", "padding", "borderTopWidth"),
        ...style("article", "borderTopWidth"),
    ];
}"""


@pytest.fixture(scope="module")
def conversation(product: Running) -> None:
    above = approved(product, "Mind the **bucket**.", url=demo_story(product))["id"]
    approved(
        product, f"I have kicked it. {'Very long words. ' * 30}", url=demo_story(product), parent_id=above
    )


def said(look: Look) -> list[list[str]]:
    """The attributes of the look's element."""
    return [[name, value] for name in ("theme", "lang", "dir") if (value := getattr(look, name))]


def looks(page: Page, product: Running) -> list[Any]:
    page.goto(f"{product.url}/demo/gallery")
    # Each comes when somebody comes near.
    for one in page.locator("greenroom-comments").all():
        one.scroll_into_view_if_needed()
        expect(one.locator("article").first).to_be_visible()
    expect(page.locator("greenroom-comments[data-loaded]")).to_have_count(len(LOOKS))
    return [one.evaluate(SEEN) for one in page.locator("greenroom-comments").all()]


@pytest.mark.usefixtures("conversation")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_look_differs_from_every_other(product: Running, come: Come, scheme: str) -> None:
    reader = come(color_scheme=scheme)
    for (one, seen), (other, also) in combinations(zip(LOOKS, looks(reader, product), strict=True), 2):
        differing = [pair for pair in zip(seen, also, strict=True) if pair[0] != pair[1]]
        assert len(differing) >= 3, f"{one.key} and {other.key}: {differing}"
    assert met(reader).errors == []


@pytest.mark.usefixtures("conversation")
def test_a_look_is_seen_as_its_text_says(product: Running, reader: Page) -> None:
    looks(reader, product)

    def of(key: str, selector: str, name: str) -> str:
        found = reader.locator(f".{key} greenroom-comments").locator(selector).first
        return str(found.evaluate("(one, name) => getComputedStyle(one)[name]", name))

    assert "Georgia" in of("newspaper", "section", "fontFamily")
    assert of("newspaper", "[part=author]", "fontVariantCaps") == "small-caps"
    assert of("dark", "section", "backgroundColor") == "rgb(18, 22, 28)"
    assert of("magazine", "button.strong", "backgroundColor") == "rgb(179, 19, 79)"
    assert of("compact", "section", "fontSize") == "14px"
    assert of("contrast", "section", "color") == "rgb(255, 255, 255)"
    assert of("arabic", "section", "direction") == "rtl"
    expect(reader.locator(".arabic greenroom-comments h2")).to_contain_text("تعليق")
    assert_clean(reader)


@pytest.mark.usefixtures("conversation")
def test_rules_that_are_copied_make_the_same_look_elsewhere(product: Running, reader: Page) -> None:
    for look, seen in zip(LOOKS, looks(reader, product), strict=True):
        copied = reader.locator(f".{look.key} pre").inner_text()
        reader.evaluate(
            """([rules, attributes]) => {
                const sheet = new CSSStyleSheet();
                sheet.replaceSync(rules);
                document.adoptedStyleSheets = [sheet];
                const made = document.createElement("greenroom-comments");
                for (const [name, value] of attributes) made.setAttribute(name, value);
                made.id = "copied";
                made.setAttribute("url", document.querySelector("greenroom-comments").getAttribute("url"));
                document.body.replaceChildren(made);
            }""",
            [copied, [["site", "demo"], ["loading", "eager"], *said(look)]],
        )
        made = reader.locator("#copied")
        expect(made.locator("article").first).to_be_visible()
        assert made.evaluate(SEEN) == seen, look.key
        looks(reader, product)


@pytest.mark.usefixtures("conversation")
def test_the_gallery_looks_right(product: Running, come: Come) -> None:
    visitor = come()
    looks(visitor, product)
    for width in (360, 768, 1280):
        assert sideways(visitor, width) == 0, width
    assert_looks_right(visitor, "the gallery")
