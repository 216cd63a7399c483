"""The migrations and the tables tell the same story."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from service.store import desk_tables, migrate
from service.store.database import Database, present_schema
from service.store.tables import SCHEMA_REVISION


def test_a_migrated_database_is_exactly_what_the_tables_say(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": described})
        assert compare_metadata(context, desk_tables.metadata) == []


def described(_one: object, name: str | None, _kind: str, _reflected: bool, _other: object) -> bool:
    """Whether a thing is described by the tables: what a search looks into is each database's own."""
    return not (name or "").startswith(("search_words", "search_rows_words"))


def test_the_release_knows_its_newest_migration(database: Database) -> None:
    assert migrate.wanted_revision() == SCHEMA_REVISION
    with database.read() as connection:
        assert present_schema(connection) == SCHEMA_REVISION


def test_migrating_twice_changes_nothing(database: Database) -> None:
    migrate.upgrade(database)
    with database.read() as connection:
        assert present_schema(connection) == SCHEMA_REVISION
