"""What the small commands share: settings, a database at the right schema, and plain errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import SQLAlchemyError

from service.domain.errors import GreenroomError
from service.domain.roles import Role
from service.domain.text import TextFault, normalise_line
from service.people import NAME_MAX, OPERATOR, Moderator
from service.settings import Settings, SettingsError, read_settings
from service.store.database import Database, present_schema
from service.store.tables import SCHEMA_REVISION

# Whoever sits at the machine may do everything.
ME = Moderator(OPERATOR, Role.ADMINISTRATOR, None)


def one_line(name: str) -> str:
    """A name as it can stand on a line of its own, in lists and on pages."""
    try:
        return normalise_line(name, maximum=NAME_MAX)
    except TextFault as fault:
        raise click.ClickException(f"this is no name: {fault}") from None


@contextmanager
def opened() -> Iterator[tuple[Settings, Database]]:
    """Settings and database; ends the process with a sentence and status 2 (yours) or 1 (ours) on errors."""
    try:
        settings = read_settings(os.environ)
        database = Database(settings.database_url)
        try:
            with database.read() as connection:
                if present_schema(connection) != SCHEMA_REVISION:
                    click.echo(
                        "greenroom: the database is not at this release's schema: run `greenroom migrate`",
                        err=True,
                    )
                    sys.exit(2)
            yield settings, database
        finally:
            database.close()
    except (SettingsError, GreenroomError) as error:
        click.echo(f"greenroom: {error}", err=True)
        sys.exit(2)
    except SQLAlchemyError as error:
        click.echo(f"greenroom: the database failed: {type(error).__name__}", err=True)
        sys.exit(1)
