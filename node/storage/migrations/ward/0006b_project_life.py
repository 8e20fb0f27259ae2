"""A project's payer and permitted uses, its pilot, and the versions of its guideline.

Projects made before name no use: they permit what they permitted, every approved plan.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0006b"
down_revision = "ward_0006"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.add_column("project", sa.Column("payer", sa.String(200)))
    op.add_column("project", sa.Column("permitted_use", sa.String(32)))
    op.add_column("project", sa.Column("permitted_partners", sa.Text))
    op.add_column("project", sa.Column("guideline_version", sa.Integer))
    op.add_column("project_case", sa.Column("pilot", sa.Boolean))
    op.create_table(
        "guideline",
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
    )
