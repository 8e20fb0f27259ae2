"""Objections of readers to gold verdicts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0009c"
down_revision = "ward_0009b"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "gold_contest",
        sa.Column("reading_id", sa.String(36), primary_key=True),
        sa.Column("voted", sa.String(140), primary_key=True),
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), nullable=False, index=True),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), sa.ForeignKey("person.person_id"), nullable=False, index=True),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("said", sa.String(64)),
        sa.Column("known", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("raised_at", Moment(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
    )
