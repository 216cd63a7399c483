"""Bounded looks along an order of comments: how much is read for a page never depends on how much there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.store.tables import comments

# How many comments beyond its cursor one page may look at.
SCAN = 2_000
_STEPS = (200, 800)

# The same comment, looked at for what it is narrowed to.
seen = comments.alias("seen")


@dataclass(frozen=True)
class Order:
    """Comments in an order. ``looked(place, count)`` selects the next ones behind a place: ``id``, the columns of
    ``by`` (name, whether descending), and with ``asks`` a column ``holds``, which is looked at before anything that
    costs more."""

    looked: Callable[[Any, int], sa.Select[Any]]
    by: tuple[tuple[str, bool], ...]
    asks: bool = False

    def place(self, row: Any) -> Any:
        """Where a row stands in this order."""
        return tuple(getattr(row, name) for name, _ in self.by)


@dataclass(frozen=True)
class Narrowed:
    """``conditions`` are on ``seen``; ``names`` is asked of an author's name. Both empty: everything fits."""

    conditions: tuple[sa.ColumnElement[bool], ...] = ()
    name: Callable[[str], bool] | None = None

    def __bool__(self) -> bool:
        return bool(self.conditions) or self.name is not None


@dataclass(frozen=True, slots=True)
class Found:
    """``looked_at`` is how many had been looked at when this one was found."""

    id: UUID
    place: Any
    looked_at: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """What fits, and the place of the last that was looked at. ``ended``: there is nothing behind it."""

    found: list[Found]
    place: Any
    looked_at: int
    ended: bool


def scan(
    connection: sa.Connection,
    order: Order,
    place: Any,
    *,
    narrowed: Narrowed,
    limit: int,
    most: int = SCAN,
) -> Scanned:
    """Up to ``limit`` comments that fit, of at most ``most`` that are looked at behind ``place``."""
    found: list[Found] = []
    looked_at = 0
    for count in _counts(limit, most) if narrowed or order.asks else (limit,):
        rows = connection.execute(_statement(order, place, count, narrowed)).all()
        for row in rows:
            fits = row.name is not None and (narrowed.name is None or narrowed.name(row.name))
            if fits:
                found.append(Found(row.id, order.place(row), looked_at + row.nth))
        if rows:
            place = order.place(rows[-1])
            looked_at += rows[-1].total
        ended = not rows or rows[-1].total < count
        if len(found) >= limit:
            found = found[:limit]
            return Scanned(found, found[-1].place, found[-1].looked_at, ended=False)
        if ended:
            return Scanned(found, place, looked_at, ended=True)
    return Scanned(found, place, looked_at, ended=False)


def _counts(limit: int, most: int) -> Iterator[int]:
    """How many are looked at in each step: few where much fits, and the whole when it has to be."""
    left = most
    for step in (max(_STEPS[0], 2 * limit), _STEPS[1], most):
        if left > 0:
            yield min(step, left)
            left -= step


def _statement(order: Order, place: Any, count: int, narrowed: Narrowed) -> sa.Select[Any]:
    """The rows that fit, and the last of those that were looked at; ``name`` is NULL where it does not fit."""
    looked = order.looked(place, count).subquery("looked")
    sequence = [looked.c[name].desc() if down else looked.c[name] for name, down in order.by]
    # A subquery of one value, because that is looked up by primary key, row by row, whatever a planner thinks.
    name: sa.ColumnElement[Any] = (
        sa.select(seen.c.author_name)
        .where(seen.c.id == looked.c.id, *narrowed.conditions)
        .correlate(looked)
        .scalar_subquery()
        if narrowed
        else sa.literal_column("''", sa.Text)
    )
    if order.asks:
        name = sa.case((looked.c.holds, name), else_=sa.null())
    places = [looked.c[column] for column, _ in order.by if column != "id"]
    asked = sa.select(
        looked.c.id,
        *places,
        name.label("name"),
        sa.func.row_number().over(order_by=sequence).label("nth"),
        sa.func.count().over().label("total"),
    ).subquery("asked")
    outer = [asked.c[name].desc() if down else asked.c[name] for name, down in order.by]
    return (
        sa.select(asked)
        .where(sa.or_(asked.c.name.is_not(None), asked.c.nth == asked.c.total))
        .order_by(*outer)
    )
