"""Extra places: every reader has the same number of them, whatever others said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "ward_0012"
down_revision = "ward_0011"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.add_column("adaptive_reads", sa.Column("places_each", sa.Integer, nullable=False, server_default="1"))
    op.create_table(
        "extra_place",
        sa.Column("assignment_id", sa.String(36), sa.ForeignKey("assignment.assignment_id"), primary_key=True),
        sa.Column("for_doubt", sa.Boolean, nullable=False),
    )
