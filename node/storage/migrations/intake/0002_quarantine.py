"""What people released from quarantine, and what was done to an image that is clean."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "intake_0002"
down_revision = "intake_0001"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.add_column("received", sa.Column("done", sa.String(512), nullable=False, server_default=""))
    op.create_table(
        "quarantine_release",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("received_id", sa.String(36), sa.ForeignKey("received.received_id"), nullable=False),
        sa.Column("overruled", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("released_at", Moment(), nullable=False),
        sa.UniqueConstraint("received_id", "overruled", name="quarantine_release_once"),
    )
