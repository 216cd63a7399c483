"""``greenroom doors``: the process that answers other systems in the protocols they speak."""

from __future__ import annotations

import sys

import click


@click.command()
def command() -> None:
    """Answer systems that call Perspective or Akismet, or Coral's external moderation phases.

    Listens on GREENROOM_DOORS_PORT; `greenroom up` starts it, too, where that is set. Keys are made with `greenroom
    token create NAME --door perspective --site SITE`. What to change on the other side stands in
    docs/switch-from-perspective.md and docs/switch-from-akismet.md.
    """
    from service.web.serving import serve_doors

    sys.exit(serve_doors())
