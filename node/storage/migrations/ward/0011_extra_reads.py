"""Reads that depend on how sure consensus is, and cases that readers are given a second time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0011"
down_revision = "ward_0010"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.add_column("project", sa.Column("reads_at_most", sa.Integer))
    op.create_table(
        "adaptive_reads",
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("bound", sa.Float, nullable=False),
        sa.Column("by_chance", sa.Float, nullable=False),
        sa.Column("key", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "repeats",
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("share", sa.Float, nullable=False),
        sa.Column("after_days", sa.Integer, nullable=False),
    )
    op.create_table(
        "repeat_case",
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), primary_key=True),
        sa.Column("of_case_id", sa.String(36), sa.ForeignKey("cases.case_id"), nullable=False, index=True),
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), nullable=False),
        sa.Column("person_id", sa.String(36), sa.ForeignKey("person.person_id"), nullable=False, index=True),
        sa.Column("made_at", Moment(), nullable=False),
    )
    op.create_table(
        "repeat_image",
        sa.Column("image_id", sa.String(36), sa.ForeignKey("case_image.image_id"), primary_key=True),
        sa.Column("of_image_id", sa.String(36), nullable=False),
    )
