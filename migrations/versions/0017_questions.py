"""Questions from people; whether a member hears of new ones."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    hears = sa.Column("hears_of_questions", sa.Boolean(), server_default=sa.true())
    with op.batch_alter_table("members") as members:
        members.add_column(hears)
    with op.batch_alter_table("members") as members:
        members.alter_column("hears_of_questions", nullable=False, server_default=None)
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "subscriber_id",
            sa.Integer(),
            sa.ForeignKey("subscribers.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("subject", sa.String(32)),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(32), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "taken_by",
            sa.Integer(),
            sa.ForeignKey("members.subscriber_id", ondelete="SET NULL"),
            index=True,
        ),
        sa.Column("answer_sealed", sa.LargeBinary()),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("blocked_until", sa.DateTime(timezone=True)),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    ours = "kind IN ('questions', 'answer')"
    op.execute(f"DELETE FROM deliveries WHERE notice_id IN (SELECT id FROM notices WHERE {ours})")
    op.execute(f"DELETE FROM notices WHERE {ours}")
    op.execute("DELETE FROM told WHERE subject = 'questions'")
    op.drop_table("questions")
    with op.batch_alter_table("members") as members:
        members.drop_column("hears_of_questions")
