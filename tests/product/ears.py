"""Ears that keep every answer of a Greenroom, and whatever its commands write, for a search afterwards."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import Any
from urllib.parse import quote

from markupsafe import escape

from tests.product.running import ROOT, Answer, Running


class Ears:
    """``heard`` is what was said, as (where it was heard, the bytes)."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self.heard: list[tuple[str, bytes]] = []

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | dict[str, Any] | None = None,
        *,
        typed: dict[str, str] | None = None,
        **headers: str,
    ) -> Answer:
        """One request. ``typed`` are the fields of a form, which may come back with what is in them."""
        answer = self._running.ask(method, path, body, **headers)
        place = f"the answer to {method} {path.partition('?')[0]}"
        self.heard += [(place, f"{name}: {value}".encode()) for name, value in answer.headers.items()]
        comes_back = typed is not None and answer.status >= 400
        self.heard.append(
            (place, without_what_was_typed(answer, typed) if typed and comes_back else answer.body)
        )
        return answer

    def ask_raw(self, request: bytes) -> bytes:
        """Bytes that need not be a request, after which the connection is closed; whatever comes back."""
        with socket.create_connection(("127.0.0.1", self._running.port), timeout=10) as connection:
            connection.sendall(request)
            said = b"".join(iter(lambda: connection.recv(65536), b""))
        assert said.startswith(b"HTTP/1.1 "), said
        self.heard.append(("the answer to bytes", said))
        return said

    def command(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[bytes]:
        """``greenroom WORDS``, with ``typed`` on its standard input."""
        done = subprocess.run(
            [sys.executable, "-m", "service.cli", *words],
            input=typed.encode() + b"\n",
            env=self._running.environment,
            cwd=ROOT,
            capture_output=True,
            timeout=60,
            check=False,
        )
        self.heard += [(f"greenroom {words[0]}", done.stdout), (f"greenroom {words[0]}", done.stderr)]
        return done


def without_what_was_typed(answer: Answer, fields: dict[str, str]) -> bytes:
    """A page that answers a form, less the form's own fields: those may come back to the reader who sent them.

    To nobody else: the page is kept by no cache. Only what came in this very request is taken out, as it is written
    into a page or a link, so that any other trace of an address is still there to be found.
    """
    assert answer.headers["cache-control"] == "no-store"
    page = answer.body.decode()
    for value in sorted(filter(None, fields.values()), key=len, reverse=True):
        for written in (str(escape(value)), quote(value, safe=""), quote(value)):
            page = page.replace(written, "")
    return page.encode()
