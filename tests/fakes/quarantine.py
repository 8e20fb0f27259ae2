"""Quarantine over the stores in memory: the same port, the same suite (tests/ports/test_quarantine_store.py)."""

from __future__ import annotations

from dataclasses import replace

from fakes.intake import MemoryIntake, QueuedJob

from node.flows.jobs import Job
from node.flows.quarantine import NotDeletable
from node.ground.audit import AuditEvent
from node.intake.received import IntakeReason, ReceivedState


class MemoryQuarantine:
    """Implements `HeldImages` on the rows of a `MemoryIntake`."""

    def __init__(self, intake: MemoryIntake) -> None:
        self.intake = intake

    def reason_of(self, received_id: str) -> str | None:
        row = self.intake.rows.get(received_id)
        deleted = IntakeReason.DELETED.text_key
        held = row is not None and row.state is ReceivedState.QUARANTINED and row.reason != deleted
        return row.reason if row is not None and held else None

    def note(self, event: AuditEvent) -> None:
        self.intake.events.append(event)

    def was_noted(self, event: AuditEvent) -> bool:
        sought = (event.actor, event.action, event.subject)
        return any((one.actor, one.action, one.subject) == sought for one in self.intake.events)

    def release(self, received_id: str, overruled: str, event: AuditEvent) -> bool:
        if self.reason_of(received_id) != overruled:
            return False
        row = self.intake.rows[received_id]
        self.intake.rows[received_id] = replace(row, state=ReceivedState.WAITING, reason="", settled_at=None)
        self.intake.released.setdefault(received_id, set()).add(overruled)
        self.intake.events.append(event)
        self._queue(received_id, event)
        return True

    def _queue(self, received_id: str, event: AuditEvent) -> None:
        numbers = [number for number, queued in self.intake.jobs.items() if queued.job.subject == received_id]
        number = numbers[0] if numbers else max(self.intake.jobs, default=0) + 1000
        self.intake.jobs[number] = QueuedJob(Job(number, "clean", received_id, 0), "waiting", event.at)

    def delete(self, received_id: str, event: AuditEvent) -> bool:
        if self.reason_of(received_id) is None:
            return False
        row = self.intake.rows[received_id]
        if row.protected:
            raise NotDeletable("the bytes are protected")
        self.intake.rows[received_id] = replace(row, reason=IntakeReason.DELETED.text_key, settled_at=event.at)
        self.intake.events.append(event)
        return True

    def mark_gone(self, received_id: str, event: AuditEvent) -> None:
        self.intake.rows[received_id] = replace(self.intake.rows[received_id], dropped=True)
        self.intake.events.append(event)
