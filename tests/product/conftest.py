"""A running Greenroom for each test that asks for one; all its processes are gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.product.running import Running


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Nothing runs yet: the test starts what it needs (``running.up()``)."""
    found = Running(tmp_path / "greenroom")
    yield found
    found.stop()


@pytest.fixture
def away_seconds(request: pytest.FixtureRequest) -> float:
    """How long Valkey stays away: longer than every time-out by default, a minute in the run by hand."""
    found: float = request.config.getoption("--away", default=10.0)
    return found
