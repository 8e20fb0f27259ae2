"""Intake's stores in memory: the same ports, the same suite (tests/ports/test_intake_store.py), no disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from node.flows.clean_parts import Attachment, Identified, Registered, Settlement
from node.flows.jobs import Job, Lease, PutBack
from node.ground.audit import AuditEvent
from node.ground.ids import new_id
from node.intake.errors import ReceivedMissing
from node.intake.received import IntakeReason, NewReceived, Outcome, ReceivedState


@dataclass(frozen=True, slots=True)
class Row:
    """One received image."""

    new: NewReceived
    state: ReceivedState
    reason: str = ""
    settled_at: datetime | None = None
    protected: bool = False
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """One job."""

    job: Job
    state: str
    due_at: datetime
    holder: str = ""


class MemoryIntake:
    """Every store of `intake.db` at once."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.jobs: dict[int, QueuedJob] = {}
        self.patients: dict[str, int] = {}
        self.images: dict[str, Registered] = {}
        self.excluded: set[str] = set()
        self.events: list[AuditEvent] = []
        self.released: dict[str, set[str]] = {}
        self.attached: list[Attachment] = []
        self._numbers = 0

    def add(self, batch: Sequence[NewReceived]) -> list[Outcome]:
        return [self._added(new) for new in batch]

    def holds(self, received_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(self.rows.keys() & set(received_ids))

    def _added(self, new: NewReceived) -> Outcome:
        same = [row for row in self.rows.values() if row.new.instance_lookup == new.instance_lookup]
        if any(row.new.content_digest == new.content_digest for row in same):
            return Outcome.DUPLICATE
        outcome, reason, state = Outcome.STORED, "", ReceivedState.WAITING
        if new.broken:
            outcome, reason = Outcome.SET_ASIDE, IntakeReason.FILE_BROKEN.text_key
        elif any(row.state is not ReceivedState.QUARANTINED for row in same):
            outcome, reason = Outcome.CONFLICT, IntakeReason.SAME_UID_OTHER_BYTES.text_key
        if outcome is Outcome.STORED:
            self._numbers += 1
            job = Job(self._numbers, "clean", new.received_id, 0)
            self.jobs[job.number] = QueuedJob(job, "waiting", new.event.at)
        else:
            state = ReceivedState.QUARANTINED
        self.rows[new.received_id] = Row(new, state, reason, new.event.at if reason else None)
        self.events.append(new.event)
        return outcome

    def lease(self, kind: str, limit: int, lease: Lease) -> tuple[Job, ...]:
        due = [
            queued
            for _, queued in sorted(self.jobs.items())
            if queued.job.kind == kind and queued.state != "dead" and queued.due_at <= lease.now
        ]
        leased = tuple(replace(queued.job, attempt=queued.job.attempt + 1) for queued in due[:limit])
        for job in leased:
            self.jobs[job.number] = QueuedJob(job, "leased", lease.until, lease.holder)
        return leased

    def put_back(self, jobs: Sequence[PutBack]) -> None:
        for back in jobs:
            job = self.jobs[back.number].job
            attempt = job.attempt if back.counted else job.attempt - 1
            self.jobs[back.number] = QueuedJob(replace(job, attempt=attempt), "waiting", back.due_at)

    def release(self, holder: str, now: datetime) -> int:
        held = [queued for queued in self.jobs.values() if queued.state == "leased" and queued.holder == holder]
        for queued in held:
            self.jobs[queued.job.number] = QueuedJob(queued.job, "waiting", now)
        return len(held)

    def instance_lookups(self, received_ids: Sequence[str]) -> Mapping[str, str]:
        return {name: self.rows[name].new.instance_lookup for name in received_ids if name in self.rows}

    def overruled(self, received_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        return {name: frozenset(self.released[name]) for name in received_ids if name in self.released}

    def identify(self, batch: Sequence[Identified]) -> Mapping[str, Registered]:
        for image in batch:
            number = self.patients.setdefault(image.patient_lookup, len(self.patients) + 1)
            self.images.setdefault(image.received_id, Registered(new_id(), number))
        welcome = [one for one in batch if self.excluded.isdisjoint((one.number_lookup, *one.other_lookups))]
        return {image.received_id: self.images[image.received_id] for image in welcome}

    def settle(self, batch: Sequence[Settlement]) -> None:
        for end in batch:
            row = self.rows[end.received_id]
            if row.state is ReceivedState.WAITING:
                self.rows[end.received_id] = replace(row, state=end.state, reason=end.reason, settled_at=end.event.at)
                self.events.append(end.event)
            queued = self.jobs.pop(end.job_number, None)
            if queued is not None and end.buried_code:
                self.jobs[end.job_number] = replace(queued, state="dead")

    def exclude(self, number_lookup: str, event: AuditEvent) -> None:
        self.excluded.add(number_lookup)
        self.events.append(event)

    def droppable(self, settled_before: datetime, limit: int) -> Sequence[str]:
        found = [
            name
            for name, row in self.rows.items()
            if row.state is ReceivedState.CLEAN and not row.protected and not row.dropped
            if row.settled_at is not None and row.settled_at < settled_before
        ]
        found += [
            name for name, row in self.rows.items() if row.reason == IntakeReason.DELETED.text_key and not row.dropped
        ]
        return found[:limit]

    def mark_dropped(self, received_ids: Sequence[str], events: Sequence[AuditEvent]) -> None:
        for received_id in received_ids:
            self.rows[received_id] = replace(self.rows[received_id], dropped=True)
        self.events += events

    def protect(self, received_id: str, event: AuditEvent, *, protected: bool = True) -> None:
        self.rows[received_id] = replace(self.rows[received_id], protected=protected)
        self.events.append(event)

    def attach(self, attachment: Attachment, event: AuditEvent) -> None:
        self.attached.append(attachment)
        self.events.append(event)

    def state_of(self, received_id: str) -> tuple[str, str]:
        """State and reason, for assertions."""
        return self.rows[received_id].state.value, self.rows[received_id].reason


class MemoryArriving:
    """One instance that comes piece by piece."""

    def __init__(self, store: MemoryBytes) -> None:
        self.received_id = new_id()
        self._store = store
        self._pieces: list[bytes] = []

    def take(self, piece: bytes | memoryview) -> None:
        self._pieces.append(bytes(piece))

    def finish(self, new: NewReceived) -> None:
        self._store.write(self.received_id, b"".join(self._pieces))
        self._store.recorded.append(new)

    def abandon(self) -> None:
        self._store.drop(self.received_id)


class MemoryBytes:
    """Received and clean bytes; writes down in which order it was asked for what."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.written: list[str] = []
        self.done: list[str] = []
        self.recorded: list[NewReceived] = []

    def begin(self) -> MemoryArriving:
        return MemoryArriving(self)

    def write(self, name: str, contents: bytes) -> None:
        self.kept[name] = contents
        self.written.append(name)
        self.done.append("write")

    def settle(self) -> None:
        self.done.append("settle")

    def place(self, received_ids: Sequence[str]) -> None:
        self.done.append("place")

    def discard(self, received_ids: Sequence[str]) -> None:
        for name in received_ids:
            del self.kept[name]

    def rest(self) -> None:
        """No name is made ahead."""

    def read(self, name: str) -> bytes:
        if name not in self.kept:
            raise ReceivedMissing
        return self.kept[name]

    def drop(self, name: str) -> None:
        self.kept.pop(name, None)

    def free_bytes(self) -> int:
        return 1 << 40
