"""Who said "I will come" did so of one day and court."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SAID = """
SELECT attendances.id, hearings.starts_at, courts.timezone, courts.id AS court
FROM attendances JOIN hearings ON hearings.id = attendances.hearing_id
JOIN courts ON courts.id = hearings.court_id"""


def upgrade() -> None:
    """Until now they said so of whatever day it is."""
    op.add_column("attendances", sa.Column("occasion", sa.String(40)))
    said = sa.text(SAID).columns(starts_at=sa.DateTime(timezone=True))
    attendances = sa.table("attendances", sa.column("id"), sa.column("occasion"))
    for row in op.get_bind().execute(said).all():
        occasion = f"{local_day(row.starts_at, row.timezone)} {row.court}"
        op.execute(
            sa.update(attendances).where(attendances.c.id == row.id).values(occasion=occasion)
        )


def local_day(moment: datetime, zone: str) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # SQLite forgets zones
    return aware.astimezone(ZoneInfo(zone)).date().isoformat()


def downgrade() -> None:
    op.drop_column("attendances", "occasion")
