"""How a page of ours stands, measured: what axe finds, what is cut off or scrolls sideways, and whether words grow."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import JSHandle, Page

from tests.browser.browsing import met
from tests.browser.test_languages import CUT
from tests.browser.test_looks import RULES, sideways

WIDTHS = (320, 360, 768, 1280)
# Each state is looked at by axe in one narrow and one wide window, of which one is dark.
LOOKS: dict[str, tuple[tuple[int, str], ...]] = {
    "en": ((1280, "light"), (320, "dark")),
    "ar": ((320, "light"), (1280, "dark")),
}
LARGE = 24.0  # pixels, from which on a heading is read in any case
# How large all words are that somebody can see, by where they stand.
SIZES = """(root) => [...root.querySelectorAll("*")]
    .filter((one) => one.checkVisibility() && !one.closest(".unseen, .website")
        && [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()))
    .map((one) => parseFloat(getComputedStyle(one).fontSize))"""
# What is higher than the box that cuts it off.
CUT_BELOW = """(root) => [...root.querySelectorAll("*")].filter((one) =>
    one.checkVisibility() && !one.closest(".unseen, .website, textarea, select")
        && getComputedStyle(one).overflowY !== "visible" && one.scrollHeight > one.clientHeight + 1)
    .map((one) => one.outerHTML.slice(0, 80))"""
# What people press or write in, and could not tell from the page around it.
BORDERLESS = """(root) => [...root.querySelectorAll("button, input, select, textarea")].filter((one) => {
    if (!one.checkVisibility() || one.closest(".unseen, .website, [type=checkbox], [type=hidden]")) return false;
    const { borderTopWidth, borderTopColor, backgroundColor, borderTopStyle } = getComputedStyle(one);
    return borderTopStyle === "none" || parseFloat(borderTopWidth) < 1 || borderTopColor === backgroundColor;
}).map((one) => one.outerHTML.slice(0, 80))"""


def faults(page: Page, root: JSHandle, lang: str) -> list[str]:
    """All that is wrong with the page as it stands now: by axe the whole of it, else what is below ``root``."""
    found = list(met(page).errors)
    for width in WIDTHS:
        found += [f"{one}, at {width}" for one in _out_of_place(page, root, width)]
    found += _with_large_text(page, root)
    for width, scheme in LOOKS[lang]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found += [f"{one}, {scheme} at {width}" for one in _found_by_axe(page)]
    page.emulate_media(color_scheme="light", forced_colors="active")
    found += [f"no border in forced colours: {one}" for one in root.evaluate(BORDERLESS)]
    page.emulate_media(color_scheme="light", forced_colors="none")
    return found


def _out_of_place(page: Page, root: JSHandle, width: int) -> list[str]:
    wider = sideways(page, width)
    return [
        *([f"scrolls sideways by {wider}"] if wider else []),
        *(f"cut: {one}" for one in root.evaluate(CUT)),
    ]


def _with_large_text(page: Page, root: JSHandle) -> list[str]:
    """With text twice as large every word is twice as large, and all of it is there (WCAG 2.2, 1.4.4).

    Large headings grow by somewhat less, because the window has a say in their size.
    """
    before = root.evaluate(SIZES)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    grown = [after / size for size, after in zip(before, root.evaluate(SIZES), strict=True)]
    least = [1.75 if size > LARGE else 1.99 for size in before]
    found = [f"grows by {a:.2f}" for a, b in zip(grown, least, strict=True) if a < b]
    for width in (360, 768, 1280):
        cut = [*_out_of_place(page, root, width), *(f"cut below: {one}" for one in root.evaluate(CUT_BELOW))]
        found += [f"{one}, with large text at {width}" for one in cut]
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


def _found_by_axe(page: Page) -> list[str]:
    violations: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in violations
        for node in one["nodes"]
    ]
