"""Figures: followers of each case by day; how soon what a notice tells was told."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
PACES = (3, 10, 30, 60, 300, 900, 3600, 10_800, 43_200)
SENT = 2
TOOK = {
    "sqlite": "(julianday(d.sent_at) - julianday(n.due_at)) * 86400",
    "postgresql": "extract(epoch FROM d.sent_at - n.due_at)",
}


def upgrade() -> None:
    op.create_table(
        "follower_figures",
        sa.Column(
            "case_id",
            sa.Integer(),
            sa.ForeignKey("cases.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("day", sa.Date(), primary_key=True, index=True),
        sa.Column("followers", sa.Integer(), nullable=False),
    )
    for pace in PACES:
        column = sa.Column(f"within_{pace}", sa.Integer(), nullable=False, server_default="0")
        op.add_column("notices", column)
    count_what_was_sent(op.get_bind().dialect.name)


def count_what_was_sent(dialect: str) -> None:
    """As far as it is there: what came to whoever is forgotten is not."""
    counts = ", ".join(f"count(*) FILTER (WHERE took <= {pace}) AS within_{pace}" for pace in PACES)
    sums = ", ".join(f"within_{pace} = counted.within_{pace}" for pace in PACES)
    op.execute(
        f"""UPDATE notices SET {sums} FROM (
          SELECT notice_id, {counts} FROM (
            SELECT d.notice_id, {TOOK[dialect]} AS took
            FROM deliveries d JOIN notices n ON n.id = d.notice_id WHERE d.state = {SENT}
          ) AS found GROUP BY notice_id
        ) AS counted WHERE notices.id = counted.notice_id"""
    )


def downgrade() -> None:
    for pace in PACES:
        op.drop_column("notices", f"within_{pace}")
    op.drop_table("follower_figures")
