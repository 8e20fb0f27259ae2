"""Segmentations, reports and presentation states beside the images they name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "intake_0006"
down_revision = "intake_0005"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "attachment",
        sa.Column("image_id", sa.String(36), sa.ForeignKey("image.image_id"), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
    )
    op.create_table(
        "attachment_source",
        sa.Column("image_id", sa.String(36), sa.ForeignKey("attachment.image_id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("instance_lookup", sa.String(64), nullable=False),
    )
    op.create_index("attachment_source_of", "attachment_source", ["instance_lookup"])
