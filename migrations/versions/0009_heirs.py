"""What was removed may be there again, under another number."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("removals", sa.Column("heir_id", sa.Integer()))
    op.add_column("removals", sa.Column("heir_since", sa.Integer()))


def downgrade() -> None:
    op.drop_column("removals", "heir_since")
    op.drop_column("removals", "heir_id")
