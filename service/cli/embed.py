"""``greenroom embed``: the lines for a publisher's pages."""

from __future__ import annotations

import os

import click

from service.settings import SettingsError, read_settings


@click.command()
@click.argument("site", default="demo")
@click.option("--pinned", is_flag=True, help="This release's script and no other, checked by its hash.")
def command(site: str, pinned: bool) -> None:
    """Print the two lines that put SITE's comments on a page.

    The address of the story is written into the link: it is where readers without scripts go. A pinned script has to be
    renewed with each upgrade of Greenroom; until then a page that pins an old one shows the link alone.
    """
    from service.web.embed import embed

    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    click.echo(embed().lines(settings.public_url, site, pinned=pinned), nl=False)
