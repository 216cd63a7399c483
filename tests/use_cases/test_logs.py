"""The log: a line for each event, in a form that nobody can forge, and without anything that a reader typed."""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from service.domain.site import Site
from service.logs import request_id, set_up_logging
from service.store.tables import comments
from tests.web.conftest import House, open_house

CANARY = "Kestrel-7413"
Lines = Callable[[], list[str]]


@pytest.fixture
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What has been logged so far, as the lines that an operator's tools see. The parameter is the form."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    outside = request_id.set(None)
    set_up_logging(getattr(request, "param", "json"), "web")
    yield lambda: stream.getvalue().splitlines()
    request_id.reset(outside)
    root.handlers[:], root.level = kept


def documents(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


# --- forms -----------------------------------------------------------------------------------------------------------


def test_machines_get_an_object_for_each_event(written: Lines) -> None:
    logging.getLogger("greenroom.web").info("%d comments were stored", 3)
    logging.getLogger("greenroom.queue").warning("redis is away")
    first, second = documents(written())
    assert set(first) == {"time", "level", "logger", "process", "message"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["time"])
    assert (first["level"], first["logger"], first["process"]) == ("info", "greenroom.web", "web")
    assert first["message"] == "3 comments were stored"
    assert (second["level"], second["logger"]) == ("warning", "greenroom.queue")


@pytest.mark.parametrize("written", ["text"], indirect=True)
def test_people_get_a_line_for_each_event(written: Lines) -> None:
    logging.getLogger("greenroom.web").info("%d comments were stored", 3)
    logging.getLogger("greenroom.queue").warning("redis is away")
    first, second = written()
    assert re.fullmatch(r"\d\d:\d\d:\d\d web    3 comments were stored", first)
    assert re.fullmatch(r"\d\d:\d\d:\d\d web    warning: redis is away", second)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("form", "stream", "as_json"),
    [
        ("auto", io.StringIO, True),
        ("auto", Terminal, False),
        ("json", Terminal, True),
        ("text", io.StringIO, False),
    ],
)
def test_the_form_follows_the_setting_and_else_the_terminal(
    written: Lines,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    stream: type[io.StringIO],
    as_json: bool,
) -> None:
    out = stream()
    monkeypatch.setattr(sys, "stderr", out)
    set_up_logging(form, "web")
    logging.getLogger("greenroom.web").info("hello")
    [line] = out.getvalue().splitlines()
    assert line.startswith("{") is as_json
    assert written() == [], "written by the handler of an earlier set-up"


def test_a_request_is_named_in_what_is_logged_of_it(written: Lines) -> None:
    logging.getLogger("greenroom.web").info("before")
    token = request_id.set("c0ffee")
    logging.getLogger("greenroom.web").info("during")
    request_id.reset(token)
    before, during = documents(written())
    assert "request_id" not in before
    assert during["request_id"] == "c0ffee"


def test_others_are_heard_when_they_warn_and_rq_never(written: Lines) -> None:
    logging.getLogger("somebody.else").info("chatter")
    logging.getLogger("somebody.else").warning("trouble")
    for name in ("rq.worker", "rq.job", "rq.queue"):
        logging.getLogger(name).error("the arguments of a job")
    assert [document["message"] for document in documents(written())] == ["trouble"]


# --- nobody writes a line of their own -------------------------------------------------------------------------------

FORGED = {
    "a line feed": "x\n{}",
    "CR LF": "x\r\n12:00:00 web    all is well",
    "a vertical tab": "x\x0by",
    "a form feed": "x\x0cy",
    "separators": "x\x1c\x1d\x1ey",
    "next line": "x\x85y",
    "a line separator": "x\u2028y",
    "a paragraph separator": "x\u2029y",
    "a colour": "\x1b[31mred\x1b[0m",
    "a title": "\x1b]0;owned\x07",
    "one byte of escape": "\x9b2Jx",
    "erase": "secret\x08\x08\x08\x7f",
    "NUL": "a\0b",
    "the other way round": "x\u202elmth.exe\u2066y\u2069",
}


@pytest.mark.parametrize("written", ["json", "text"], indirect=True)
@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED)
def test_what_would_forge_a_line_is_written_out(written: Lines, text: str) -> None:
    logging.getLogger("greenroom.web").info("hello %s!", text)
    [line] = written()
    assert line.isprintable()
    message = json.loads(line)["message"] if line.startswith("{") else line
    assert message.isprintable()
    assert message.rstrip().endswith("!")


@pytest.mark.parametrize("written", ["json", "text"], indirect=True)
@given(text=st.text())
def test_whatever_is_logged_stays_on_its_line(written: Lines, text: str) -> None:
    before = len(written())
    logging.getLogger("greenroom.web").info("%s", text)
    [line] = written()[before:]
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", line)


# --- errors ----------------------------------------------------------------------------------------------------------


def failing(text: str) -> None:
    try:
        raise KeyError(text)
    except KeyError as error:
        raise ValueError(f"cannot read {text}") from error


@pytest.mark.parametrize("written", ["json", "text"], indirect=True)
def test_of_an_error_its_kind_and_place_are_told_and_never_its_text(written: Lines) -> None:
    log = logging.getLogger("greenroom.web")
    try:
        failing(CANARY)
    except ValueError as error:
        log.exception("it failed")
        log.error("it failed", exc_info=error)
        log.warning("it failed", exc_info=True, stack_info=True)
    lines = written()
    assert len(lines) == 3
    for line in lines:
        assert CANARY not in line
        assert re.search(r"ValueError at failing:\d+ < test_of_an_error", line)


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    opened = open_house(sqlite_url, tmp_path)
    opened.add_site(Site("daily", "The Daily", ("https://daily.example",)))
    yield opened
    opened.close()


def test_a_fault_of_ours_is_logged_under_the_id_that_was_answered(written: Lines, house: House) -> None:
    made = house.post()
    with house.database.write() as connection:
        # A status that nobody could have given.
        connection.execute(sa.update(comments).values(status=CANARY))
    answer = house.client.post(
        f"/v1/admin/comments/{made['id']}/decision",
        json={"action": "approve", "revision": 1, "note": CANARY},
        headers=house.admin,
    )
    assert answer.status_code == 500
    problem = answer.get_json()
    assert problem["type"].endswith("#internal-error")
    assert CANARY not in answer.text
    [told] = [document for document in documents(written()) if document["level"] == "error"]
    assert told["request_id"] == problem["request_id"] == answer.headers["X-Request-Id"]
    assert told["message"] == "unexpected error on admin.decide"
    assert told["error"].startswith("ValueError at ")
    assert CANARY not in json.dumps(documents(written()))


def test_a_database_that_fails_is_logged_without_what_was_to_be_stored(written: Lines, house: House) -> None:
    with house.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE vault RENAME TO gone")
    answer = house.client.post("/v1/comments", json=house.submission(CANARY))
    assert answer.status_code == 503
    assert [line for line in written() if "OperationalError" in line]
    assert CANARY not in "".join(written())


def test_a_thread_that_dies_is_one_line_without_the_errors_text() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import threading\n"
            "from service.logs import set_up_logging\n"
            "set_up_logging('json', 'worker')\n"
            "def die(): raise ValueError('ada@example.org')\n"
            "thread = threading.Thread(target=die, name='pubsub')\n"
            "thread.start(); thread.join()\n",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = done.stderr.splitlines()
    told = json.loads(line)
    assert told["message"] == "a thread ended early: pubsub"
    assert told["error"].startswith("ValueError at die:")
    assert "ada" not in line
