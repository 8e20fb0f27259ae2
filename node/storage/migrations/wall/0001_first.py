"""The first tables of the wall: offers, approvals, budget, outbox, ledger, contact, runs, cohorts, verdicts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "wall_0001"
down_revision = None


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    _audit()
    _approvals()
    _sends()
    _ledger()
    _hearsay()
    _verdicts()


def _audit() -> None:
    op.create_table(
        "audit_event",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False, index=True),
        sa.Column("subject", sa.String(128), nullable=False, index=True),
        sa.Column("reason", sa.String(64), nullable=False),
    )


def _approvals() -> None:
    op.create_table(
        "offer",
        sa.Column("offer_sha256", sa.String(64), primary_key=True),
        sa.Column("plan_id", sa.String(36), nullable=False, index=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
    )
    op.create_table(
        "approval",
        sa.Column("approval_id", sa.String(36), primary_key=True),
        sa.Column("offer_sha256", sa.String(64), sa.ForeignKey("offer.offer_sha256"), nullable=False, index=True),
        sa.Column("plan_id", sa.String(36), nullable=False, index=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("given_order", sa.Integer, nullable=False),
        sa.Column("withdrawn_at", Moment()),
        sa.Column("withdrawal_reason", sa.String(32)),
    )
    op.create_table(
        "reservation",
        sa.Column("plan_id", sa.String(36), primary_key=True),
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("exchange", sa.String(32), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("approval_id", sa.String(36), sa.ForeignKey("approval.approval_id"), nullable=False),
        sa.Column("model_sha256", sa.String(64), nullable=False),
        sa.Column("privacy", sa.Text, nullable=False),
        sa.Column("reserved_at", Moment(), nullable=False),
    )


def _sends() -> None:
    op.create_table(
        "outbox",
        sa.Column("sent_sha256", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("message_kind", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("passage", sa.String(32), nullable=False, index=True),
        sa.Column("released_at", Moment(), nullable=False),
        sa.Column("receipt_at", Moment()),
        sa.Column("sealed_receipt", sa.LargeBinary),
        sa.Column("plan_id", sa.String(36)),
        sa.Column("run_id", sa.String(36)),
        sa.Column("exchange", sa.String(32)),
        sa.Column("round", sa.Integer),
        sa.Column("attempt", sa.Integer),
        sa.UniqueConstraint("plan_id", "run_id", "exchange", "round", "attempt", name="one_answer"),
    )


def _ledger() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sent_sha256", sa.String(64), sa.ForeignKey("outbox.sent_sha256"), nullable=False, unique=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    head = op.create_table(
        "ledger_head",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"one": 1, "number": 0, "hash": "0" * 64}])


def _hearsay() -> None:
    contact = op.create_table(
        "contact",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("enrolment", sa.String(32)),
        sa.Column("reached_at", Moment()),
        sa.Column("failing_since", Moment()),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("problem", sa.String(64), nullable=False),
    )
    op.bulk_insert(contact, [{"one": 1, "failures": 0, "problem": ""}])
    op.create_table(
        "run_notice",
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("plan_id", sa.String(36), nullable=False, index=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("rounds_done", sa.Integer, nullable=False),
        sa.Column("heard_at", Moment(), nullable=False),
    )


def _verdicts() -> None:
    op.create_table(
        "cohort",
        sa.Column("plan_id", sa.String(36), primary_key=True),
        sa.Column("rows_sha256", sa.String(64), nullable=False),
        sa.Column("cases", sa.Integer, nullable=False),
        sa.Column("training_cases", sa.Integer, nullable=False),
        sa.Column("frozen_at", Moment(), nullable=False),
    )
    figures = ("own_auc", "federated_auc", "low", "high", "smallest_detectable")
    op.create_table(
        "verdict",
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("plan_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("reached_at", Moment()),
        sa.Column("benefit", sa.String(32)),
        sa.Column("reason", sa.String(32)),
        sa.Column("cases", sa.Integer),
        sa.Column("patients", sa.Integer),
        *(sa.Column(name, sa.Float) for name in figures),
    )
