"""Who blocked the bot keeps their follows for when they come back."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

IS_BLOCKED = sa.text("blocked_on IS NOT NULL")


def upgrade() -> None:
    op.add_column("subscribers", sa.Column("blocked_on", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_subscribers_blocked",
        "subscribers",
        ["blocked_on"],
        sqlite_where=IS_BLOCKED,
        postgresql_where=IS_BLOCKED,
    )


def downgrade() -> None:
    """As before: who has blocked the bot follows nothing."""
    theirs = "SELECT id FROM subscribers WHERE blocked_on IS NOT NULL"
    op.execute(f"DELETE FROM follows WHERE subscriber_id IN ({theirs})")
    op.drop_index("ix_subscribers_blocked", "subscribers")
    op.drop_column("subscribers", "blocked_on")
