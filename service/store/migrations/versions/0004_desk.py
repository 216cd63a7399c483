"""The moderators' desk: roles and sessions, a journal, claims, notes, bans, bulks, flags, and what is searched."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
counted = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    _columns()
    _people()
    _work()
    _search()
    _seal_the_journal()


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _columns() -> None:
    op.add_column("threads", sa.Column("storm", sa.Boolean(), nullable=False, server_default=sa.false()))
    columns: list[sa.Column[Any]] = [
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("storm_by", sa.Text(), nullable=True),
        sa.Column("storm_at", Moment, nullable=True),
    ]
    for column in columns:
        op.add_column("threads", column)
    columns = [
        sa.Column("risk", sa.Float(), nullable=False, server_default="0"),
        sa.Column("ground", sa.Text(), nullable=False, server_default=""),
        sa.Column("automated", sa.Boolean(), nullable=True),
        sa.Column("flags", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("escalated", sa.Boolean(), nullable=False, server_default=sa.false()),
    ]
    for column in columns:
        op.add_column("comments", column)
    op.add_column("screenings", sa.Column("learned_version", sa.Integer(), nullable=True))
    columns = [
        sa.Column("message", sa.Text(), nullable=False, server_default=""),
        sa.Column("undoes", sa.Uuid(), nullable=True),
        sa.Column("bulk_id", sa.Uuid(), nullable=True),
        sa.Column("replaced", json, nullable=True),
    ]
    for column in columns:
        op.add_column("decisions", column)
    _of_earlier_decisions()
    op.create_index(
        "decisions_window", "decisions", ["id", "site", "automated", "action", "revision", "undoes"]
    )
    op.create_index("comments_site", "comments", ["site", "id"])
    _partial("comments_risk", "comments", ["site", "risk", "id"], "awaiting = 'held'")
    _partial("comments_escalated", "comments", ["site", "id"], "escalated")
    _partial("comments_flagged", "comments", ["site", "id"], "flags > 0")
    _partial("comments_spot", "comments", ["site", "id"], "status = 'approved' AND automated")
    _partial("comments_spam", "comments", ["site", "id"], "status = 'rejected' AND ground = 'spam'")
    _partial("comments_rejected", "comments", ["site", "id"], "status = 'rejected' AND ground <> 'spam'")


def _of_earlier_decisions() -> None:
    """What the last decision about each comment was: the reason is the first of its list."""
    last = "SELECT d.{what} FROM decisions d WHERE d.comment_id = comments.id ORDER BY d.id DESC LIMIT 1"
    sqlite = op.get_bind().dialect.name == "sqlite"
    first = "json_extract(d.reasons, '$[0].code')" if sqlite else "d.reasons -> 0 ->> 'code'"
    ground = last.replace("d.{what}", f"coalesce({first}, '')")
    op.execute(
        f"UPDATE comments SET automated = ({last.format(what='automated')}), ground = coalesce(({ground}), '')"
    )


def _people() -> None:
    op.add_column("tokens", sa.Column("role", sa.Text(), nullable=False, server_default="viewer"))
    scopes = "CAST(scopes AS TEXT)"
    op.execute(
        f"""UPDATE tokens SET role = CASE
        WHEN {scopes} LIKE '%moderate%' THEN 'moderator'
        WHEN {scopes} LIKE '%read%' THEN 'viewer'
        WHEN {scopes} LIKE '%metrics%' THEN 'scraper'
        WHEN {scopes} LIKE '%perspective%' THEN 'perspective'
        WHEN {scopes} LIKE '%akismet%' THEN 'akismet'
        WHEN {scopes} LIKE '%coral%' THEN 'coral'
        ELSE 'viewer' END"""
    )
    with op.batch_alter_table("tokens") as tokens:
        tokens.drop_column("scopes")
        tokens.alter_column("role", existing_type=sa.Text(), existing_nullable=False, server_default=None)
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("sessions_token_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("sessions_pkey")),
        sa.UniqueConstraint("secret_hash", name=op.f("sessions_secret_hash_key")),
    )
    op.create_index("sessions_token", "sessions", ["token_id"])
    op.create_table(
        "journal",
        sa.Column("number", counted, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", json, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("journal_pkey")),
    )
    op.create_index("journal_site", "journal", ["site", "number"])
    op.create_table(
        "views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("moderator", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("views_pkey")),
        sa.UniqueConstraint("moderator", "name", name=op.f("views_moderator_name_key")),
    )


def _of_comment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f(f"{table}_comment_id_fkey"))


def _of_site(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["site"], ["sites.site"], name=op.f(f"{table}_site_fkey"))


def _work() -> None:
    op.create_table(
        "claims",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("moderator", sa.Text(), nullable=False),
        sa.Column("until", Moment, nullable=False),
        _of_comment("claims"),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("claims_pkey")),
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("moderator", sa.Text(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        _of_comment("notes"),
        sa.PrimaryKeyConstraint("id", name=op.f("notes_pkey")),
    )
    op.create_index("notes_comment", "notes", ["comment_id", "id"])
    op.create_table(
        "standings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("moderator", sa.Text(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("until", Moment, nullable=True),
        sa.Column("lifted_at", Moment, nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        _of_site("standings"),
        _of_comment("standings"),
        sa.PrimaryKeyConstraint("id", name=op.f("standings_pkey")),
    )
    op.create_index("standings_site", "standings", ["site", "id"])
    _partial("standings_key", "standings", ["site", "key"], "key IS NOT NULL")
    op.create_table(
        "canned_reasons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        _of_site("canned_reasons"),
        sa.PrimaryKeyConstraint("id", name=op.f("canned_reasons_pkey")),
        sa.UniqueConstraint("site", "title", name=op.f("canned_reasons_site_title_key")),
    )
    op.create_table(
        "bulks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reasons", json, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("moderator", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Uuid(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("passed_over", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("started_at", Moment, nullable=True),
        sa.Column("finished_at", Moment, nullable=True),
        sa.Column("lease_until", Moment, nullable=True),
        _of_site("bulks"),
        sa.PrimaryKeyConstraint("id", name=op.f("bulks_pkey")),
        sa.UniqueConstraint("undoes", name=op.f("bulks_undoes_key")),
    )
    op.create_index("bulks_site", "bulks", ["site", "id"])
    _partial("bulks_drafts", "bulks", ["created_at"], "started_at IS NULL")
    _partial("bulks_unfinished", "bulks", ["id"], "started_at IS NOT NULL AND finished_at IS NULL")
    op.create_table(
        "bulk_items",
        sa.Column("bulk_id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="waiting"),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulks.id"], name=op.f("bulk_items_bulk_id_fkey")),
        _of_comment("bulk_items"),
        sa.PrimaryKeyConstraint("bulk_id", "comment_id", name=op.f("bulk_items_pkey")),
    )
    _partial("bulk_items_waiting", "bulk_items", ["bulk_id", "comment_id"], "state = 'waiting'")
    op.create_table(
        "flags",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("flagger", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        _of_comment("flags"),
        sa.PrimaryKeyConstraint("comment_id", "flagger", name=op.f("flags_pkey")),
    )
    op.create_table(
        "learned_thresholds",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("thresholds", json, nullable=False),
        _of_site("learned_thresholds"),
        sa.PrimaryKeyConstraint("site", "version", name=op.f("learned_thresholds_pkey")),
    )
    op.execute(
        "INSERT INTO learned_thresholds (site, version, thresholds) SELECT site, version, thresholds FROM learned"
    )


def _search() -> None:
    op.create_table(
        "notable_findings",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        _of_comment("notable_findings"),
        sa.PrimaryKeyConstraint("comment_id", "label", "check", name=op.f("notable_findings_pkey")),
    )
    op.create_table(
        "search_rows",
        sa.Column("number", counted, nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _of_comment("search_rows"),
        sa.PrimaryKeyConstraint("number", name=op.f("search_rows_pkey")),
        sa.UniqueConstraint("comment_id", name=op.f("search_rows_comment_id_key")),
    )
    if op.get_bind().dialect.name != "sqlite":
        op.execute("CREATE INDEX search_rows_words ON search_rows USING gin (to_tsvector('simple', text))")
        return
    op.execute(
        "CREATE VIRTUAL TABLE search_words USING fts5"
        # Sizes are for ranking, which nobody asks for; and screening writes more often than anybody searches.
        "(text, content='search_rows', content_rowid='number', columnsize=0, tokenize='unicode61 remove_diacritics 0')"
    )
    op.execute("INSERT INTO search_words (search_words, rank) VALUES ('automerge', 8)")
    gone = "INSERT INTO search_words (search_words, rowid, text) VALUES ('delete', old.number, old.text);"
    come = "INSERT INTO search_words (rowid, text) VALUES (new.number, new.text);"
    op.execute(f"CREATE TRIGGER search_rows_come AFTER INSERT ON search_rows BEGIN {come} END")
    op.execute(f"CREATE TRIGGER search_rows_gone AFTER DELETE ON search_rows BEGIN {gone} END")
    op.execute(f"CREATE TRIGGER search_rows_changed AFTER UPDATE ON search_rows BEGIN {gone} {come} END")


def _seal_the_journal() -> None:
    """Whoever may write into the database could still take the triggers off: the chain of hashes is for that."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER journal_no_{act.lower()} BEFORE {act} ON journal"
                " BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END"
            )
        # INSERT OR REPLACE takes the old row away without asking the trigger for DELETE.
        op.execute(
            "CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal"
            " WHEN EXISTS (SELECT 1 FROM journal WHERE number = NEW.number)"
            " BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION journal_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the journal is only added to'; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal"
        " FOR EACH STATEMENT EXECUTE FUNCTION journal_is_only_added_to()"
    )
