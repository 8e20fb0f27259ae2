"""Rules from cases to readers, difficulty, priority and due date of cases, and rests against fatigue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "ward_0006c"
down_revision = "ward_0006b"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.add_column("project", sa.Column("rules", sa.Text))
    op.add_column("project", sa.Column("rest_after", sa.Integer))
    op.add_column("project", sa.Column("rest_minutes", sa.Integer))
    op.add_column("project_case", sa.Column("difficulty", sa.String(16)))
    op.add_column("project_case", sa.Column("priority", sa.Integer))
    op.add_column("project_case", sa.Column("due_on", sa.Date))
    op.add_column("assignment", sa.Column("rank", sa.BigInteger))
