"""Appeals: authors ask a person to look again."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("comments", sa.Column("appealed_at", Moment))
    waits = sa.text("appealed_at IS NOT NULL")
    op.create_index(
        "comments_appealed", "comments", ["site", "id"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "appeals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("appeals_comment_id_fkey")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("appeals_decision_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("appeals_pkey")),
        sa.UniqueConstraint("decision_id", name=op.f("appeals_decision_id_key")),
    )
    op.create_index("appeals_comment", "appeals", ["comment_id", "id"])
