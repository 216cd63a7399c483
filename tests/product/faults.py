"""Faults of a database, made behind the product's back and mended again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from service.store.database import Database


@contextmanager
def locked(url: str, table: str) -> Iterator[None]:
    """A database where this table can be read, and nobody else can write to it."""
    database = Database(url)
    with database.write() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield
    database.close()


@contextmanager
def missing(url: str, table: str, column: str = "") -> Iterator[None]:
    """A database where this table, or this column of it, is not to be found."""
    name, what = (column, f"{table} RENAME COLUMN") if column else (table, f"{table} RENAME")
    _execute(url, sa.text(f"ALTER TABLE {what}{f' {name}' if column else ''} TO {name}_away"))
    away = f"{table} RENAME COLUMN {name}_away" if column else f"{table}_away RENAME"
    try:
        yield
    finally:
        _execute(url, sa.text(f"ALTER TABLE {away} TO {name}"))


@contextmanager
def spoiled(url: str, column: sa.Column[Any], value: object, where: sa.ColumnElement[bool]) -> Iterator[None]:
    """A database where this column of one row holds what it never should."""
    [[before]] = _execute(url, sa.select(column).where(where))
    _execute(url, sa.update(column.table).where(where).values({column: value}))
    try:
        yield
    finally:
        _execute(url, sa.update(column.table).where(where).values({column: before}))


def _execute(url: str, statement: sa.Executable) -> list[Any]:
    database = Database(url)
    try:
        with database.write() as connection:
            done = connection.execute(statement)
            return list(done) if done.returns_rows else []
    finally:
        database.close()
