"""Pictures of our pages, taken by hand: the two in docs, or every page to be looked at before it is called done.

python -m tests.browser.pictures                  writes docs/images/demo.png, moderation.png and case.png anew
python -m tests.browser.pictures --all FOLDER     every page at 360, 768 and 1280 px, in light and dark
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.browsing import (
    approved,
    demo_story,
    fill_in,
    launch,
    open_queue,
    person,
    sent,
    thread_of,
    write_comment,
)
from tests.browser.desk_states import states
from tests.browser.embed_states import Place
from tests.browser.embed_states import states as states_of_the_embed
from tests.browser.publisher import Publisher, newspaper
from tests.product.running import ROOT, Running

IMAGES = ROOT / "docs" / "images"
WIDTHS = (360, 768, 1280)
TITLE = "The Number Two ferry gets another winter"
# Name, text, and the number of the comment that is answered.
CONVERSATION: list[tuple[str, str, int | None]] = [
    (
        "Marit",
        "My two take the 7.10 to school, and neither has ever held a ticket. If passes had been counted, Tuesday "
        "would have been a shorter evening.",
        None,
    ),
    (
        "Josef from the east bank",
        "They were counted once, in my first year as a deckhand: **four in ten** had a pass. I don’t think it has "
        "changed much.",
        0,
    ),
    (
        "Ana R.",
        "> A boat is not a bus\n\nNo. A bus has never made me late *and* glad of it. See you in the net loft on "
        "the 3rd.",
        None,
    ),
]
# What moderators see: something from each check that finds things.
DOUBTFUL: list[tuple[str, str]] = [
    (
        "Petroc",
        "Ring me about the roof, I have the timber: +44 20 7946 0958, or petroc@example.org. Cash only.",
    ),
    (
        "Best Offers",
        "Cheap boats https://bit.ly/x1 https://bit.ly/x2 https://shop.example.com/ https://xn--e1afmkfd.example/",
    ),
    ("Lowenna", "Who on the council owns the minibus company? Asking for a friend who crosses the Row."),
]


def fill(product: Running) -> None:
    made: list[str] = []
    for name, text, above in CONVERSATION:
        parent = made[above] if above is not None else None
        author = {"name": name, "email": "reader@example.org"}
        made.append(
            approved(product, text, url=demo_story(product), title=TITLE, author=author, parent_id=parent)[
                "id"
            ]
        )


def doubt(product: Running) -> None:
    """Comments that wait for a person, each with something else to see about it."""
    for name, text in DOUBTFUL:
        author = {"name": name, "email": "reader@example.org"}
        sent(product, text, url=demo_story(product), title=TITLE, author=author)


def take_the_storys_picture(product: Running, browser: Browser) -> None:
    """The end of the story, its comments, and the form."""
    with person(browser, viewport={"width": 1280, "height": 1250}) as page:
        page.goto(f"{product.url}/demo/")
        section = thread_of(page)
        expect(section.get_by_role("heading", name="3 comments")).to_be_visible()
        form = section.locator("form")
        # The form's foot and a little air at the lower edge; what is above it follows.
        form.evaluate(
            "(form) => scrollTo(0, scrollY + form.getBoundingClientRect().bottom - innerHeight + 24)"
        )
        keep(page, "demo.png")


def take_the_queues_picture(product: Running, browser: Browser) -> None:
    """What waits, why it waits, and the words that the checks mean."""
    with person(browser, viewport={"width": 1280, "height": 1060}) as page:
        open_queue(page, product)
        expect(page.locator(".card mark").first).to_be_visible()
        keep(page, "moderation.png")
        page.locator(".card", has=page.locator("mark")).first.locator(".open").click()
        expect(page.get_by_role("heading", name="Decide")).to_be_visible()
        keep(page, "case.png")


def keep(page: Page, name: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=IMAGES / name)
    print(f"{(IMAGES / name).relative_to(ROOT)}: {(IMAGES / name).stat().st_size // 1000} kB")


def take_all(product: Running, browser: Browser, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with newspaper(product, "mirror", "The Mirror") as publisher:
        for scheme in ("light", "dark"):
            for width in WIDTHS:
                ways: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
                with person(browser, **ways) as page:
                    for name in visit(page, product, publisher):
                        page.screenshot(
                            path=folder / f"{name}-{width}-{scheme}.png", full_page="docs" not in name
                        )
    print(f"{folder}: {len(list(folder.iterdir()))} pictures")


def visit(page: Page, product: Running, publisher: Publisher) -> Any:
    """Go from page to page; the name of each when it is to be looked at."""
    page.goto(f"{product.url}/demo/")
    section = thread_of(page)
    expect(section.get_by_role("heading", name="3 comments")).to_be_visible()
    yield "demo"
    section.get_by_role("button", name="Reply to Josef").click()
    write_comment(section, "Four in ten! That is what I would have guessed.", email="wenna@localhost")
    expect(section.locator("#email-error")).not_to_have_text("")
    yield "demo-error"
    write_comment(section, "Four in ten! That is what I would have guessed.")
    expect(section.locator(".own")).to_be_visible()
    yield "demo-sent"
    page.goto(f"{product.url}/demo/t?{urlencode({'url': demo_story(product)})}")
    yield "thread"
    fill_in(page, "A text that stays.", name="wenna@example.org", email="wenna@localhost")
    with page.expect_navigation():
        page.get_by_role("button", name="Post Comment").click()
    yield "thread-error"
    fill_in(page, "A text that goes.")
    page.get_by_role("button", name="Post Comment").click()
    expect(page.locator("#result")).to_be_visible()
    yield "thread-sent"
    for state in states_of_the_embed(Place(page, product, publisher, "mirror")):
        yield f"embed-{state.replace(' ', '-').replace(',', '')}"
    page.goto(f"{product.url}/moderation")
    yield "signing-in"
    open_queue(page, product)
    yield "queue"
    card = page.locator(".card").first
    card.get_by_role("link", name="Reject…").click()
    page.get_by_text("Several at once").click()
    yield "queue-open"
    page.get_by_role("button", name="Keys").click()
    yield "queue-help"
    page.goto(f"{product.url}/moderation?queue=escalated")
    yield "queue-empty"
    page.goto(f"{product.url}/moderation")
    page.locator(".card .open").first.click()
    yield "case"
    for name in ("policy", "figures", "people", "journal", "standings", "reasons", "bulks"):
        page.goto(f"{product.url}/moderation/{name}")
        yield name
    for state in states(page, product):
        yield state.replace(" ", "-").replace(",", "")
    page.goto(f"{product.url}/docs")
    yield "docs"
    page.goto(f"{product.url}/docs/problems")
    yield "docs-problems"
    page.goto(f"{product.url}/nosuch/t?url=https://example.org/")
    yield "not-found"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.pictures", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--all", metavar="FOLDER", type=Path, help="pictures of every page, into this folder")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        product = Running(Path(folder))
        browser = launch(playwright)
        try:
            product.up()
            fill(product)
            if asked.all is None:
                take_the_storys_picture(product, browser)
                doubt(product)
                take_the_queues_picture(product, browser)
            else:
                doubt(product)
                take_all(product, browser, asked.all)
        finally:
            browser.close()
            product.stop()


if __name__ == "__main__":
    main()
