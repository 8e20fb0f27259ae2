"""The way in: one lane per writing process under `received/incoming/`, locked as long as that process lives.

An image that comes over the network fills a file whose name is durable already; sealed bytes and the record of its row
become durable with one sync, and that is what the answer waits for. Any other file is synced, then the lane's names,
then its row is committed. Only after its row is a file moved to its final place. So after a crash a file in a dead lane
has a row (it is moved on), or is whole with its record (its row is made now), or was never acknowledged (it is
removed), and nothing outside the lanes can be half-visible.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from node.flows.receive_parts import ReceivedIndex
from node.ground.home import Home
from node.ground.ids import new_id
from node.intake.errors import SealBroken, StoreFailed
from node.intake.received import NewReceived, Outcome
from node.intake.sealing import GrowingSeal, Sealer
from node.storage.disk import Disk
from node.storage.disk_errors import refusing_disk
from node.storage.growing_file import STRIDE_BYTES, Buffers, GrowingFile
from node.storage.received_blobs import INCOMING, make_places, place_of
from node.storage.row_record import ending, recorded, sealed_part

_NAMES_AHEAD: Final = 32


class ArrivingFile:
    """One instance on its way into a lane, sealed piece by piece; implements `ArrivingBytes`."""

    def __init__(self, received_id: str, file: GrowingFile, seal: GrowingSeal) -> None:
        self.received_id = received_id
        self._file = file
        self._seal = seal
        file.take(seal.head)

    def take(self, piece: bytes | memoryview) -> None:
        """The piece stands behind those before it. Raises: StoreFull, StoreFailed."""
        rest = memoryview(piece)
        while rest:
            self._file.fill(partial(self._seal.piece, rest[:STRIDE_BYTES]))
            rest = rest[STRIDE_BYTES:]

    def finish(self, new: NewReceived) -> None:
        """The bytes and what makes their row are on the disk. Raises: StoreFull, StoreFailed."""
        self._file.take(self._seal.end())
        self._file.take(ending(self._file.length, new))
        self._file.finish()

    def abandon(self) -> None:
        """The bytes are gone."""
        self._file.abandon()


class IncomingLane:
    """The lane of this process; implements `IncomingBytes` and `FreeSpace`."""

    def __init__(self, home: Home, sealer: Sealer, disk: Disk) -> None:
        directory = home.received
        make_places(directory)
        (directory / INCOMING).mkdir(mode=0o700, exist_ok=True)
        self._directory = directory
        self._sealer = sealer
        self._disk = disk
        self._lane, self._lock = _locked_lane(directory / INCOMING)
        self._buffers = Buffers()
        self._names: list[str] = []
        self._naming = threading.Lock()
        disk.sync_directory(directory)
        disk.sync_directory(directory / INCOMING)

    def write(self, received_id: str, contents: bytes) -> None:
        """The sealed bytes are on the disk. Raises: StoreFull, StoreFailed."""
        sealed = self._sealer.seal(contents, bound_to=received_id)
        self._disk.write_synced(self._lane / received_id, sealed)

    def begin(self) -> ArrivingFile:
        """An instance that comes piece by piece, under a name that is durable. Raises: StoreFull, StoreFailed."""
        received_id = self._durable_name()
        file = self._disk.begin(self._lane / received_id, self._buffers)
        return ArrivingFile(received_id, file, self._sealer.growing(bound_to=received_id))

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

    def rest(self) -> None:
        """Names made ahead for instances that did not come are gone; the next one that comes gets a new name."""
        with self._naming:
            names, self._names = self._names, []
        self.discard(names)

    def free_bytes(self) -> int:
        """Room left on the disk of the store. Raises: StoreFailed."""
        return self._disk.free_bytes(self._lane)

    def close(self) -> None:
        """The lane is given up; what still stands in it is settled by the next start."""
        self.rest()
        with suppress(OSError):
            self._lane.rmdir()
        os.close(self._lock)

    def _durable_name(self) -> str:
        """The name of an empty file. Names are made durable many at once, or every instance would wait for its own."""
        with self._naming:
            if not self._names:
                names = [new_id() for _ in range(_NAMES_AHEAD)]
                self._disk.make_empty([self._lane / name for name in names])
                self._disk.sync_directory(self._lane)
                self._names = names
            return self._names.pop()


def settle_dead_lanes(home: Home, index: ReceivedIndex, disk: Disk, sealer: Sealer) -> int:
    """Every file of a process that died has its row and its place or, never acknowledged, is gone; how many went."""
    removed = 0
    make_places(home.received)
    for lane in sorted((home.received / INCOMING).glob("*/")):
        lock = os.open(lane, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            removed += _settle_lane(lane, home, index, disk, sealer)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)
    return removed


def _settle_lane(lane: Path, home: Home, index: ReceivedIndex, disk: Disk, sealer: Sealer) -> int:
    names = sorted(path.name for path in lane.iterdir())
    empty = {name for name in names if not (lane / name).stat().st_size}
    held = index.holds(names)
    held |= _rows_made(_whole(lane, set(names) - empty - held, sealer), index)
    places = {place_of(home.received, name) for name in held}
    for place in places:
        disk.move(lane / place.name, place)
    for name in set(names) - held:
        (lane / name).unlink()
    for folder in {place.parent for place in places}:
        disk.sync_directory(folder)
    lane.rmdir()
    return len(set(names) - held - empty)


def _whole(lane: Path, names: Iterable[str], sealer: Sealer) -> Iterator[NewReceived]:
    """The records of whole files: of one whose sync was not reached any part may be missing, so each seal is opened."""
    for name in sorted(names):
        with refusing_disk():
            contents = (lane / name).read_bytes()
        new = recorded(contents)
        if new is not None and new.received_id == name:
            with suppress(SealBroken):
                sealer.open(sealed_part(contents), bound_to=name)
                yield new


def _rows_made(found: Iterable[NewReceived], index: ReceivedIndex) -> frozenset[str]:
    """The files that have their row only now, from their records."""
    batch = list(found)
    outcomes = zip(batch, index.add(batch), strict=True)
    return frozenset(new.received_id for new, outcome in outcomes if outcome is not Outcome.DUPLICATE)


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
