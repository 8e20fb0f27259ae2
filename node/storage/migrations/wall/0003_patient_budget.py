"""The patients of private plans, what every training was charged to them, and the first figures of each model."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "wall_0003"
down_revision = "wall_0002"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "private_cohort",
        sa.Column("plan_id", sa.String(36), primary_key=True),
        sa.Column("patients", sa.Integer, nullable=False),
        sa.Column("delta", sa.Float, nullable=False),
        sa.Column("frozen_at", Moment(), nullable=False),
    )
    op.create_table(
        "private_patient",
        sa.Column("plan_id", sa.String(36), primary_key=True),
        sa.Column("patient_number", sa.Integer, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "private_charge",
        sa.Column("plan_id", sa.String(36), primary_key=True),
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("noise_multiplier", sa.Float, nullable=False),
        sa.Column("sampling_rate", sa.Float, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("charged_at", Moment(), nullable=False),
    )
    op.create_table(
        "first_figures",
        sa.Column("plan_id", sa.String(36), primary_key=True),
        sa.Column("model_sha256", sa.String(64), primary_key=True),
        sa.Column("part", sa.String(32), primary_key=True),
        sa.Column("cases", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
