"""Each office's stops of a plan, which hold until that office lifts them; what ended an approval before was a stop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "wall_0005"
down_revision = "wall_0004"

_OFFICES = {"steward-revoked": "steward", "ethics-suspended": "ethics", "it-stopped": "it"}


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    stops = op.create_table(
        "plan_stop",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("plan_id", sa.String(36), nullable=False, index=True),
        sa.Column("office", sa.String(32), nullable=False),
        sa.Column("stopped_at", Moment(), nullable=False),
        sa.Column("lifted_at", Moment()),
        sa.Column("lift_reason", sa.String(32)),
    )
    approvals = sa.table(
        "approval",
        sa.column("plan_id", sa.String),
        sa.column("given_order", sa.Integer),
        sa.column("withdrawn_at", Moment()),
        sa.column("withdrawal_reason", sa.String),
    )
    given = op.get_bind().execute(sa.select(approvals).order_by(approvals.c.given_order)).all()
    latest = {row.plan_id: row for row in given}
    standing = [
        {"plan_id": row.plan_id, "office": _OFFICES[row.withdrawal_reason], "stopped_at": row.withdrawn_at}
        for row in latest.values()
        if row.withdrawn_at is not None
    ]
    if standing:
        op.bulk_insert(stops, standing)
