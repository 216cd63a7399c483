"""The web processes: granian, and the start that it may refuse.

The main process stays small, because it only watches: whatever serves is imported by the processes that it forks.
Where several serve, it imports first and they share the memory.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from service.settings import Settings, SettingsError, read_settings
from service.supervisor import die_with_parent

KILL_TIMEOUT_SECONDS = 5
BACKLOG = 1024
REFUSED = signal.SIGUSR1


def serve() -> int:
    """Serve until asked to stop; the exit status: 0, or 2 where settings or keys forbid it (said on stderr)."""
    settings = _begin_main()
    if settings is None:
        return 2
    if settings.web_workers > 1:
        _share_metrics(settings.data_dir)
        importlib.import_module("service.web.app")
    return _run(
        "service.web.app:from_environment",
        settings,
        port=settings.port,
        workers=settings.web_workers,
        threads=settings.web_threads,
    )


def serve_doors() -> int:
    """As ``serve``, for the doors of other systems. One process: it holds the models."""
    settings = _begin_main()
    if settings is None:
        return 2
    if not settings.doors_port:
        print("greenroom: the doors are shut; set GREENROOM_DOORS_PORT to open them", file=sys.stderr)
        return 2
    return _run(
        "service.web.doors.app:from_environment",
        settings,
        port=settings.doors_port,
        workers=1,
        threads=settings.doors_threads,
    )


def _begin_main() -> Settings | None:
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return None
    if supervisor := os.environ.get("GREENROOM_SUPERVISED"):
        die_with_parent(int(supervisor))
    return settings


def _run(app: str, settings: Settings, *, port: int, workers: int, threads: int) -> int:
    refused = []

    def note(_signum: int, _frame: FrameType | None) -> None:
        refused.append(True)
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(REFUSED, note)

    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        app,
        factory=True,
        address=settings.host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=workers,
        blocking_threads=threads,
        backlog=BACKLOG,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=KILL_TIMEOUT_SECONDS,
        websockets=False,
        log_enabled=True,
        log_level=LogLevels.error,
        log_access=False,
        process_name=None,
    ).serve()
    return 2 if refused else 0


def stay_on_one_processor() -> None:
    """Keep this process, and the threads that it will start, on one of its processors (Linux only).

    Python's threads take turns. Where they sit on several processors, each turn wakes another one up, and on a virtual
    machine that costs more than what is done in the turn: readers were answered half as often.
    """
    if hasattr(os, "sched_setaffinity"):
        mine = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {mine[os.getpid() % len(mine)]})


def begin() -> None:
    """At the start of a serving process: end when granian's main process does."""
    granian = multiprocessing.parent_process()
    if granian is not None and granian.pid is not None:
        # Without its main process nobody would ever stop this one, and it holds the port.
        die_with_parent(granian.pid)


def stop_all(why: str) -> None:
    """Say why this process cannot serve and have the main process stop instead of trying again for ever."""
    print(f"greenroom: {why}", file=sys.stderr)
    granian = multiprocessing.parent_process()
    if granian is not None and granian.pid is not None:
        os.kill(granian.pid, REFUSED)


def refuse(why: str) -> NoReturn:
    """As ``stop_all``, before this process has begun to serve."""
    stop_all(why)
    sys.exit(2)


def _share_metrics(data_dir: Path) -> None:
    # prometheus_client decides at import time whether counters are shared between processes.
    folder = data_dir / "run" / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
