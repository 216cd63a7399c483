"""Figures of several web processes: whichever of them is asked, it tells what all have done."""

from __future__ import annotations

from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import make_database, named
from tests.product.running import Running

pytestmark = pytest.mark.processes


def total(running: Running, token: str, name: str) -> float:
    answer = running.ask("GET", "/metrics", Authorization=f"Bearer {token}")
    assert answer.status == 200
    return sum(
        sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
        if sample.name == name
    )


def test_every_web_process_tells_the_figures_of_all(running: Running, postgres_url: str) -> None:
    name = f"figures_{uuid4().hex[:8]}"
    make_database(postgres_url, name)
    running.settings |= {
        "database_url": named(postgres_url, name),
        "redis_url": f"unix://{running.folder}/nobody.sock",
        "web_workers": "2",
    }
    running.run("migrate", "--first-run")
    token = running.run("token", "create", "prometheus", "--role", "scraper").strip()
    running.start("web", "serve")
    running.until(lambda: len(running.web) == 3, what="two that answer")
    running.until(running.answers, what="an answer")
    for number in range(30):
        assert running.post(f"Comment {number}").status == 202
        assert running.ask("POST", "/v1/comments", {}).status == 422
    for _ in range(10):
        assert total(running, token, "greenroom_submissions_total") == 30
        assert total(running, token, "greenroom_problems_total") == 30
        assert total(running, token, "greenroom_comments") == 30
    # Nobody is there to hear the bell, so the sweeper will have to find each of them.
    running.until(lambda: dropped(running, token) == 30, what="all rings given up")
    assert {dropped(running, token) for _ in range(10)} == {30}


def dropped(running: Running, token: str) -> float:
    return total(running, token, "greenroom_bell_dropped_total")
