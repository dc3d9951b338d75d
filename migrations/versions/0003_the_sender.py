"""The sender: what is open as a column of its own, answers lost, parked rows; one delivery row per status."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WAS = "state IN ('queued', 'sending', 'ambiguous')"
OPEN = "state::text = 'queued'::text OR state::text = 'sending'::text OR state::text = 'ambiguous'::text"


def upgrade() -> None:
    for name in ("due", "leased", "open"):
        op.drop_index(f"ix_outbound_message_{name}", table_name="outbound_message")
    op.add_column(
        "outbound_message",
        sa.Column("lost", sa.SmallInteger(), server_default="0", nullable=False, comment="answers lost on the way"),
    )
    op.add_column(
        "outbound_message",
        sa.Column(
            "parked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="real time; waits until its number is connected again",
        ),
    )
    op.add_column("outbound_message", sa.Column("is_open", sa.Boolean(), sa.Computed(OPEN, persisted=True)))
    op.create_index(
        "ix_outbound_message_open",
        "outbound_message",
        ["conversation_id", "id"],
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_outbound_message_due", "outbound_message", ["next_try_at", "id"], postgresql_where=sa.text("is_open")
    )
    op.create_index(
        "ix_outbound_message_parked",
        "outbound_message",
        ["number_id"],
        postgresql_where=sa.text("parked_at IS NOT NULL"),
    )
    op.drop_index("ix_delivery_wamid", table_name="delivery")
    op.create_index("uq_delivery_wamid_status", "delivery", ["wamid", "status"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_delivery_wamid_status", table_name="delivery")
    op.create_index("ix_delivery_wamid", "delivery", ["wamid"])
    for name in ("parked", "due", "open"):
        op.drop_index(f"ix_outbound_message_{name}", table_name="outbound_message")
    for name in ("is_open", "parked_at", "lost"):
        op.drop_column("outbound_message", name)
    op.create_index(
        "ix_outbound_message_open", "outbound_message", ["conversation_id", "id"], postgresql_where=sa.text(WAS)
    )
    op.create_index(
        "ix_outbound_message_due",
        "outbound_message",
        ["next_try_at", "id"],
        postgresql_where=sa.text("state IN ('queued', 'ambiguous')"),
    )
    op.create_index(
        "ix_outbound_message_leased",
        "outbound_message",
        ["lease_holder"],
        postgresql_where=sa.text("lease_holder IS NOT NULL"),
    )
