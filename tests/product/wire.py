"""One raw connection to the product: bytes go out as they are, and answers come back one by one."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The name of the problem that this is."""
        assert self.headers["content-type"] == "application/problem+json", self
        slug: str = self.json()["type"].partition("#")[2]
        return slug


class Connection:
    """Use as a context."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self._read = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def send(self, *pieces: bytes) -> None:
        """Send; whoever was refused in the middle of it has been answered all the same."""
        try:
            for piece in pieces:
                self._socket.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def answer(self, *, has_body: bool = True) -> Reply:
        """The next answer; that to a HEAD has no body. Raises ``ConnectionError`` when the connection ends before."""
        while b"\r\n\r\n" not in self._read:
            self._more()
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0")) if has_body else 0
        while len(self._read) < length:
            self._more()
        body, self._read = self._read[:length], self._read[length:]
        return Reply(int(first.split()[1]), headers, body)

    def _more(self) -> None:
        piece = self._socket.recv(65_536)
        if not piece:
            raise ConnectionError("the connection was closed")
        self._read += piece

    def end(self) -> bytes:
        """What comes until the other side closes the connection."""
        try:
            while True:
                self._more()
        except ConnectionError:
            return self._read
