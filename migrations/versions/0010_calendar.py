"""Private addresses for calendar programs; an event's entry in a calendar follows its changes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    of_subscriber = sa.ForeignKey("subscribers.id", ondelete="CASCADE")
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("subscriber_id", sa.Integer(), of_subscriber, nullable=False, unique=True),
        sa.Column("address_index", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("created_on", sa.Date(), nullable=False),
    )
    op.add_column("events", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("events", "revision")
    op.drop_table("calendar_feeds")
