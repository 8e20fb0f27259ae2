"""Readings of other sources beside those of the hospital's own people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0012b"
down_revision = "ward_0012"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "outside_reading",
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("source", sa.String(40), primary_key=True),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), primary_key=True),
        sa.Column("author", sa.String(40), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("imported_at", Moment(), nullable=False),
    )
