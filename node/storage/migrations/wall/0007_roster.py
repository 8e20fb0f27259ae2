"""The roster's versions, comparisons under way, and this hospital's words on other hospitals' keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "wall_0007"
down_revision = "wall_0006"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "roster_version",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
    )
    op.create_table(
        "peer_comparison",
        sa.Column("peer_site_id", sa.String(36), primary_key=True),
        sa.Column("peer_key", sa.LargeBinary, nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("began", sa.Boolean, nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
    )
    op.create_table(
        "peer_word",
        sa.Column("peer_site_id", sa.String(36), primary_key=True),
        sa.Column("peer_key_hex", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("signed_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment()),
    )
