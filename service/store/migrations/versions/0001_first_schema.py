"""The first schema: sites, threads, comments, vault, screenings, decisions and what the workers share."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "idempotency",
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("idempotency_pkey")),
    )
    op.create_index(op.f("idempotency_created_at"), "idempotency", ["created_at"], unique=False)
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("leases_pkey")),
    )
    op.create_table(
        "sites",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("origins", json, nullable=False),
        sa.Column("settings", json, nullable=False),
        sa.Column("policy_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("sites_pkey")),
    )
    op.create_table(
        "vault_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("vault_keys_pkey")),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redis_reachable", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("workers_pkey")),
    )
    op.create_table(
        "policies",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", json, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.site"], name=op.f("policies_site_fkey")),
        sa.PrimaryKeyConstraint("site", "version", name=op.f("policies_pkey")),
    )
    op.create_table(
        "threads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("approved_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.site"], name=op.f("threads_site_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("threads_pkey")),
        sa.UniqueConstraint("site", "external_id", name=op.f("threads_site_external_id_key")),
        sa.UniqueConstraint("site", "url", name=op.f("threads_site_url_key")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", json, nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site"], ["sites.site"], name=op.f("tokens_site_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("tokens_pkey")),
        sa.UniqueConstraint("name", name=op.f("tokens_name_key")),
        sa.UniqueConstraint("token_hash", name=op.f("tokens_token_hash_key")),
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("root_id", sa.Uuid(), nullable=True),
        sa.Column("depth", sa.SmallInteger(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("edit_source", sa.Text(), nullable=True),
        sa.Column("edit_html", sa.Text(), nullable=True),
        sa.Column("edit_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("awaiting", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("signals", json, nullable=False),
        sa.Column("edit_token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["comments.id"], name=op.f("comments_parent_id_fkey")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("comments_thread_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("comments_pkey")),
    )
    op.create_index(
        "comments_held",
        "comments",
        ["site", "id"],
        unique=False,
        sqlite_where=sa.text("awaiting = 'held'"),
        postgresql_where=sa.text("awaiting = 'held'"),
    )
    op.create_index(
        "comments_parent",
        "comments",
        ["parent_id"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NOT NULL"),
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    op.create_index(
        "comments_pending",
        "comments",
        ["id"],
        unique=False,
        sqlite_where=sa.text("awaiting = 'pending'"),
        postgresql_where=sa.text("awaiting = 'pending'"),
    )
    op.create_index("comments_queue", "comments", ["site", "status", "id"], unique=False)
    op.create_index(
        "comments_replies",
        "comments",
        ["root_id", "id"],
        unique=False,
        sqlite_where=sa.text("place <> 'hidden' AND root_id IS NOT NULL"),
        postgresql_where=sa.text("place <> 'hidden' AND root_id IS NOT NULL"),
    )
    op.create_index(
        "comments_stage",
        "comments",
        ["thread_id", "parent_id", "id"],
        unique=False,
        sqlite_where=sa.text("place <> 'hidden'"),
        postgresql_where=sa.text("place <> 'hidden'"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("status_before", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reasons", json, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("automated", sa.Boolean(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("screening_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("decisions_comment_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("decisions_pkey")),
    )
    op.create_index("decisions_comment", "decisions", ["comment_id", "id"], unique=False)
    op.create_table(
        "fingerprints",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("text_hash", sa.BigInteger(), nullable=False),
        sa.Column("simhash", sa.BigInteger(), nullable=False),
        sa.Column("band0", sa.Integer(), nullable=False),
        sa.Column("band1", sa.Integer(), nullable=False),
        sa.Column("band2", sa.Integer(), nullable=False),
        sa.Column("band3", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fingerprints_comment_id_fkey")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("fingerprints_pkey")),
    )
    op.create_index("fingerprints_band0", "fingerprints", ["band0", "comment_id"], unique=False)
    op.create_index("fingerprints_band1", "fingerprints", ["band1", "comment_id"], unique=False)
    op.create_index("fingerprints_band2", "fingerprints", ["band2", "comment_id"], unique=False)
    op.create_index("fingerprints_band3", "fingerprints", ["band3", "comment_id"], unique=False)
    op.create_index("fingerprints_text_hash", "fingerprints", ["text_hash", "comment_id"], unique=False)
    op.create_table(
        "screenings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("findings", json, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("screenings_comment_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("screenings_pkey")),
    )
    op.create_index("screenings_comment", "screenings", ["comment_id", "id"], unique=False)
    op.create_table(
        "vault",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("address_index", sa.LargeBinary(), nullable=True),
        sa.Column("origin_index", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("vault_comment_id_fkey")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("vault_pkey")),
    )
    op.create_index(
        "vault_address",
        "vault",
        ["address_index", "comment_id"],
        unique=False,
        sqlite_where=sa.text("address_index IS NOT NULL"),
        postgresql_where=sa.text("address_index IS NOT NULL"),
    )
    op.create_index(
        "vault_origin",
        "vault",
        ["origin_index", "comment_id"],
        unique=False,
        sqlite_where=sa.text("origin_index IS NOT NULL"),
        postgresql_where=sa.text("origin_index IS NOT NULL"),
    )
