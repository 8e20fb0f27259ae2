"""The way in: one lane per writing process under `received/incoming/`, locked as long as that process lives.

A file's bytes are synced in its lane, then the lane's names, then the row is committed; only then is the file moved to
its final place. So after a crash a file in a dead lane either has a row (it is moved on) or was never acknowledged (it
is removed), and nothing outside the lanes can be half-visible.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from node.flows.receive import ReceivedIndex
from node.ground.ids import new_id
from node.intake.errors import StoreFailed
from node.intake.sealing import Sealer
from node.storage.disk import Disk
from node.storage.received_blobs import INCOMING, make_places, place_of


class IncomingLane:
    """The lane of this process; implements `IncomingBytes` and `FreeSpace`."""

    def __init__(self, directory: Path, sealer: Sealer, disk: Disk) -> None:
        make_places(directory)
        (directory / INCOMING).mkdir(mode=0o700, exist_ok=True)
        self._directory = directory
        self._sealer = sealer
        self._disk = disk
        self._lane, self._lock = _locked_lane(directory / INCOMING)
        disk.sync_directory(directory)
        disk.sync_directory(directory / INCOMING)

    def write(self, received_id: str, contents: bytes) -> None:
        """The sealed bytes are on the disk. Raises: StoreFull, StoreFailed."""
        sealed = self._sealer.seal(contents, bound_to=received_id)
        self._disk.write_synced(self._lane / received_id, sealed)

    def settle(self) -> None:
        """Every name in the lane is on the disk. Raises: StoreFull, StoreFailed."""
        self._disk.sync_directory(self._lane)

    def place(self, received_ids: Sequence[str]) -> None:
        """The files stand in their final places; one that cannot be moved is found in the lane until the next start."""
        for received_id in received_ids:
            with suppress(StoreFailed):
                self._disk.move(self._lane / received_id, place_of(self._directory, received_id))

    def discard(self, received_ids: Sequence[str]) -> None:
        """The files are gone; one that cannot be removed is removed at the next start."""
        for received_id in received_ids:
            with suppress(OSError):
                (self._lane / received_id).unlink()

    def free_bytes(self) -> int:
        """Room left on the disk of the store. Raises: StoreFailed."""
        return self._disk.free_bytes(self._lane)

    def close(self) -> None:
        """The lane is given up; what still stands in it is settled by the next start."""
        with suppress(OSError):
            self._lane.rmdir()
        os.close(self._lock)


def settle_dead_lanes(directory: Path, index: ReceivedIndex, disk: Disk) -> int:
    """Every file of a process that died is moved to its place or, without a row, removed; returns how many were."""
    removed = 0
    for lane in sorted((directory / INCOMING).glob("*/")):
        lock = os.open(lane, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            removed += _settle_lane(lane, directory, index, disk)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)
    return removed


def _settle_lane(lane: Path, directory: Path, index: ReceivedIndex, disk: Disk) -> int:
    names = sorted(path.name for path in lane.iterdir())
    held = index.holds(names)
    for name in names:
        if name in held:
            disk.move(lane / name, place_of(directory, name))
        else:
            (lane / name).unlink()
    lane.rmdir()
    return len(names) - len(held)


def _locked_lane(incoming: Path) -> tuple[Path, int]:
    """A new folder this process holds the lock of; made again where another start cleared it away before the lock."""
    while True:
        lane = incoming / new_id()
        lane.mkdir(mode=0o700)
        lock = os.open(lane, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if lane.exists():
            return lane, lock
        os.close(lock)
