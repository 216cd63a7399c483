"""What other services told us through their doors, how much they asked, and a site's own calibration."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("about", sa.LargeBinary(), nullable=False),
        sa.Column("spam", sa.Boolean(), nullable=True),
        sa.Column("toxic", sa.Boolean(), nullable=True),
        sa.Column("seen", sa.LargeBinary(), nullable=False),
        sa.Column("scores", json, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.site"], name=op.f("reports_site_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("reports_pkey")),
        sa.UniqueConstraint("site", "about", name=op.f("reports_site_about_key")),
    )
    op.create_index("reports_newest", "reports", ["site", "reported_at"], unique=False)
    op.create_table(
        "door_usage",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("spam", sa.BigInteger(), nullable=False),
        sa.Column("ham", sa.BigInteger(), nullable=False),
        sa.Column("missed_spam", sa.BigInteger(), nullable=False),
        sa.Column("false_positives", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token", "month", name=op.f("door_usage_pkey")),
    )
    with op.batch_alter_table("learned") as learned:
        learned.add_column(sa.Column("calibration", json, nullable=False, server_default="{}"))
        learned.add_column(sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True))
