"""One Chromium for all tests here, and for each file one running product."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.browser.browsing import launch, person
from tests.browser.publisher import NOTE_VIOLATIONS
from tests.product.running import Running

Come = Callable[..., Page]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A picture of every open page where a test fails, while its people are still there."""
    report = yield
    folder = item.funcargs.get("tmp_path")
    if call.when == "call" and report.failed and isinstance(folder, Path):
        report.sections.append(("Pictures", "\n".join(map(str, pictures(open_pages(item), folder)))))
    return report


def open_pages(item: pytest.Function) -> list[Page]:
    """Everybody's pages, and those of a test that came with a browser of its own."""
    browser = item.funcargs.get("browser")
    contexts = browser.contexts if isinstance(browser, Browser) else []
    own = [each for each in item.funcargs.values() if isinstance(each, Page)]
    return list(dict.fromkeys([*(page for context in contexts for page in context.pages), *own]))


def pictures(pages: list[Page], folder: Path) -> Iterator[Path]:
    for number, page in enumerate(pages, start=1):
        path = folder / f"failed-{number}.png"
        # A page that died has no picture; the failure itself is what should be read.
        with suppress(Error):
            page.screenshot(path=path, full_page=True, timeout=5_000)
            yield path


@pytest.fixture(autouse=True)
def _somewhere_for_pictures(tmp_path: Path) -> None:
    """The hook above can only use a folder that the test has already."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """``greenroom up`` on SQLite, as a newcomer starts it."""
    running = Running(tmp_path_factory.mktemp("product"))
    try:
        running.up()
        yield running
    finally:
        running.stop()


@pytest.fixture
def come(browser: Browser) -> Iterator[Come]:
    """Lets people in: each call is another person with a browser of their own."""
    with ExitStack() as everyone:

        def another(**ways: Any) -> Page:
            arriving: AbstractContextManager[Page] = person(browser, **ways)
            return everyone.enter_context(arriving)

        yield another


@pytest.fixture
def reader(come: Come) -> Page:
    """Somebody whose pages note what their policy forbids."""
    page = come()
    page.context.add_init_script(NOTE_VIOLATIONS)
    return page
