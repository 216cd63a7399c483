"""``greenroom serve``: the web processes (granian)."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from pathlib import Path

import click

from service.settings import SettingsError, read_settings
from service.supervisor import die_with_parent

KILL_TIMEOUT_SECONDS = 5
BACKLOG = 1024


def _share_metrics(data_dir: Path) -> None:
    # prometheus_client decides at import time whether counters are shared between processes.
    folder = data_dir / "run" / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


@click.command()
def command() -> None:
    """Serve the API and the pages.

    Takes everything from the environment (see docs/settings.md). The database must be set up (`greenroom
    migrate`); workers are started with `greenroom work`.
    """
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if os.environ.get("GREENROOM_SUPERVISED"):
        die_with_parent()
    if settings.web_workers > 1:
        _share_metrics(settings.data_dir)

    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    # Everything heavy is imported here, before granian forks, so that its processes share the memory.
    importlib.import_module("service.web.app")

    from service.bootstrap import build_cipher, check_start
    from service.domain.errors import GreenroomError
    from service.logs import set_up_logging
    from service.store.database import Database

    set_up_logging(settings.log, "web")
    database = Database(settings.database_url)
    try:
        check_start(settings, database, build_cipher(settings))
    except GreenroomError as error:
        click.echo(f"greenroom: {error}", err=True)
        sys.exit(2)
    finally:
        # No connection may cross the fork.
        database.close()
    Server(
        "service.web.app:from_environment",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=settings.web_workers,
        blocking_threads=settings.web_threads,
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
