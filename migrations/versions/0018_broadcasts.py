"""Broadcasts: drafts, what was sent, what is held; one switch for them among the alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
BROADCAST = 128
"""The bit of `subscribers.alerts`."""
OLD_BULK, BULK = 3, 4
PARTS = {
    "ix_notices_hold": ("notices", "hold", "hold <> 0"),
    "ix_deliveries_held": ("deliveries", "notice_id", "state = 7"),
    "ix_broadcasts_due": ("broadcasts", "due_at", "due_at IS NOT NULL AND notice_id IS NULL"),
}


def upgrade() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), sa.ForeignKey("subscribers.id", ondelete="SET NULL")),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("via", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audience", sa.String(32), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("versions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("notice_id", sa.Integer(), index=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("corrected_at", sa.DateTime(timezone=True)),
        sa.Column("recalled_at", sa.DateTime(timezone=True)),
        sa.Column("mending_id", sa.Integer()),
        sa.Column("result", sa.JSON(none_as_null=True)),
        sa.Column("watched_sealed", sa.LargeBinary()),
        sqlite_autoincrement=True,
    )
    op.add_column("notices", sa.Column("hold", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("album", sa.String(160)))
    for name, (table, column, where) in PARTS.items():
        part = sa.text(where)
        op.create_index(name, table, [column], sqlite_where=part, postgresql_where=part)
    op.execute(f"UPDATE subscribers SET alerts = alerts | {BROADCAST} WHERE alerts <> 0")
    for table in ("notices", "deliveries"):
        op.execute(f"UPDATE {table} SET priority = {BULK} WHERE priority = {OLD_BULK}")


def downgrade() -> None:
    op.execute(f"UPDATE subscribers SET alerts = alerts & {BROADCAST - 1}")
    kinds = "('broadcast', 'correction', 'recall')"
    theirs = f"SELECT id FROM notices WHERE kind IN {kinds}"
    op.execute(f"DELETE FROM deliveries WHERE notice_id IN ({theirs})")
    op.execute(f"DELETE FROM notices WHERE kind IN {kinds}")
    for table in ("notices", "deliveries"):
        op.execute(f"UPDATE {table} SET priority = {OLD_BULK} WHERE priority = {BULK}")
    for name, (table, _column, _where) in PARTS.items():
        op.drop_index(name, table)
    op.drop_column("deliveries", "album")
    op.drop_column("notices", "hold")
    op.drop_table("broadcasts")
