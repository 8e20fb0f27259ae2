"""What the jobs process does for the stores between its jobs: retention, room on the disk, the scrub."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from node.edges.jobs.loop import Chore
from node.flows.make_room import RoomParts, WaterMarks, make_room
from node.flows.retain import drop_old_received
from node.flows.scrub import Scrub
from node.flows.store_state import StoreState
from node.intake.lookups import Lookups
from node.storage.disk import Disk
from node.storage.engine import Database
from node.storage.intake_parts import IntakeGround
from node.storage.purgeable_rows import PurgeableRowsStore
from node.storage.retained_rows import RetainedRowsStore
from node.storage.scrub_book import ScrubBookStore
from node.storage.shelves import CleanShelf, ReceivedShelf
from node.storage.ward_begun import WardBegun
from node.wiring.place import Place

_RETENTION_EVERY_SECONDS: Final = 3600.0
_ROOM_EVERY_SECONDS: Final = 30.0
_SCRUB_EVERY_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class _StoreDisk:
    """Implements `DiskUse` for the folder of a store."""

    folder: Path

    def used_percent(self) -> float:
        return Disk().used_percent(self.folder)


@dataclass(frozen=True, slots=True)
class StoreStanding:
    """Implements `StorePage`: how the received store of a node stands at the moment it is asked."""

    place: Place
    engine: Engine

    def state(self) -> StoreState:
        """Disk, marks and scrub. Raises: StoreFailed."""
        config, book = self.place.config, ScrubBookStore(self.place.home.scrub, self.engine)
        return StoreState(
            used_percent=_StoreDisk(self.place.home.received).used_percent(),
            high_water_percent=config.retention.high_water_percent,
            low_water_percent=config.retention.low_water_percent,
            reserve_mib=config.dicom.free_space_reserve_mib,
            scrub=book.stand(),
            damaged=book.damaged(),
        )


def shelves_of(place: Place, ground: IntakeGround) -> tuple[ReceivedShelf, CleanShelf]:
    """Both stores of a node and what its index knows of them."""
    received = ReceivedShelf(ground.engine, place.home.received, ground.received_blobs(), Lookups(place.keyring))
    return received, CleanShelf(ground.engine, place.home.clean)


def store_chores(place: Place, ground: IntakeGround) -> list[Chore]:
    """Retention every hour, room every half minute where bytes may go at all, an object of the scrub every second."""
    policy = place.config.retention
    rows, blobs = RetainedRowsStore(ground.engine), ground.received_blobs()
    keep = None if policy.without_end else timedelta(days=policy.received_days)
    marks = WaterMarks(policy.high_water_percent, policy.low_water_percent, timedelta(days=policy.settled_days))
    room = RoomParts(
        rows=PurgeableRowsStore(ground.engine),
        retained=rows,
        blobs=blobs,
        cases=WardBegun(place.engine(Database.WARD)),
        disk=_StoreDisk(place.home.received),
        clock=place.clock,
    )
    book = ScrubBookStore(place.home.scrub, ground.engine)
    received, _ = shelves_of(place, ground)
    scrub = Scrub(received, book, place.clock, every=timedelta(days=policy.scrub_days))
    chores = [
        Chore("retention", _RETENTION_EVERY_SECONDS, lambda: drop_old_received(rows, blobs, place.clock, keep=keep)),
        Chore("scrub", _SCRUB_EVERY_SECONDS, scrub.step),
    ]
    if not policy.without_end:
        chores.append(Chore("room", _ROOM_EVERY_SECONDS, lambda: make_room(room, marks)))
    return chores
