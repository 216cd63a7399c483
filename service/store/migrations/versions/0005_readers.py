"""What readers and editors think of a comment: likes, the order that they give, picks; and staff's replies."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    columns: list[sa.Column[Any]] = [
        sa.Column("likes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rank", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("picked", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("staff", sa.Boolean(), nullable=False, server_default=sa.false()),
    ]
    for column in columns:
        op.add_column("comments", column)
    _partial("comments_liked", ["thread_id", "rank", "id"], "place <> 'hidden'")
    _partial("comments_liked_roots", ["thread_id", "rank", "id"], "place <> 'hidden' AND parent_id IS NULL")
    _partial("comments_staff", ["id", "site", "staff"], "staff")
    op.create_table(
        "likes",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("liker", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("likes_comment_id_fkey")),
        sa.PrimaryKeyConstraint("comment_id", "liker", name=op.f("likes_pkey")),
    )


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "comments", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
