"""The other numbers a header has for a patient, as keyed digests: an exclusion counts by any of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "intake_0009"
down_revision = "intake_0008"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "patient_other_number",
        sa.Column("number_lookup", sa.String(64), primary_key=True),
        sa.Column("patient_number", sa.Integer, sa.ForeignKey("patient.patient_number"), primary_key=True),
    )
    op.create_index("patient_other_number_of", "patient_other_number", ["patient_number"])
