"""Saved pulls and the studies they found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "intake_0004"
down_revision = "intake_0003"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "pull",
        sa.Column("pull_id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(40), nullable=False, unique=True),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("sealed_query", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("saved_at", Moment(), nullable=False),
    )
    op.create_table(
        "pull_study",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("study_id", sa.String(36), nullable=False, unique=True),
        sa.Column("pull_id", sa.String(36), sa.ForeignKey("pull.pull_id"), nullable=False),
        sa.Column("study_lookup", sa.String(64), nullable=False),
        sa.Column("sealed_uid", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("expected", sa.Integer, nullable=False),
        sa.Column("arrived", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.UniqueConstraint("pull_id", "study_lookup", name="pull_study_once"),
    )
    op.create_index("pull_study_state", "pull_study", ["pull_id", "state"])
