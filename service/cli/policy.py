"""``greenroom policy``: a site's rules, and what other rules would have done."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from service.bootstrap import now
from service.checks.catalogue import hold_against_catalogue
from service.cli.rooms import opened
from service.domain.policy import DEFAULT_DOCUMENT, read_policy
from service.ruling import try_policy
from service.store import threads

_SPAN = re.compile(r"(\d{1,4})([hd])")


@click.group()
def command() -> None:
    """Show, set and try the rules by which comments are held, approved or rejected."""


def _read(path: str) -> dict[str, Any]:
    text = Path(path).read_text(encoding="utf-8")
    try:
        document = json.loads(text) if path.endswith(".json") else tomllib.loads(text)
    except ValueError as error:
        raise click.ClickException(f"{path} is neither valid TOML nor JSON: {error}") from None
    hold_against_catalogue(read_policy(document, 0))
    assert isinstance(document, dict)
    return document


@command.command()
@click.argument("site")
def show(site: str) -> None:
    """Print the policy in force at SITE as JSON."""
    with opened() as (_, database), database.read() as connection:
        found = threads.load_sites(connection).get(site)
        if found is None:
            raise click.ClickException(f"there is no site {site!r}")
        document = threads.load_policy_document(connection, site, found.policy_version)
    click.echo(json.dumps(document or DEFAULT_DOCUMENT, indent=2, ensure_ascii=False))


@command.command("set")
@click.argument("site")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def set_policy(site: str, file: str) -> None:
    """Switch SITE to the policy in FILE (TOML or JSON); earlier versions are kept."""
    with opened() as (_, database):
        document = _read(file)
        with database.write() as connection:
            if site not in threads.load_sites(connection):
                raise click.ClickException(f"there is no site {site!r}")
            version = threads.save_policy(connection, site, document, now=now(), by="the operator")
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
        document = _read(file)
        looked, differences = try_policy(database, site, document, since=now() - int(span[1]) * unit)
    for difference in differences:
        reasons = ", ".join(reason.code for reason in difference.reasons) or "-"
        was, would_be = difference.was.value, difference.would_be.value
        click.echo(f"{difference.comment_id}\t{was} -> {would_be}\t{reasons}")
    click.echo(f"{len(differences)} of {looked} would have been treated differently", err=True)
