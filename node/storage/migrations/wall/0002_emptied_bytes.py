"""The outbox says since when a parcel's bytes are no longer kept; the row, and the ledger's entry, stay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "wall_0002"
down_revision = "wall_0001"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.add_column("outbox", sa.Column("emptied_at", Moment()))
    op.create_index("outbox_kept", "outbox", ["passage", "emptied_at", "released_at"])
