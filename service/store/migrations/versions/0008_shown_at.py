"""Since when a comment is on stage, by which feeds go: it may have waited for days."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("comments", sa.Column("shown_at", sa.DateTime(timezone=True)))
    # The last decision that brought it there, and not one that only took another back.
    op.execute(
        """
        UPDATE comments SET shown_at = (
            SELECT max(decided_at) FROM decisions
            WHERE decisions.comment_id = comments.id AND decisions.status = 'approved'
                AND decisions.status_before <> 'approved' AND decisions.undoes IS NULL
        )
        """
    )
    op.execute("UPDATE comments SET shown_at = created_at WHERE place = 'shown' AND shown_at IS NULL")
    for name, above in (("comments_latest", "site"), ("comments_latest_here", "thread_id")):
        where = sa.text("place = 'shown'")
        op.create_index(
            name, "comments", [above, "shown_at", "id"], sqlite_where=where, postgresql_where=where
        )
