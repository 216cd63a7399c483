"""The doors as an operator opens them: a process of their own beside the others, which hold nothing of what passes."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.product.canaries import Canaries, Search, in_folder
from tests.product.running import Running, free_port

pytestmark = pytest.mark.processes

INSULT = "You are a complete idiot and everybody knows it."


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = Running(tmp_path_factory.mktemp("doors"), {"doors_port": str(free_port())})
    made.up()
    made.until(lambda: asked(made, "GET", "/healthz")[0] == 200, seconds=60, what="the doors answer")
    yield made
    made.stop()


def asked(running: Running, method: str, path: str, body: Any = None, form: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", int(running.settings["doors_port"]), timeout=20)
    try:
        if form:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request(method, path, form, headers)
        else:
            connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def key(running: Running, door: str, name: str) -> str:
    return running.run("token", "create", name, "--door", door, "--site", "demo").strip()


def test_up_opens_the_doors_and_says_where(running: Running) -> None:
    told = f"doors            http://127.0.0.1:{running.settings['doors_port']}"
    running.until(lambda: told in running.log_file.read_text(), what="said where the doors are")
    opened = key(running, "perspective", "coral")
    question = {"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}}}
    status, said = asked(running, "POST", f"/v1alpha1/comments:analyze?key={opened}", question)
    assert status == 200
    assert json.loads(said)["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.8


def test_nothing_that_passed_through_a_door_is_anywhere_afterwards(running: Running) -> None:
    canaries = Canaries()
    address = canaries.make("an author's address")
    word = canaries.exactly("a word of a text", "zqvbnmtrwxk")
    opened, short = key(running, "perspective", "other"), key(running, "akismet", "wordpress")
    question = {"comment": {"text": f"A {word} bridge"}, "requestedAttributes": {"TOXICITY": {}}}
    assert asked(running, "POST", f"/v1alpha1/comments:analyze?key={opened}", question)[0] == 200
    suggested = {
        "comment": {"text": f"A {word} bridge"},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
    }
    assert asked(running, "POST", f"/v1alpha1/comments:suggestscore?key={opened}", suggested)[0] == 200
    form = f"api_key={short}&blog=https://example.org&user_ip=192.0.2.7&comment_content=A+{word}+bridge"
    form += f"&comment_author_email={address}"
    assert asked(running, "POST", "/1.1/comment-check", form=form) == (200, b"false")
    assert asked(running, "POST", "/1.1/submit-spam", form=form)[0] == 200
    # Broken ones, too: errors are logged.
    assert asked(running, "POST", f"/v1alpha1/comments:analyze?key={opened}", [address])[0] == 400
    search = Search(canaries.all)
    search.look_at(in_folder(running.folder))
    assert any("greenroom.db" in place for place in search.places)
    assert search.found == set()
    told = running.log_file.read_bytes()
    assert opened.encode() not in told
    assert short.encode() not in told


def test_the_doors_refuse_to_start_where_they_are_shut(tmp_path: Path) -> None:
    shut = Running(tmp_path)
    assert shut.start("doors", "doors").wait(timeout=30) == 2
    assert "GREENROOM_DOORS_PORT" in shut.log_file.read_text()
