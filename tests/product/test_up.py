"""``greenroom up`` as its operator meets it: it starts, it says so, it stops."""

from __future__ import annotations

import pytest

from tests.product.running import Running, alive

pytestmark = pytest.mark.processes


def test_up_serves_the_demo_and_leaves_no_process_behind(running: Running) -> None:
    up = running.up()
    assert running.ask("GET", "/demo/").status == 200
    assert running.post("Hello").status == 202
    tree = running.everyone()
    assert len(tree) >= 4
    up.terminate()
    assert up.wait(10) == 0
    running.until(lambda: not any(alive(pid) for pid in tree), seconds=2, what="all processes gone")
