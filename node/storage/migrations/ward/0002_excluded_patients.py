"""The patients whose cases are read and learnt from by nobody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "ward_0002"
down_revision = "ward_0001"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    number = sa.Column("patient_number", sa.BigInteger, primary_key=True, autoincrement=False)
    op.create_table("excluded_patient", number)
