"""The tables of the coordinator's database. Columns carry the names of the fields they keep."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from coordinator.rounds.run import Step
from coordinator.rounds.states import EndReason, RoundState
from coordinator.storage.columns import Moment, Number64, Word
from protocols.approvals import WithdrawalReason
from protocols.enrolment import EnrolmentState
from protocols.inbox import RunState
from protocols.ledger_roots import RootFault
from protocols.passports import AttackLight
from protocols.plans import MetricName

metadata = MetaData()
_ID = String(36)
_DIGEST = String(64)

audit_event = Table(
    "audit_event", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment(), nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("action", String(64), nullable=False, index=True),
    Column("subject", String(128), nullable=False, index=True),
    Column("reason", String(64), nullable=False),
)  # fmt: skip

invitation = Table(
    "invitation", metadata,
    Column("token_sha256", _DIGEST, primary_key=True),
    Column("site_name", String(120), nullable=False),
    Column("issued_at", Moment(), nullable=False),
    Column("expires_at", Moment(), nullable=False),
    Column("used_by", _ID, nullable=True),
)  # fmt: skip

site = Table(
    "site", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("site_id", _ID, nullable=False, unique=True),
    Column("site_name", String(120), nullable=False),
    Column("identity_key", LargeBinary, nullable=False),
    Column("transport_pem", Text, nullable=False),
    Column("transport_serial", Integer, nullable=False),
    Column("state", Word(EnrolmentState), nullable=False),
    Column("request_sha256", _DIGEST, nullable=False, unique=True),
    Column("enrolled_at", Moment(), nullable=False),
    Column("changed_at", Moment(), nullable=False),
    Column("node_id", Number64(), nullable=True),
)  # fmt: skip

partner = Table(
    "partner", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("partner_id", _ID, nullable=False, unique=True),
    Column("partner_name", String(120), nullable=False, unique=True),
    Column("identity_key", LargeBinary, nullable=False, unique=True),
    Column("added_at", Moment(), nullable=False),
)  # fmt: skip

plan = Table(
    "plan", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("plan_id", _ID, nullable=False, unique=True),
    Column("partner_id", _ID, ForeignKey("partner.partner_id"), nullable=False),
    Column("offer_sha256", _DIGEST, nullable=False, unique=True),
    Column("plan_sha256", _DIGEST, nullable=False),
    Column("sealed_offer", LargeBinary, nullable=False),
    Column("starting_sha256", _DIGEST, nullable=False),
    Column("offered_at", Moment(), nullable=False),
    Column("expires_at", Moment(), nullable=False),
)  # fmt: skip

approval = Table(
    "approval", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("approval_id", _ID, nullable=False, unique=True),
    Column("site_id", _ID, ForeignKey("site.site_id"), nullable=False),
    Column("plan_id", _ID, ForeignKey("plan.plan_id"), nullable=False, index=True),
    Column("offer_sha256", _DIGEST, nullable=False),
    Column("max_rounds", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("max_cases", Integer, nullable=False),
    Column("accepts_red", Boolean, nullable=False),
    Column("approved_at", Moment(), nullable=False),
    Column("expires_at", Moment(), nullable=False),
    Column("withdrawn_at", Moment(), nullable=True),
    Column("withdrawn_reason", Word(WithdrawalReason), nullable=True),
)  # fmt: skip

run = Table(
    "run", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run_id", _ID, nullable=False, unique=True),
    Column("plan_id", _ID, ForeignKey("plan.plan_id"), nullable=False, index=True),
    Column("state", Word(RunState), nullable=False),
    Column("opened_at", Moment(), nullable=False),
    Column("rounds_done", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("engine_run", Number64(), nullable=True),
    Column("chosen_round", Integer, nullable=True),
    Column("reason", Word(EndReason), nullable=True),
    Column("ended_at", Moment(), nullable=True),
    # The plan while the run is live, else nothing: at most one live run of a plan.
    Column("live_plan_id", _ID, nullable=True, unique=True),
)  # fmt: skip

run_member = Table(
    "run_member", metadata,
    Column("run_id", _ID, ForeignKey("run.run_id"), nullable=False),
    Column("site_id", _ID, ForeignKey("site.site_id"), nullable=False),
    PrimaryKeyConstraint("run_id", "site_id"),
)  # fmt: skip

round_attempt = Table(
    "round_attempt", metadata,
    Column("run_id", _ID, ForeignKey("run.run_id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("state", Word(RoundState), nullable=False),
    Column("base_sha256", _DIGEST, nullable=False),
    Column("opened_at", Moment(), nullable=False),
    Column("model_sha256", _DIGEST, nullable=True),
    Column("sites", Integer, nullable=False),
    Column("update_norm", Float, nullable=True),
    Column("closed_at", Moment(), nullable=True),
    PrimaryKeyConstraint("run_id", "round", "attempt"),
)  # fmt: skip

answer = Table(
    "answer", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run_id", _ID, ForeignKey("run.run_id"), nullable=False, index=True),
    Column("step", Word(Step), nullable=False),
    Column("round", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("site_id", _ID, ForeignKey("site.site_id"), nullable=False),
    Column("outcome", String(64), nullable=False),
    Column("answered_at", Moment(), nullable=False),
    Column("weight", Integer, nullable=True),
    Column("update_norm", Float, nullable=True),
    UniqueConstraint("run_id", "step", "round", "attempt", "site_id"),
)  # fmt: skip

measurement = Table(
    "measurement", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run_id", _ID, ForeignKey("run.run_id"), nullable=False, index=True),
    Column("round", Integer, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("site_id", _ID, ForeignKey("site.site_id"), nullable=False),
    Column("name", Word(MetricName), nullable=False),
    Column("value", Float, nullable=False),
    Column("weight", Integer, nullable=False),
)  # fmt: skip

receipt = Table(
    "receipt", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("site_id", _ID, ForeignKey("site.site_id"), nullable=False),
    Column("sent_sha256", _DIGEST, nullable=False),
    Column("received_at", Moment(), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("site_id", "sent_sha256"),
)  # fmt: skip

ledger_root = Table(
    "ledger_root", metadata,
    Column("site_id", _ID, ForeignKey("site.site_id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("sent_sha256", _DIGEST, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_witness", LargeBinary, nullable=False),
    Column("witnessed_at", Moment(), nullable=False),
    PrimaryKeyConstraint("site_id", "day"),
)  # fmt: skip

refused_root = Table(
    "refused_root", metadata,
    Column("site_id", _ID, ForeignKey("site.site_id"), nullable=False),
    Column("fault", Word(RootFault), nullable=False),
    Column("day", Date, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("received_at", Moment(), nullable=False),
    PrimaryKeyConstraint("site_id", "fault"),
)  # fmt: skip

roster_version = Table(
    "roster_version", metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("made_at", Moment(), nullable=False),
)  # fmt: skip

peer_word = Table(
    "peer_word", metadata,
    Column("signer_site_id", _ID, ForeignKey("site.site_id"), nullable=False),
    Column("peer_site_id", _ID, nullable=False),
    Column("peer_key", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("said_at", Moment(), nullable=False),
    Column("revoked_at", Moment(), nullable=True),
    PrimaryKeyConstraint("signer_site_id", "peer_site_id", "peer_key"),
)  # fmt: skip

release = Table(
    "release", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("release_id", _ID, nullable=False, unique=True),
    Column("plan_id", _ID, ForeignKey("plan.plan_id"), nullable=False),
    Column("run_id", _ID, ForeignKey("run.run_id"), nullable=False, unique=True),
    Column("model_sha256", _DIGEST, nullable=False),
    Column("file_sha256", _DIGEST, nullable=False),
    Column("light", Word(AttackLight), nullable=False),
    Column("sealed_passport", LargeBinary, nullable=False),
    Column("released_at", Moment(), nullable=False),
)  # fmt: skip

login_code = Table(
    "login_code", metadata,
    Column("code_sha256", _DIGEST, primary_key=True),
    Column("expires_at", Moment(), nullable=False),
    Column("used", Boolean, nullable=False),
)  # fmt: skip

session = Table(
    "session", metadata,
    Column("token_sha256", _DIGEST, primary_key=True),
    Column("expires_at", Moment(), nullable=False),
)  # fmt: skip
