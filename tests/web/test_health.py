"""What machines that look after the service are told: alive, ready, and in figures."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from service import __version__
from service.bootstrap import now
from service.domain.roles import Role
from service.store import leases
from service.web.openapi import OPERATIONS
from tests.web.conftest import House


def beat(house: House, *, name: str = "one", redis: bool = True, ago: float = 0.0) -> None:
    """A worker's sign of life."""
    with house.database.write() as connection:
        leases.beat(connection, name, now=now() - timedelta(seconds=ago), redis_reachable=redis)


def ready(house: House) -> tuple[int, Any]:
    answer = house.client.get("/readyz")
    return answer.status_code, answer.get_json()


# --- alive and ready -------------------------------------------------------------------------------------------------


def test_alive_asks_nobody(house: House) -> None:
    with house.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE comments RENAME TO gone")
    assert house.client.get("/healthz").get_json() == {"status": "alive"}


def test_ready_means_that_comments_are_taken_and_decided(either_house: House) -> None:
    assert ready(either_house) == (
        503,
        {"ready": False, "degraded": [], "missing": ["worker"], "workers": 0},
    )
    beat(either_house)
    beat(either_house, name="two")
    assert ready(either_house) == (200, {"ready": True, "degraded": [], "missing": [], "workers": 2})


def test_a_worker_that_was_silent_for_long_is_none(either_house: House) -> None:
    beat(either_house, ago=60)
    assert ready(either_house)[1]["missing"] == ["worker"]


def test_redis_away_is_named_and_no_reason_to_send_readers_elsewhere(either_house: House) -> None:
    beat(either_house, redis=False)
    status, found = ready(either_house)
    assert (status, found["degraded"]) == (200, ["redis"])
    # One worker that reaches it is enough for jobs to be taken.
    beat(either_house, name="two")
    assert ready(either_house)[1]["degraded"] == []


def test_a_schema_of_another_release_is_named(either_house: House) -> None:
    beat(either_house)
    with either_house.database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    assert ready(either_house) == (
        503,
        {"ready": False, "degraded": [], "missing": ["schema"], "workers": 0},
    )


# --- figures ---------------------------------------------------------------------------------------------------------


def figures(house: House) -> dict[str, Any]:
    """Name of each figure -> its family, as a scraper understands them."""
    scraper = house.token_for("prometheus", Role.SCRAPER)
    answer = house.client.get("/metrics", headers=scraper)
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def test_figures_follow_the_conventions_and_say_what_waits(either_house: House) -> None:
    either_house.post("Waits.")
    either_house.client.post("/v1/comments", json={})
    beat(either_house)
    found = figures(either_house)
    for name, family in found.items():
        assert name.startswith("greenroom_")
        assert family.documentation
        assert not re.search(r"_(ms|milliseconds|minutes|kb|mb)$", name)
        if family.type == "counter":
            assert all(sample.name.endswith(("_total", "_created")) for sample in family.samples)
    waiting = {s.labels["status"]: s.value for s in found["greenroom_comments"].samples}
    assert (waiting["pending"], waiting["held"]) == (1, 0)
    assert found["greenroom_oldest_waiting_seconds"].samples[0].value >= 0
    for name in ("greenroom_bell_dropped", "greenroom_limit_fallbacks"):
        assert found[name].type == "counter"
    accepted = [
        s.value for s in found["greenroom_submissions"].samples if s.labels.get("result") == "accepted"
    ]
    assert sum(accepted) >= 1
    problems = {s.labels["type"]: s.value for s in found["greenroom_problems"].samples if "type" in s.labels}
    assert problems["invalid-submission"] >= 1
    assert found["greenroom_workers"].samples[0].value == 1
    assert [s.labels["version"] for s in found["greenroom_build_info"].samples] == [__version__]


def test_no_figure_is_about_a_person_or_a_comment(house: House) -> None:
    made = house.post("Kestrel words.", author={"name": "Kestrel", "email": "kestrel@example.org"})
    house.screen()
    house.decide(made["id"])
    for family in figures(house).values():
        for sample in family.samples:
            assert set(sample.labels) <= {"site", "result", "type", "check", "status", "version", "reachable"}
            assert "estrel" not in json.dumps(sample.labels)
            assert made["id"] not in json.dumps(sample.labels)


# --- what every answer carries ---------------------------------------------------------------------------------------


def everything(house: House) -> list[tuple[str, str]]:
    """(method, path) of every route, with something in its path that is there."""
    made = house.post()
    house.token_for("somebody", Role.VIEWER, "daily")
    known = {
        "<comment_id>": made["id"],
        "<bulk_id>": house.bulk()["id"],
        "<thread_id>": str(house.stored()[0]["thread_id"]),
        "<standing_id>": house.stand(made["id"])["id"],
        "<canned_id>": house.can()["id"],
        "<view_id>": made["id"],
        "<name>": "somebody",
        "<site>": "daily",
        "<path:external_id>": "x",
        "<path:name>": "icon.svg",
        "<version>": "x",
    }
    found = []
    for rule in house.app.url_map.iter_rules():
        path = rule.rule
        for name, value in known.items():
            path = path.replace(name, value)
        assert "<" not in path
        found += [(method, path) for method in rule.methods or ()]
    return found


def test_every_answer_is_what_it_says_and_sets_no_cookie(house: House) -> None:
    routes = everything(house)
    assert len(routes) > 20
    request_ids = set()
    for method, path in routes:
        for headers in ({}, house.admin):
            answer = house.client.open(path, method=method, headers={**headers, "X-Request-Id": "mine"})
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
            assert "unsafe" not in answer.headers["Content-Security-Policy"], path
            assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer"), path
            assert "Set-Cookie" not in answer.headers, path
            if answer.data:
                assert re.fullmatch(
                    r"[a-z]+/[a-z+.-]+(; (charset=utf-8|version=0\.0\.4))*", answer.content_type
                ), path
            request_ids.add(answer.headers["X-Request-Id"])
            answer.close()
    assert "mine" not in request_ids
    assert len(request_ids) == 2 * len(routes)


def test_what_only_some_may_see_is_kept_by_no_cache(house: House) -> None:
    for method, path in everything(house):
        if path.startswith("/v1/admin") or (method != "GET" and path.startswith("/v1/")):
            answer = house.client.open(path, method=method, headers=house.admin)
            if method != "OPTIONS":
                assert answer.headers["Cache-Control"] == "no-store", (method, path)


@pytest.mark.parametrize("name", ["healthz", "readyz", "figures", "read_thread", "send_comment"])
def test_what_operators_rely_on_is_in_the_contract(house: House, name: str) -> None:
    assert name in OPERATIONS.by_view
