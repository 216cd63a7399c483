"""``greenroom embed``: the lines for a publisher's pages."""

from __future__ import annotations

import os

import click

from service.settings import SettingsError, read_settings


@click.command()
@click.argument("site", default="demo")
@click.option("--pinned", is_flag=True, help="This release's script and no other, checked by its hash.")
@click.option("--frame", "framed", is_flag=True, help="A frame, for pages that load no foreign script.")
def command(site: str, pinned: bool, framed: bool) -> None:
    """Print the two lines that put SITE's comments on a page.

    The address of the story is written into the link: it is where readers without scripts go. A pinned script has to be
    renewed with each upgrade of Greenroom; until then a page that pins an old one shows the link alone.

    With --frame a frame is printed, then an empty line and a small script to be served by the page's own host.
    """
    from service.web import frame
    from service.web.embed import embed

    if pinned and framed:
        raise click.UsageError("--pinned is about our script on your page; with --frame there is none")
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    printed = (
        frame.lines(settings.public_url, site)
        if framed
        else embed().lines(settings.public_url, site, pinned=pinned)
    )
    click.echo(printed, nl=False)
