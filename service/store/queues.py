"""The moderators' queues: a page of one, and how many are in each. All of it by index, and bounded.

The conditions are literally those of the partial indexes in ``service.store.tables``: with a bound value neither
database could tell that an index serves. There is no index over all sites, so several are looked at one by one, each
in order and no further than the page goes, and merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.folding import fold
from service.domain.queue import MACHINE, WAITING, Cursor, QueueName, Sort, Wanted, moment_of
from service.domain.risk import GRIM, GRIM_IN_A_ROW
from service.domain.search import read_words
from service.store import search, threads
from service.store.desk_tables import notable_findings
from service.store.scans import SCAN, Found, Narrowed, Order, Scanned, scan, seen
from service.store.tables import comments, decisions, vault

COUNTED = 10_000
# How many of the newest comments a search asks for its words before an index is.
NEWEST = 500

# What a queue holds, where {t} is the table.
_HOLDS = {
    QueueName.HELD: "{t}.awaiting = 'held'",
    QueueName.REPORTED: "{t}.flags > 0",
    QueueName.APPROVED: "{t}.status = 'approved'",
    QueueName.SPOT: "{t}.status = 'approved' AND {t}.automated",
    QueueName.SPAM: "{t}.status = 'rejected' AND {t}.ground = 'spam'",
    QueueName.REJECTED: "{t}.status = 'rejected' AND {t}.ground <> 'spam'",
    QueueName.ESCALATED: "{t}.escalated",
    QueueName.PENDING: "{t}.awaiting = 'pending'",
    QueueName.EVERYTHING: "",
}
# SQLite has to be told: without statistics it takes whichever index it comes upon first. A test holds that these are
# the ones that PostgreSQL takes, too.
_INDEX = {
    QueueName.HELD: "comments_held",
    QueueName.REPORTED: "comments_flagged",
    QueueName.APPROVED: "comments_queue",
    QueueName.SPOT: "comments_spot",
    QueueName.SPAM: "comments_spam",
    QueueName.REJECTED: "comments_rejected",
    QueueName.ESCALATED: "comments_escalated",
    QueueName.PENDING: "comments_pending",
    QueueName.EVERYTHING: "comments_site",
}


@dataclass(frozen=True, slots=True)
class Page:
    """Ids in order; ``cursor`` leads on, ``None`` at the end. Where filters leave little, a page may be short and yet
    lead on: ``looked_at`` comments were looked at for it."""

    ids: list[UUID]
    cursor: Cursor | None
    looked_at: int


def page(connection: sa.Connection, wanted: Wanted, cursor: Cursor, *, limit: int, now: datetime) -> Page:
    """A page of what is wanted; ``wanted.sites`` are those that may be shown, none of them means nothing."""
    narrowed = _narrowed(connection, wanted, now)
    if not wanted.sites or narrowed is None:
        return Page([], None, 0)
    if wanted.words:
        return _searched(connection, wanted, cursor, narrowed, limit)
    if wanted.sort is Sort.RISK:
        return _by_risk(connection, wanted, cursor, narrowed, limit)
    order, asked = _by_age(connection.dialect.name, wanted, narrowed)
    place = (cursor.after,) if cursor.after else None
    got = scan(connection, order, place, narrowed=asked, limit=limit + 1)
    return _page(got, limit, lambda at: Cursor(after=at[-1]))


def _page(got: Scanned, limit: int, cursor_at: Any) -> Page:
    if len(got.found) > limit:
        last = got.found[limit - 1]
        return Page([one.id for one in got.found[:limit]], cursor_at(last.place), last.looked_at)
    return Page([one.id for one in got.found], None if got.ended else cursor_at(got.place), got.looked_at)


# --- the orders of comments --------------------------------------------------------------------------------------


def _by_age(backend: str, wanted: Wanted, narrowed: Narrowed) -> tuple[Order, Narrowed]:
    """The order of a queue by age, and what of it has to be asked of each comment."""
    down = not wanted.oldest_first
    by = (("id", down),)
    if (author_of := wanted.filters.author_of) is not None:
        # An author's comments are few among all: they are looked at, and asked whether they are in the queue.
        asked = Narrowed((*_in_queue(wanted), *narrowed.conditions), narrowed.name)
        return Order(lambda place, count: _of_author(author_of, place, count, down), by), asked
    if wanted.queue is QueueName.PENDING:
        # Its index is that of screening, which knows no sites.
        at = Narrowed((seen.c.site.in_(wanted.sites), *narrowed.conditions), narrowed.name)
        return Order(
            lambda place, count: _ordered(backend, None, QueueName.PENDING, place, count, by), by
        ), at
    return Order(lambda place, count: _merged(backend, wanted, place, count, by), by), narrowed


def _merged(backend: str, wanted: Wanted, place: Any, count: int, by: Any, *more: Any) -> sa.Select[Any]:
    each = [_ordered(backend, site, wanted.queue, place, count, by, *more) for site in wanted.sites]
    if len(each) == 1:
        return each[0]
    # SQLite takes an order and a limit within a union only of a subquery.
    every = sa.union_all(*(sa.select(one.subquery()) for one in each)).subquery("merged")
    sequence = [every.c[name].desc() if down else every.c[name] for name, down in by]
    return sa.select(every).order_by(*sequence).limit(_literal(count))


def _ordered(
    backend: str, site: str | None, queue: QueueName, place: Any, count: int, by: Any, *more: Any
) -> sa.Select[Any]:
    index = "comments_risk" if len(by) > 1 else _INDEX[queue]
    theirs = sa.text(f"comments INDEXED BY {index}" if backend == "sqlite" else "comments")
    columns = {name: _column(name) for name in ("id", *(name for name, _ in by))}
    keys = [columns[name] for name, _ in by]
    sequence = [key.desc() if down else key for key, (_, down) in zip(keys, by, strict=True)]
    asked = sa.select(*(column.label(name) for name, column in columns.items())).select_from(theirs)
    if site is not None:
        asked = asked.where(_column("site") == site)
    if _HOLDS[queue]:
        asked = asked.where(sa.text(_HOLDS[queue].format(t="comments")), *more)
    if place is not None:
        if len(by) > 1:
            # Two columns, both descending.
            asked = asked.where(sa.tuple_(*keys) < sa.tuple_(*place))
        else:
            asked = asked.where(_beyond(keys[0], place[0], by[0][1]))
    return asked.order_by(*sequence).limit(_literal(count))


def _column(name: str) -> sa.ColumnElement[Any]:
    # Without its table, which stands there as text.
    return sa.literal_column(f"comments.{name}", comments.c[name].type)


def _of_author(comment_id: UUID, place: Any, count: int, down: bool) -> sa.Select[Any]:
    """Comments of the same author, by the index of their address, which is looked up here and shown to nobody."""
    author = sa.select(vault.c.address_index).where(vault.c.comment_id == comment_id).scalar_subquery()
    column = vault.c.comment_id
    asked = sa.select(column.label("id")).where(
        vault.c.address_index == author, vault.c.address_index.is_not(None)
    )
    if place is not None:
        asked = asked.where(_beyond(column, place[0], down))
    return asked.order_by(column.desc() if down else column).limit(_literal(count))


def _beyond(column: sa.ColumnElement[Any], value: Any, down: bool) -> sa.ColumnElement[bool]:
    beyond: sa.ColumnElement[bool] = column < value if down else column > value
    return beyond


def _literal(count: int) -> sa.ColumnElement[Any]:
    # A bound limit would let PostgreSQL plan for any number of rows.
    return sa.literal_column(str(count))


# --- sorted by risk ----------------------------------------------------------------------------------------------


def _by_risk(
    connection: sa.Connection, wanted: Wanted, cursor: Cursor, narrowed: Narrowed, limit: int
) -> Page:
    """As many grim ones as may follow one another, the riskiest first, then a milder, the oldest first; and again."""
    backend = connection.dialect.name
    by = (("risk", True), ("id", True))
    grim_order = Order(
        lambda place, count: _merged(backend, wanted, place, count, by, sa.text(f"comments.risk >= {GRIM}")),
        by,
    )
    if wanted.filters.author_of is not None:
        narrowed = Narrowed((*narrowed.conditions, _same_author(wanted.filters.author_of)), narrowed.name)
    mild = Narrowed((seen.c.risk < GRIM, *narrowed.conditions), narrowed.name)
    age = (("id", False),)
    mild_order = Order(lambda place, count: _merged(backend, wanted, place, count, age), age)
    after = (cursor.after,) if cursor.after else None
    first = scan(connection, grim_order, cursor.grim, narrowed=narrowed, limit=limit + 1)
    second = scan(connection, mild_order, after, narrowed=mild, limit=limit + 1)
    taken = list(islice(_mixed(first.found, second.found), limit))
    grim, milder = set(first.found), set(second.found)
    of_first = [one for one in taken if one in grim]
    of_second = [one for one in taken if one in milder]
    grim_place, grim_ended = _left_at(first, of_first, cursor.grim)
    mild_place, mild_ended = _left_at(second, of_second, after)
    ended = grim_ended and mild_ended
    on = Cursor(after=mild_place[0] if mild_place else None, grim=grim_place)
    return Page([one.id for one in taken], None if ended else on, first.looked_at + second.looked_at)


def _mixed(grim: Sequence[Found], mild: Sequence[Found]) -> Any:
    left = iter(mild)
    rows = [grim[start : start + GRIM_IN_A_ROW] for start in range(0, len(grim), GRIM_IN_A_ROW)]
    return chain(chain.from_iterable(chain(row, islice(left, 1)) for row in rows), left)


def _left_at(got: Scanned, taken: Sequence[Found], before: Any) -> tuple[Any, bool]:
    """Where the next page goes on in one of the two, and whether nothing is left of it."""
    if len(taken) == len(got.found):
        return got.place, got.ended
    return taken[-1].place if taken else before, False


# --- what is searched --------------------------------------------------------------------------------------------


def _searched(
    connection: sa.Connection, wanted: Wanted, cursor: Cursor, narrowed: Narrowed, limit: int
) -> Page:
    """What holds the words, newest first. See ``service.store.search`` for why there are two ways."""
    words = read_words(wanted.words)
    conditions = (*_in_queue(wanted), *narrowed.conditions)
    if wanted.filters.author_of is not None:
        conditions = (*conditions, _same_author(wanted.filters.author_of))
    asked = Narrowed(conditions, narrowed.name)
    by = (("number", True),)
    newest = Order(lambda place, count: search.newest(place[0] if place else None, count, words), by, True)
    backend = connection.dialect.name
    indexed = Order(
        lambda place, count: search.indexed(backend, place[0] if place else None, count, words), by
    )
    place = (cursor.number,) if cursor.number is not None else None
    got = scan(connection, newest, place, narrowed=asked, limit=limit + 1, most=NEWEST)
    if len(got.found) <= limit and not got.ended:
        order = indexed if search.is_rare(connection, words) else newest
        rest = scan(connection, order, got.place, narrowed=asked, limit=limit + 1 - len(got.found), most=SCAN)
        later = [Found(one.id, one.place, one.looked_at + got.looked_at) for one in rest.found]
        got = Scanned([*got.found, *later], rest.place, got.looked_at + rest.looked_at, rest.ended)
    return _page(got, limit, lambda at: Cursor(number=at[0]))


# --- what a queue is narrowed to ---------------------------------------------------------------------------------


def _in_queue(wanted: Wanted) -> tuple[sa.ColumnElement[bool], ...]:
    """That a comment is in the queue, and at one of the sites, asked of the comment itself."""
    at = seen.c.site.in_(wanted.sites)
    holds = _HOLDS[wanted.queue].format(t=seen.name)
    return (at, sa.text(holds)) if holds else (at,)  # type: ignore[return-value]


def _same_author(comment_id: UUID) -> sa.ColumnElement[bool]:
    theirs = vault.alias("theirs")
    author = sa.select(theirs.c.address_index).where(theirs.c.comment_id == comment_id).scalar_subquery()
    mine = sa.select(vault.c.address_index).where(vault.c.comment_id == seen.c.id).correlate(seen)
    return mine.scalar_subquery() == author


def _narrowed(connection: sa.Connection, wanted: Wanted, now: datetime) -> Narrowed | None:
    """What the filters ask of each comment; ``None`` where nothing can fit."""
    filters = wanted.filters
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.thread is not None:
        conditions.append(seen.c.thread_id == filters.thread)
    if filters.story is not None:
        found = [threads.find(connection, site, url=filters.story) for site in wanted.sites]
        if not any(found):
            return None
        conditions.append(seen.c.thread_id.in_([thread.id for thread in found if thread]))
    if (before := moment_of(filters.older_than, now)) is not None:
        conditions.append(seen.c.created_at < before)
    if (since := moment_of(filters.newer_than, now)) is not None:
        conditions.append(seen.c.created_at >= since)
    if filters.failed:
        conditions.append(_finding(notable_findings.c.label == "check_failed"))
    conditions += _scored(wanted)
    if filters.decided_by:
        conditions.append(_decided_by(filters.decided_by))
    part = filters.author
    return Narrowed(tuple(conditions), (lambda name: part in fold(name).text) if part else None)


def _scored(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    filters = wanted.filters
    about: list[sa.ColumnElement[bool]] = []
    if filters.label:
        about.append(notable_findings.c.label == filters.label)
    if filters.check:
        about.append(notable_findings.c.check == filters.check)
    score = notable_findings.c.score if about else seen.c.risk
    bounds = []
    if filters.score_from is not None:
        bounds.append(score >= filters.score_from)
    if filters.score_to is not None:
        bounds.append(score <= filters.score_to)
    return [_finding(*about, *bounds)] if about else bounds


def _finding(*about: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    # One value rather than EXISTS, which PostgreSQL may answer by hashing the findings of all comments.
    asked = sa.select(notable_findings.c.comment_id).where(notable_findings.c.comment_id == seen.c.id, *about)
    return asked.limit(_literal(1)).correlate(seen).scalar_subquery().is_not(None)


def _decided_by(name: str) -> sa.ColumnElement[bool]:
    if name == MACHINE:
        return seen.c.automated.is_(True)
    last = sa.select(decisions.c.actor).where(decisions.c.comment_id == seen.c.id)
    actor = last.order_by(decisions.c.id.desc()).limit(_literal(1)).correlate(seen).scalar_subquery()
    return sa.and_(seen.c.automated.is_(False), actor == name)


# --- how many ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """How many comments are in a queue; at least so many, if ``more``, and so many a moment ago, if ``about``.
    ``oldest``: since when the oldest waits, and where none waits, when it came; ``None`` of nothing."""

    queue: QueueName
    count: int
    more: bool
    oldest: datetime | None
    about: bool = False


def counts(connection: sa.Connection, sites: Sequence[str], *, most: int = COUNTED) -> list[Count]:
    """Every queue of these sites, counted no further than ``most``."""
    return [count(connection, queue, tuple(sites), most=most) for queue in QueueName]


def count(
    connection: sa.Connection, queue: QueueName, sites: tuple[str, ...], *, most: int = COUNTED
) -> Count:
    """One queue of these sites, counted no further than ``most``."""
    if not sites:
        return Count(queue, 0, False, None)
    backend, wanted, by = connection.dialect.name, Wanted(queue, sites), (("id", False),)
    if queue is QueueName.PENDING:
        # No further than that many of all sites, which are in one index.
        looked = _ordered(backend, None, queue, None, most + 1, by).subquery("looked")
        theirs = sa.select(seen.c.id).join(looked, looked.c.id == seen.c.id).where(seen.c.site.in_(sites))
        number, whole = connection.execute(
            sa.select(
                sa.select(sa.func.count()).select_from(theirs.subquery()).scalar_subquery(),
                sa.select(sa.func.count()).select_from(looked).scalar_subquery(),
            )
        ).one()
        first = theirs.order_by(seen.c.id).limit(_literal(1))
    else:
        looked = _merged(backend, wanted, None, most + 1, by).subquery("looked")
        number = whole = connection.scalar(sa.select(sa.func.count()).select_from(looked)) or 0
        first = sa.select(_merged(backend, wanted, None, 1, by).subquery("first"))
    oldest = None
    if number:
        # A new text waits since it was written; what waits for nobody is as old as the comment.
        came = comments.c.created_at
        since = sa.func.coalesce(comments.c.edit_at, came) if queue in WAITING else came
        oldest = connection.scalar(sa.select(since).where(comments.c.id == first.scalar_subquery()))
    return Count(queue, min(number, most), whole > most, oldest)
