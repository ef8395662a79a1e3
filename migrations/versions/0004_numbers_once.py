"""On SQLite, too, the number of a follow or of a delivery that is gone is not given again.

It stands in buttons, and with what is on its way.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    make_anew(once=True)


def downgrade() -> None:
    make_anew(once=False)


def make_anew(*, once: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in ("follows", "deliveries"):
        options = {"sqlite_autoincrement": once}
        with op.batch_alter_table(table, recreate="always", table_kwargs=options):
            pass
