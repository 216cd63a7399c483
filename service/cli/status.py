"""``greenroom status``: what waits, and who works."""

from __future__ import annotations

from datetime import timedelta

import click

from service.bootstrap import now
from service.cli.rooms import opened
from service.store import desk, leases


@click.command()
def command() -> None:
    """Print the queues and the workers seen in the last 20 seconds; exit status 1 when no worker is there."""
    with opened() as (_, database), database.read() as connection:
        counted = desk.summary(connection, None)
        workers, with_redis = leases.alive(connection, since=now() - timedelta(seconds=20))
    for status, (count, oldest) in sorted(counted.items()):
        age = f"\toldest waits {int((now() - oldest).total_seconds())} s" if oldest else ""
        click.echo(f"{status}\t{count}{age}")
    click.echo(f"workers\t{workers}\t{with_redis} of them reach redis")
    if workers == 0:
        raise SystemExit(1)
