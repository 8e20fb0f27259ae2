"""Received bytes are kept for a time after their image is clean, then dropped; rows, map and clean images stay.

The file goes first and the row is marked after it, so that a crash between the two only repeats the drop. Quarantined
and protected images keep their bytes until a person decides, those of a patient under a legal hold until it ends; those
of an excluded patient go in their time. What a crash left of a deleted image goes at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from node.flows.clean_endings import JOBS
from node.ground.audit import AuditEvent
from node.ground.clock import Clock

_BATCH: Final = 200
_FOR_EVER: Final = timedelta(days=365_000)
"""Older than any image."""


class RetainedRows(Protocol):
    """Which received bytes may go."""

    def droppable(self, settled_before: datetime, limit: int) -> Sequence[str]:
        """Clean or excluded images, unprotected, settled before that moment, bytes still kept. Raises: StoreFailed."""
        ...

    def mark_dropped(self, received_ids: Sequence[str], events: Sequence[AuditEvent]) -> None:
        """The rows say that their bytes are gone. Raises: StoreFull, StoreFailed."""
        ...


class DroppableBytes(Protocol):
    """The bytes themselves."""

    def drop(self, received_id: str) -> None:
        """The bytes are gone; dropping them again is no error."""
        ...


def drop_old_received(rows: RetainedRows, blobs: DroppableBytes, clock: Clock, *, keep: timedelta | None) -> int:
    """No received bytes older than `keep` after their image became clean are left; returns how many were dropped.

    Without an end to `keep` only what a person deleted goes.
    """
    dropped = 0
    while received_ids := rows.droppable(clock.now() - (keep or _FOR_EVER), _BATCH):
        for received_id in received_ids:
            blobs.drop(received_id)
        now = clock.now()
        subjects = [f"received:{received_id}" for received_id in received_ids]
        rows.mark_dropped(received_ids, [AuditEvent(now, JOBS, "received.dropped", subject) for subject in subjects])
        dropped += len(received_ids)
    return dropped
