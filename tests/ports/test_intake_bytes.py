"""Received and clean bytes on a real disk: the order of steps, no room, dead processes, damage."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.instances import instance
from fakes.receiving_node import intake_ground
from sqlalchemy import event

from node.flows.accept import Accepting, Head
from node.flows.receive import Receiving
from node.ground.audit import Actor, ActorKind
from node.ground.config import Dicom
from node.ground.ids import new_id
from node.ground.keyring import KeyPurpose
from node.intake.errors import CleanMissing, ReceivedMissing, StoreFailed, StoreFull
from node.intake.part10 import opened
from node.intake.received import Outcome
from node.intake.sealing import Sealer
from node.storage.clean_store import CleanImages, CleanStore
from node.storage.disk import Disk
from node.storage.incoming import settle_dead_lanes
from node.storage.intake_overview import IntakeOverview
from node.storage.intake_parts import IntakeGround, receive_parts
from node.storage.received_index import ReceivedIndexStore

PEER = Actor(ActorKind.PEER, "CT3")
CONFIG = Dicom(free_space_reserve_mib=1)


class WatchedDisk(Disk):
    """The real disk; writes down what it did, and fails when told to."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.failure: int | None = None

    def write_synced(self, path: Path, contents: bytes) -> None:
        super().write_synced(path, contents)
        self.steps.append(f"bytes of {path.name} synced")

    def sync_directory(self, path: Path) -> None:
        super().sync_directory(path)
        self.steps.append("names synced")

    def move(self, source: Path, target: Path) -> None:
        super().move(source, target)
        self.steps.append(f"{target.name} in place")

    def _write_all(self, descriptor: int, contents: bytes) -> None:
        if self.failure is not None:
            super()._write_all(descriptor, contents[: len(contents) // 2])
            raise OSError(self.failure, "ordered")
        super()._write_all(descriptor, contents)


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[IntakeGround]:
    ground = intake_ground(tmp_path / "home")
    yield ground
    ground.engine.dispose()


def files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_bytes_are_synced_then_names_then_the_row_is_committed(ground: IntakeGround) -> None:
    disk = WatchedDisk()
    receiving = Receiving(receive_parts(ground, CONFIG, disk))
    disk.steps.clear()
    event.listen(ground.engine, "commit", lambda _connection: disk.steps.append("row committed"))
    assert receiving.receive(instance(), PEER) is Outcome.STORED
    (path,) = files(ground.home.received)
    assert disk.steps == [f"bytes of {path.name} synced", "names synced", "row committed", f"{path.name} in place"]


def test_the_database_syncs_every_commit(ground: IntakeGround) -> None:
    with ground.engine.connect() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("synchronous", "journal_mode")]
    assert pragmas == [2, "wal"]


@pytest.mark.parametrize(
    ("failure", "error"), [(errno.ENOSPC, StoreFull), (errno.EDQUOT, StoreFull), (errno.EIO, StoreFailed)]
)
def test_a_write_that_fails_half_way_leaves_nothing(ground: IntakeGround, failure: int, error: type[Exception]) -> None:
    disk = WatchedDisk()
    receiving = Receiving(receive_parts(ground, CONFIG, disk))
    disk.failure = failure
    with pytest.raises(error):
        receiving.receive(instance(), PEER)
    assert files(ground.home.received) == []
    assert IntakeOverview(ground.engine).counts().received == 0
    disk.failure = None
    assert receiving.receive(instance(), PEER) is Outcome.STORED


def receive_many(receiving: Receiving) -> None:
    for number in range(200):
        receiving.receive(instance(f"1.{number}"), PEER)


def test_a_database_without_room_leaves_nothing_and_says_full(ground: IntakeGround) -> None:
    receiving = Receiving(receive_parts(ground, CONFIG))

    def no_room(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    ground.engine.dispose()
    event.listen(ground.engine, "checkout", no_room)
    with pytest.raises(StoreFull):
        receive_many(receiving)
    event.remove(ground.engine, "checkout", no_room)
    ground.engine.dispose()
    assert len(files(ground.home.received)) == IntakeOverview(ground.engine).counts().received


def settled(ground: IntakeGround) -> int:
    """How many files the next start removes."""
    sealer = Sealer(ground.keyring.derive(KeyPurpose.RECEIVED_STORE))
    return settle_dead_lanes(ground.home, ReceivedIndexStore(ground.engine), Disk(), sealer)


def test_a_dead_process_lane_is_settled_by_rows(ground: IntakeGround) -> None:
    parts = receive_parts(ground, CONFIG)
    Receiving(parts).receive(instance(), PEER)
    (kept,) = files(ground.home.received)
    dead = ground.home.received / "incoming" / new_id()
    dead.mkdir()
    kept.rename(dead / kept.name)
    (dead / new_id()).write_bytes(b"never acknowledged")
    assert opened(ground.received_blobs().read(kept.name)) == instance()
    removed = settled(ground)
    assert (removed, files(ground.home.received), dead.exists()) == (1, [kept], False)


def test_the_lane_of_a_living_process_is_left_alone(ground: IntakeGround) -> None:
    lane = receive_parts(ground, CONFIG).incoming
    name = new_id()
    lane.write(name, b"under way")
    assert settled(ground) == 0
    assert [path.name for path in files(ground.home.received)] == [name]


def test_an_answered_image_whose_row_did_not_follow_has_its_row_after_the_next_start(ground: IntakeGround) -> None:
    arrived(ground)
    (arrival,) = [path for path in files(ground.home.received) if path.stat().st_size]
    dead = ground.home.received / "incoming" / new_id()
    dead.mkdir()
    arrival.rename(dead / arrival.name)
    (dead / new_id()).touch()
    assert (settled(ground), dead.exists()) == (0, False)
    assert opened(ground.received_blobs().read(arrival.name)) == instance()
    assert IntakeOverview(ground.engine).counts().waiting == 1


def arrived(ground: IntakeGround) -> None:
    """One instance was answered; its row has not followed."""
    accepting, sent = Accepting(receive_parts(ground, CONFIG)), instance()
    arriving = accepting.begin(Head(sent.sop_class_uid, sent.sop_instance_uid, sent.transfer_syntax_uid), PEER)
    arriving.take(sent.data_set)
    arriving.accept()


@pytest.mark.parametrize("damage", ["changed", "swapped", "gone"])
def test_damaged_bytes_are_noticed(ground: IntakeGround, damage: str) -> None:
    receiving = Receiving(receive_parts(ground, CONFIG))
    for number in (1, 2):
        receiving.receive(instance(f"1.{number}"), PEER)
    first, second = files(ground.home.received)
    if damage == "gone":
        first.unlink()
    else:
        other = second.read_bytes()
        first.write_bytes(other if damage == "swapped" else first.read_bytes()[:-1] + b"\0\0")
    with pytest.raises(ReceivedMissing):
        ground.received_blobs().read(first.name)


def test_dropping_bytes_twice_is_no_error(ground: IntakeGround) -> None:
    Receiving(receive_parts(ground, CONFIG)).receive(instance(), PEER)
    (kept,) = files(ground.home.received)
    for _ in range(2):
        ground.received_blobs().drop(kept.name)
    assert files(ground.home.received) == []


def test_clean_files_are_found_before_and_after_they_are_settled(tmp_path: Path) -> None:
    disk = WatchedDisk()
    store, image_id = CleanStore(tmp_path, disk), new_id()
    disk.steps.clear()
    store.write(image_id, b"first")
    store.write(image_id, b"second")
    assert CleanImages(tmp_path).read(image_id) == b"second"
    store.settle()
    store.settle()
    assert CleanImages(tmp_path).read(image_id) == b"second"
    assert disk.steps[-2:] == ["names synced", f"{image_id} in place"]
    assert [oct(path.stat().st_mode)[-3:] for path in files(tmp_path)] == ["600"]


def test_the_next_start_moves_on_what_had_arrived_and_removes_drafts(tmp_path: Path) -> None:
    image_id = new_id()
    CleanStore(tmp_path, Disk()).write(image_id, b"whole")
    (tmp_path / "arriving" / f"{new_id()}.draft").write_bytes(b"half")
    assert CleanStore(tmp_path, Disk()).read(image_id) == b"whole"
    assert [path.name for path in files(tmp_path)] == [image_id]
    assert not any((tmp_path / "arriving").iterdir())


@pytest.mark.parametrize("image_id", ["../../keys/master.key", "", "no-such-image", f"{os.sep}etc/passwd"])
def test_what_is_no_image_identifier_reaches_no_file(tmp_path: Path, image_id: str) -> None:
    with pytest.raises(CleanMissing):
        CleanImages(tmp_path).read(image_id)
