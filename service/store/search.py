"""The rows that searches look into, and the two ways of looking.

An index finds rare words at once (FTS5 on SQLite, GIN on PostgreSQL), but all rows of a common one have to be fetched
and sorted before the newest are known. Of a common word the newest rows hold enough: they are read back from the end,
and each is asked for the words itself. So a page begins there, and goes on with the index when the words prove rare.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from service.domain.search import Term, Words, needle_of
from service.store.desk_tables import notable_findings, search_rows

# Of how many rows an index may find words that are fetched and sorted. On PostgreSQL that takes some ten milliseconds.
RARE = 10_000
# A phrase is looked for in each row that has its words: the whole text is cut into words again, which takes longer.
RARE_PHRASE = 500


@dataclass(frozen=True, slots=True)
class Searched:
    """What a screening leaves for searches and filters. ``text`` is searchable; ``notable`` (label, check) -> score."""

    comment_id: UUID
    site: str
    text: str
    notable: dict[tuple[str, str], float]


def forget_earlier(connection: sa.Connection, again: list[UUID]) -> None:
    """Drop the findings of comments that are screened again."""
    if again:
        connection.execute(_FORGET_FINDINGS, {"ids": again})


def keep(connection: sa.Connection, batch: Sequence[Searched]) -> None:
    """Store what the batch left; comments that had findings are given to ``forget_earlier`` first."""
    if not batch:
        return
    if connection.dialect.name == "sqlite":
        # One statement for a batch takes half the time of one for each.
        rows = json.dumps([[one.comment_id.hex, one.site, one.text] for one in batch])
        connection.execute(_KEEP_ROWS, {"rows": rows})
    else:
        connection.execute(
            _KEEP_ROW, [{"comment": one.comment_id, "site": one.site, "text": one.text} for one in batch]
        )
    findings = [
        {"comment_id": one.comment_id, "label": label, "check": check, "score": score}
        for one in batch
        for (label, check), score in one.notable.items()
    ]
    if findings:
        connection.execute(_KEEP_FINDING, findings)


# A row that is written anew keeps its number, and with it its place in the order.
_KEEP_ROW = sa.text(
    "INSERT INTO search_rows (comment_id, site, text) VALUES (:comment, :site, :text)"
    " ON CONFLICT (comment_id) DO UPDATE SET text = excluded.text"
).bindparams(sa.bindparam("comment", type_=sa.Uuid))
# The "WHERE true" keeps "ON" from being read as part of a join: https://www.sqlite.org/lang_upsert.html, section 2.2.
_KEEP_ROWS = sa.text(
    "INSERT INTO search_rows (comment_id, site, text)"
    " SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')"
    " FROM json_each(:rows) WHERE true"
    " ON CONFLICT (comment_id) DO UPDATE SET text = excluded.text"
)
_FORGET_FINDINGS = sa.delete(notable_findings).where(
    notable_findings.c.comment_id.in_(sa.bindparam("ids", expanding=True))
)
_KEEP_FINDING = sa.insert(notable_findings)


def forget_deleted(connection: sa.Connection) -> None:
    """Write SQLite's index anew without what was deleted, which it would keep until much else has changed.

    PostgreSQL's keeps it until the next VACUUM, as its tables do.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO search_words (search_words) VALUES ('optimize')")


def newest(before: int | None, limit: int, words: Words) -> sa.Select[Any]:
    """(id, number, whether it holds the words) of the newest rows before a number, newest first."""
    looked = (
        sa.select(search_rows.c.comment_id, search_rows.c.number, search_rows.c.text)
        .order_by(search_rows.c.number.desc())
        .limit(sa.literal_column(str(limit)))
    )
    if before is not None:
        looked = looked.where(search_rows.c.number < before)
    rows = looked.subquery("rows")
    padded: sa.ColumnElement[str] = sa.literal_column("' '") + rows.c.text + sa.literal_column("' '")

    def held(term: Term) -> sa.ColumnElement[bool]:
        return _Position(padded, sa.literal(needle_of(term), sa.Text)) > 0

    holds = sa.and_(
        *(held(term) for term in words.required), *(sa.not_(held(term)) for term in words.excluded)
    )
    return sa.select(rows.c.comment_id.label("id"), rows.c.number, holds.label("holds"))


class _Position(sa.sql.functions.GenericFunction[int]):
    """``instr``, which PostgreSQL calls ``strpos``."""

    name = "instr"
    type = sa.Integer()
    inherit_cache = True


@compiles(_Position, "postgresql")
def _strpos(element: Any, compiler: Any, **more: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **more)})"


def indexed(backend: str, before: int | None, limit: int, words: Words) -> sa.Select[Any]:
    """(id, number) of the newest rows before a number that hold the words, newest first, from the index."""
    if backend == "sqlite":
        asked = sa.select(sa.literal_column("rowid", sa.Integer).label("number")).select_from(_FTS)
        asked = asked.where(sa.text("search_words MATCH :asked").bindparams(asked=fts5_query(words)))
        if before is not None:
            asked = asked.where(sa.literal_column("rowid", sa.Integer) < before)
        found = (
            asked.order_by(sa.literal_column("rowid").desc())
            .limit(sa.literal_column(str(limit)))
            .subquery("found")
        )
        return sa.select(search_rows.c.comment_id.label("id"), found.c.number).join(
            search_rows, search_rows.c.number == found.c.number
        )
    matching = sa.select(search_rows.c.comment_id.label("id"), search_rows.c.number).where(
        _MATCHES.bindparams(asked=tsquery(words))
    )
    # Kept apart from place and order: asked for the newest few, the planner would rather read all rows from the end and
    # cut each of them into words, which takes it far longer than it thinks.
    rows = matching.cte("matching").prefix_with("MATERIALIZED", dialect="postgresql")
    asked = sa.select(rows)
    if before is not None:
        asked = asked.where(rows.c.number < before)
    return asked.order_by(rows.c.number.desc()).limit(sa.literal_column(str(limit)))


_FTS = sa.table("search_words")
_MATCHES = sa.text("to_tsvector('simple', search_rows.text) @@ to_tsquery('simple', :asked)")


def is_rare(connection: sa.Connection, words: Words) -> bool:
    """Whether an index would find few enough rows to sort them. An estimate, from PostgreSQL's statistics; where it
    would not take the index at all, there are few rows or the words are in many.

    SQLite's index hands rows out in order, newest first: there everything is rare.
    """
    if connection.dialect.name == "sqlite":
        return True
    plan: Any = connection.execute(_PLAN, {"asked": tsquery(words)}).scalar()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    best = plan[0]["Plan"]
    phrases = any(len(term.words) > 1 for term in (*words.required, *words.excluded))
    few = RARE_PHRASE if phrases else RARE
    return bool(best["Plan Rows"] <= few and best["Node Type"] != "Seq Scan")


_PLAN = sa.text(
    "EXPLAIN (FORMAT JSON) SELECT 1 FROM search_rows"
    " WHERE to_tsvector('simple', text) @@ to_tsquery('simple', :asked)"
)


def fts5_query(words: Words) -> str:
    """The query in the words of https://www.sqlite.org/fts5.html#full_text_query_syntax."""

    def one(term: Term) -> str:
        return '"' + " ".join(term.words) + '"' + (" *" if term.begins else "")

    asked = "(" + " AND ".join(one(term) for term in words.required) + ")"
    if words.excluded:
        asked += " NOT (" + " OR ".join(one(term) for term in words.excluded) + ")"
    return asked


def tsquery(words: Words) -> str:
    """The query in the words of to_tsquery (PostgreSQL's manual, section 12.3.2)."""

    def one(term: Term) -> str:
        return "(" + " <-> ".join(term.words) + (":*" if term.begins else "") + ")"

    return " & ".join([one(term) for term in words.required] + ["!" + one(term) for term in words.excluded])
