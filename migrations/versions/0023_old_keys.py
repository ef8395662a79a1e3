"""Keys that were followed by another one: what is found through them is found on."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "old_keys",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lookup_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("removals") as removals:
        removals.alter_column("mark", type_=sa.String(66), existing_type=sa.String(64))


def downgrade() -> None:
    with op.batch_alter_table("removals") as removals:
        removals.alter_column("mark", type_=sa.String(64), existing_type=sa.String(66))
    op.drop_table("old_keys")
