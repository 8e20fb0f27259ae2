"""The tables of `ward.db`: people, projects, cases, assignments, readings, consensus. The migrations make them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from node.storage.audit import audit_table
from node.storage.moments import Moment

metadata = MetaData()
Id = String(36)

audit = audit_table(metadata)

person = Table(
    "person",
    metadata,
    Column("person_id", Id, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("name_key", String(240), nullable=False, unique=True),
    Column("roles", String(200), nullable=False),
    Column("department", String(64)),
    Column("language", String(2), nullable=False),
    Column("licence_verified", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("password_digest", String(200)),
    Column("added_at", Moment(), nullable=False),
    Column("subspecialty", String(64)),
    Column("specialist_since", Integer),
    Column("licence_number", String(24)),
    Column("specialty_number", String(24)),
    Column("licence_until", Date),
    Column("licence_checked_by", String(64)),
    Column("licence_checked_at", Moment()),
    Column("pledge_version", Integer),
    Column("pledged_at", Moment()),
)

login_code = Table(
    "login_code",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person_id", Id, ForeignKey("person.person_id"), nullable=False, index=True),
    Column("expires_at", Moment(), nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person_id", Id, ForeignKey("person.person_id"), nullable=False, index=True),
    Column("proof", String(16), nullable=False),
    Column("expires_at", Moment(), nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("token_id", Id, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("role", String(32), nullable=False),
    Column("made_at", Moment(), nullable=False),
    Column("expires_at", Moment(), nullable=False),
    Column("revoked_at", Moment()),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False, index=True),
    Column("at", Moment(), nullable=False, index=True),
)

project = Table(
    "project",
    metadata,
    Column("project_id", Id, primary_key=True),
    Column("title", String(200), nullable=False),
    Column("guideline", Text, nullable=False),
    Column("schema_code", String(64), nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("reads_per_case", Integer, nullable=False),
    Column("department", String(64)),
    Column("state", String(16), nullable=False),
    Column("made_at", Moment(), nullable=False),
    Column("labelers", Boolean),
    Column("payer", String(200)),
    Column("permitted_use", String(32)),
    Column("permitted_partners", Text),
    Column("guideline_version", Integer),
    Column("rules", Text),
    Column("rest_after", Integer),
    Column("rest_minutes", Integer),
    Column("reads_at_most", Integer),
)

case = Table(
    "cases",
    metadata,
    Column("case_id", Id, primary_key=True),
    Column("patient_number", BigInteger, nullable=False, index=True),
    Column("study_uid", String(64), nullable=False),
    Column("modality", String(16), nullable=False, index=True),
    Column("part", Integer, nullable=False),
    Column("sex", String(1), nullable=False),
    Column("age_band", String(8), nullable=False),
    UniqueConstraint("study_uid", "modality", "part"),
)

excluded_patient = Table(
    "excluded_patient",
    metadata,
    Column("patient_number", BigInteger, primary_key=True, autoincrement=False),
)

case_image = Table(
    "case_image",
    metadata,
    Column("image_id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("series_uid", String(64), nullable=False),
    Column("body_part", String(64), nullable=False),
    Column("view", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("columns", Integer, nullable=False),
    Column("frames", Integer, nullable=False),
)

project_case = Table(
    "project_case",
    metadata,
    Column("project_id", Id, ForeignKey("project.project_id"), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.case_id"), primary_key=True, index=True),
    Column("reference_option", String(64)),
    Column("holdout", Boolean, nullable=False),
    Column("closed_at", Moment()),
    Column("pilot", Boolean),
    Column("difficulty", String(16)),
    Column("priority", Integer),
    Column("due_on", Date),
)

assignment = Table(
    "assignment",
    metadata,
    Column("assignment_id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("project.project_id"), nullable=False),
    Column("case_id", Id, ForeignKey("cases.case_id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.person_id"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("lease_until", Moment()),
    Column("rank", BigInteger),
    UniqueConstraint("project_id", "case_id", "person_id"),
    Index("assignment_queue", "person_id", "state", "project_id", "position"),
)

draft = Table(
    "draft",
    metadata,
    Column("assignment_id", Id, ForeignKey("assignment.assignment_id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("content", Text, nullable=False),
    Column("saved_at", Moment(), nullable=False),
)

draft_change = Table(
    "draft_change",
    metadata,
    Column("assignment_id", Id, ForeignKey("assignment.assignment_id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("change_set_id", Id, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("body", Text, nullable=False),
    Column("saved_at", Moment(), nullable=False),
    UniqueConstraint("assignment_id", "change_set_id"),
)

reading = Table(
    "reading",
    metadata,
    Column("reading_id", Id, primary_key=True),
    Column("assignment_id", Id, ForeignKey("assignment.assignment_id"), nullable=False, unique=True),
    Column("project_id", Id, nullable=False),
    Column("case_id", Id, nullable=False),
    Column("person_id", Id, nullable=False, index=True),
    Column("submitted_at", Moment(), nullable=False),
    Column("content", Text, nullable=False),
    Column("idempotency_key", String(64)),
    Column("salt", LargeBinary(32), nullable=False),
    Column("chain_number", BigInteger, nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    Column("entry_hash", String(64), nullable=False),
    UniqueConstraint("project_id", "case_id", "person_id"),
)

chain_head = Table(
    "reading_chain_head",
    metadata,
    Column("singleton", Integer, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("entry_hash", String(64), nullable=False),
)

consensus = Table(
    "consensus",
    metadata,
    Column("project_id", Id, primary_key=True),
    Column("case_id", Id, primary_key=True),
    Column("question", String(140), primary_key=True),
    Column("option", String(64)),
    Column("posterior", Float, nullable=False),
    Column("votes", Integer, nullable=False),
    Column("abstentions", Integer, nullable=False),
    Column("dissent", Integer, nullable=False),
)
