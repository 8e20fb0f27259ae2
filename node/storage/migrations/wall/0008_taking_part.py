"""Which patients each round learnt from or measured a model on, by the node's own numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "wall_0008"
down_revision = "wall_0007"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "patient_group",
        sa.Column("group_number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("group_sha256", sa.String(64), nullable=False, unique=True),
    )
    op.create_table(
        "patient_group_member",
        sa.Column("patient_number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("group_number", sa.Integer, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "round_patients",
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("exchange", sa.String(32), primary_key=True),
        sa.Column("role", sa.String(32), primary_key=True),
        sa.Column("group_number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("plan_id", sa.String(36), nullable=False),
        sa.Column("noted_at", Moment(), nullable=False),
    )
    op.create_index("round_patients_of_group", "round_patients", ["group_number"])
