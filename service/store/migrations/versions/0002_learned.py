"""What a site's moderators taught, the index that finds their decisions, and where comments' links lead."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "learned",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("correction", sa.LargeBinary(), nullable=True),
        sa.Column("thresholds", json, nullable=False),
        sa.Column("lessons", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("seen", sa.Uuid(), nullable=True),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.site"], name=op.f("learned_site_fkey")),
        sa.PrimaryKeyConstraint("site", name=op.f("learned_pkey")),
    )
    op.create_index(
        "decisions_people",
        "decisions",
        ["site", "id"],
        unique=False,
        sqlite_where=sa.text("automated = 0"),
        postgresql_where=sa.text("NOT automated"),
    )
    op.create_table(
        "link_hosts",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("link_hosts_comment_id_fkey")),
        sa.PrimaryKeyConstraint("comment_id", "host", name=op.f("link_hosts_pkey")),
    )
    op.create_index("link_hosts_host", "link_hosts", ["host", "comment_id"], unique=False)
