"""Tables of `ward.db` about people beside `person`: departments of the house, certificates, applications, rates."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, Text

from node.storage.moments import Moment
from node.storage.ward_tables import Id, metadata

department = Table(
    "department",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("ko", String(64), nullable=False),
    Column("en", String(64), nullable=False),
)

certificate = Table(
    "certificate",
    metadata,
    Column("person_id", Id, ForeignKey("person.person_id"), primary_key=True),
    Column("task", String(64), primary_key=True),
    Column("issued_by", String(64), nullable=False),
    Column("issued_at", Moment(), nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("course", String(64)),
    Column("course_version", Integer),
    Column("probation_until", Date),
)

application = Table(
    "application",
    metadata,
    Column("application_id", Id, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("department", String(64), nullable=False),
    Column("licence_number", String(24), nullable=False),
    Column("specialty_number", String(24), nullable=False),
    Column("language", String(2), nullable=False),
    Column("subspecialty", String(64)),
    Column("specialist_since", Integer),
    Column("sent_at", Moment(), nullable=False),
    Column("state", String(16), nullable=False, index=True),
)

rate = Table(
    "rate",
    metadata,
    Column("project_id", Id, ForeignKey("project.project_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("amount", String(24), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("since", Moment(), nullable=False),
)

guideline = Table(
    "guideline",
    metadata,
    Column("project_id", Id, ForeignKey("project.project_id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("made_at", Moment(), nullable=False),
)
