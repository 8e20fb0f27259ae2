"""Room is made before the disk is full: above the high mark received bytes go, the longest clean first, to the low.

Only what may go does: received bytes whose image is clean and settled for a while, that no person protects, and whose
case nobody has begun to read. So labelled cases, and with them every cohort of an approved plan, keep theirs until
their retention ends. Clean images never go. Where nothing may go the disk fills on, and C-STORE is answered A700 at
the reserve.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from node.flows.clean_endings import JOBS
from node.flows.retain import DroppableBytes, RetainedRows
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.ground.logs import log

_BATCH: Final = 50


@dataclass(frozen=True, slots=True)
class Purgeable:
    """Received bytes that may go as far as intake knows."""

    received_id: str
    image_id: str
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class WaterMarks:
    """Above `high_percent` room is made down to `low_percent`, of what is settled for at least `settled`."""

    high_percent: float
    low_percent: float
    settled: timedelta


class PurgeableRows(Protocol):
    """Which received bytes may go early."""

    def purgeable(self, settled_before: datetime, after: Purgeable | None, limit: int) -> Sequence[Purgeable]:
        """The next clean, unprotected images whose bytes are kept, the longest settled first. Raises: StoreFailed."""
        ...


class ReadCases(Protocol):
    """Which images people have begun to read."""

    def begun(self, image_ids: Sequence[str]) -> Collection[str]:
        """Those of the images whose case has a draft, a reading or a consensus."""
        ...


class DiskUse(Protocol):
    """How full the disk is."""

    def used_percent(self) -> float:
        """Of the room this node's user may fill, so much is taken. Raises: StoreFailed."""
        ...


@dataclass(frozen=True, slots=True)
class RoomParts:
    """What making room is made of."""

    rows: PurgeableRows
    retained: RetainedRows
    blobs: DroppableBytes
    cases: ReadCases
    disk: DiskUse
    clock: Clock


def make_room(parts: RoomParts, marks: WaterMarks) -> int:
    """The disk is below its low mark, or nothing more may go, or it never was above the high one; how many went."""
    if parts.disk.used_percent() < marks.high_percent:
        return 0
    dropped, last = 0, None
    before = parts.clock.now() - marks.settled
    while parts.disk.used_percent() >= marks.low_percent:
        batch = parts.rows.purgeable(before, last, _BATCH)
        if not batch:
            log().warning("disk above its mark and nothing may go", count=dropped)
            return dropped
        last = batch[-1]
        begun = frozenset(parts.cases.begun([one.image_id for one in batch]))
        dropped += _drop(parts, [one.received_id for one in batch if one.image_id not in begun])
    log().info("room made", count=dropped)
    return dropped


def _drop(parts: RoomParts, received_ids: Sequence[str]) -> int:
    """The file goes first and the row is marked after it, so that a crash between the two only repeats the drop."""
    for received_id in received_ids:
        parts.blobs.drop(received_id)
    now = parts.clock.now()
    events = [AuditEvent(now, JOBS, "received.dropped", f"received:{name}", "disk_full") for name in received_ids]
    if received_ids:
        parts.retained.mark_dropped(received_ids, events)
    return len(received_ids)
