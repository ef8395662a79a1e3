"""Who said "I will come" did so of one day and court."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attendances", sa.Column("occasion", sa.String(40)))


def downgrade() -> None:
    op.drop_column("attendances", "occasion")
