"""``greenroom site``: the publisher's sites and their threads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from service.bootstrap import now
from service.cli.rooms import ME, one_line, opened
from service.closing import Closing
from service.domain.site import BOUNDS, SETTINGS, Site
from service.domain.stories import UrlFault, canonical_url, normalise_origin
from service.scoring.calibration import calibrated
from service.store import lessons, threads
from service.store.sites import SiteBook
from service.threads import Threads


@click.group()
def command() -> None:
    """Add, change and list sites; close and open threads."""


@command.command("set")
@click.argument("key")
@click.option("--name", help="The site's name for people.")
@click.option(
    "--origin", "origins", multiple=True, help="Where its stories live, e.g. https://www.example.org."
)
@click.option(
    "--setting", "pairs", multiple=True, help="A setting as name=value; see `greenroom site settings`."
)
def set_site(key: str, name: str | None, origins: tuple[str, ...], pairs: tuple[str, ...]) -> None:
    """Add the site KEY, or change it. Origins that are given replace the present ones."""
    if not (key.isascii() and key.replace("-", "").isalnum() and key == key.lower() and len(key) <= 40):
        raise click.ClickException("a site's key has small letters, digits and hyphens")
    name = one_line(name) if name else None
    with opened() as (_, database), database.write() as connection:
        site = threads.load_sites(connection).get(key)
        if site is None:
            if not origins:
                raise click.ClickException("a new site needs at least one --origin")
            site = Site(key, name or key, ())
        try:
            normalised = tuple(normalise_origin(origin) for origin in origins)
        except UrlFault as fault:
            raise click.ClickException(str(fault)) from None
        site = replace(site, name=name or site.name, origins=normalised or site.origins)
        threads.save_site(connection, replace(site, **_settings(pairs)), now=now())
    click.echo(f"site {key} is set")


def _settings(pairs: tuple[str, ...]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name not in SETTINGS:
            raise click.ClickException(
                f"there is no setting {name!r}; there are: {', '.join(sorted(SETTINGS))}"
            )
        if name in BOUNDS:
            least, most = BOUNDS[name]
            if not (value.isdigit() and least <= int(value) <= most):
                raise click.ClickException(f"{name} is a number from {least} to {most}")
            settings[name] = int(value)
        elif value in ("true", "false"):
            settings[name] = value == "true"
        else:
            raise click.ClickException(f"{name} is true or false")
    return settings


@command.command("settings")
def show_settings() -> None:
    """List the settings of a site with their bounds."""
    for name, (least, most) in sorted(BOUNDS.items()):
        click.echo(f"{name}\t{least} to {most}")
    click.echo("email_required\ttrue or false")


@command.command("list")
def list_sites() -> None:
    """List all sites with their policies and origins."""
    with opened() as (_, database), database.read() as connection:
        for site in threads.load_sites(connection).values():
            click.echo(f"{site.key}\t{site.name}\tpolicy {site.policy_version}\t{' '.join(site.origins)}")


def _close(key: str, url: str, *, closed: bool) -> None:
    try:
        story = canonical_url(url)
    except UrlFault as fault:
        raise click.ClickException(str(fault)) from None
    with opened() as (_, database):
        sites = SiteBook(database)
        sites.get(key)
        with database.read() as connection:
            thread = threads.find(connection, key, url=story)
        if thread is None:
            raise click.ClickException("there is no thread under this URL yet")
        Threads(database, sites, Closing(database, now), now).change(ME, thread.id, closed=closed)
    click.echo("closed" if closed else "open")


@command.command("close")
@click.argument("key")
@click.argument("url")
def close_thread(key: str, url: str) -> None:
    """Close the thread of the story at URL on site KEY."""
    _close(key, url, closed=True)


@command.command("open")
@click.argument("key")
@click.argument("url")
def open_thread(key: str, url: str) -> None:
    """Open the thread of the story at URL on site KEY again."""
    _close(key, url, closed=False)


@command.command("learned")
@click.argument("key")
def learned(key: str) -> None:
    """Show what the site KEY has learned from its moderators: how much, and whether it is used."""
    with opened() as (_, database), database.read() as connection:
        site = threads.load_sites(connection).get(key)
        row = lessons.load(connection).get(key)
    if site is None:
        raise click.ClickException(f"there is no site {key!r}")
    if row is None:
        click.echo("nothing yet: workers learn some minutes after a person's first decision")
        return
    click.echo(f"lessons\t{row.lessons}")
    click.echo(f"learned\t{row.learned_at:%Y-%m-%d %H:%M} UTC, version {row.version}")
    click.echo(f"spam score\t{row.why or 'corrected by what was learned'}")
    if not row.calibration:
        click.echo("calibration\tshipped: too few decisions about what is toxic and what is not")
    for label, (slope, shift) in row.calibration.items():
        half = calibrated(0.5, (slope, shift))
        click.echo(f"{label} score\tcalibrated: a half of the models' is {half:.2f} here")
    for label, threshold in row.thresholds.items() or [("thresholds", None)]:
        click.echo(
            f"{label}\t{'shipped: too few approved comments' if threshold is None else f'held from {threshold}'}"
        )
