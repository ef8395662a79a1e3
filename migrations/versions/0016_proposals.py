"""What takes effect when a second person accepts it, and in the history, who that was; who wants a
summary of each day."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    author = sa.ForeignKey("subscribers.id", ondelete="CASCADE")
    invitation = sa.ForeignKey("invitations.id", ondelete="CASCADE")
    member = sa.ForeignKey("members.subscriber_id", ondelete="CASCADE")
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("author_id", sa.Integer(), author, nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("via", sa.String(32), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("state", sa.String(32), nullable=False, index=True),
        sa.Column("told", sa.String(32)),
        sa.Column("patch", sa.LargeBinary()),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), invitation),
        sa.Column("member_id", sa.Integer(), member),
        sa.Column("broadcast_id", sa.Integer()),
        sa.Column("terms", sa.JSON(none_as_null=True)),
        sa.Column("note_sealed", sa.LargeBinary()),
        sa.Column("answer_sealed", sa.LargeBinary()),
        sa.Column("second_role", sa.String(32)),
        sa.Column("settled_at", moment),
        sqlite_autoincrement=True,
    )
    for table, column in (("invitations", "waits"), ("history", "alone"), ("members", "summary")):
        no = sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column(table, no)
    op.add_column("history", sa.Column("second_role", sa.String(32)))


def downgrade() -> None:
    op.drop_table("proposals")
    with op.batch_alter_table("history") as history:
        history.drop_column("alone")
        history.drop_column("second_role")
    with op.batch_alter_table("members") as members:
        members.drop_column("summary")
    op.execute("DELETE FROM invitations WHERE waits")
    with op.batch_alter_table("invitations") as invitations:
        invitations.drop_column("waits")
