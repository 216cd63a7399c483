"""Proofs of work that were taken, so that none is taken twice; and an index by which old likes are forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "proofs",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("proofs_pkey")),
    )
    op.create_index(op.f("proofs_expires_at"), "proofs", ["expires_at"])
    op.create_index(op.f("likes_created_at"), "likes", ["created_at"])
