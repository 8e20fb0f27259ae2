"""Storage commitment in `intake.db`: requests, their ends, and what is held of the instances they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from node.flows.commit import COMMITMENT_KIND, Commitment
from node.ground.audit import AuditEvent
from node.ground.ids import new_id
from node.intake.commitment import CommitmentReason, CommitmentState, Failure, Referenced
from node.intake.damage import Damage
from node.intake.lookups import Lookups
from node.intake.part10 import FileBroken, opened
from node.intake.received import IntakeReason
from node.storage.audit import record
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.intake_tables import AUDIT, JOB, METADATA, RECEIVED
from node.storage.job_queue import WAITING
from node.storage.moments import Moment
from node.storage.received_blobs import ReceivedBlobs

_REFUSALS_KEPT: Final = 500
_AT_ONCE: Final = 500

COMMITMENT = Table(
    "commitment",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("commitment_id", String(36), nullable=False, unique=True),
    Column("peer", String(16), nullable=False),
    Column("sealed_request", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("instances", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("asked_at", Moment(), nullable=False),
    Column("transaction_lookup", String(64), nullable=False, server_default=""),
    Index("commitment_state", "state", "peer"),
    Index("commitment_transaction", "transaction_lookup"),
)


@dataclass(frozen=True, slots=True)
class AskedCommitment:
    """One request as the page shows it."""

    peer: str
    state: CommitmentState
    reason: str
    """The key of the reason's text; empty for a request that was not refused or given up."""
    instances: int
    failed: int
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class CommitmentRowsStore:
    """Implements `CommitmentRows`."""

    engine: Engine

    def pending(self, peer: str) -> int:
        """How many of a peer's requests wait for their report. Raises: StoreFailed."""
        own = (COMMITMENT.c.peer == peer, COMMITMENT.c.state == CommitmentState.ACCEPTED.value)
        with refusing(), reading(self.engine) as connection:
            return connection.scalar(select(func.count()).select_from(COMMITMENT).where(*own)) or 0

    def in_use(self, peer: str, transaction_lookup: str) -> bool:
        """Whether a request of the peer under that transaction UID waits for its report. Raises: StoreFailed."""
        own = (COMMITMENT.c.transaction_lookup == transaction_lookup, COMMITMENT.c.peer == peer[:16])
        standing = COMMITMENT.c.state == CommitmentState.ACCEPTED.value
        with refusing(), reading(self.engine) as connection:
            return connection.scalars(select(COMMITMENT.c.number).where(*own, standing).limit(1)).first() is not None

    def keep(self, asked: Commitment, due_at: datetime | None, event: AuditEvent) -> None:
        """The request is durable, and so is its job where it has one. Raises: StoreFull, StoreFailed."""
        with refusing(), writing(self.engine) as connection:
            _insert(connection, asked, CommitmentState.ACCEPTED, "", event)
            if due_at is not None:
                job = {"state": WAITING, "attempt": 0, "holder": "", "due_at": due_at, "code": ""}
                connection.execute(insert(JOB).values(kind=COMMITMENT_KIND, subject=asked.commitment_id, **job))

    def refuse(self, peer: str, reason: CommitmentReason, event: AuditEvent) -> None:
        """The refusal can be read; of many the latest are kept. Raises: StoreFull, StoreFailed."""
        refused = COMMITMENT.c.state == CommitmentState.REFUSED.value
        latest = select(COMMITMENT.c.number).where(refused).order_by(COMMITMENT.c.number.desc()).limit(_REFUSALS_KEPT)
        with refusing(), writing(self.engine) as connection:
            _insert(connection, Commitment(new_id(), peer, b"", 0), CommitmentState.REFUSED, reason.text_key, event)
            connection.execute(delete(COMMITMENT).where(refused, COMMITMENT.c.number.not_in(latest)))

    def of(self, commitment_id: str) -> Commitment | None:
        """The request; None where it waits no more. Raises: StoreFailed."""
        own = (COMMITMENT.c.commitment_id == commitment_id, COMMITMENT.c.state == CommitmentState.ACCEPTED.value)
        with refusing(), reading(self.engine) as connection:
            row = connection.execute(select(COMMITMENT).where(*own)).one_or_none()
        return None if row is None else Commitment(row.commitment_id, row.peer, row.sealed_request, row.instances)

    def end(self, commitment_id: str, state: CommitmentState, failed: int, event: AuditEvent) -> None:
        """The request and its job are over; its content is gone. Raises: StoreFull, StoreFailed."""
        reason = CommitmentReason.REPORT_NOT_TAKEN.text_key if state is CommitmentState.GIVEN_UP else ""
        with refusing(), writing(self.engine) as connection:
            row = update(COMMITMENT).where(COMMITMENT.c.commitment_id == commitment_id)
            connection.execute(row.values(state=state.value, reason=reason, failed=failed, sealed_request=b""))
            connection.execute(delete(JOB).where(JOB.c.kind == COMMITMENT_KIND, JOB.c.subject == commitment_id))
            record(connection, AUDIT, event)

    def open_without_job(self) -> Sequence[str]:
        """Requests whose report was to go out on the line that asked, and whose line is gone. Raises: StoreFailed."""
        jobs = select(JOB.c.subject).where(JOB.c.kind == COMMITMENT_KIND)
        open_ones = select(COMMITMENT.c.commitment_id).where(COMMITMENT.c.state == CommitmentState.ACCEPTED.value)
        with refusing(), reading(self.engine) as connection:
            return connection.scalars(open_ones.where(COMMITMENT.c.commitment_id.not_in(jobs))).all()

    def latest(self, limit: int = 50) -> Sequence[AskedCommitment]:
        """The latest requests, the newest first. Raises: StoreFailed."""
        query = select(COMMITMENT).order_by(COMMITMENT.c.number.desc()).limit(limit)
        with refusing(), reading(self.engine) as connection:
            rows = connection.execute(query).all()
        return [
            AskedCommitment(row.peer, CommitmentState(row.state), row.reason, row.instances, row.failed, row.asked_at)
            for row in rows
        ]


@dataclass(frozen=True, slots=True)
class HeldInstances:
    """Implements `CommittedBytes`."""

    engine: Engine
    blobs: ReceivedBlobs
    lookups: Lookups

    def held(self, asked: Referenced) -> str | Failure:
        """The image whose bytes are whole; of several with one UID any of that class. Raises: StoreFailed."""
        query = select(RECEIVED.c.received_id, RECEIVED.c.content_digest).where(
            RECEIVED.c.instance_lookup == self.lookups.instance(asked.instance_uid),
            RECEIVED.c.dropped_at.is_(None),
            RECEIVED.c.reason != IntakeReason.DELETED.text_key,
        )
        with refusing(), reading(self.engine) as connection:
            rows = connection.execute(query.order_by(RECEIVED.c.received_at)).all()
        failure = Failure.NO_SUCH_OBJECT
        for row in rows:
            contents = self.blobs.look(row.received_id)
            found = None if isinstance(contents, Damage) else self._class_of(contents, row.content_digest)
            if found == asked.class_uid:
                return str(row.received_id)
            failure = Failure.PROCESSING if found is None else Failure.CLASS_CONFLICT
        return failure

    def protect(self, received_ids: Sequence[str], event: AuditEvent) -> None:
        """Their bytes are kept whatever their age. Raises: StoreFull, StoreFailed."""
        with refusing(), writing(self.engine) as connection:
            for start in range(0, len(received_ids), _AT_ONCE):
                part = RECEIVED.c.received_id.in_(received_ids[start : start + _AT_ONCE])
                connection.execute(update(RECEIVED).where(part).values(protected=True))
            record(connection, AUDIT, event)

    def _class_of(self, contents: bytes, content_digest: str) -> str | None:
        """The SOP class of bytes that are those that were stored; None for any others."""
        try:
            instance = opened(contents)
        except FileBroken:
            return None
        return instance.sop_class_uid if self.lookups.is_content(content_digest, instance) else None


def _insert(connection: Connection, asked: Commitment, state: CommitmentState, reason: str, event: AuditEvent) -> None:
    connection.execute(
        insert(COMMITMENT).values(
            commitment_id=asked.commitment_id,
            peer=asked.peer[:16],
            sealed_request=asked.sealed,
            transaction_lookup=asked.transaction_lookup,
            state=state.value,
            reason=reason,
            instances=asked.instances,
            failed=0,
            asked_at=event.at,
        )
    )
    record(connection, AUDIT, event)
