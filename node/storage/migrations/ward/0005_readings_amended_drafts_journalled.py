"""Journals of drafts, amended and destroyed readings and what they were read under, concerns raised from a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0005"
down_revision = "ward_0004"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    _drafts()
    _readings()
    _concerns()


def _drafts() -> None:
    op.create_table(
        "draft_change",
        sa.Column("assignment_id", sa.String(36), sa.ForeignKey("assignment.assignment_id"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("change_set_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", Moment(), nullable=False),
        sa.UniqueConstraint("assignment_id", "change_set_id"),
    )


def _readings() -> None:
    op.create_table(
        "amended_reading",
        sa.Column("reading_id", sa.String(36), primary_key=True),
        sa.Column("assignment_id", sa.String(36), sa.ForeignKey("assignment.assignment_id"), nullable=False),
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.String(64)),
        sa.Column("amends", sa.String(36), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("chain_number", sa.BigInteger(), nullable=False, unique=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("entry_hash", sa.String(64), nullable=False),
    )
    op.create_index("ix_amended_reading_assignment_id", "amended_reading", ["assignment_id"])
    op.create_index("amended_reading_case", "amended_reading", ["project_id", "case_id"])
    op.create_table(
        "reading_basis",
        sa.Column("reading_id", sa.String(36), primary_key=True),
        sa.Column("schema_code", sa.String(64), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("guideline_version", sa.Integer(), nullable=False),
        sa.Column("guideline_sha256", sa.String(64), nullable=False),
        sa.Column("suggestion_shown", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "destroyed_reading",
        sa.Column("reading_id", sa.String(36), primary_key=True),
        sa.Column("destroyed_at", Moment(), nullable=False),
        sa.Column("destroyed_by", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
    )


def _concerns() -> None:
    op.create_table(
        "concern",
        sa.Column("concern_id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), nullable=False),
        sa.Column("assignment_id", sa.String(36), sa.ForeignKey("assignment.assignment_id"), nullable=False),
        sa.Column("raised_by", sa.String(36), nullable=False),
        sa.Column("raised_at", Moment(), nullable=False),
        sa.Column("rule", sa.Text()),
        sa.Column("images_held_at", Moment()),
        sa.Column("outcome", sa.String(32)),
        sa.Column("closed_by", sa.String(36)),
        sa.Column("closed_at", Moment()),
        sa.UniqueConstraint("assignment_id", "kind"),
    )
    op.create_index("ix_concern_case_id", "concern", ["case_id"])
    op.create_table(
        "withdrawn_case",
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), primary_key=True),
        sa.Column("withdrawn_at", Moment(), nullable=False),
    )
