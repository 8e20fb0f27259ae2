"""The tables of `intake.db`: received images, jobs, patients, the sealed way from clean to original, opt-outs.

No column holds a UID of the hospital, a patient identifier or a name in clear: lookups are keyed digests, identities
are sealed, identifiers are the node's own.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from node.storage.audit import audit_table
from node.storage.moments import Moment

METADATA = MetaData()

RECEIVED = Table(
    "received",
    METADATA,
    Column("received_id", String(36), primary_key=True),
    Column("instance_lookup", String(64), nullable=False),
    Column("content_digest", String(64), nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    Column("sealed_identity", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("received_at", Moment(), nullable=False),
    Column("settled_at", Moment()),
    Column("protected", Boolean, nullable=False),
    Column("dropped_at", Moment()),
    Column("done", String(512), nullable=False, server_default=""),
    UniqueConstraint("instance_lookup", "content_digest", name="received_same_bytes"),
    Index("received_state", "state", "settled_at"),
)

JOB = Table(
    "job",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("holder", String(64), nullable=False),
    Column("due_at", Moment(), nullable=False),
    Column("code", String(64), nullable=False),
    UniqueConstraint("kind", "subject", name="job_once"),
    Index("job_due", "kind", "state", "due_at"),
)

PATIENT = Table(
    "patient",
    METADATA,
    Column("patient_number", Integer, primary_key=True, autoincrement=True),
    Column("patient_lookup", String(64), nullable=False, unique=True),
    Column("sealed_identity", LargeBinary, nullable=False),
    Column("number_lookup", String(64)),
    Index("patient_number_lookup", "number_lookup"),
)

PATIENT_OTHER_NUMBER = Table(
    "patient_other_number",
    METADATA,
    Column("number_lookup", String(64), primary_key=True),
    Column("patient_number", Integer, ForeignKey("patient.patient_number"), primary_key=True),
    Index("patient_other_number_of", "patient_number"),
)

IMAGE = Table(
    "image",
    METADATA,
    Column("image_id", String(36), primary_key=True),
    Column("received_id", String(36), ForeignKey("received.received_id"), nullable=False, unique=True),
    Column("patient_number", Integer, ForeignKey("patient.patient_number"), nullable=False),
    Column("instance_lookup", String(64), nullable=False, index=True),
    Column("sealed_identity", LargeBinary, nullable=False),
    Column("cleaned_at", Moment()),
    Column("described_at", Moment()),
    Index("image_undescribed", "described_at", "cleaned_at"),
    Index("image_patient", "patient_number"),
)

TOMBSTONE = Table(
    "tombstone",
    METADATA,
    Column("patient_lookup", String(64), primary_key=True),
    Column("recorded_at", Moment(), nullable=False),
)

EXCLUSION_ENTRY = Table(
    "exclusion_entry",
    METADATA,
    Column("entry_id", String(36), primary_key=True),
    Column("number_lookup", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("lifted", String(32), nullable=False),
    Column("at", Moment(), nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor_id", String(64), nullable=False),
    Index("exclusion_entry_of", "number_lookup", "kind"),
)

EXCLUSION = Table(
    "exclusion",
    METADATA,
    Column("number_lookup", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("since", Moment(), nullable=False),
)

QUARANTINE_RELEASE = Table(
    "quarantine_release",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("received_id", String(36), ForeignKey("received.received_id"), nullable=False),
    Column("overruled", String(64), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("person_id", String(64), nullable=False),
    Column("released_at", Moment(), nullable=False),
    UniqueConstraint("received_id", "overruled", name="quarantine_release_once"),
)

AUDIT = audit_table(METADATA)
