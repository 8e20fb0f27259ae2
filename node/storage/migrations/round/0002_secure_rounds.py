"""Rounds of secure aggregation: the state of each, encrypted, and what was answered in its latest attempt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "round_0002"
down_revision = "round_0001"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "secure_round",
        sa.Column("plan_id", sa.String(36), primary_key=True),
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("members_sha256", sa.String(64), nullable=False),
        sa.Column("trained_sha256", sa.String(64), nullable=False),
        sa.Column("words_sha256", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", Moment(), nullable=False),
    )
    op.create_table(
        "secure_reply",
        sa.Column("plan_id", sa.String(36), primary_key=True),
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("act", sa.String(16), primary_key=True),
        sa.Column("asked_sha256", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
