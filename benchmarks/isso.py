"""Isso, the yardstick, as its documentation deploys it: gunicorn with two preloaded workers, SQLite, its own settings.

Only its guard is off (it would refuse the second comment of an address within a minute), and a proxy is trusted, as
for Greenroom. It keeps its default of publishing at once: it does less than what it is compared with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.corpus import Written
from benchmarks.ground import Ground, NotMeasured, ask, free_port, running, wait_until
from benchmarks.load import NUMBER, Target, request
from benchmarks.tools import tool

CONFIGURATION = """
[general]
dbpath = {folder}/comments.db
host = {page}
[server]
listen = http://127.0.0.1:{port}
trusted-proxies = 127.0.0.1
[guard]
enabled = false
"""
WRITTEN, THREAD = "/write", "/t100"


@contextmanager
def isso(ground: Ground, *, trace: Sequence[str] = (), page: str = "") -> Iterator[Target]:
    """A running Isso. ``trace`` is a command that starts its processes and looks on; ``page`` is the origin of the
    pages that embed it, which is its own where none is given."""
    folder, port = ground.folder("isso"), free_port()
    page = page or f"http://127.0.0.1:{port}"
    configuration = folder / "isso.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, page=page))
    command: list[str | Path] = [
        tool("gunicorn"),
        "-b",
        f"127.0.0.1:{port}",
        "-w",
        "2",
        "--preload",
        "isso.run",
    ]
    words = [word.replace("PART", "isso") for word in trace]
    environment = {"ISSO_SETTINGS": str(configuration)}
    with running([*words, *command], log=folder / "log", environment=environment) as process:
        target = Target("isso", port, {"web": [process.pid]}, headers={"Origin": page})
        wait_until(lambda: _answers(port, folder / "log"), seconds=20, what="an answer from Isso")
        # Isso cannot make a thread twice at once: the first comment of each has to be alone.
        for uri in (WRITTEN, THREAD):
            post(target, Written("The first comment of this thread.", "Ada", "ada@example.org"), uri)
        yield target


def _answers(port: int, log: Path) -> bool:
    try:
        return ask(port, f"/?uri={quote(THREAD, safe='')}").status in (200, 404)
    except OSError:
        return False


def submission(comment: Written, number: str = NUMBER) -> dict[str, Any]:
    return {
        "author": comment.name,
        "email": comment.email,
        "website": None,
        "text": f"{comment.text} #{number}",
        "parent": None,
        "title": "Story",
        "notification": 0,
    }


def post(target: Target, comment: Written, uri: str) -> None:
    """One comment, stored and published."""
    path = f"/new?uri={quote(uri, safe='')}"
    bytes_ = request(target, path, document=submission(comment, "1"))
    answer = ask(
        target.port,
        path,
        method="POST",
        body=bytes_.partition(b"\r\n\r\n")[2],
        headers={"Content-Type": "application/json", **target.headers},
    )
    if answer.status != 201:
        raise NotMeasured(f"Isso answered {answer.status} to a comment")


def writes(target: Target, comments: Sequence[Written]) -> list[bytes]:
    path = f"/new?uri={quote(WRITTEN, safe='')}"
    return [request(target, path, document=submission(comment)) for comment in comments]


def fill_thread(target: Target, comments: Sequence[Written]) -> None:
    """The thread for reading; it has one comment already."""
    for comment in comments[1:]:
        post(target, comment, THREAD)


THREAD_PATH = f"/?uri={quote(THREAD, safe='')}&sort=newest&nested_limit=5"
