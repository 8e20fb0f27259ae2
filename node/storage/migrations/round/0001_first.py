"""The first table of the round secrets: the one vector of a round, encrypted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "round_0001"
down_revision = None


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "round_vector",
        sa.Column("plan_id", sa.String(36), primary_key=True),
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("base_model_sha256", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", Moment(), nullable=False),
    )
