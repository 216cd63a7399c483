"""What ``greenroom up`` runs: starts the children, restarts those that die, stops all in order, orphans none.

Standard library only, and little of it: this process stays for as long as the service does.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
STOP_SECONDS = 7.0
# When the children of each order have to be gone, counted from the first word of it: whoever comes later has a time
# of its own left, so that Valkey always gets to write its last second. Everything is over within ten seconds.
STOPPED_BY_SECONDS = (4.0, 7.0, 9.0)
ORPHANS_SECONDS = 12.0
_PR_SET_PDEATHSIG = 1


class AlreadyRunning(RuntimeError):
    """Another process has this data folder."""


def dying_with_parent(signum: int) -> Callable[[], None] | None:
    """For ``preexec_fn``: have the kernel send ``signum`` to the child when its parent dies (Linux only)."""
    if not sys.platform.startswith("linux"):
        return None
    # Loaded here, because nothing may be imported or allocated much between fork and exec.
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signum)
        if os.getppid() != parent:
            # It died before the kernel was asked, and nobody would tell.
            os._exit(1)

    return ask_kernel


def die_with_parent(parent: int, signum: int = signal.SIGTERM) -> None:
    """From inside a child of process ``parent``: end when that ends, also where the kernel does not tell.

    The parent is named by whoever knows it: asked for here, it may have ended already, and another be in its place.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signum)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signum)
        # An orderly stop may hang on what died; nobody is left to wait for it.
        time.sleep(STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def lock_folder(path: Path) -> IO[str]:
    """Take the data folder for this process; keep the file open. Raises ``AlreadyRunning`` naming the holder."""
    file = open(path / "greenroom.lock", "a+")  # noqa: SIM115 - held for the life of the process
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise AlreadyRunning(f"another greenroom (process {holder}) is running on {path}") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def outlive_orphans(path: Path, say: Callable[[str], None]) -> IO[str]:
    """Wait until nothing of an earlier run is left, and hold the place for the children of this one.

    Every child inherits the open file and so holds the lock on it for as long as it lives: an old Valkey that ends
    late would take the new one's socket away, an old web process the port. Raises ``AlreadyRunning``.
    """
    file = open(path / "children.lock", "a")  # noqa: SIM115 - held for the life of the process
    end = time.monotonic() + ORPHANS_SECONDS
    waiting = False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except OSError:
            if time.monotonic() > end:
                file.close()
                raise AlreadyRunning(f"processes of an earlier run do not end on {path}") from None
        if not waiting:
            say("waiting for the processes of an earlier run to end")
            waiting = True
        time.sleep(0.05)


@dataclass
class Child:
    """One process to keep running. ``order`` (0, 1 or 2): the lowest are stopped first."""

    name: str
    command: Sequence[str]
    order: int
    environment: dict[str, str] = field(default_factory=dict)
    quiet: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float | None = None
    pause_seconds: float = FIRST_PAUSE_SECONDS

    def start(self, inherited: Sequence[int] = ()) -> None:
        """Start it, with these open files."""
        self.process = subprocess.Popen(
            self.command,
            pass_fds=inherited,
            env={**os.environ, **self.environment, "GREENROOM_SUPERVISED": str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if self.quiet else None,
            # A Ctrl-C on the terminal reaches the supervisor alone, which stops the children in order.
            start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGTERM),
        )
        self.started_at = time.monotonic()
        self.restart_at = None

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Keeps children running until asked to stop. ``say`` gets one line for each event.

    ``inherited`` are open files that every child gets.
    """

    def __init__(self, say: Callable[[str], None], inherited: Sequence[int] = ()) -> None:
        self._say = say
        self.inherited = inherited
        self._children: list[Child] = []
        self._stopping = threading.Event()
        self._wake = threading.Event()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def listen(self) -> None:
        """Take the signals that mean stop, and those that tell of a child's end."""

        def stop(_signum: int, _frame: FrameType | None) -> None:
            self._stopping.set()
            self._wake.set()

        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, stop)
        signal.signal(signal.SIGCHLD, lambda _signum, _frame: self._wake.set())

    def start(self, child: Child) -> None:
        self._children.append(child)
        child.start(self.inherited)

    def run(self) -> None:
        """Until asked to stop: restart what dies, after a pause that grows while it keeps dying."""
        while not self._stopping.is_set():
            self._wake.wait(timeout=self._tend())
            self._wake.clear()

    def _tend(self) -> float | None:
        """Look after all children; how long until the next look is due."""
        now = time.monotonic()
        due: list[float] = []
        for child in self._children:
            if child.alive:
                continue
            if child.restart_at is None:
                self._bury(child, now)
            assert child.restart_at is not None
            if now >= child.restart_at:
                child.start(self.inherited)
                self._say(f"{child.name} started again")
            else:
                due.append(child.restart_at - now)
        return min(due) if due else None

    def _bury(self, child: Child, now: float) -> None:
        assert child.process is not None
        if now - child.started_at > STEADY_SECONDS:
            child.pause_seconds = FIRST_PAUSE_SECONDS
        child.restart_at = now + child.pause_seconds
        status = child.process.returncode
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        self._say(f"{child.name} {how}; starting it again in {child.pause_seconds:.1f} s")
        child.pause_seconds = min(child.pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    def stop(self) -> None:
        """Stop all in order, then kill what stays; everything is gone when this returns."""
        began = time.monotonic()
        for order, seconds in enumerate(STOPPED_BY_SECONDS):
            group = [child for child in self._children if child.order == order and child.alive]
            for child in group:
                assert child.process is not None
                child.process.terminate()
            for child in group:
                self._wait_or_kill(child, began + seconds)

    def _wait_or_kill(self, child: Child, end: float) -> None:
        assert child.process is not None
        try:
            child.process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._say(f"{child.name} did not stop in time and was killed")
            _kill_group(child.process)
            child.process.wait()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # Each child leads a session of its own, so its helpers go with it.
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
