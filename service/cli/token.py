"""``greenroom token``: who may do what, and the keys of the doors."""

from __future__ import annotations

import click

from service.bootstrap import now
from service.cli.rooms import one_line, opened
from service.domain.door import DOORS
from service.domain.errors import PersonNotFound
from service.domain.roles import Role
from service.people import Tokens


@click.group()
def command() -> None:
    """Make, list and revoke bearer tokens."""


@command.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    help="viewer reads; moderator decides and bans (the default); editor sets rules, too; administrator does all;"
    " scraper reads /metrics alone.",
)
@click.option("--site", help="Narrow the token to one site.")
@click.option(
    "--door",
    type=click.Choice(DOORS),
    help="Make a key of a door for other systems instead; needs --site (docs/switch-from-….md).",
)
def create(name: str, role: str | None, site: str | None, door: str | None) -> None:
    """Make a token for NAME (a moderator's name, or a machine's) and print it, for the only time."""
    name = one_line(name)
    if door and (role or site is None):
        raise click.UsageError("a key of a door speaks for one site (--site) and has no role")
    with opened() as (_, database):
        if door and site:
            click.echo(Tokens(database, now).create_key(name, door, site))
            return
        click.echo(Tokens(database, now).create(name, Role(role or Role.MODERATOR), site))


@command.command("list")
def list_tokens() -> None:
    """List all tokens: name, role (or door), site, last use."""
    with opened() as (_, database):
        for row in Tokens(database, now).everyone():
            used = row.last_used_at.strftime("%Y-%m-%d %H:%M UTC") if row.last_used_at else "never used"
            state = "revoked" if row.revoked_at else used
            click.echo(f"{row.name}\t{row.role}\t{row.site or 'all sites'}\t{state}")


@command.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def change_role(name: str, role: str) -> None:
    """Give the token of NAME another role; it holds from the next request on."""
    with opened() as (_, database):
        Tokens(database, now).change_role(name, Role(role))
        click.echo(f"{name} is {role} now")


@command.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Revoke the token or key of NAME; it stops working, and its sessions end, with the next request."""
    with opened() as (_, database):
        try:
            revoked = Tokens(database, now).revoke(name)
        except PersonNotFound:
            revoked = False
        if not revoked:
            raise click.ClickException(f"there is no working token named {name!r}")
        click.echo(f"revoked {name}")
