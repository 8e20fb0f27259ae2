"""Daily roots of hospitals' ledgers: the witnessed ones, and the first refused one of each fault."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "ledger_root",
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent_sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_witness", sa.LargeBinary(), nullable=False),
        sa.Column("witnessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.site_id"]),
        sa.PrimaryKeyConstraint("site_id", "day"),
    )
    op.create_table(
        "refused_root",
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("fault", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.site_id"]),
        sa.PrimaryKeyConstraint("site_id", "fault"),
    )
