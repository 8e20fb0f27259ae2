"""The roster's versions, and what sites said of each other's keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from coordinator.storage.columns import Moment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "roster_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "peer_word",
        sa.Column("signer_site_id", sa.String(length=36), nullable=False),
        sa.Column("peer_site_id", sa.String(length=36), nullable=False),
        sa.Column("peer_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("said_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["signer_site_id"], ["site.site_id"]),
        sa.PrimaryKeyConstraint("signer_site_id", "peer_site_id", "peer_key"),
    )
