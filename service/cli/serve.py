"""``greenroom serve``: the web processes."""

from __future__ import annotations

import sys

import click


@click.command()
def command() -> None:
    """Serve the API and the pages.

    Takes everything from the environment (see docs/settings.md). The database must be set up (`greenroom
    migrate`); workers are started with `greenroom work`.
    """
    from service.web.serving import serve

    sys.exit(serve())
