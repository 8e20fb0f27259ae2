"""A first steward's yes, which counts for nothing until a second one confirms it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "wall_0006"
down_revision = "wall_0005"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "first_yes",
        sa.Column("plan_id", sa.String(36), primary_key=True),
        sa.Column("yes_id", sa.String(36), nullable=False),
        sa.Column("offer_sha256", sa.String(64), sa.ForeignKey("offer.offer_sha256"), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("said_at", Moment(), nullable=False),
    )
