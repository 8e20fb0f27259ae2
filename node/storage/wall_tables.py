"""The tables of `wall.db`: offers, decisions, budget, outbox, ledger, contact, runs, cohorts, verdicts, privacy."""

from __future__ import annotations

from sqlalchemy import (
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
Digest = String(64)
Word = String(32)

audit = audit_table(metadata)

offer = Table(
    "offer",
    metadata,
    Column("offer_sha256", Digest, primary_key=True),
    Column("plan_id", Id, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("received_at", Moment(), nullable=False),
)

approval = Table(
    "approval",
    metadata,
    Column("approval_id", Id, primary_key=True),
    Column("offer_sha256", Digest, ForeignKey("offer.offer_sha256"), nullable=False, index=True),
    Column("plan_id", Id, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("given_order", Integer, nullable=False),
    Column("withdrawn_at", Moment()),
    Column("withdrawal_reason", Word),
)

plan_stop = Table(
    "plan_stop",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("plan_id", Id, nullable=False, index=True),
    Column("office", Word, nullable=False),
    Column("stopped_at", Moment(), nullable=False),
    Column("lifted_at", Moment()),
    Column("lift_reason", Word),
)

first_yes = Table(
    "first_yes",
    metadata,
    Column("plan_id", Id, primary_key=True),
    Column("yes_id", Id, nullable=False),
    Column("offer_sha256", Digest, ForeignKey("offer.offer_sha256"), nullable=False),
    Column("person_id", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("said_at", Moment(), nullable=False),
)

reservation = Table(
    "reservation",
    metadata,
    Column("plan_id", Id, primary_key=True),
    Column("run_id", Id, primary_key=True),
    Column("exchange", Word, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("approval_id", Id, ForeignKey("approval.approval_id"), nullable=False),
    Column("model_sha256", Digest, nullable=False),
    Column("privacy", Text, nullable=False),
    Column("reserved_at", Moment(), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("sent_sha256", Digest, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("message_kind", Word, nullable=False),
    Column("channel", Word, nullable=False),
    Column("passage", Word, nullable=False, index=True),
    Column("released_at", Moment(), nullable=False),
    Column("receipt_at", Moment()),
    Column("sealed_receipt", LargeBinary),
    # The exchange these bytes answer; null for messages that answer nothing that may be asked again.
    Column("plan_id", Id),
    Column("run_id", Id),
    Column("exchange", Word),
    Column("round", Integer),
    Column("attempt", Integer),
    # Since when `sealed` is empty because its time was over; null while the bytes are kept.
    Column("emptied_at", Moment()),
    UniqueConstraint("plan_id", "run_id", "exchange", "round", "attempt", name="one_answer"),
    # Finds what may be emptied without reading past the bytes of every row.
    Index("outbox_kept", "passage", "emptied_at", "released_at"),
)

ledger_entry = Table(
    "ledger_entry",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sent_sha256", Digest, ForeignKey("outbox.sent_sha256"), nullable=False, unique=True),
    Column("body", Text, nullable=False),
    Column("hash", Digest, nullable=False),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", Digest, nullable=False),
)

ledger_root = Table(
    "ledger_root",
    metadata,
    Column("site_id", Id, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("body", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_witness", LargeBinary),
    Column("witnessed_at", Moment()),
)

contact = Table(
    "contact",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("enrolment", Word),
    Column("reached_at", Moment()),
    Column("failing_since", Moment()),
    Column("failures", Integer, nullable=False),
    Column("problem", String(64), nullable=False),
)

run_notice = Table(
    "run_notice",
    metadata,
    Column("run_id", Id, primary_key=True),
    Column("plan_id", Id, nullable=False, index=True),
    Column("state", Word, nullable=False),
    Column("rounds_done", Integer, nullable=False),
    Column("heard_at", Moment(), nullable=False),
)

cohort = Table(
    "cohort",
    metadata,
    Column("plan_id", Id, primary_key=True),
    Column("rows_sha256", Digest, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("training_cases", Integer, nullable=False),
    Column("frozen_at", Moment(), nullable=False),
)

verdict = Table(
    "verdict",
    metadata,
    Column("run_id", Id, primary_key=True),
    Column("plan_id", Id, nullable=False),
    Column("state", Word, nullable=False),
    Column("asked_at", Moment(), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("reached_at", Moment()),
    Column("benefit", Word),
    Column("reason", Word),
    Column("cases", Integer),
    Column("patients", Integer),
    Column("own_auc", Float),
    Column("federated_auc", Float),
    Column("low", Float),
    Column("high", Float),
    Column("smallest_detectable", Float),
)

first_figures = Table(
    "first_figures",
    metadata,
    Column("plan_id", Id, primary_key=True),
    Column("model_sha256", Digest, primary_key=True),
    Column("part", Word, primary_key=True),
    Column("cases", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

private_cohort = Table(
    "private_cohort",
    metadata,
    Column("plan_id", Id, primary_key=True),
    Column("patients", Integer, nullable=False),
    Column("delta", Float, nullable=False),
    Column("frozen_at", Moment(), nullable=False),
)

private_patient = Table(
    "private_patient",
    metadata,
    Column("plan_id", Id, primary_key=True),
    Column("patient_number", Integer, primary_key=True, autoincrement=False),
)

private_charge = Table(
    "private_charge",
    metadata,
    Column("plan_id", Id, primary_key=True),
    Column("run_id", Id, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("noise_multiplier", Float, nullable=False),
    Column("sampling_rate", Float, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("charged_at", Moment(), nullable=False),
)
