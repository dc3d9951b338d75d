"""The message process: inbox, conversations, outbox, timers and bots' data."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("portfolio_id", sa.String(length=64), server_default="", nullable=False, comment="'' while unknown"),
        sa.Column("bsuid", sa.String(length=160), nullable=True),
        sa.Column("parent_bsuid", sa.String(length=160), nullable=True),
        sa.Column("wa_id", sa.String(length=32), nullable=True, comment="digits as given, never normalised"),
        sa.Column("username", sa.String(length=64), nullable=True, comment="may change; never a key"),
        sa.Column("name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True, comment="chosen by the contact"),
        sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True, comment="STOP: nothing unasked is sent"),
        sa.Column(
            "marketing_stopped_at", sa.DateTime(timezone=True), nullable=True, comment="Meta's own switch for marketing"
        ),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "bsuid IS NOT NULL OR wa_id IS NOT NULL OR merged_into_id IS NOT NULL", name=op.f("ck_contact_known")
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_contact_business_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["contact.id"], name=op.f("fk_contact_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("code", name=op.f("uq_contact_code")),
    )
    op.create_index(
        "uq_contact_bsuid",
        "contact",
        ["bsuid", "business_id", "portfolio_id"],
        unique=True,
        postgresql_where=sa.text("bsuid IS NOT NULL"),
    )
    op.create_index(
        "uq_contact_wa_id",
        "contact",
        ["wa_id", "business_id", "portfolio_id"],
        unique=True,
        postgresql_where=sa.text("wa_id IS NOT NULL"),
    )
    op.create_table(
        "conversation",
        sa.Column("number_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "mode",
            sa.Enum("bot", "queued", "human", name="mode", native_enum=False, length=32),
            server_default="bot",
            nullable=False,
        ),
        sa.Column(
            "human_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="business time; null in mode human: until given back",
        ),
        sa.Column(
            "handover_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="a person is wished for since; null once answered",
        ),
        sa.Column(
            "handover",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="{team, note}",
        ),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("asking", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column(
            "last_inbound_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Meta's timestamp of the contact's last message",
        ),
        sa.Column("last_unknown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fallback_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("burst_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("burst_turns", sa.Integer(), server_default="0", nullable=False),
        sa.Column("silenced_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.BigInteger(), nullable=True),
        sa.Column("lease_token", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_holder", sa.Integer(), nullable=True, comment="backend pid of the holder's bell connection"),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True, comment="real time"),
        sa.Column("code", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_conversation_contact_id")),
        sa.ForeignKeyConstraint(["installation_id"], ["installation.id"], name=op.f("fk_conversation_installation_id")),
        sa.ForeignKeyConstraint(["number_id"], ["number.id"], name=op.f("fk_conversation_number_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("code", name=op.f("uq_conversation_code")),
        sa.UniqueConstraint("number_id", "contact_id", name=op.f("uq_conversation_number_id_contact_id")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index("ix_conversation_contact_id", "conversation", ["contact_id"], unique=False)
    op.create_index(
        "ix_conversation_handover",
        "conversation",
        ["number_id", "handover_at"],
        unique=False,
        postgresql_where=sa.text("handover_at IS NOT NULL"),
    )
    op.create_index(
        "ix_conversation_leased",
        "conversation",
        ["lease_holder"],
        unique=False,
        postgresql_where=sa.text("lease_holder IS NOT NULL"),
    )
    op.create_index(
        "ix_conversation_waiting",
        "conversation",
        ["waiting_since"],
        unique=False,
        postgresql_where=sa.text("waiting_since IS NOT NULL"),
    )
    op.create_table(
        "entry",
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("collection", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="business time"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="business time"),
        sa.Column("code", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_entry_contact_id")),
        sa.ForeignKeyConstraint(["installation_id"], ["installation.id"], name=op.f("fk_entry_installation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("code", name=op.f("uq_entry_code")),
    )
    op.create_index("ix_entry_contact_id", "entry", ["contact_id"], unique=False)
    op.create_index(
        "ix_entry_installation_id_collection_id", "entry", ["installation_id", "collection", "id"], unique=False
    )
    op.create_index(
        "uq_entry_key",
        "entry",
        ["installation_id", "collection", "key"],
        unique=True,
        postgresql_where=sa.text("key IS NOT NULL"),
    )
    op.create_table(
        "inbound_event",
        sa.Column("dedupe_key", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "message",
                "status",
                "echo",
                "account",
                "timer",
                "unknown",
                name="eventkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("pending", "done", "ignored", "parked", name="eventstate", native_enum=False, length=32),
            server_default="pending",
            nullable=False,
        ),
        sa.Column(
            "reason", sa.String(length=64), nullable=True, comment="why ignored or parked; key under runtime.reasons"
        ),
        sa.Column("phone_number_id", sa.String(length=64), nullable=True),
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True, comment="Meta's timestamp, whole seconds"),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deaths", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("handled", sa.String(length=120), nullable=True, comment="which rule of the bot answered"),
        sa.Column("raw", sa.LargeBinary(), nullable=False, comment="a webhook body with exactly this update"),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_inbound_event_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_event")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_inbound_event_dedupe_key")),
    )
    op.create_index("ix_inbound_event_conversation_id_id", "inbound_event", ["conversation_id", "id"], unique=False)
    op.create_index(
        "ix_inbound_event_unsorted",
        "inbound_event",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending' AND conversation_id IS NULL AND kind IN ('message', 'echo')"),
    )
    op.create_index(
        "ix_inbound_event_aside",
        "inbound_event",
        ["kind", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending' AND kind IN ('status', 'account')"),
    )
    op.create_index(
        "ix_inbound_event_parked", "inbound_event", ["id"], unique=False, postgresql_where=sa.text("state = 'parked'")
    )
    op.create_index(
        "ix_inbound_event_waiting",
        "inbound_event",
        ["conversation_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending' AND conversation_id IS NOT NULL"),
    )
    op.create_table(
        "timer",
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), server_default="", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="business time"),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum("pending", "due", "fired", "cancelled", name="timerstate", native_enum=False, length=32),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("code", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_timer_conversation_id")),
        sa.ForeignKeyConstraint(["installation_id"], ["installation.id"], name=op.f("fk_timer_installation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("code", name=op.f("uq_timer_code")),
    )
    op.create_index("ix_timer_conversation_id", "timer", ["conversation_id"], unique=False)
    op.create_index(
        "ix_timer_pending", "timer", ["due_at"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index(
        "uq_timer_open",
        "timer",
        ["conversation_id", "installation_id", "name", "key"],
        unique=True,
        postgresql_where=sa.text("state IN ('pending', 'due')"),
    )
    op.create_table(
        "outbound_message",
        sa.Column("number_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=True, comment="of the installation when the row was written"),
        sa.Column(
            "author",
            sa.Enum("bot", "system", "agent", name="author", native_enum=False, length=32),
            server_default="bot",
            nullable=False,
        ),
        sa.Column(
            "policy",
            sa.Enum("reply", "notice", name="policy", native_enum=False, length=32),
            server_default="reply",
            nullable=False,
        ),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "held",
                "queued",
                "sending",
                "ambiguous",
                "sent",
                "delivered",
                "read",
                "failed",
                "refused",
                "cancelled",
                name="outboundstate",
                native_enum=False,
                length=32,
            ),
            server_default="queued",
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=80), nullable=True, comment="key of a sentence in the catalogues"),
        sa.Column(
            "error",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="{code, title, details}",
        ),
        sa.Column("wamid", sa.String(length=512), nullable=True),
        sa.Column("pricing", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("cause_id", sa.BigInteger(), nullable=True, comment="the event that caused it"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lease_token", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_holder", sa.Integer(), nullable=True, comment="backend pid of the holder's bell connection"),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["cause_id"], ["inbound_event.id"], name=op.f("fk_outbound_message_cause_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_outbound_message_contact_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_outbound_message_conversation_id")
        ),
        sa.ForeignKeyConstraint(
            ["installation_id"], ["installation.id"], name=op.f("fk_outbound_message_installation_id")
        ),
        sa.ForeignKeyConstraint(["number_id"], ["number.id"], name=op.f("fk_outbound_message_number_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_message")),
        sa.UniqueConstraint("code", name=op.f("uq_outbound_message_code")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index(
        "ix_outbound_message_conversation_id_id", "outbound_message", ["conversation_id", "id"], unique=False
    )
    op.create_index(
        "ix_outbound_message_due",
        "outbound_message",
        ["next_try_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'ambiguous')"),
    )
    op.create_index(
        "ix_outbound_message_leased",
        "outbound_message",
        ["lease_holder"],
        unique=False,
        postgresql_where=sa.text("lease_holder IS NOT NULL"),
    )
    op.create_index("ix_outbound_message_number_id_id", "outbound_message", ["number_id", "id"], unique=False)
    op.create_index(
        "ix_outbound_message_open",
        "outbound_message",
        ["conversation_id", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sending', 'ambiguous')"),
    )
    op.create_index(
        "uq_outbound_message_wamid",
        "outbound_message",
        ["wamid"],
        unique=True,
        postgresql_where=sa.text("wamid IS NOT NULL"),
    )
    op.create_table(
        "delivery",
        sa.Column("outbound_message_id", sa.BigInteger(), nullable=True),
        sa.Column("wamid", sa.String(length=512), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False, comment="sent, delivered, read, played, failed"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True, comment="Meta's timestamp"),
        sa.Column("recipient", sa.String(length=160), nullable=True),
        sa.Column("error", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("pricing", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbound_message_id"], ["outbound_message.id"], name=op.f("fk_delivery_outbound_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index("ix_delivery_outbound_message_id", "delivery", ["outbound_message_id"], unique=False)
    op.create_index("ix_delivery_wamid", "delivery", ["wamid"], unique=False)
    op.execute(r"CREATE INDEX ix_number_digits ON number (regexp_replace(display_phone_number, '\D', '', 'g'))")


def downgrade() -> None:
    op.drop_index("ix_number_digits", table_name="number")
    op.drop_index("ix_delivery_wamid", table_name="delivery")
    op.drop_index("ix_delivery_outbound_message_id", table_name="delivery")
    op.drop_table("delivery")
    op.drop_index(
        "uq_outbound_message_wamid", table_name="outbound_message", postgresql_where=sa.text("wamid IS NOT NULL")
    )
    op.drop_index(
        "ix_outbound_message_open",
        table_name="outbound_message",
        postgresql_where=sa.text("state IN ('queued', 'sending', 'ambiguous')"),
    )
    op.drop_index("ix_outbound_message_number_id_id", table_name="outbound_message")
    op.drop_index(
        "ix_outbound_message_leased",
        table_name="outbound_message",
        postgresql_where=sa.text("lease_holder IS NOT NULL"),
    )
    op.drop_index(
        "ix_outbound_message_due",
        table_name="outbound_message",
        postgresql_where=sa.text("state IN ('queued', 'ambiguous')"),
    )
    op.drop_index("ix_outbound_message_conversation_id_id", table_name="outbound_message")
    op.drop_table("outbound_message")
    op.drop_index("uq_timer_open", table_name="timer", postgresql_where=sa.text("state IN ('pending', 'due')"))
    op.drop_index("ix_timer_pending", table_name="timer", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("ix_timer_conversation_id", table_name="timer")
    op.drop_table("timer")
    op.drop_index(
        "ix_inbound_event_waiting",
        table_name="inbound_event",
        postgresql_where=sa.text("state = 'pending' AND conversation_id IS NOT NULL"),
    )
    op.drop_index("ix_inbound_event_parked", table_name="inbound_event", postgresql_where=sa.text("state = 'parked'"))
    op.drop_index(
        "ix_inbound_event_unsorted",
        table_name="inbound_event",
        postgresql_where=sa.text("state = 'pending' AND conversation_id IS NULL AND kind IN ('message', 'echo')"),
    )
    op.drop_index(
        "ix_inbound_event_aside",
        table_name="inbound_event",
        postgresql_where=sa.text("state = 'pending' AND kind IN ('status', 'account')"),
    )
    op.drop_index("ix_inbound_event_conversation_id_id", table_name="inbound_event")
    op.drop_table("inbound_event")
    op.drop_index("uq_entry_key", table_name="entry", postgresql_where=sa.text("key IS NOT NULL"))
    op.drop_index("ix_entry_installation_id_collection_id", table_name="entry")
    op.drop_index("ix_entry_contact_id", table_name="entry")
    op.drop_table("entry")
    op.drop_index(
        "ix_conversation_waiting", table_name="conversation", postgresql_where=sa.text("waiting_since IS NOT NULL")
    )
    op.drop_index(
        "ix_conversation_leased", table_name="conversation", postgresql_where=sa.text("lease_holder IS NOT NULL")
    )
    op.drop_index(
        "ix_conversation_handover", table_name="conversation", postgresql_where=sa.text("handover_at IS NOT NULL")
    )
    op.drop_index("ix_conversation_contact_id", table_name="conversation")
    op.drop_table("conversation")
    op.drop_index("uq_contact_wa_id", table_name="contact", postgresql_where=sa.text("wa_id IS NOT NULL"))
    op.drop_index("uq_contact_bsuid", table_name="contact", postgresql_where=sa.text("bsuid IS NOT NULL"))
    op.drop_table("contact")
