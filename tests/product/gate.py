"""The network between the product and a database: it can be cut, and it can be there again."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any

import sqlalchemy as sa

from tests.product.running import free_port


class Gate:
    """A port of this machine that leads to the database of ``url``, while it is open."""

    def __init__(self, url: str) -> None:
        self._target = sa.make_url(url)
        self._port = free_port()
        self._listener: socket.socket | None = None
        self._through: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The database's URL by way of this gate."""
        through = self._target.set(host="127.0.0.1", port=self._port, query={})
        return through.render_as_string(hide_password=False)

    def open(self) -> None:
        listener = socket.create_server(("127.0.0.1", self._port))
        self._listener = listener
        threading.Thread(target=self._let_in, args=(listener,), daemon=True).start()

    def shut(self) -> None:
        """Refuse new connections and break all others."""
        if self._listener is not None:
            # Closing alone would not wake the thread that waits for the next one.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._lock:
            for end in self._through:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _let_in(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = self._reach()
            with self._lock:
                self._through |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _reach(self) -> socket.socket:
        query: dict[str, Any] = dict(self._target.query)
        host = self._target.host or query.get("host") or "localhost"
        port = self._target.port or 5432
        if not str(host).startswith("/"):
            return socket.create_connection((str(host), port))
        far = socket.socket(socket.AF_UNIX)
        far.connect(f"{host}/.s.PGSQL.{port}")
        return far

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while some := one.recv(65536):
                other.sendall(some)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._through.discard(one)
        one.close()
