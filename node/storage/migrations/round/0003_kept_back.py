"""What a hospital keeps back of updates that go in turns, by the round it is for; encrypted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "round_0003"
down_revision = "round_0002"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "kept_back",
        sa.Column("plan_id", sa.String(36), primary_key=True),
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", Moment(), nullable=False),
    )
