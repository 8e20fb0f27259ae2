"""Readings that no longer count because what is asked has changed, and rests that see what was read anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0008"
down_revision = "ward_0007"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "set_aside_reading",
        sa.Column("reading_id", sa.String(36), primary_key=True),
        sa.Column("set_aside_at", Moment(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
    )
    op.create_index("amended_reading_person", "amended_reading", ["person_id"])
