"""Tokens of workstations and scripts: a digest, a role, an end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0003"
down_revision = "ward_0002"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "token",
        sa.Column("token_id", sa.String(36), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment()),
    )
