"""Broadcasts for which Telegram is paid to take them faster."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
TABLES = ("broadcasts", "notices")


def upgrade() -> None:
    for table in TABLES:
        no = sa.Column("is_paid", sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column(table, no)
    paid = {"sqlite_where": sa.text("is_paid = 1"), "postgresql_where": sa.text("is_paid")}
    op.create_index("ix_notices_paid", "notices", ["id"], **paid)


def downgrade() -> None:
    op.drop_index("ix_notices_paid", "notices")
    for table in TABLES:
        op.drop_column(table, "is_paid")
