"""Details to pay by, figures and ends of fundraisers; members; where somebody pays from."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

EVERY, CLOSED = 63, 64
"""Bits of `subscribers.alerts`: all that there were, and of fundraisers that close."""


def upgrade() -> None:
    status = sa.Column("status", sa.String(32), nullable=False, server_default="open")
    op.add_column("fundraisers", status)
    with op.batch_alter_table("donation_routes") as routes:
        routes.alter_column("url", existing_type=sa.String(500), nullable=True)
        routes.add_column(sa.Column("details", sa.JSON(none_as_null=True)))
    op.create_table(
        "fundraiser_figures",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("fundraiser_id", sa.Integer(), of("fundraisers"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("raised", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("fundraiser_id", "day"),
    )
    op.create_table(
        "members",
        sa.Column("subscriber_id", sa.Integer(), of("subscribers"), primary_key=True),
        sa.Column("role", sa.String(32), nullable=False),
    )
    op.add_column("subscribers", sa.Column("pay_from", sa.String(32)))
    op.execute(f"UPDATE subscribers SET alerts = {EVERY | CLOSED} WHERE alerts = {EVERY}")


def of(table: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", ondelete="CASCADE")


def downgrade() -> None:
    op.execute(f"UPDATE subscribers SET alerts = alerts & {EVERY}")
    op.drop_column("subscribers", "pay_from")
    op.drop_table("members")
    op.drop_table("fundraiser_figures")
    op.execute("DELETE FROM donation_routes WHERE url IS NULL")
    with op.batch_alter_table("donation_routes") as routes:
        routes.drop_column("details")
        routes.alter_column("url", existing_type=sa.String(500), nullable=False)
    op.drop_column("fundraisers", "status")
