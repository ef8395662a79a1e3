"""The tables that everything else stands on."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "campaign_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.String(length=170), nullable=False),
        sa.Column("key_mark", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_versions"),
    )
    op.execute("INSERT INTO campaign_versions (id, version, tokens) VALUES (1, 0, '')")
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("also", sa.JSON(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=True),
        sa.Column("articles", sa.JSON(), nullable=True),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("people_in_case", sa.Integer(), nullable=True),
        sa.Column("volumes", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("slug", name="uq_cases_slug"),
    )
    op.create_index("ix_cases_stage", "cases", ["stage"])
    op.create_index("ix_cases_version", "cases", ["version"])
    op.create_table(
        "courts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("city", sa.JSON(), nullable=False),
        sa.Column("city_key", sa.String(length=100), nullable=False),
        sa.Column("timezone", sa.String(length=32), nullable=False),
        sa.Column("address", sa.JSON(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_courts"),
        sa.UniqueConstraint("slug", name="uq_courts_slug"),
    )
    op.create_index("ix_courts_city_key", "courts", ["city_key"])
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timezone", sa.String(length=32), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("city", sa.JSON(), nullable=True),
        sa.Column("place", sa.JSON(), nullable=True),
        sa.Column("place_shown", sa.String(length=32), nullable=False),
        sa.Column("online_url", sa.String(length=500), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("about", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("slug", name="uq_events_slug"),
    )
    op.create_index("ix_events_starts_at", "events", ["starts_at"])
    op.create_table(
        "facilities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.JSON(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=True),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("postal_code", sa.String(length=12), nullable=True),
        sa.Column("address", sa.JSON(), nullable=True),
        sa.Column("timezone", sa.String(length=32), nullable=True),
        sa.Column("letter_languages", sa.JSON(), nullable=True),
        sa.Column("letter_rules", sa.JSON(), nullable=True),
        sa.Column("letter_services", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_facilities"),
        sa.UniqueConstraint("slug", name="uq_facilities_slug"),
    )
    op.create_table(
        "handled_updates",
        sa.Column("update_id", BIG_NUMBER, autoincrement=False, nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_handled_updates"),
    )
    op.create_index("ix_handled_updates_handled_at", "handled_updates", ["handled_at"])
    op.create_table(
        "organisations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("short", sa.JSON(), nullable=True),
        sa.Column("about", sa.JSON(), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("timezone", sa.String(length=32), nullable=False),
        sa.Column("contact", sa.String(length=500), nullable=True),
        sa.Column("help_it_gives", sa.JSON(), nullable=True),
        sa.Column("raised_in_a_year", sa.JSON(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_organisations"),
        sa.UniqueConstraint("slug", name="uq_organisations_slug"),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("chat_sealed", sa.LargeBinary(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("timezone", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_on", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscribers"),
        sa.UniqueConstraint("chat_index", name="uq_subscribers_chat_index"),
    )
    op.create_table(
        "defendants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=True),
        sa.Column("who", sa.JSON(), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("birthday", sa.String(length=5), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("sentence", sa.JSON(), nullable=True),
        sa.Column("lawyer", sa.JSON(), nullable=True),
        sa.Column("campaigns", sa.JSON(), nullable=True),
        sa.Column("write_about", sa.JSON(), nullable=True),
        sa.Column("letters_allowed", sa.Boolean(), nullable=True),
        sa.Column("letters_reason", sa.JSON(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_defendants_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_defendants"),
        sa.UniqueConstraint("slug", name="uq_defendants_slug"),
    )
    op.create_index("ix_defendants_case_id", "defendants", ["case_id"])
    op.create_index("ix_defendants_status", "defendants", ["status"])
    op.create_index("ix_defendants_version", "defendants", ["version"])
    op.create_table(
        "hearings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("court_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("room", sa.String(length=64), nullable=True),
        sa.Column("judge", sa.JSON(), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(length=32), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_hearings_case_id_cases"),
        sa.ForeignKeyConstraint(["court_id"], ["courts.id"], name="fk_hearings_court_id_courts"),
        sa.PrimaryKeyConstraint("id", name="pk_hearings"),
        sa.UniqueConstraint("slug", name="uq_hearings_slug"),
    )
    op.create_index("ix_hearings_case_starts", "hearings", ["case_id", "starts_at"])
    op.create_index("ix_hearings_court_starts", "hearings", ["court_id", "starts_at"])
    op.create_index("ix_hearings_starts_at", "hearings", ["starts_at"])
    op.create_table(
        "custodies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("defendant_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("addressee", sa.JSON(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["defendant_id"], ["defendants.id"], name="fk_custodies_defendant_id_defendants"
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name="fk_custodies_facility_id_facilities"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_custodies"),
    )
    op.create_index("ix_custodies_defendant_id", "custodies", ["defendant_id"])
    op.create_table(
        "event_addressees",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("defendant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["defendant_id"], ["defendants.id"], name="fk_event_addressees_defendant_id_defendants"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_event_addressees_event_id_events"
        ),
        sa.PrimaryKeyConstraint("event_id", "defendant_id", name="pk_event_addressees"),
    )
    op.create_table(
        "fundraisers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("defendant_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("goal", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("raised", sa.BigInteger(), nullable=True),
        sa.Column("closes", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_fundraisers_case_id_cases"),
        sa.ForeignKeyConstraint(
            ["defendant_id"], ["defendants.id"], name="fk_fundraisers_defendant_id_defendants"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_fundraisers"),
        sa.UniqueConstraint("slug", name="uq_fundraisers_slug"),
    )
    op.create_index("ix_fundraisers_case_id", "fundraisers", ["case_id"])
    op.create_index("ix_fundraisers_defendant_id", "fundraisers", ["defendant_id"])
    op.create_table(
        "timeline_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("date", sa.String(length=10), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("hearing_kind", sa.String(length=32), nullable=True),
        sa.Column("court_id", sa.Integer(), nullable=True),
        sa.Column("defendant_id", sa.Integer(), nullable=True),
        sa.Column("judge", sa.JSON(), nullable=True),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_timeline_entries_case_id_cases"
        ),
        sa.ForeignKeyConstraint(
            ["court_id"], ["courts.id"], name="fk_timeline_entries_court_id_courts"
        ),
        sa.ForeignKeyConstraint(
            ["defendant_id"], ["defendants.id"], name="fk_timeline_entries_defendant_id_defendants"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_timeline_entries"),
    )
    op.create_index("ix_timeline_entries_case_id", "timeline_entries", ["case_id"])
    op.create_table(
        "donation_routes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("fundraiser_id", sa.Integer(), nullable=False),
        sa.Column("pay_from", sa.String(length=32), nullable=False),
        sa.Column("method", sa.JSON(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("legal_status", sa.JSON(), nullable=False),
        sa.Column("warning", sa.JSON(), nullable=True),
        sa.Column("not_for", sa.JSON(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fundraiser_id"],
            ["fundraisers.id"],
            name="fk_donation_routes_fundraiser_id_fundraisers",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_donation_routes"),
        sa.UniqueConstraint("slug", name="uq_donation_routes_slug"),
    )
    op.create_index("ix_donation_routes_fundraiser_id", "donation_routes", ["fundraiser_id"])


def downgrade() -> None:
    op.drop_table("donation_routes")
    op.drop_table("timeline_entries")
    op.drop_table("fundraisers")
    op.drop_table("event_addressees")
    op.drop_table("custodies")
    op.drop_table("hearings")
    op.drop_table("defendants")
    op.drop_table("subscribers")
    op.drop_table("organisations")
    op.drop_table("handled_updates")
    op.drop_table("facilities")
    op.drop_table("events")
    op.drop_table("courts")
    op.drop_table("cases")
    op.drop_table("campaign_versions")
