"""Who follows what, who will come, what they are told and were told."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
USUAL_ALERTS, USUAL_LEADS = "63", "14"


def of_subscriber() -> sa.Column[int]:
    owner = sa.ForeignKey("subscribers.id", ondelete="CASCADE")
    return sa.Column("subscriber_id", sa.Integer(), owner, nullable=False)


def upgrade() -> None:
    op.create_table(
        "follows",
        sa.Column("id", sa.Integer(), primary_key=True),
        of_subscriber(),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("subscriber_id", "subject", "thing_id"),
    )
    op.create_index("ix_follows_thing", "follows", ["subject", "thing_id", "subscriber_id"])
    op.create_table(
        "attendances",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("hearing_id", sa.Integer(), nullable=False),
        of_subscriber(),
        sa.UniqueConstraint("hearing_id", "subscriber_id"),
    )
    op.create_index("ix_attendances_subscriber_id", "attendances", ["subscriber_id"])
    create_notices()
    create_deliveries()
    with op.batch_alter_table("hearings") as hearings:
        hearings.add_column(sa.Column("revised_at", MOMENT))
        hearings.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
        hearings.create_index("ix_hearings_version", ["version"])
    with op.batch_alter_table("subscribers") as people:
        for name, usual in (("alerts", USUAL_ALERTS), ("leads", USUAL_LEADS)):
            people.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=usual))
        people.add_column(sa.Column("quiet_from", sa.Integer()))
        people.add_column(sa.Column("quiet_until", sa.Integer()))
        people.add_column(sa.Column("silent_until", MOMENT))


def create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(length=100), nullable=False, unique=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("lead", sa.Integer()),
        sa.Column("before", sa.JSON()),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("batch", sa.Integer()),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("expanded_at", MOMENT),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("total", "sent", "blocked", "failed", "dropped")
        ),
    )
    for column in ("thing_id", "due_at", "expanded_at"):
        op.create_index(f"ix_notices_{column}", "notices", [column])
    op.create_table(
        "told",
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "thing_id", name="pk_told"),
    )


def create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        of_subscriber(),
        sa.Column("follow_id", sa.Integer()),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT),
        sa.Column("leased_until", MOMENT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("message_id", sa.BigInteger()),
        sa.UniqueConstraint("notice_id", "subscriber_id"),
    )
    op.create_index("ix_deliveries_subscriber", "deliveries", ["subscriber_id", "state"])
    for name, columns, state in (
        ("ix_deliveries_ready", ["priority", "id"], "state = 0"),
        ("ix_deliveries_waiting", ["not_before"], "state = 6"),
        ("ix_deliveries_leased", ["leased_until"], "state = 1"),
    ):
        where = sa.text(state)
        op.create_index(name, "deliveries", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    with op.batch_alter_table("subscribers") as people:
        for name in ("silent_until", "quiet_until", "quiet_from", "leads", "alerts"):
            people.drop_column(name)
    with op.batch_alter_table("hearings") as hearings:
        hearings.drop_index("ix_hearings_version")
        hearings.drop_column("version")
        hearings.drop_column("revised_at")
    for table in ("deliveries", "told", "notices", "attendances", "follows"):
        op.drop_table(table)
