"""Those who keep the facts: what they are called, until when, invitations; what they changed."""

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
    op.create_table(
        "dialogs",
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False, index=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Integer(), sa.ForeignKey("subscribers.id", ondelete="SET NULL")),
        sa.Column("role", sa.String(32)),
        sa.Column("via", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("within", sa.String(64)),
        sa.Column("name", sa.JSON(none_as_null=True)),
        sa.Column("before", sa.JSON(none_as_null=True)),
        sa.Column("after", sa.JSON(none_as_null=True)),
        sa.Index("ix_history_kind_slug", "kind", "slug", "version"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("history")
    op.drop_table("dialogs")
    op.drop_table("invitations")
    op.execute("DELETE FROM members WHERE role <> 'owner'")
    with op.batch_alter_table("members") as members:
        members.drop_column("ends_at")
        members.drop_column("joined_at")
        members.drop_column("called_sealed")
