"""Seats at events; events are called off and repeat; a letter outlasts whom it was for."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ONCE = {"sqlite_autoincrement": True}
OF_LETTER = "fk_letters_defendant_id_defendants"


def upgrade() -> None:
    of_subscriber = sa.ForeignKey("subscribers.id", ondelete="CASCADE")
    op.create_table(
        "seats",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), of_subscriber, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("is_waiting", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("event_id", "day", "subscriber_id"),
        **ONCE,
    )
    op.create_index("ix_seats_subscriber_id", "seats", ["subscriber_id"])
    status = sa.Column("status", sa.String(32), nullable=False, server_default="scheduled")
    op.add_column("events", status)
    op.add_column("events", sa.Column("repeats", sa.JSON(none_as_null=True)))
    op.add_column("events", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_events_version", "events", ["version"])
    refer("SET NULL", nullable=True)
    op.add_column("letters", sa.Column("event_id", sa.Integer()))
    op.create_index("ix_letters_event_day", "letters", ["event_id", "day"])


def refer(when_gone: str, *, nullable: bool) -> None:
    with op.batch_alter_table("letters") as letters:
        letters.drop_constraint(OF_LETTER, type_="foreignkey")
        letters.alter_column("defendant_id", existing_type=sa.Integer(), nullable=nullable)
        letters.create_foreign_key(
            OF_LETTER, "defendants", ["defendant_id"], ["id"], ondelete=when_gone
        )


def downgrade() -> None:
    op.drop_index("ix_letters_event_day", "letters")
    op.execute("DELETE FROM letters WHERE defendant_id IS NULL")
    with op.batch_alter_table("letters") as letters:
        letters.drop_column("event_id")
    refer("CASCADE", nullable=False)
    op.drop_index("ix_events_version", "events")
    with op.batch_alter_table("events") as events:
        for name in ("version", "repeats", "status"):
            events.drop_column(name)
    op.drop_table("seats")
