"""The daily roots of the ledger, and the coordinator's witness under each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "wall_0004"
down_revision = "wall_0003"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "ledger_root",
        sa.Column("site_id", sa.String(36), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("sealed_witness", sa.LargeBinary),
        sa.Column("witnessed_at", Moment()),
    )
