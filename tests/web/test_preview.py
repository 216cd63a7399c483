"""What a text will look like is told by the rules by which it is served, and nothing of it stays."""

from __future__ import annotations

import logging

import pytest

from tests.adapters.test_sanitizer import PAYLOADS
from tests.web.conftest import House


def previewed(house: House, text: str) -> str:
    answer = house.client.post("/v1/preview", json={"site": "daily", "text": text})
    assert answer.status_code == 200
    found: str = answer.get_json()["html"]
    return found


@pytest.mark.parametrize(
    "text",
    ["Plain.\n\nTwo.", "*so* and **so**", "> said\n\n`code`", "https://example.org/ <b>x</b>", *PAYLOADS],
)
def test_a_preview_is_what_is_served_later(house: House, text: str) -> None:
    made = house.post(text)
    shown = previewed(house, text)
    house.screen()
    house.decide(made["id"])
    [served] = house.thread().get_json()["comments"]
    assert served["html"] == shown


def test_a_preview_leaves_nothing_behind(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    previewed(house, "A secret thought")
    assert house.stored() == []
    assert "secret" not in caplog.text


def test_a_text_that_is_too_long_is_told_so(house: House) -> None:
    answer = house.client.post("/v1/preview", json={"site": "daily", "text": "x" * 10_001})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/text"
