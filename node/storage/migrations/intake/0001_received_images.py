"""Received images, jobs, patients, the map to clean images, tombstones, audit events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "intake_0001"
down_revision = None


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    _received()
    _jobs()
    _patients()
    _audit()


def _received() -> None:
    op.create_table(
        "received",
        sa.Column("received_id", sa.String(36), primary_key=True),
        sa.Column("instance_lookup", sa.String(64), nullable=False),
        sa.Column("content_digest", sa.String(64), nullable=False),
        sa.Column("byte_count", sa.BigInteger, nullable=False),
        sa.Column("sealed_identity", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("settled_at", Moment()),
        sa.Column("protected", sa.Boolean, nullable=False),
        sa.Column("dropped_at", Moment()),
        sa.UniqueConstraint("instance_lookup", "content_digest", name="received_same_bytes"),
    )
    op.create_index("received_state", "received", ["state", "settled_at"])


def _jobs() -> None:
    op.create_table(
        "job",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.UniqueConstraint("kind", "subject", name="job_once"),
    )
    op.create_index("job_due", "job", ["kind", "state", "due_at"])


def _patients() -> None:
    op.create_table(
        "patient",
        sa.Column("patient_number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("patient_lookup", sa.String(64), nullable=False, unique=True),
        sa.Column("sealed_identity", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "image",
        sa.Column("image_id", sa.String(36), primary_key=True),
        sa.Column("received_id", sa.String(36), sa.ForeignKey("received.received_id"), nullable=False, unique=True),
        sa.Column("patient_number", sa.Integer, sa.ForeignKey("patient.patient_number"), nullable=False),
        sa.Column("instance_lookup", sa.String(64), nullable=False),
        sa.Column("sealed_identity", sa.LargeBinary, nullable=False),
        sa.Column("cleaned_at", Moment()),
    )
    op.create_index("ix_image_instance_lookup", "image", ["instance_lookup"])
    op.create_table(
        "tombstone",
        sa.Column("patient_lookup", sa.String(64), primary_key=True),
        sa.Column("recorded_at", Moment(), nullable=False),
    )


def _audit() -> None:
    op.create_table(
        "audit_event",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_event_action", "audit_event", ["action"])
    op.create_index("ix_audit_event_subject", "audit_event", ["subject"])
