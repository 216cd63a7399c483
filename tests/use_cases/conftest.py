"""A check that does what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.checks.catalogue import CATALOGUE
from service.domain.comment import Case
from tests.screening_room import Told

Deeds = dict[str, Callable[[Case], None]]


@pytest.fixture
def deeds(monkeypatch: pytest.MonkeyPatch) -> Deeds:
    """What the check ``told`` does for a comment that begins with a certain word."""
    found: Deeds = {}
    # A new maker for each test: checks are kept by their name and options.
    monkeypatch.setitem(CATALOGUE, "told", (lambda options: Told(found), "what a comment tells it"))
    from service.checks.catalogue import _made

    _made.cache_clear()
    return found
