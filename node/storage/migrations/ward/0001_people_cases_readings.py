"""People, projects, cases, assignments, readings and their chain, consensus."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0001"
down_revision = None

GENESIS = "0" * 64


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    _people()
    _cases()
    _readings()


def _people() -> None:
    op.create_table(
        "person",
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_key", sa.String(240), nullable=False, unique=True),
        sa.Column("roles", sa.String(200), nullable=False),
        sa.Column("department", sa.String(64)),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("licence_verified", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password_digest", sa.String(200)),
        sa.Column("added_at", Moment(), nullable=False),
    )
    op.create_table(
        "login_code",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person_id", sa.String(36), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
    )
    op.create_index("ix_login_code_person_id", "login_code", ["person_id"])
    op.create_table(
        "session",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person_id", sa.String(36), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("proof", sa.String(16), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
    )
    op.create_index("ix_session_person_id", "session", ["person_id"])
    op.create_table(
        "sign_in_attempt",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
    )
    op.create_index("ix_sign_in_attempt_at", "sign_in_attempt", ["at"])
    op.create_index("ix_sign_in_attempt_key", "sign_in_attempt", ["key"])
    op.create_table(
        "audit_event",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_event_action", "audit_event", ["action"])
    op.create_index("ix_audit_event_subject", "audit_event", ["subject"])


def _cases() -> None:
    op.create_table(
        "project",
        sa.Column("project_id", sa.String(36), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("guideline", sa.Text(), nullable=False),
        sa.Column("schema_code", sa.String(64), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("reads_per_case", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(64)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(36), primary_key=True),
        sa.Column("patient_number", sa.BigInteger(), nullable=False),
        sa.Column("study_uid", sa.String(64), nullable=False),
        sa.Column("modality", sa.String(16), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("sex", sa.String(1), nullable=False),
        sa.Column("age_band", sa.String(8), nullable=False),
        sa.UniqueConstraint("study_uid", "modality", "part"),
    )
    op.create_index("ix_cases_modality", "cases", ["modality"])
    op.create_index("ix_cases_patient_number", "cases", ["patient_number"])
    op.create_table(
        "case_image",
        sa.Column("image_id", sa.String(36), primary_key=True),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("series_uid", sa.String(64), nullable=False),
        sa.Column("body_part", sa.String(64), nullable=False),
        sa.Column("view", sa.String(64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
    )
    op.create_index("ix_case_image_case_id", "case_image", ["case_id"])
    op.create_table(
        "project_case",
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), primary_key=True),
        sa.Column("reference_option", sa.String(64)),
        sa.Column("holdout", sa.Boolean(), nullable=False),
        sa.Column("closed_at", Moment()),
    )
    op.create_index("ix_project_case_case_id", "project_case", ["case_id"])


def _readings() -> None:
    op.create_table(
        "assignment",
        sa.Column("assignment_id", sa.String(36), primary_key=True),
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), nullable=False),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), nullable=False),
        sa.Column("person_id", sa.String(36), sa.ForeignKey("person.person_id"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("lease_until", Moment()),
        sa.UniqueConstraint("project_id", "case_id", "person_id"),
    )
    op.create_index("assignment_queue", "assignment", ["person_id", "state", "project_id", "position"])
    op.create_table(
        "draft",
        sa.Column("assignment_id", sa.String(36), sa.ForeignKey("assignment.assignment_id"), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("saved_at", Moment(), nullable=False),
    )
    op.create_table(
        "reading",
        sa.Column("reading_id", sa.String(36), primary_key=True),
        sa.Column(
            "assignment_id", sa.String(36), sa.ForeignKey("assignment.assignment_id"), nullable=False, unique=True
        ),
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.String(64)),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("chain_number", sa.BigInteger(), nullable=False, unique=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("entry_hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("project_id", "case_id", "person_id"),
    )
    op.create_index("ix_reading_person_id", "reading", ["person_id"])
    op.create_table(
        "reading_chain_head",
        sa.Column("singleton", sa.Integer(), primary_key=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("entry_hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "consensus",
        sa.Column("project_id", sa.String(36), primary_key=True),
        sa.Column("case_id", sa.String(36), primary_key=True),
        sa.Column("question", sa.String(64), primary_key=True),
        sa.Column("option", sa.String(64)),
        sa.Column("posterior", sa.Float(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("abstentions", sa.Integer(), nullable=False),
        sa.Column("dissent", sa.Integer(), nullable=False),
    )
    head = sa.table("reading_chain_head", sa.column("singleton"), sa.column("number"), sa.column("entry_hash"))
    op.execute(head.insert().values(singleton=1, number=0, entry_hash=GENESIS))
