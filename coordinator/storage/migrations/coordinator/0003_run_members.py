"""The members a run of secure aggregation began with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "run_member",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"]),
        sa.ForeignKeyConstraint(["site_id"], ["site.site_id"]),
        sa.PrimaryKeyConstraint("run_id", "site_id"),
    )
