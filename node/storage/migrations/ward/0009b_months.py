"""Months of pay: payment categories, counter-entries, closed months and their statements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0009b"
down_revision = "ward_0009"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    op.create_table(
        "payment_category",
        sa.Column("person_id", sa.String(36), sa.ForeignKey("person.person_id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("category", sa.String(16), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
    )
    op.create_table(
        "pay_month",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("closed_at", Moment(), nullable=False),
    )
    op.create_table(
        "statement",
        sa.Column("statement_id", sa.String(36), primary_key=True),
        sa.Column("month", sa.String(7), sa.ForeignKey("pay_month.month"), nullable=False),
        sa.Column("person_id", sa.String(36), sa.ForeignKey("person.person_id"), nullable=False, index=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("category", sa.String(16), nullable=False),
        sa.Column("gross", sa.String(32), nullable=False),
        sa.Column("income_tax", sa.String(32), nullable=False),
        sa.Column("local_tax", sa.String(32), nullable=False),
        sa.Column("file", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("month", "person_id", "currency"),
    )
    op.create_table(
        "counter_entry",
        sa.Column("entry_id", sa.String(36), primary_key=True),
        sa.Column("corrects", sa.String(36), sa.ForeignKey("statement.statement_id"), nullable=False, index=True),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("made_at", Moment(), nullable=False, index=True),
    )
