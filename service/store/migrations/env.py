"""Alembic's entry: runs on the connection and in the transaction that ``store/migrate.py`` opened."""

from alembic import context

from service.store import desk_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=desk_tables.metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
