"""Storage commitment: what peers asked, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "intake_0007"
down_revision = "intake_0006"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "commitment",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("commitment_id", sa.String(36), nullable=False, unique=True),
        sa.Column("peer", sa.String(16), nullable=False),
        sa.Column("sealed_request", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("instances", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
    )
    op.create_index("commitment_state", "commitment", ["state", "peer"])
