"""``greenroom policy``: a site's rules, and what other rules would have done."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from service.adapters import toml
from service.bootstrap import now
from service.cli.rooms import ME, opened
from service.domain.errors import InvalidPolicy
from service.ruling import Ruling
from service.store.database import Database

_SPAN = re.compile(r"(\d{1,4})([hd])")


@click.group()
def command() -> None:
    """Show, set and try the rules by which comments are held, approved or rejected."""


def _read(path: str) -> Any:
    text = Path(path).read_text(encoding="utf-8")
    try:
        return json.loads(text) if path.endswith(".json") else toml.read(text)
    except (ValueError, InvalidPolicy) as error:
        raise click.ClickException(f"{path} is neither valid TOML nor JSON: {error}") from None


def _ruling(database: Database) -> Ruling:
    return Ruling(database, now)


@command.command()
@click.argument("site")
@click.option("--toml", "as_toml", is_flag=True, help="As TOML, with comments that explain each part.")
@click.option("--version", type=click.IntRange(min=0), help="An earlier version.")
def show(site: str, as_toml: bool, version: int | None) -> None:
    """Print the policy in force at SITE as JSON."""
    with opened() as (_, database):
        shown = _ruling(database).show(ME, site, version)
    if shown is None:
        raise click.ClickException(f"site {site} has no policy {version}")
    if as_toml:
        click.echo(shown.toml, nl=False)
    else:
        click.echo(json.dumps(shown.document, indent=2, ensure_ascii=False))


@command.command()
@click.argument("site")
def history(site: str) -> None:
    """List the versions of SITE's policy, newest first."""
    with opened() as (_, database):
        ruling, before = _ruling(database), None
        while page := ruling.history(ME, site, before=before):
            for one in page:
                click.echo(f"{one.version}\t{one.set_at:%Y-%m-%d %H:%M} UTC\t{one.set_by}")
            before = page[-1].version


@command.command("set")
@click.argument("site")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def set_policy(site: str, file: str) -> None:
    """Switch SITE to the policy in FILE (TOML or JSON); earlier versions are kept."""
    with opened() as (_, database):
        ruling = _ruling(database)
        shown = ruling.show(ME, site)
        assert shown is not None
        version = ruling.set(ME, site, _read(file), shown.version)
    click.echo(f"site {site} is at policy {version}")


@command.command("try")
@click.argument("site")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--since", default="7d", show_default=True, help="How far back: hours (24h) or days (7d).")
def try_out(site: str, file: str, since: str) -> None:
    """Replay the policy in FILE over the stored findings of SITE and print what it would have changed."""
    span = _SPAN.fullmatch(since)
    if span is None:
        raise click.ClickException("--since takes hours or days, such as 24h or 7d")
    unit = timedelta(hours=1) if span[2] == "h" else timedelta(days=1)
    with opened() as (_, database):
        begin = now() - int(span[1]) * unit
        replayed = _ruling(database).try_out(ME, site, _read(file), since=begin)
    for difference in replayed.differences:
        reasons = ", ".join(reason.code for reason in difference.reasons) or "-"
        was, would_be = difference.was.value, difference.would_be.value
        click.echo(f"{difference.comment_id}\t{was} -> {would_be}\t{reasons}")
    click.echo(f"{replayed.differ} of {replayed.looked} would have been treated differently", err=True)
    if len(replayed.differences) < replayed.differ:
        click.echo(f"the newest {len(replayed.differences)} of them are listed", err=True)
    if replayed.more:
        click.echo("there were more comments: only the newest were looked at", err=True)
    if replayed.unseen:
        names = ", ".join(replayed.unseen)
        click.echo(
            f"not shown: what these would find now, being off or set otherwise then: {names}", err=True
        )
