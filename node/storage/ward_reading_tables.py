"""The tables of `ward.db` beside the first readings: amended and destroyed ones, what a reading was made under."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from node.storage.moments import Moment
from node.storage.ward_tables import Id, metadata

amended_reading = Table(
    "amended_reading",
    metadata,
    Column("reading_id", Id, primary_key=True),
    Column("assignment_id", Id, ForeignKey("assignment.assignment_id"), nullable=False, index=True),
    Column("project_id", Id, nullable=False),
    Column("case_id", Id, nullable=False),
    Column("person_id", Id, nullable=False),
    Column("submitted_at", Moment(), nullable=False),
    Column("content", Text, nullable=False),
    Column("idempotency_key", String(64)),
    Column("amends", Id, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("salt", LargeBinary(32), nullable=False),
    Column("chain_number", BigInteger, nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    Column("entry_hash", String(64), nullable=False),
    Index("amended_reading_case", "project_id", "case_id"),
    Index("amended_reading_person", "person_id"),
)

reading_basis = Table(
    "reading_basis",
    metadata,
    Column("reading_id", Id, primary_key=True),
    Column("schema_code", String(64), nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("guideline_version", Integer, nullable=False),
    Column("guideline_sha256", String(64), nullable=False),
    Column("suggestion_shown", Boolean, nullable=False),
)

destroyed_reading = Table(
    "destroyed_reading",
    metadata,
    Column("reading_id", Id, primary_key=True),
    Column("destroyed_at", Moment(), nullable=False),
    Column("destroyed_by", String(64), nullable=False),
    Column("reason", String(32), nullable=False),
)

set_aside_reading = Table(
    "set_aside_reading",
    metadata,
    Column("reading_id", Id, primary_key=True),
    Column("set_aside_at", Moment(), nullable=False),
    Column("reason", String(32), nullable=False),
)

concern = Table(
    "concern",
    metadata,
    Column("concern_id", Id, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("case_id", Id, ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("assignment_id", Id, ForeignKey("assignment.assignment_id"), nullable=False),
    Column("raised_by", Id, nullable=False),
    Column("raised_at", Moment(), nullable=False),
    Column("rule", Text),
    Column("images_held_at", Moment()),
    Column("outcome", String(32)),
    Column("closed_by", Id),
    Column("closed_at", Moment()),
    UniqueConstraint("assignment_id", "kind"),
)

withdrawn_case = Table(
    "withdrawn_case",
    metadata,
    Column("case_id", Id, ForeignKey("cases.case_id"), primary_key=True),
    Column("withdrawn_at", Moment(), nullable=False),
)
