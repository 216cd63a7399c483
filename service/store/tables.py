"""The tables, for both databases. What is filtered or sorted is a column; nothing is queried inside JSON.

``vault`` is the only table that holds anything of an e-mail address: the sealed address and a keyed index of
it, beside a keyed index of the network origin that expires. No other table may grow such a column.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


class Moment(sa.TypeDecorator[datetime]):
    """A moment in UTC. SQLite hands naive values back; this gives aware ones on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value


json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

metadata = sa.MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def partial(name: str, *columns: str, where: str) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


sites = sa.Table(
    "sites",
    metadata,
    sa.Column("site", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("origins", json, nullable=False),
    sa.Column("settings", json, nullable=False),
    sa.Column("policy_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", Moment, nullable=False),
)

policies = sa.Table(
    "policies",
    metadata,
    sa.Column("site", sa.ForeignKey("sites.site"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("document", json, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
)

threads = sa.Table(
    "threads",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("site", sa.ForeignKey("sites.site"), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("closed_at", Moment),
    # All that comes is held for a person, whatever the policy says.
    sa.Column("storm", sa.Boolean, nullable=False, server_default=sa.false()),
    # Who closed it, and who had it held since when.
    sa.Column("closed_by", sa.Text),
    sa.Column("storm_by", sa.Text),
    sa.Column("storm_at", Moment),
    # Grows whenever what the public sees of the thread changes, and only then: ETags are made of it.
    sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
    sa.Column("approved_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", Moment, nullable=False),
    sa.UniqueConstraint("site", "url"),
    sa.UniqueConstraint("site", "external_id"),
)

comments = sa.Table(
    "comments",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("thread_id", sa.ForeignKey("threads.id"), nullable=False),
    sa.Column("parent_id", sa.ForeignKey("comments.id")),
    sa.Column("root_id", sa.Uuid),
    sa.Column("depth", sa.SmallInteger, nullable=False),
    sa.Column("author_name", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("html", sa.Text, nullable=False),
    # The author's new text of an approved comment while it waits.
    sa.Column("edit_source", sa.Text),
    sa.Column("edit_html", sa.Text),
    sa.Column("edit_at", Moment),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("awaiting", sa.Text),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("signals", json, nullable=False),
    sa.Column("edit_token_hash", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    # When the text that is or would be on stage was last changed; of a waiting one, ``edit_at`` tells.
    sa.Column("edited_at", Moment),
    # Since when it is on stage, or was when it was there last: feeds tell what came on stage in that order.
    sa.Column("shown_at", Moment),
    sa.Column("attempt", sa.SmallInteger, nullable=False),
    sa.Column("lease_until", Moment),
    # What the desk sorts and filters by. ``risk`` (0–1) is that of the last screening; ``ground`` the first reason of
    # the last decision, and ``automated`` whether a machine made it; ``flags`` are readers' calls not answered yet.
    sa.Column("risk", sa.Float, nullable=False, server_default="0"),
    sa.Column("ground", sa.Text, nullable=False, server_default=""),
    sa.Column("automated", sa.Boolean),
    sa.Column("flags", sa.Integer, nullable=False, server_default="0"),
    sa.Column("escalated", sa.Boolean, nullable=False, server_default=sa.false()),
    # Since when the author's appeal waits for a person.
    sa.Column("appealed_at", Moment),
    # ``likes`` are those of distinct origins. ``rank`` is what the order "most liked" goes by: minus the likes of a
    # comment that is shown, and 0 for every other; negative, so that one index holds that order, oldest first where
    # likes are equal, and a page begins in it wherever the one before ended.
    sa.Column("likes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rank", sa.Integer, nullable=False, server_default="0"),
    # An editor's pick: of a text that is shown, and only as long as that one is.
    sa.Column("picked", sa.Boolean, nullable=False, server_default=sa.false()),
    # A moderator wrote it for the newsroom: no reader's, and nothing to learn from or to count as one.
    sa.Column("staff", sa.Boolean, nullable=False, server_default=sa.false()),
    # Whose turn it is to be screened: claims and the sweeper look only here.
    partial("comments_pending", "id", where="awaiting = 'pending'"),
    partial("comments_held", "site", "id", where="awaiting = 'held'"),
    sa.Index("comments_queue", "site", "status", "id"),
    sa.Index("comments_site", "site", "id"),
    partial("comments_risk", "site", "risk", "id", where="awaiting = 'held'"),
    partial("comments_escalated", "site", "id", where="escalated"),
    partial("comments_appealed", "site", "id", where="appealed_at IS NOT NULL"),
    partial("comments_flagged", "site", "id", where="flags > 0"),
    partial("comments_spot", "site", "id", where="status = 'approved' AND automated"),
    partial("comments_spam", "site", "id", where="status = 'rejected' AND ground = 'spam'"),
    partial("comments_rejected", "site", "id", where="status = 'rejected' AND ground <> 'spam'"),
    partial("comments_stage", "thread_id", "parent_id", "id", where="place <> 'hidden'"),
    partial("comments_latest", "site", "shown_at", "id", where="place = 'shown'"),
    partial("comments_latest_here", "thread_id", "shown_at", "id", where="place = 'shown'"),
    partial("comments_replies", "root_id", "id", where="place <> 'hidden' AND root_id IS NOT NULL"),
    partial("comments_parent", "parent_id", where="parent_id IS NOT NULL"),
    partial("comments_staff", "id", "site", "staff", where="staff"),
    partial("comments_liked", "thread_id", "rank", "id", where="place <> 'hidden'"),
    partial(
        "comments_liked_roots", "thread_id", "rank", "id", where="place <> 'hidden' AND parent_id IS NULL"
    ),
)

# Readers' likes, one for each origin; ``liker`` is a keyed index of it.
likes = sa.Table(
    "likes",
    metadata,
    sa.Column("comment_id", sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("liker", sa.LargeBinary, primary_key=True),
    sa.Column("created_at", Moment, nullable=False, index=True),
)

vault = sa.Table(
    "vault",
    metadata,
    sa.Column("comment_id", sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("key_id", sa.Text),
    sa.Column("address_index", sa.LargeBinary),
    sa.Column("origin_index", sa.LargeBinary),
    partial("vault_address", "address_index", "comment_id", where="address_index IS NOT NULL"),
    partial("vault_origin", "origin_index", "comment_id", where="origin_index IS NOT NULL"),
)

vault_keys = sa.Table(
    "vault_keys",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("first_used_at", Moment, nullable=False),
)

screenings = sa.Table(
    "screenings",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("comment_id", sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("policy_version", sa.Integer, nullable=False),
    # What the site had learned by then: its thresholds stand in ``learned_thresholds``.
    sa.Column("learned_version", sa.Integer),
    sa.Column("findings", json, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Index("screenings_comment", "comment_id", "id"),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("comment_id", sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("status_before", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reasons", json, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    # What the author is told besides the reasons.
    sa.Column("message", sa.Text, nullable=False, server_default=""),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("automated", sa.Boolean, nullable=False),
    sa.Column("policy_version", sa.Integer),
    sa.Column("screening_id", sa.Uuid),
    # The decision that this one takes back, and the bulk that it is part of.
    sa.Column("undoes", sa.Uuid),
    sa.Column("bulk_id", sa.Uuid),
    # The texts that the decision replaced or dropped, as long as it can be taken back.
    sa.Column("replaced", json),
    sa.Column("decided_at", Moment, nullable=False),
    sa.Index("decisions_comment", "comment_id", "id"),
    # A window of time, for figures: all that is counted of a decision, so that no row is read for it.
    sa.Index("decisions_window", "id", "site", "automated", "action", "revision", "undoes"),
    # What people decided, newest first: a site's lessons.
    sa.Index(
        "decisions_people",
        "site",
        "id",
        sqlite_where=sa.text("automated = 0"),
        postgresql_where=sa.text("NOT automated"),
    ),
)

# What a site's moderators taught: made from their decisions, and made anew when those change.
learned = sa.Table(
    "learned",
    metadata,
    sa.Column("site", sa.ForeignKey("sites.site"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("correction", sa.LargeBinary),
    sa.Column("thresholds", json, nullable=False),
    sa.Column("lessons", sa.Integer, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    # The newest decision of a person that was looked at.
    sa.Column("seen", sa.Uuid),
    sa.Column("learned_at", Moment, nullable=False),
    # For each label the slope and the shift of the site's own calibration.
    sa.Column("calibration", json, nullable=False, server_default="{}"),
    # The newest report through a door that was looked at.
    sa.Column("reported_at", Moment),
)

# What moderators elsewhere told us about comments that are not ours. No text: ``seen`` is what the learner makes of
# one, hashed words and signs, and ``about`` a keyed hash that finds an earlier report on the same comment.
reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("site", sa.ForeignKey("sites.site"), nullable=False),
    sa.Column("about", sa.LargeBinary, nullable=False),
    sa.Column("spam", sa.Boolean),
    sa.Column("toxic", sa.Boolean),
    sa.Column("seen", sa.LargeBinary, nullable=False),
    sa.Column("scores", json, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reported_at", Moment, nullable=False),
    sa.UniqueConstraint("site", "about"),
    sa.Index("reports_newest", "site", "reported_at"),
)

# How much each key asked in a month ("2026-11").
door_usage = sa.Table(
    "door_usage",
    metadata,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("month", sa.Text, primary_key=True),
    sa.Column("calls", sa.BigInteger, nullable=False),
    sa.Column("spam", sa.BigInteger, nullable=False),
    sa.Column("ham", sa.BigInteger, nullable=False),
    sa.Column("missed_spam", sa.BigInteger, nullable=False),
    sa.Column("false_positives", sa.BigInteger, nullable=False),
)

fingerprints = sa.Table(
    "fingerprints",
    metadata,
    sa.Column("comment_id", sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("thread_id", sa.Uuid, nullable=False),
    sa.Column("text_hash", sa.BigInteger, nullable=False),
    sa.Column("simhash", sa.BigInteger, nullable=False),
    sa.Column("band0", sa.Integer, nullable=False),
    sa.Column("band1", sa.Integer, nullable=False),
    sa.Column("band2", sa.Integer, nullable=False),
    sa.Column("band3", sa.Integer, nullable=False),
    sa.Index("fingerprints_text_hash", "text_hash", "comment_id"),
    *(sa.Index(f"fingerprints_band{n}", f"band{n}", "comment_id") for n in range(4)),
)

# Where the links of a comment lead: a host's reputation is what became of the comments that name it, at any site.
link_hosts = sa.Table(
    "link_hosts",
    metadata,
    sa.Column("comment_id", sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("host", sa.Text, primary_key=True),
    sa.Index("link_hosts_host", "host", "comment_id"),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("key_hash", sa.LargeBinary, primary_key=True),
    sa.Column("body_hash", sa.LargeBinary, nullable=False),
    sa.Column("comment_id", sa.Uuid, nullable=False),
    sa.Column("created_at", Moment, nullable=False, index=True),
)

proofs = sa.Table(
    "proofs",
    metadata,
    sa.Column("mark", sa.LargeBinary, primary_key=True),
    sa.Column("comment_id", sa.Uuid, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
    # A role (service.domain.roles), or the door that it is a key of.
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("site", sa.ForeignKey("sites.site")),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("last_used_at", Moment),
    sa.Column("revoked_at", Moment),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", Moment, nullable=False),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("redis_reachable", sa.Boolean, nullable=False),
)

# The migration that makes these tables; a test holds it against Alembic's newest.
SCHEMA_REVISION = "0008"
