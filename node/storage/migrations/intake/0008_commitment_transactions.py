"""Storage commitment: a transaction UID that stands is known by its keyed digest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "intake_0008"
down_revision = "intake_0007"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.add_column("commitment", sa.Column("transaction_lookup", sa.String(64), nullable=False, server_default=""))
    op.create_index("commitment_transaction", "commitment", ["transaction_lookup"])
