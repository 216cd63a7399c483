"""The commands, each in its own file."""

import sys


def main() -> None:
    """What the command ``greenroom`` runs."""
    if sys.argv[1:2] == ["up"]:
        # The one command that stays: it does without click, whose memory it would hold for as long.
        from service.cli.up import main as up

        up(sys.argv[2:])

    from service.cli.commands import greenroom

    greenroom(prog_name="greenroom")
