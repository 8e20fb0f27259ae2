"""How one image's way through de-identification ends: clean, quarantined, buried, or put back for another attempt.

The image's fault quarantines it at once, with its reason. The machine's fault (no room, no sandbox, no database) puts
the job back without counting the attempt. What nobody foresaw is tried again and in the end buried, never lost.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from node.deidentify.errors import SandboxTimedOut, SandboxUnavailable, UnreadableImage
from node.deidentify.verdict import QuarantineReason
from node.flows.clean_parts import Settlement
from node.flows.jobs import MAX_ATTEMPTS, Job, PutBack, next_attempt_at
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.intake.errors import ReceivedMissing, StoreFailed, StoreFull
from node.intake.received import IntakeReason, ReceivedState

JOBS: Final = Actor(ActorKind.NODE, "jobs")
_MACHINE_WAIT: Final = timedelta(seconds=10)


def settled_clean(job: Job, now: datetime, done: tuple[str, ...] = ()) -> Settlement:
    """The image is clean, what was done to it is known, and so it is to its case."""
    event = _event(job, now, "image.cleaned", "")
    return Settlement(job.subject, job.number, ReceivedState.CLEAN, "", event, done=done)


def quarantined(job: Job, now: datetime, reason: IntakeReason | QuarantineReason) -> Settlement:
    """The image goes to quarantine, its job is done."""
    key = reason.text_key if isinstance(reason, IntakeReason) else f"deidentify.{reason.value}"
    event = _event(job, now, "image.quarantined", reason.value)
    return Settlement(job.subject, job.number, ReceivedState.QUARANTINED, key, event)


def buried(job: Job, now: datetime, code: str) -> Settlement:
    """The image goes to quarantine, its job stays as a dead letter."""
    reason = IntakeReason.CLEANING_FAILED
    event = _event(job, now, "image.quarantined", reason.value)
    return Settlement(job.subject, job.number, ReceivedState.QUARANTINED, reason.text_key, event, buried_code=code)


def ended_by(job: Job, now: datetime, error: Exception) -> Settlement | PutBack:
    """What an error means for the image it came from."""
    last = job.attempt >= MAX_ATTEMPTS
    code = type(error).__name__
    match error:
        case SandboxTimedOut() if not last:
            return PutBack(job.number, code, next_attempt_at(now, job.attempt), counted=True)
        case UnreadableImage(reason=reason):
            return quarantined(job, now, reason)
        case ReceivedMissing():
            return quarantined(job, now, IntakeReason.BYTES_DAMAGED)
        case SandboxUnavailable() | StoreFull() | StoreFailed():
            return PutBack(job.number, code, now + _MACHINE_WAIT, counted=False)
        case _ if last:
            return buried(job, now, code)
        case _:
            return PutBack(job.number, code, next_attempt_at(now, job.attempt), counted=True)


def _event(job: Job, now: datetime, action: str, reason: str) -> AuditEvent:
    return AuditEvent(at=now, actor=JOBS, action=action, subject=f"received:{job.subject}", reason=reason)
