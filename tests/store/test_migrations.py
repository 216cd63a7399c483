"""The migrations and the tables tell the same story."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from service.store import desk_tables, migrate
from service.store.database import Database, present_schema
from service.store.ids import new_id
from service.store.tables import SCHEMA_REVISION, comments, decisions
from tests.people import NOW, add_site, arrival, store


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


def test_what_was_on_stage_before_feeds_went_by_it_is_there_since_it_was_let_through(
    database: Database,
) -> None:
    add_site(database)
    hours = [NOW + timedelta(hours=hour) for hour in range(4)]
    shown, back, waiting, placed = store(
        database, *(arrival(created_at=NOW) for _ in range(3)), arrival(status="approved", place="shown")
    )
    let_through, taken_down = ("approve", "held", "approved"), ("reject", "approved", "rejected")
    with database.write() as connection:
        for comment_id, told in (
            (shown, [let_through, taken_down, ("undo", "rejected", "approved")]),
            (back, [let_through, taken_down, ("approve", "rejected", "approved")]),
        ):
            for (action, before, after), at in zip(told, hours[1:], strict=True):
                connection.execute(
                    sa.insert(decisions).values(
                        id=new_id(),
                        comment_id=comment_id,
                        site="daily",
                        revision=1,
                        action=action,
                        status_before=before,
                        status=after,
                        reasons=[],
                        note="",
                        actor="Wenna",
                        automated=False,
                        undoes=new_id() if action == "undo" else None,
                        decided_at=at,
                    )
                )
        connection.execute(
            sa.update(comments)
            .where(comments.c.id.in_([shown, back]))
            .values(place="shown", status="approved")
        )
        for index in ("comments_latest", "comments_latest_here"):
            connection.execute(sa.text(f"DROP INDEX {index}"))
        connection.execute(sa.text("ALTER TABLE comments DROP COLUMN shown_at"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0007'"))
    migrate.upgrade(database)
    with database.read() as connection:
        since = dict(connection.execute(sa.select(comments.c.id, comments.c.shown_at)).all())
    assert since == {shown: hours[1], back: hours[3], waiting: None, placed: NOW}


def test_migrating_twice_changes_nothing(database: Database) -> None:
    migrate.upgrade(database)
    with database.read() as connection:
        assert present_schema(connection) == SCHEMA_REVISION
