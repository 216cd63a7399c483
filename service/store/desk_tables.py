"""The tables of the moderators' desk, beside those of the comments themselves (``service.store.tables``).

Only ``standings`` holds a key of the vault's, the index of an address or an origin: without it a ban would end with
the comment that it came from. It is dropped when the ban ends.
"""

import sqlalchemy as sa

from service.store.tables import Moment, json, metadata, partial

__all__ = ["metadata"]

# Whom a moderator's browser speaks for, and until when. The secret of its cookie is stored as a hash.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("token_id", sa.ForeignKey("tokens.id"), nullable=False),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Index("sessions_token", "token_id"),
)

# What people did, in order, each entry sealed with the hash of the one before. Never changed: triggers refuse it.
journal = sa.Table(
    "journal",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("site", sa.Text),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", json, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Index("journal_site", "site", "number"),
)

# Who is looking at a comment just now. Advice for colleagues, not a lock: a decision is fenced by its revision.
claims = sa.Table(
    "claims",
    metadata,
    sa.Column("comment_id", sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("moderator", sa.Text, nullable=False),
    sa.Column("until", Moment, nullable=False),
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("comment_id", sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("moderator", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Index("notes_comment", "comment_id", "id"),
)

# Bans and trust. ``of`` is name, address or origin; ``key`` a hash of a folded name, or an index of the vault's.
standings = sa.Table(
    "standings",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("site", sa.ForeignKey("sites.site"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("of", sa.Text, nullable=False),
    sa.Column("key", sa.LargeBinary),
    # Where it came from; the author's name as it stood there is what people see of it.
    sa.Column("comment_id", sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("author_name", sa.Text, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("moderator", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("until", Moment),
    sa.Column("lifted_at", Moment),
    sa.Column("lifted_by", sa.Text),
    sa.Index("standings_site", "site", "id"),
    partial("standings_key", "site", "key", where="key IS NOT NULL"),
)

# Sentences for authors that a site's moderators use again and again.
canned_reasons = sa.Table(
    "canned_reasons",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("site", sa.ForeignKey("sites.site"), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.UniqueConstraint("site", "title"),
)

# One decision about many comments, worked off by a worker. ``about`` says which were chosen, for people.
bulks = sa.Table(
    "bulks",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("site", sa.ForeignKey("sites.site"), nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("reasons", json, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("moderator", sa.Text, nullable=False),
    sa.Column("undoes", sa.Uuid, unique=True),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("passed_over", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", Moment, nullable=False),
    # Until then it is a draft: which comments are meant is settled, and nobody has said yes.
    sa.Column("started_at", Moment),
    sa.Column("finished_at", Moment),
    sa.Column("lease_until", Moment),
    sa.Index("bulks_site", "site", "id"),
    partial("bulks_drafts", "created_at", where="started_at IS NULL"),
    partial("bulks_unfinished", "id", where="started_at IS NOT NULL AND finished_at IS NULL"),
)

# The comments of a bulk as they were seen: one that has moved on meanwhile is passed over.
bulk_items = sa.Table(
    "bulk_items",
    metadata,
    sa.Column("bulk_id", sa.ForeignKey("bulks.id"), primary_key=True),
    sa.Column("comment_id", sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    # waiting, done or passed_over
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("decision_id", sa.Uuid),
    partial("bulk_items_waiting", "bulk_id", "comment_id", where="state = 'waiting'"),
)

# A query that a moderator keeps under a name.
views = sa.Table(
    "views",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("moderator", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.UniqueConstraint("moderator", "name"),
)

# Readers' calls for a moderator, one for each origin; ``flagger`` is a keyed index of it.
flags = sa.Table(
    "flags",
    metadata,
    sa.Column("comment_id", sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("flagger", sa.LargeBinary, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

# Authors ask a person to look again, once about each decision. ``text`` is what they say to that, often nothing;
# ``revision`` the comment's before the appeal raised it.
appeals = sa.Table(
    "appeals",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("comment_id", sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("decision_id", sa.ForeignKey("decisions.id"), nullable=False, unique=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Index("appeals_comment", "comment_id", "id"),
)

# What screening found that a queue can be narrowed to: the louder findings, and checks that failed.
notable_findings = sa.Table(
    "notable_findings",
    metadata,
    sa.Column("comment_id", sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("label", sa.Text, primary_key=True),
    sa.Column("check", sa.Text, primary_key=True),
    sa.Column("score", sa.Float, nullable=False),
)

# What is searched: author and text, folded. On SQLite an FTS5 table stands on it, on PostgreSQL a GIN index.
search_rows = sa.Table(
    "search_rows",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("comment_id", sa.ForeignKey("comments.id"), nullable=False, unique=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

# The thresholds that held with each version of what a site learned, so that a screening can be replayed as it was.
learned_thresholds = sa.Table(
    "learned_thresholds",
    metadata,
    sa.Column("site", sa.ForeignKey("sites.site"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("thresholds", json, nullable=False),
)
