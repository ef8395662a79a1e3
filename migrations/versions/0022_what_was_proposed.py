"""What a proposal would have changed is read when it is settled, too."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("proposals", sa.Column("things", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("proposals", "things")
