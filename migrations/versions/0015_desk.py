"""Those who keep the facts: what they are called, until when, and invitations."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    joined = sa.Column("joined_at", sa.DateTime(timezone=True), server_default=sa.func.now())
    with op.batch_alter_table("members") as members:
        members.add_column(sa.Column("called_sealed", sa.LargeBinary()))
        members.add_column(joined)
        members.add_column(sa.Column("ends_at", sa.DateTime(timezone=True)))
    with op.batch_alter_table("members") as members:
        members.alter_column("joined_at", nullable=False, server_default=None)
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("secret_index", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("called_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("days", sa.Integer()),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("invitations")
    op.execute("DELETE FROM members WHERE role <> 'owner'")
    with op.batch_alter_table("members") as members:
        members.drop_column("ends_at")
        members.drop_column("joined_at")
        members.drop_column("called_sealed")
