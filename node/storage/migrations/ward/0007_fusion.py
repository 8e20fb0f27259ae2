"""How projects fuse: the way, what is known of how readers err, gold cases; names of options of several fit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0007"
down_revision = "ward_0006c"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "project_fusion",
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("cases", sa.Integer, nullable=False),
        sa.Column("estimated_at", Moment(), nullable=False),
    )
    op.create_table(
        "reader_estimate",
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("voted", sa.String(140), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "gold_case",
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), primary_key=True),
        sa.Column("voted", sa.String(140), primary_key=True),
        sa.Column("option", sa.String(64), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps texts of any length
        op.alter_column("consensus", "question", type_=sa.String(140))
