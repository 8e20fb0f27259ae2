"""Exclusions by the hospital's patient number; patients of releases before this one get their lookup at a start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "intake_0005"
down_revision = "intake_0004"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.add_column("patient", sa.Column("number_lookup", sa.String(64)))
    op.create_index("patient_number_lookup", "patient", ["number_lookup"])
    op.create_index("image_patient", "image", ["patient_number"])
    op.create_table(
        "exclusion_entry",
        sa.Column("entry_id", sa.String(36), primary_key=True),
        sa.Column("number_lookup", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("lifted", sa.String(32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.String(64), nullable=False),
    )
    op.create_index("exclusion_entry_of", "exclusion_entry", ["number_lookup", "kind"])
    op.create_table(
        "exclusion",
        sa.Column("number_lookup", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("since", Moment(), nullable=False),
    )
