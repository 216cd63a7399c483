"""``greenroom erase``: forget a person."""

from __future__ import annotations

import sys

import click

from service.adapters.addresses import AddressFault
from service.bootstrap import build_erasure
from service.cli.rooms import opened


@click.command()
def command() -> None:
    """Erase every comment of a person. Their address is read from stdin, never taken as an argument.

    Names, texts, addresses and indexes are dropped; a tombstone stays where others have answered.
    """
    if sys.stdin.isatty():
        click.echo("The person's e-mail address: ", err=True, nl=False)
    with opened() as (settings, database):
        try:
            erased = build_erasure(settings, database).erase(sys.stdin.readline().strip())
        except AddressFault as fault:
            raise click.ClickException(str(fault)) from None
    click.echo(f"{erased} comments were erased")
