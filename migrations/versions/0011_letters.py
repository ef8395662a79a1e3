"""Letters that were sent are counted, and what is wrong with an address is noted."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NEW = ("letter_days", "letter_term")


def upgrade() -> None:
    for name in NEW:
        op.add_column("facilities", sa.Column(name, sa.Integer()))
    op.create_table(
        "letter_goals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("title", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_letter_goals"),
        sa.UniqueConstraint("slug", name="uq_letter_goals_slug"),
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        of_defendant("letters"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("electronic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
    )
    op.create_index("ix_letters_defendant_day", "letters", ["defendant_id", "day"])
    op.create_index("ix_letters_day", "letters", ["day"])
    op.create_table(
        "address_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        of_defendant("address_reports"),
        sa.Column("trouble", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_address_reports"),
    )
    op.create_index("ix_address_reports_defendant_id", "address_reports", ["defendant_id"])


def of_defendant(table: str) -> sa.Column[int]:
    name = f"fk_{table}_defendant_id_defendants"
    key = sa.ForeignKey("defendants.id", name=name, ondelete="CASCADE")
    return sa.Column("defendant_id", sa.Integer(), key, nullable=False)


def downgrade() -> None:
    for table in ("address_reports", "letters", "letter_goals"):
        op.drop_table(table)
    with op.batch_alter_table("facilities") as facilities:
        for name in NEW:
            facilities.drop_column(name)
