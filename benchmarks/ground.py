"""The ground that a measurement stands on: a scratch folder, processes that never outlive it, and a voice."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from service.supervisor import dying_with_parent

ROOT = Path(__file__).resolve().parent.parent
# On the same disk as the checkout: a folder in memory would make commits look cheap.
BENCH = ROOT / ".bench"
STOP_SECONDS = 20.0

Value = TypeVar("Value")


class NotMeasured(RuntimeError):
    """Something stands in the way of a measurement; the message says what."""


@dataclass(frozen=True)
class Ground:
    """``quick``: short rounds that prove that everything works; their figures are rough."""

    scratch: Path
    quick: bool = False
    began: float = field(default_factory=time.monotonic)

    def pick(self, full: Value, quick: Value) -> Value:
        return quick if self.quick else full

    def say(self, line: str) -> None:
        print(f"{time.monotonic() - self.began:6.0f} s  {line}", file=sys.stderr, flush=True)

    def folder(self, name: str) -> Path:
        """A new folder of this name, empty."""
        path = self.scratch / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def unmade(self, name: str) -> Path:
        """A place of this name where nothing is."""
        path = self.folder(name)
        path.rmdir()
        return path


@contextmanager
def ground(*, quick: bool) -> Iterator[Ground]:
    """A ground whose scratch folder is gone afterwards."""
    BENCH.mkdir(exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="run-", dir=BENCH))
    # PostgreSQL runs as another user where it may not be root's, and has to reach its folder in here.
    scratch.chmod(0o755)
    try:
        yield Ground(scratch, quick)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(
    command: Sequence[str | Path], *, log: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a process that ends when this one does; what it writes goes to ``log``."""
    with log.open("ab") as file:
        return subprocess.Popen(
            [str(word) for word in command],
            env={**os.environ, **(environment or {})} if environment is not None else None,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGTERM),
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, then make it; returns when its whole session is gone."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def running(
    command: Sequence[str | Path], *, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    process = start(command, log=log, environment=environment)
    try:
        yield process
    finally:
        stop(process)


def run(command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None) -> str:
    """A command that ends by itself; its standard output. Raises ``NotMeasured`` with what it complained of."""
    done = subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **(environment or {})},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotMeasured(f"{' '.join(str(word) for word in command[:4])}: {done.stderr.strip()[-800:]}")
    return done.stdout


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str, pause: float = 0.02) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise NotMeasured(f"did not happen within {seconds:.0f} s: {what}")
        time.sleep(pause)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    port: int,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request to this machine. Raises ``OSError``."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    except http.client.HTTPException as error:
        raise ConnectionError(type(error).__name__) from None
    finally:
        connection.close()


def wait_for(
    port: int, path: str, process: subprocess.Popen[bytes], log: Path, *, seconds: float = 30.0
) -> None:
    """Until ``path`` is answered with 200. Raises ``NotMeasured`` with the end of the log."""
    end = time.monotonic() + seconds
    while True:
        with suppress(OSError):
            if ask(port, path).status == 200:
                return
        if process.poll() is not None or time.monotonic() > end:
            ending = log.read_text(errors="replace")[-1500:]
            raise NotMeasured(f"no answer from {' '.join(map(str, process.args[:5]))}:\n{ending}")  # type: ignore[index]
        time.sleep(0.02)
