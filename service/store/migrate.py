"""Bringing a database to the schema of this release, by one process at a time."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.store.database import Database

# Any constant will do; it names "Greenroom migrates" among PostgreSQL's advisory locks.
_ADVISORY_LOCK = 0x6772656E


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(database: Database) -> None:
    """Run all missing migrations in one transaction; others who try meanwhile wait."""
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def wanted_revision() -> str | None:
    """The schema revision that this release needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def present_revision(connection: sa.Connection) -> str | None:
    """The schema revision of the database, or ``None`` for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()
