"""``greenroom journal``: what people did, out of the database and held against its hashes."""

from __future__ import annotations

import json
import sys

import click

from service.cli.rooms import opened
from service.journal import Journal, line_of


@click.group()
def command() -> None:
    """Export the journal of what people did, or verify its chain of hashes."""


@command.command()
def export() -> None:
    """Write all entries to stdout, oldest first, one JSON object on each line, with their hashes."""
    with opened() as (_, database):
        for entry in Journal(database).export(None):
            click.echo(json.dumps(line_of(entry), ensure_ascii=False))


@command.command()
def verify() -> None:
    """Hold every entry against the hash of the one before it.

    Prints how many hold and the last hash; keep both elsewhere, because whoever may write into the database could make
    all hashes anew. Ends with status 1 and the number of the first entry that was changed, taken out or put in.
    """
    with opened() as (_, database):
        found = Journal(database).verify()
    click.echo(f"{found.holds} entries hold; last hash {found.last_hash.hex()}")
    if found.broken is not None:
        click.echo(f"entry {found.broken} does not hold: it was changed, taken out or put in", err=True)
        sys.exit(1)
