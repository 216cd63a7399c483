"""What screening may know of a comment besides its text: records of author and origin, and look-alikes.

All of it is gathered for a whole batch at once and bounded, so that a busy author or a popular phrase costs
no more than a quiet one. Addresses stay in the vault: only counts and "the same author" leave this file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from service.domain.comment import HostRecord, Lookalike, Record
from service.domain.fingerprint import Fingerprint, distance
from service.store.tables import comments, fingerprints, link_hosts, vault

# How many earlier comments an author's or origin's record looks back.
RECORD_WINDOW = 30
# How many earlier comments are compared for each of the four bands of a fingerprint, newest first.
LOOKALIKES_PER_BAND = 5
NEAR = 6
# How many earlier comments a host's record looks back, and what "lately" is.
HOST_WINDOW = 50
LATELY = timedelta(days=1)


def author_records(connection: sa.Connection, ids: list[UUID]) -> dict[UUID, Record]:
    """What became of the last comments of each comment's author; comments without an address are left out."""
    return _records(connection, _BY_AUTHOR, ids)


def origin_records(connection: sa.Connection, ids: list[UUID]) -> dict[UUID, Record]:
    """What became of the last comments from each comment's network origin, as far as that is still kept."""
    return _records(connection, _BY_ORIGIN, ids)


def _records(connection: sa.Connection, record: sa.Select[Any], ids: list[UUID]) -> dict[UUID, Record]:
    found: dict[UUID, Record] = {}
    for comment_id, statuses in connection.execute(record, {"ids": ids}):
        if statuses:
            # No name of a status is part of another's.
            found[comment_id] = Record(
                **{name: statuses.count(name) for name in _COUNTED}, welcomed=statuses.count(_BY_A_PERSON)
            )
    return found


_COUNTED = ("approved", "rejected", "held", "pending")
_BY_A_PERSON = "approved!"
# Of an approved comment, that a person approved all of it. Where they hold or reject its new text, it stays approved,
# and they are who decided last: then an edit waits, or there is a ground. Both stand in the comment's own row.
_PERSON_APPROVED = sa.and_(
    comments.c.automated.is_(False), comments.c.awaiting.is_(None), comments.c.ground == ""
)


def _record_by(owner: str) -> sa.Select[Any]:
    """(comment, statuses of its owner's comments before it, joined) for each of ``ids``.

    One statement for a batch: most owners are new, and their part of it is one look into an index. The window is
    chosen before statuses are read, so that an owner of a hundred thousand comments costs as little as one of ten.
    """
    mine, earlier = vault.alias("mine"), vault.alias("earlier")
    window = (
        sa.select(earlier.c.comment_id)
        .where(earlier.c[owner] == mine.c[owner], earlier.c.comment_id < mine.c.comment_id)
        .order_by(earlier.c.comment_id.desc())
        .limit(RECORD_WINDOW)
        .correlate(mine)
    )
    by_a_person = sa.case((_PERSON_APPROVED, "!"), else_="")
    statuses = sa.select(sa.func.aggregate_strings(comments.c.status + by_a_person, ",")).where(
        comments.c.id.in_(window)
    )
    return sa.select(mine.c.comment_id, statuses.scalar_subquery()).where(
        mine.c.comment_id.in_(sa.bindparam("ids", expanding=True)), mine.c[owner].is_not(None)
    )


_BY_AUTHOR, _BY_ORIGIN = _record_by("address_index"), _record_by("origin_index")


@lru_cache(maxsize=2)
def _near(backend: str) -> sa.Select[Any]:
    """(id, what is found near it) for each comment of ``batch``, a JSON list of [id, text hash, four bands].

    One statement for a batch: 64 of them took twice the time. What is found is "id texthash simhash", joined by commas.
    """
    batch: sa.ColumnElement[Any] = sa.bindparam("batch", type_=sa.Text)
    text: list[Any]
    numbers: list[Any]
    if backend == "sqlite":
        mine = sa.func.json_each(batch).table_valued("value", name="mine")
        text = [sa.func.json_extract(mine.c.value, sa.literal_column(f"'$[{n}]'")) for n in range(6)]
        comment_id, *numbers = text
    else:
        rows = sa.func.jsonb_array_elements(sa.cast(batch, postgresql.JSONB))
        mine = rows.table_valued(sa.column("value", postgresql.JSONB), name="mine").render_derived()
        text = [mine.c.value[n].astext for n in range(6)]
        comment_id, *numbers = (
            sa.cast(one, sa.BigInteger if place else sa.Uuid) for place, one in enumerate(text)
        )

    def recent(column: str, number: sa.ColumnElement[Any]) -> sa.Select[Any]:
        parts = [sa.cast(fingerprints.c[name], sa.Text) for name in ("comment_id", "text_hash", "simhash")]
        newest = (
            sa.select((parts[0] + _SPACE + parts[1] + _SPACE + parts[2]).label("line"))
            .where(fingerprints.c[column] == number, fingerprints.c.comment_id < comment_id)
            .order_by(fingerprints.c.comment_id.desc())
            .limit(sa.literal_column(str(LOOKALIKES_PER_BAND)))
            .correlate(mine)
            .subquery()
        )
        return sa.select(newest.c.line)

    columns = ("text_hash", "band0", "band1", "band2", "band3")
    found = sa.union_all(*map(recent, columns, numbers)).subquery()
    lines = sa.select(sa.func.aggregate_strings(found.c.line, ",")).scalar_subquery()
    return sa.select(text[0], lines).select_from(mine)


_SPACE: sa.ColumnElement[str] = sa.literal_column("' '", sa.Text)


@dataclass(frozen=True, slots=True)
class Printed:
    """A comment of the batch with its fingerprint."""

    comment_id: UUID
    thread_id: UUID
    fingerprint: Fingerprint


def lookalikes(
    connection: sa.Connection, batch: list[Printed], beside: Mapping[int, Sequence[tuple[int, int, bool]]]
) -> dict[UUID, tuple[Lookalike, ...]]:
    """Earlier comments that resemble each one of the batch, newest first; members of the batch count too.

    ``beside`` are those, by a comment's place: (place of an earlier one, bits apart, whether the text is the same).
    """
    stored = _stored_near(connection, batch)
    near: dict[UUID, dict[UUID, tuple[int, bool]]] = {}
    for place, printed in enumerate(batch):
        simhash, text_hash = printed.fingerprint.simhash, printed.fingerprint.text_hash
        found = near[printed.comment_id] = {}
        for line in stored.get(printed.comment_id.hex, ()):
            other, other_text_hash, other_simhash = line.split(" ")
            same_text = int(other_text_hash) == text_hash
            if (apart := distance(simhash, int(other_simhash))) <= NEAR or same_text:
                found[UUID(other)] = (apart, same_text)
        for earlier, apart, same_text in beside.get(place, ()):
            found[batch[earlier].comment_id] = (apart, same_text)
    return _described(connection, {mine: found for mine, found in near.items() if found}, batch)


def _stored_near(connection: sa.Connection, batch: list[Printed]) -> dict[str, list[str]]:
    rows = [
        [printed.comment_id.hex, printed.fingerprint.text_hash, *printed.fingerprint.bands]
        for printed in batch
    ]
    found = connection.execute(_near(connection.dialect.name), {"batch": json.dumps(rows)}).all()
    return {comment_id: lines.split(",") for comment_id, lines in found if lines}


_ABOUT = (
    sa.select(comments.c.id, comments.c.status, comments.c.thread_id, vault.c.address_index)
    .join(vault, vault.c.comment_id == comments.c.id)
    .where(comments.c.id.in_(sa.bindparam("ids", expanding=True)))
)


def _described(
    connection: sa.Connection, near: dict[UUID, dict[UUID, tuple[int, bool]]], batch: list[Printed]
) -> dict[UUID, tuple[Lookalike, ...]]:
    wanted = {*near, *(other for found in near.values() for other in found)}
    if not wanted:
        return {}
    about = {row.id: row for row in connection.execute(_ABOUT, {"ids": list(wanted)})}
    threads = {one.comment_id: one.thread_id for one in batch}
    described: dict[UUID, tuple[Lookalike, ...]] = {}
    for comment_id, found in near.items():
        author = about[comment_id].address_index if comment_id in about else None
        described[comment_id] = tuple(
            Lookalike(
                comment_id=other,
                distance=apart,
                same_text=same_text,
                same_author=author is not None and about[other].address_index == author,
                same_thread=about[other].thread_id == threads[comment_id],
                status=about[other].status,
            )
            for other, (apart, same_text) in sorted(found.items(), reverse=True)
            if other in about
        )
    return described


_FORGET_FINGERPRINTS, _FORGET_HOSTS = (
    sa.delete(table).where(table.c.comment_id.in_(sa.bindparam("ids", expanding=True)))
    for table in (fingerprints, link_hosts)
)


def forget_earlier(connection: sa.Connection, again: list[UUID]) -> None:
    """Drop the fingerprints and hosts of comments that are screened again: their text may be another."""
    if again:
        connection.execute(_FORGET_FINGERPRINTS, {"ids": again})
        connection.execute(_FORGET_HOSTS, {"ids": again})


def keep_fingerprints(connection: sa.Connection, site_of: dict[UUID, str], batch: list[Printed]) -> None:
    """Store the batch's fingerprints; comments that had some are given to ``forget_earlier`` first."""
    if not batch:
        return
    connection.execute(
        sa.insert(fingerprints),
        [
            {
                "comment_id": printed.comment_id,
                "site": site_of[printed.comment_id],
                "thread_id": printed.thread_id,
                "text_hash": printed.fingerprint.text_hash,
                "simhash": printed.fingerprint.simhash,
                **{f"band{n}": band for n, band in enumerate(printed.fingerprint.bands)},
            }
            for printed in batch
        ],
    )


# What a policy let through says nothing for a host: that is how a campaign begins. Nor does what a person let through
# before its author edited the link in.
_WELCOME = sa.and_(comments.c.status == "approved", _PERSON_APPROVED)
# Asked of the database, whether a comment was lately: reading fifty moments takes longer than comparing them there.
_BEFORE = comments.c.created_at.between(sa.bindparam("since"), sa.bindparam("until"))
_LINKING = (
    sa.select(comments.c.status, comments.c.author_name, _WELCOME.label("welcome"), _BEFORE.label("lately"))
    .join(link_hosts, link_hosts.c.comment_id == comments.c.id)
    .where(link_hosts.c.host == sa.bindparam("host"), link_hosts.c.comment_id < sa.bindparam("before"))
    .order_by(link_hosts.c.comment_id.desc())
    .limit(HOST_WINDOW)
)


@dataclass(frozen=True, slots=True)
class Linking:
    """A comment of the batch with the hosts that it links to."""

    comment_id: UUID
    author_name: str
    created_at: datetime
    hosts: tuple[str, ...]


def host_records(connection: sa.Connection, batch: list[Linking]) -> dict[UUID, tuple[HostRecord, ...]]:
    """For each comment the records of the hosts that it links to; those of the batch written before it wait."""
    found: dict[UUID, tuple[HostRecord, ...]] = {}
    earlier: dict[str, list[Linking]] = {}
    for one in sorted(batch, key=lambda one: one.comment_id):
        found[one.comment_id] = tuple(
            _host_record(connection, one, host, earlier.get(host, [])) for host in one.hosts
        )
        for host in one.hosts:
            earlier.setdefault(host, []).append(one)
    return found


def _host_record(connection: sa.Connection, mine: Linking, host: str, beside: list[Linking]) -> HostRecord:
    approved = rejected = waiting = 0
    until = mine.created_at
    since = until - LATELY
    names = [one.author_name for one in beside if since <= one.created_at <= until]
    asked = {"host": host, "before": mine.comment_id, "since": since, "until": until}
    for status, name, welcome, lately in connection.execute(_LINKING, asked).all():
        approved += welcome
        rejected += status == "rejected"
        waiting += status in ("held", "pending")
        if lately:
            names.append(name)
    return HostRecord(
        host=host,
        approved=approved,
        rejected=rejected,
        waiting=waiting + len(beside),
        lately=len(names),
        names=len(set(names) - {mine.author_name}),
    )


def keep_hosts(connection: sa.Connection, batch: list[Linking]) -> None:
    """Store where the links of the batch lead; comments that had some are given to ``forget_earlier`` first."""
    rows = [{"comment_id": one.comment_id, "host": host} for one in batch for host in one.hosts]
    if rows:
        connection.execute(sa.insert(link_hosts), rows)
