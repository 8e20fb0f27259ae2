"""Storage commitment as the side that is relied on: a request is kept or refused, judged by instance, reported.

Refused unless the peer's rule says that this node is its archive and received bytes are kept without end: a modality
may delete its only copy on our word. Committed is what was read back, opened and found to have the digest it was stored
under; its bytes are protected from any later retention before the peer hears of it. A report that is not taken is tried
again with growing pauses, for about half a day, and then given up and shown: the peer then keeps its copies.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from node.flows.clean_endings import JOBS
from node.flows.jobs import Job, PutBack
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.clock import Clock
from node.ground.errors import NodeError
from node.ground.logs import log
from node.intake.commitment import (
    CommitmentReason,
    CommitmentRequest,
    CommitmentState,
    Failure,
    Judged,
    Referenced,
    refused_whole,
    storable,
)
from node.intake.lookups import Lookups
from node.intake.sealing import Sealer

COMMITMENT_KIND: Final = "commitment"
MAX_ATTEMPTS: Final = 12
MAX_PENDING: Final = 1000
"""Of one peer; one more is refused."""
_LONGEST_WAIT: Final = timedelta(hours=4)
_ROWS_FOLLOW: Final = timedelta(seconds=2)
"""Images are answered before their rows stand; after so long they do."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """One request as it is kept, with its content sealed."""

    commitment_id: str
    peer: str
    sealed: bytes = field(repr=False)
    instances: int
    transaction_lookup: str = field(default="", repr=False)
    """Keyed digest of peer and transaction UID."""


class ReportNotTaken(NodeError):
    """The peer could not be reached, does not offer the service, or answered with a failure; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CommitmentRows(Protocol):
    """Requests as they are kept. Every method raises: StoreFull, StoreFailed."""

    def pending(self, peer: str) -> int:
        """How many of a peer's requests wait for their report."""
        ...

    def in_use(self, peer: str, transaction_lookup: str) -> bool:
        """Whether a request of the peer under that transaction UID waits for its report."""
        ...

    def keep(self, asked: Commitment, due_at: datetime | None, event: AuditEvent) -> None:
        """The request is durable, with a job that is due then where its report goes out from there."""
        ...

    def refuse(self, peer: str, reason: CommitmentReason, event: AuditEvent) -> None:
        """The refusal can be read on the page."""
        ...

    def of(self, commitment_id: str) -> Commitment | None:
        """The request; None where it waits no more."""
        ...

    def end(self, commitment_id: str, state: CommitmentState, failed: int, event: AuditEvent) -> None:
        """The request waits no more, and of its content only counts are left."""
        ...


class CommittedBytes(Protocol):
    """What is held of an instance. Every method raises: StoreFull, StoreFailed."""

    def held(self, asked: Referenced) -> str | Failure:
        """The received image whose bytes were just read and are whole, or why there is none."""
        ...

    def protect(self, received_ids: Sequence[str], event: AuditEvent) -> None:
        """Their bytes are kept whatever their age."""
        ...


class ReportLine(Protocol):
    """The way to a peer."""

    def report(self, transaction_uid: str, judged: Judged) -> None:
        """The peer has taken the report. Raises: ReportNotTaken."""
        ...


@dataclass(frozen=True, slots=True)
class CommitParts:
    """What commitment is made of."""

    rows: CommitmentRows
    held: CommittedBytes
    identities: Sealer
    lookups: Lookups
    clock: Clock
    new_id: Callable[[], str]
    without_end: bool
    """Received bytes are kept without end."""


def take(
    parts: CommitParts, peer: str, request: CommitmentRequest | None, *, archive: bool, by_jobs: bool
) -> Commitment | CommitmentReason:
    """The request is kept, or refused for a reason that the page shows; `None` is one that could not be read."""
    now = parts.clock.now()
    reason = _objection(parts, peer, request, archive=archive)
    actor = Actor(ActorKind.PEER, peer[:64])
    if reason is not None or request is None:
        reason = reason or CommitmentReason.REQUEST_UNREADABLE
        parts.rows.refuse(peer, reason, AuditEvent(now, actor, "commitment.refused", f"peer:{peer}", reason.value))
        log().warning("storage commitment refused", reason=reason.value)
        return reason
    name, lookup = parts.new_id(), parts.lookups.transaction(peer, request.transaction_uid)
    plain = _plain(request, duplicate=parts.rows.in_use(peer, lookup))
    sealed = parts.identities.seal(plain, bound_to=_place(name))
    kept = Commitment(name, peer, sealed, len(request.instances), lookup)
    event = AuditEvent(now, actor, "commitment.asked", f"commitment:{name}")
    parts.rows.keep(kept, now + _ROWS_FOLLOW if by_jobs else None, event)
    return kept


def judge(parts: CommitParts, request: CommitmentRequest, commitment_id: str) -> Judged:
    """Every instance was read back; what is committed is protected for good."""
    committed: list[Referenced] = []
    failed: list[tuple[Referenced, Failure]] = []
    received: list[str] = []
    for one in dict.fromkeys(request.instances):
        found = parts.held.held(one)
        if found is Failure.NO_SUCH_OBJECT and not storable(one.class_uid):
            found = Failure.CLASS_UNSUPPORTED
        if isinstance(found, Failure):
            failed.append((one, found))
        else:
            committed.append(one)
            received.append(found)
    if received:
        event = AuditEvent(parts.clock.now(), JOBS, "received.protected", f"commitment:{commitment_id}")
        parts.held.protect(received, event)
    return Judged(tuple(committed), tuple(failed))


def report(parts: CommitParts, kept: Commitment, line: ReportLine) -> None:
    """The peer has taken the report of a request, which waits no more. Raises: ReportNotTaken."""
    request, duplicate = _request(parts.identities.open(kept.sealed, bound_to=_place(kept.commitment_id)))
    if duplicate:
        judged = refused_whole(request, Failure.DUPLICATE_TRANSACTION)
    else:
        judged = judge(parts, request, kept.commitment_id)
    line.report(request.transaction_uid, judged)
    event = AuditEvent(parts.clock.now(), JOBS, "commitment.reported", f"commitment:{kept.commitment_id}")
    parts.rows.end(kept.commitment_id, CommitmentState.REPORTED, len(judged.failed), event)


def give_up(parts: CommitParts, commitment_id: str) -> None:
    """The request waits no more; the page says that its report was not taken."""
    reason = CommitmentReason.REPORT_NOT_TAKEN.value
    event = AuditEvent(parts.clock.now(), JOBS, "commitment.given-up", f"commitment:{commitment_id}", reason)
    parts.rows.end(commitment_id, CommitmentState.GIVEN_UP, 0, event)


class Reporting:
    """The work of reporting; `line_to` knows the way to a peer, or that there is none any more."""

    def __init__(self, parts: CommitParts, line_to: Callable[[str], ReportLine | None], chance: random.Random) -> None:
        self._parts = parts
        self._line_to = line_to
        self._chance = chance

    def __call__(self, jobs: Sequence[Job]) -> Sequence[PutBack]:
        """Every report was taken, given up, or is put back."""
        return [back for job in jobs if (back := self._one(job)) is not None]

    def _one(self, job: Job) -> PutBack | None:
        kept = self._parts.rows.of(job.subject)
        if kept is None:
            return None
        line = self._line_to(kept.peer)
        if line is None or job.attempt > MAX_ATTEMPTS:
            give_up(self._parts, job.subject)
            return None
        try:
            report(self._parts, kept, line)
        except ReportNotTaken as trouble:
            log().info("commitment report not taken", code=trouble.code, attempt=job.attempt)
            if job.attempt < MAX_ATTEMPTS:
                return PutBack(job.number, trouble.code, self._next(job.attempt), counted=True)
            give_up(self._parts, job.subject)
        return None

    def _next(self, attempt: int) -> datetime:
        """After half a minute, one, two, four … minutes, give or take a quarter."""
        wait = min(timedelta(seconds=30 * 2 ** (attempt - 1)), _LONGEST_WAIT)
        return self._parts.clock.now() + wait * self._chance.uniform(0.75, 1.25)


def _objection(
    parts: CommitParts, peer: str, request: CommitmentRequest | None, *, archive: bool
) -> CommitmentReason | None:
    if not archive:
        return CommitmentReason.NOT_AN_ARCHIVE
    if not parts.without_end:
        return CommitmentReason.RETENTION_ENDS
    if request is None:
        return CommitmentReason.REQUEST_UNREADABLE
    if parts.rows.pending(peer) >= MAX_PENDING:
        return CommitmentReason.TOO_MANY_PENDING
    return None


def _place(commitment_id: str) -> str:
    return f"commitment:{commitment_id}"


def _plain(request: CommitmentRequest, *, duplicate: bool) -> bytes:
    instances = [[one.class_uid, one.instance_uid] for one in request.instances]
    told = {"transaction": request.transaction_uid, "instances": instances, "duplicate": duplicate}
    return json.dumps(told).encode()


def _request(plain: bytes) -> tuple[CommitmentRequest, bool]:
    """What was asked, and whether the transaction UID stood for another request then."""
    told = json.loads(plain)
    request = CommitmentRequest(told["transaction"], tuple(Referenced(*one) for one in told["instances"]))
    return request, told.get("duplicate", False)
