"""When a seat was taken; events from before there were seats are known as they are."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

EVENTS = sa.table(
    "events",
    sa.column("id", sa.Integer),
    sa.column("version", sa.Integer),
    sa.column("starts_at", sa.DateTime(timezone=True)),
    *(sa.column(name, sa.String) for name in ("timezone", "status", "place_shown", "online_url")),
    *(sa.column(name, sa.JSON) for name in ("repeats", "title", "city", "place")),
    sa.column("revision", sa.Integer),
)
TOLD = sa.table(
    "told",
    sa.column("subject", sa.String),
    sa.column("thing_id", sa.Integer),
    sa.column("version", sa.Integer),
    sa.column("facts", sa.JSON),
)


def upgrade() -> None:
    taken_at = sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False)
    taken_at.server_default = sa.DefaultClause("1970-01-01 00:00:00")
    op.add_column("seats", taken_at)
    if rows := list(unknown(op.get_bind())):
        op.bulk_insert(TOLD, rows)


def unknown(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """Nobody would be told of the first change of such an event."""
    campaign = sa.select(TOLD.c.version).where(TOLD.c.subject == "campaign")
    if (told := connection.scalar(campaign)) is None:
        return
    known = sa.select(TOLD.c.thing_id).where(TOLD.c.subject == "event")
    its = EVENTS.c.version <= told, EVENTS.c.id.not_in(known)
    for row in connection.execute(sa.select(EVENTS).where(*its)):
        about = {"subject": "event", "thing_id": row.id, "version": row.version}
        yield about | {"facts": facts(row)}


def facts(row: Any) -> dict[str, Any]:
    """As `EventFacts` was then."""
    return {
        "starts_at": in_utc(row.starts_at).isoformat(),
        "zone": row.timezone,
        "status": row.status,
        "repeats": row.repeats,
        "title": row.title,
        "city": row.city,
        "place": row.place,
        "online": row.online_url,
        "shown": row.place_shown,
        "revision": row.revision,
    }


def in_utc(moment: datetime) -> datetime:
    """SQLite forgets zones."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def downgrade() -> None:
    with op.batch_alter_table("seats") as seats:
        seats.drop_column("taken_at")
