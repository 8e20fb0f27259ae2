"""Rate cards by specialty and difficulty, the rate that is bound to each assignment, and what each reading is owed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0009"
down_revision = "ward_0008"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "rate_line",
        sa.Column("project_id", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("department", sa.String(64)),
        sa.Column("difficulty", sa.String(16)),
        sa.Column("amount", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(["project_id", "number"], ["rate.project_id", "rate.number"]),
    )
    op.create_table(
        "bound_rate",
        sa.Column("assignment_id", sa.String(36), primary_key=True),
        sa.Column("amount", sa.String(24), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("card_version", sa.Integer, nullable=False),
        sa.Column("bound_at", Moment(), nullable=False),
    )
    op.create_table(
        "owed_reading",
        sa.Column("reading_id", sa.String(36), primary_key=True),
        sa.Column("person_id", sa.String(36), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=False, index=True),
        sa.Column("amount", sa.String(24), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("card_version", sa.Integer, nullable=False),
    )
