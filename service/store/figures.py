"""What figures of moderation are made of. Every question is about a window of time, which is a range of ids, and is
answered from an index: counts read no row, and single decisions can be drawn from, so that only so many are read.

A moment here is that of an id (``service.store.ids``), of comments and decisions alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.domain.comment import Status
from service.domain.decision import REPLY
from service.domain.figures import ENDS, VERDICTS, Counts, Decided, Seen
from service.store.ids import first_id, moment_of
from service.store.tables import comments, decisions, sites

# As the partial index has it: "IS 0" would be another condition to SQLite, and the index of no use.
_BY_PEOPLE = decisions.c.automated == sa.false()
_BY_MACHINE = decisions.c.automated == sa.true()
# What authors and operators do is logged as a decision, and is none of moderators'; nor is a reply of their own.
_OF_OTHERS = ("withdraw", "erase", REPLY)
# Variables in a statement are bounded, and so is what one statement brings.
_PART = 500


def site_keys(connection: sa.Connection) -> list[str]:
    return list(connection.scalars(sa.select(sites.c.site).order_by(sites.c.site)))


def arrivals(connection: sa.Connection, site: str | None, bounds: Sequence[datetime]) -> list[int]:
    """How many comments of readers came between each bound and the next."""
    # What staff wrote is counted apart, from an index of its own: no row is read to leave it out. With the bare column
    # SQLite would rather look through all comments of the site.
    ours: list[sa.ColumnElement[bool] | sa.TextClause] = [sa.text("staff")]
    if site is not None:
        ours.append(comments.c.site.concat("") == site)
    written = _counted(connection, None, bounds, *ours)
    return [
        every - of_staff for every, of_staff in zip(_counted(connection, site, bounds), written, strict=True)
    ]


def _counted(
    connection: sa.Connection,
    site: str | None,
    bounds: Sequence[datetime],
    *more: sa.ColumnElement[bool] | sa.TextClause,
) -> list[int]:
    counts: list[sa.Select[*tuple[Any, ...]]] = [
        sa.select(sa.literal_column(str(n)).label("n"), sa.func.count())
        .select_from(comments)
        .where(*_between(comments, site, start, end), *more)
        for n, (start, end) in enumerate(pairwise(bounds))
    ]
    found: dict[int, int] = dict(connection.execute(sa.union_all(*counts)).all())
    return [found.get(n, 0) for n in range(len(counts))]


def tallies(
    connection: sa.Connection, site: str | None, bounds: Sequence[datetime], *, automated: bool
) -> list[Counts]:
    """How many decisions machines, or people, made between each bound and the next."""
    counts: list[sa.Select[*tuple[Any, ...]]] = [
        sa.select(sa.literal_column(str(n)).label("n"), *_TALLY[automated])
        .select_from(decisions)
        .where(_BY_MACHINE if automated else _BY_PEOPLE, *_between(decisions, site, start, end))
        for n, (start, end) in enumerate(pairwise(bounds))
    ]
    found = {row[0]: Counts(*row[1:]) for row in connection.execute(sa.union_all(*counts))}
    return [found.get(n, Counts()) for n in range(len(counts))]


def _tally(automated: bool) -> list[sa.ColumnElement[int]]:
    # Not GROUP BY, for which SQLite would sort what it counts.
    said: list[sa.ColumnElement[bool]] = [
        decisions.c.action.in_([action for action, says in VERDICTS.items() if says is verdict])
        for verdict in (Status.APPROVED, Status.REJECTED, Status.HELD)
    ]
    taken_back = decisions.c.undoes.is_not(None)
    if not automated:
        said = [*(sa.and_(one, ~taken_back) for one in said), taken_back]
    return [sa.func.count().filter(one).label(f"counted{n}") for n, one in enumerate(said)]


_TALLY = {automated: _tally(automated) for automated in (False, True)}


def _between(
    table: sa.Table, site: str | None, start: datetime, end: datetime | None = None
) -> list[sa.ColumnElement[bool]]:
    found = [table.c.id >= first_id(start)]
    if end is not None:
        found.append(table.c.id < first_id(end))
    if site is not None:
        found.append(table.c.site == site)
    return found


# --- what machines ended ---------------------------------------------------------------------------------------------

_end = decisions.alias("ended")
_before = decisions.alias("before")
_ENDED_BEFORE = sa.exists().where(
    _before.c.comment_id == _end.c.comment_id, _before.c.id < _end.c.id, _before.c.action.in_(ENDS)
)


def machine_ends(
    connection: sa.Connection, site: str | None, since: datetime, *, share: float
) -> tuple[list[tuple[UUID, UUID]], int]:
    """((comment, decision) of the waits that a machine was the first to end, how many of its ends were not the first).

    With a ``share`` below 1 about that share of the former is told, drawn by the decisions' ids; the latter are counted
    whole.
    """
    chosen = sa.select(decisions.c.id).where(
        *_between(decisions, site, since), _BY_MACHINE, decisions.c.action.in_(ENDS)
    )
    if share < 1:
        # A machine decides again only when the author wrote or a person decided, and either raises the revision: its
        # end at the first revision is a comment's first one without a look.
        again = decisions.c.revision > 1
        chosen = chosen.where(again | _drawn(connection, decisions.c.id, share))
    query = sa.select(_end.c.comment_id, _end.c.id, _ENDED_BEFORE).where(_end.c.id.in_(chosen))
    rows = connection.execute(query).all()
    firsts = [(row[0], row[1]) for row in rows if not row[2]]
    return [one for one in firsts if is_drawn(one[1], share)], len(rows) - len(firsts)


_DIGITS = 4


def _drawn(connection: sa.Connection, one: sa.Column[UUID], share: float) -> sa.ColumnElement[bool]:
    # Both databases write an id's last digits alike, whatever hyphens come before them.
    written, length = (one, 32) if connection.dialect.name == "sqlite" else (sa.cast(one, sa.Text), 36)
    last = sa.func.substr(written, length - _DIGITS + 1, _DIGITS, type_=sa.Text)
    return last < _limit(share)


def is_drawn(one: UUID, share: float) -> bool:
    """Whether an id is one of the drawn: its last bits are random, so that any share of them is a fair sample."""
    return share >= 1 or one.hex[-_DIGITS:] < _limit(share)


def _limit(share: float) -> str:
    return f"{int(share * 16**_DIGITS):0{_DIGITS}x}"


# --- what people decided ---------------------------------------------------------------------------------------------


def pasts(
    connection: sa.Connection, keys: Sequence[str], since: datetime, *, share: float
) -> list[list[Decided]]:
    """The whole past of each comment that people decided about since then; with a ``share`` below 1, of about that
    share of these comments, drawn by their ids."""
    touched = sa.select(decisions.c.comment_id).where(*_judged_by_people(keys, since))
    if share < 1:
        touched = touched.where(_drawn(connection, decisions.c.comment_id, share))
    wanted = sorted(set(connection.scalars(touched)))
    found: dict[UUID, list[Decided]] = defaultdict(list)
    for begin in range(0, len(wanted), _PART):
        query = _PAST.where(decisions.c.comment_id.in_(wanted[begin : begin + _PART]))
        for row in connection.execute(query):
            found[row[1]].append(_decided(*row))
    # What became of a reply of staff says nothing about readers' comments.
    return [past for past in found.values() if past[0].action != REPLY]


def _judged_by_people(keys: Sequence[str], since: datetime) -> list[sa.ColumnElement[bool]]:
    return [
        decisions.c.site.in_(keys),
        decisions.c.id >= first_id(since),
        _BY_PEOPLE,
        decisions.c.action.not_in(_OF_OTHERS),
    ]


_PAST = sa.select(
    decisions.c.id,
    decisions.c.comment_id,
    decisions.c.revision,
    decisions.c.action,
    decisions.c.actor,
    decisions.c.automated,
    decisions.c.undoes,
    decisions.c.reasons,
).order_by(decisions.c.comment_id, decisions.c.id)


def _decided(
    decision_id: UUID,
    comment_id: UUID,
    revision: int,
    action: str,
    actor: str,
    automated: bool,
    undoes: UUID | None,
    reasons: list[dict[str, Any]],
) -> Decided:
    found = tuple((one["check"], one["code"]) for one in reasons if one.get("check")) if automated else ()
    at = moment_of(decision_id)
    return Decided(decision_id, comment_id, revision, action, actor, automated, at, undoes, found)


def seen(
    connection: sa.Connection, keys: Sequence[str], since: datetime, *, most: int
) -> list[tuple[str, Seen]]:
    """(moderator, what they saw) of each decision of a person since a moment, oldest first; of more than ``most`` the
    newest. What was decided in bulk is not among them."""
    query = (
        sa.select(decisions.c.actor, decisions.c.id, comments.c.risk)
        .join(comments, comments.c.id == decisions.c.comment_id)
        .where(*_judged_by_people(keys, since), decisions.c.bulk_id.is_(None))
        .order_by(decisions.c.id.desc())
        .limit(most)
    )
    rows = connection.execute(query).all()
    return [(actor, Seen(moment_of(decision_id), risk)) for actor, decision_id, risk in reversed(rows)]


def in_bulk(connection: sa.Connection, keys: Sequence[str], since: datetime) -> dict[str, int]:
    """How much each moderator decided in bulk since a moment."""
    query = (
        sa.select(decisions.c.actor, sa.func.count())
        .where(*_judged_by_people(keys, since), decisions.c.bulk_id.is_not(None))
        .group_by(decisions.c.actor)
    )
    return dict(connection.execute(query).all())


# --- what waits ------------------------------------------------------------------------------------------------------


def oldest_waiting(connection: sa.Connection, keys: Sequence[str]) -> tuple[UUID, datetime] | None:
    """The comment that waits longest for its first decision and since when; new texts of approved ones are none."""
    found = []
    for status in ("pending", "held"):
        # Literal, so that both databases can use the partial index; one look into it for each site.
        oldest = (
            sa.select(comments.c.id)
            .where(
                # Whatever is pending is seen in order, few as it is: with the bare column SQLite would rather look
                # through all comments of the site.
                (comments.c.site if status == "held" else comments.c.site.concat("")) == sites.c.site,
                sa.text(f"comments.awaiting = '{status}'"),
                comments.c.edit_at.is_(None),
            )
            .order_by(comments.c.id)
            .limit(1)
            .correlate(sites)
            .scalar_subquery()
        )
        query = sa.select(oldest).select_from(sites).where(sites.c.site.in_(keys))
        found += [one for one in connection.scalars(query) if one is not None]
    return (min(found), moment_of(min(found))) if found else None
