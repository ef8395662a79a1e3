"""When a hearing became what it is: lead times that are past are told by what was told since."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("hearings") as hearings:
        hearings.drop_column("revised_at")


def downgrade() -> None:
    with op.batch_alter_table("hearings") as hearings:
        hearings.add_column(sa.Column("revised_at", sa.DateTime(timezone=True)))
