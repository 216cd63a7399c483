"""``greenroom export``: comments as JSON lines, without addresses."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from service.adapters.addresses import AddressFault
from service.bootstrap import build_erasure
from service.cli.rooms import opened
from service.privacy import export_site


@click.command()
@click.option("--site", help="Everything of this site.")
@click.option("--person", is_flag=True, help="Everything of one person; their address is read from stdin.")
def command(site: str | None, person: bool) -> None:
    """Write comments to stdout, one JSON object on each line.

    No export holds an e-mail address. An address is read from stdin and never taken as an argument, because
    arguments are seen by everyone on a machine.
    """
    if (site is None) == (not person):
        raise click.UsageError("give either --site KEY or --person")
    with opened() as (settings, database):
        if site is not None:
            for document in export_site(database, site):
                _write(document)
            return
        try:
            for document in build_erasure(settings, database).export(sys.stdin.readline().strip()):
                _write(document)
        except AddressFault as fault:
            raise click.ClickException(str(fault)) from None


def _write(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False))
