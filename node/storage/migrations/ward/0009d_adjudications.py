"""Adjudications, and the places adjudicators read under."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0009d"
down_revision = "ward_0009c"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "adjudication",
        sa.Column("adjudication_id", sa.String(36), primary_key=True),
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), nullable=False),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), nullable=False),
        sa.Column("question", sa.String(140), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("adjudicator_id", sa.String(36)),
        sa.Column("assignment_id", sa.String(36), index=True),
        sa.Column("order_seed", sa.BigInteger, nullable=False),
        sa.Column("option", sa.String(64)),
        sa.Column("reason", sa.String(32)),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("decided_at", Moment()),
    )
    op.create_index("adjudication_case", "adjudication", ["project_id", "case_id"])
    op.create_table(
        "adjudicator_place",
        sa.Column("assignment_id", sa.String(36), sa.ForeignKey("assignment.assignment_id"), primary_key=True),
    )
