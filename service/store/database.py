"""Connections and transactions, and the few places where SQLite and PostgreSQL differ.

Reading and writing use separate engines. SQLite writers begin with ``BEGIN IMMEDIATE``: with the driver's own
deferred transactions two thirds of concurrent read-then-write updates were lost without any error. Readers run
in autocommit, so that no forgotten read transaction keeps the write-ahead log from being checkpointed.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import QueuePool

SQLITE_BUSY_SECONDS = 5.0
LOCK_PAUSE_SECONDS = 0.001
POSTGRES_STATEMENT_SECONDS = 5
POOL_SIZE = 8
# What is stored as JSON is made of plain lists and mappings: looking for circles in it takes longer than writing it.
_as_json = json.JSONEncoder(check_circular=False).encode
# Errors name the statement; its parameters may hold what a reader typed.
_COMMON: dict[str, Any] = {"hide_parameters": True, "json_serializer": _as_json}


class Database:
    """One database, opened lazily. Never share an instance across a fork."""

    def __init__(self, url: str, *, busy_seconds: float = SQLITE_BUSY_SECONDS) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            arguments: dict[str, Any] = {"timeout": busy_seconds, "check_same_thread": False}
            self.writing = sa.create_engine(
                self.url, connect_args=arguments, **_COMMON, poolclass=QueuePool, pool_size=4
            )
            self.reading = sa.create_engine(
                self.url,
                connect_args=arguments,
                **_COMMON,
                isolation_level="AUTOCOMMIT",
                poolclass=QueuePool,
                pool_size=1,
                max_overflow=-1,
                pool_reset_on_return=None,
            )
            sa.event.listen(self.writing, "connect", _prepare_sqlite)
            sa.event.listen(self.reading, "connect", _prepare_sqlite)
            sa.event.listen(self.writing, "connect", _leave_waiting_to_us)
            sa.event.listen(self.writing, "begin", _beginning_immediate(busy_seconds))
        else:
            options = f"-c statement_timeout={POSTGRES_STATEMENT_SECONDS * 1000} -c timezone=UTC"
            arguments = {"options": options, "connect_timeout": 3}
            self.writing = sa.create_engine(
                self.url,
                connect_args=arguments,
                **_COMMON,
                pool_size=4,
                max_overflow=4,
                pool_pre_ping=True,
                pool_timeout=3,
            )
            self.reading = sa.create_engine(
                self.url,
                connect_args=arguments,
                **_COMMON,
                isolation_level="AUTOCOMMIT",
                pool_size=POOL_SIZE,
                max_overflow=4,
                pool_pre_ping=True,
                pool_timeout=3,
            )
        # How many transactions this process has written; see ``reading``.
        self.writes = 0
        # Checking a connection out of SQLAlchemy's pool costs more than a look-up by primary key on SQLite.
        # Idle readers are kept on a stack of our own; its two operations are atomic.
        self._idle_readers: list[sa.Connection] = []

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection in autocommit; each statement sees what is committed when it starts."""
        if not self.is_sqlite:
            with self.reading.connect() as connection:
                yield connection
            return
        try:
            connection = self._idle_readers.pop()
        except IndexError:
            connection = self.reading.connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle_readers.append(connection)

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """A connection whose statements all see one and the same moment."""
        if self.is_sqlite:
            with self.read() as connection:
                connection.exec_driver_sql("BEGIN")
                try:
                    yield connection
                finally:
                    connection.exec_driver_sql("COMMIT")
        else:
            with self.writing.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
                yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One writing transaction: committed at the end of the block, rolled back on any exception.

        Raises ``sqlalchemy.exc.OperationalError`` when the lock cannot be had within the busy time.
        """
        try:
            with self.writing.begin() as connection:
                yield connection
        finally:
            self.writes += 1

    def forget_old_pages(self) -> bool:
        """Empty SQLite's write-ahead log, which holds pages as they were; whether that was possible just now.

        The database file itself keeps nothing that was deleted (``secure_delete``). PostgreSQL does this in its own
        time, with VACUUM and the end of its log's segments.
        """
        if not self.is_sqlite:
            return True
        with self.reading.connect() as connection:
            busy: int = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        return not busy

    def close(self) -> None:
        while self._idle_readers:
            self._idle_readers.pop().close()
        self.reading.dispose()
        self.writing.dispose()


Rows = TypeVar("Rows", bound=sa.Select[Any])


def locking(connection: sa.Connection, query: Rows, *, skip_locked: bool = False) -> Rows:
    """``query`` taking row locks where the database has them (SQLite's writer is alone anyway); ``skip_locked``: those
    that another holds are left out."""
    return query if connection.dialect.name == "sqlite" else query.with_for_update(skip_locked=skip_locked)


def adding(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that leaves out every row whose key, or whose place under a unique index, is taken."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # An erased address must not linger in free pages of the file.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.execute("PRAGMA cache_size=-8000")
    cursor.close()


def _leave_waiting_to_us(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA busy_timeout=0").close()


def _beginning_immediate(busy_seconds: float) -> Callable[[sa.Connection], None]:
    """Take the writer's lock at the beginning, waiting up to ``busy_seconds`` for it.

    SQLite's own waiting sleeps longer and longer, up to a tenth of a second while the lock may long be free;
    with a worker beside the web process that alone made one answer in a hundred four times as slow.
    """

    def begin(connection: sa.Connection) -> None:
        # Past SQLAlchemy's bookkeeping for statements, which costs more than this one does.
        driver = connection.connection.driver_connection
        assert driver is not None
        end = time.monotonic() + busy_seconds
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
                if not busy or time.monotonic() >= end:
                    raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, error) from None
                time.sleep(LOCK_PAUSE_SECONDS)
            except sqlite3.Error as error:
                raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, error) from None

    return begin


def present_schema(connection: sa.Connection) -> str | None:
    """The schema revision that the database is at, or ``None`` when it was never set up."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return revision
