"""The migrations and the tables tell the same story."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from service.store import migrate
from service.store.database import Database, present_schema
from service.store.tables import SCHEMA_REVISION, metadata


def test_a_migrated_database_is_exactly_what_the_tables_say(database: Database) -> None:
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_release_knows_its_newest_migration(database: Database) -> None:
    assert migrate.wanted_revision() == SCHEMA_REVISION
    with database.read() as connection:
        assert present_schema(connection) == SCHEMA_REVISION


def test_migrating_twice_changes_nothing(database: Database) -> None:
    migrate.upgrade(database)
    with database.read() as connection:
        assert present_schema(connection) == SCHEMA_REVISION
