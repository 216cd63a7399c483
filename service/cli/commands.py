"""The table of commands. Each is imported when it is called, so that none pays for another."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "serve": "service.cli.serve",
    "work": "service.cli.work",
    "doors": "service.cli.doors",
    "migrate": "service.cli.migrate",
    "status": "service.cli.status",
    "site": "service.cli.site",
    "embed": "service.cli.embed",
    "policy": "service.cli.policy",
    "token": "service.cli.token",
    "journal": "service.cli.journal",
    "keys": "service.cli.keys",
    "export": "service.cli.export",
    "erase": "service.cli.erase",
    "score": "service.cli.score",
    "evaluate": "service.cli.evaluate",
}


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
)
@click.pass_context
def up(context: click.Context) -> None:
    """Run everything on this machine: web, workers and an embedded Valkey."""
    from service.cli.up import main

    main(context.args)


class Lazy(click.Group):
    """A group that knows its commands by name only."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return ["up", *COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "up":
            return up
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)
        command.name = cmd_name
        return command


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name=None, version="0.1.0", prog_name="greenroom")
def greenroom() -> None:
    """Greenroom takes comments in, screens them, and serves what was approved.

    On one machine, `greenroom up` does everything. Beyond it, run `migrate` once, then any number of `serve`
    and `work`, with the same settings (docs/settings.md).
    """
