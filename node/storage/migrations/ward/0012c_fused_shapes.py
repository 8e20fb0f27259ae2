"""What readers drew, fused, by case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0012c"
down_revision = "ward_0012b"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "fused_case",
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("fused_at", Moment(), nullable=False),
    )
