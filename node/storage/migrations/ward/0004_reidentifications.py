"""Requests to learn which patient of the hospital a case is: who asked, who decided, until when it holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0004"
down_revision = "ward_0003"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "reidentification",
        sa.Column("request_id", sa.String(36), primary_key=True),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_by", sa.String(36), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("decided_by", sa.String(36), nullable=False),
        sa.Column("refused_for", sa.String(32), nullable=False),
    )
    op.create_index("reidentification_asked", "reidentification", ["asked_at"])
