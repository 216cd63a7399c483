"""One Chromium for all tests here, and for each file one running product."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.browsing import launch, person
from tests.product.running import Running

Come = Callable[..., Page]


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
