"""``greenroom work``: one worker process."""

from __future__ import annotations

import importlib
import sys

import click


@click.command()
def command() -> None:
    """Screen comments until stopped. Start as many as wanted, on as many machines as wanted."""
    # By name: the service must not import its workers, so that the web never grows a dependency on them.
    sys.exit(importlib.import_module("workers.__main__").main())
