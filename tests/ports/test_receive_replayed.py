"""The power goes at a hundred moments of receiving, and everything not yet synced is lost: no answered image is."""

import random
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.dropping_disk import PowerCut, RecordingDisk, Step, UnsyncedDisk
from fakes.instances import instance
from fakes.receiving_node import intake_ground
from sqlalchemy import select

from node.flows.accept import Accepting, Head
from node.flows.receive_parts import ReceiveParts
from node.ground.audit import Actor, ActorKind
from node.ground.clock import SystemClock
from node.ground.config import Dicom
from node.ground.home import Home
from node.ground.keyring import Keyring
from node.intake.part10 import opened
from node.intake.received import NewReceived, Outcome
from node.storage.engine import Database, open_engine, reading
from node.storage.intake_parts import IntakeGround, receive_parts
from node.storage.intake_tables import RECEIVED
from node.storage.received_index import ReceivedIndexStore

PEER = Actor(ActorKind.PEER, "CT3")
CONFIG = Dicom(free_space_reserve_mib=1)
CUTS = 100


class SnapshotIndex:
    """The real index; after each commit the database is a step of the history, as SQLite made it durable."""

    def __init__(self, index: ReceivedIndexStore, database: Path, steps: list[Step]) -> None:
        self._index = index
        self._database = database
        self._steps = steps

    def add(self, batch: Sequence[NewReceived]) -> list[Outcome]:
        outcomes = self._index.add(batch)
        with sqlite3.connect(self._database) as connection:
            self._steps.append(Step("rows", held=connection.serialize()))
        connection.close()
        return outcomes

    def holds(self, received_ids: Sequence[str]) -> frozenset[str]:
        return self._index.holds(received_ids)


def accept(accepting: Accepting, steps: list[Step], uid: str) -> None:
    sent = instance(uid)
    arriving = accepting.begin(Head(sent.sop_class_uid, sent.sop_instance_uid, sent.transfer_syntax_uid), PEER)
    for at in range(0, len(sent.data_set), 300):
        arriving.take(sent.data_set[at : at + 300])
    arriving.accept()
    steps.append(Step("answered", held=uid.encode()))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Step]]]:
    """A home, and everything that happened on its disk while fourteen images and three duplicates came."""
    home, disk = tmp_path_factory.mktemp("sender") / "home", RecordingDisk()
    ground = intake_ground(home)
    parts: ReceiveParts = receive_parts(ground, CONFIG, disk)
    index = SnapshotIndex(ReceivedIndexStore(ground.engine), home / "intake.db", disk.steps)
    index.add([])
    accepting = Accepting(replace(parts, index=index))
    for number in range(17):
        accept(accepting, disk.steps, f"1.{number % 14}")
        if number % 5 == 4:
            accepting.follow()
    accepting.follow()
    yield home, disk.steps
    ground.engine.dispose()


def left_after(home: Path, steps: Sequence[Step], cut: int, place: Path) -> None:
    """What the disk held when the power went behind the step number `cut` stands in `place`."""
    chance = random.Random(cut)
    shutil.copytree(home / "keys", place / "keys", dirs_exist_ok=True)
    for path in [*(place / "received").rglob("*"), *place.glob("intake.db*")]:
        if path.is_file():
            path.unlink()
    for path, held in PowerCut(lambda length: chance.randrange(length + 1)).left(steps[:cut]).items():
        target = place / path.relative_to(home)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(held)
    databases = [step.held for step in steps[:cut] if step.what == "rows"]
    (place / "intake.db").write_bytes(databases[-1])


def restarted(home: Path) -> IntakeGround:
    """The node at that home after its next start."""
    keys = Keyring(home / "keys")
    ground = IntakeGround(Home(home), keys, open_engine(Database.INTAKE, home), SystemClock())
    receive_parts(ground, CONFIG, UnsyncedDisk())
    return ground


def kept(ground: IntakeGround) -> tuple[list[str], list[str]]:
    """The UIDs of every row's image, each read whole, and the names of all files."""
    with reading(ground.engine) as connection:
        rows = connection.scalars(select(RECEIVED.c.received_id)).all()
    uids = []
    for name in rows:
        found = opened(ground.received_blobs().read(name))
        assert found == instance(found.sop_instance_uid)
        uids.append(found.sop_instance_uid)
    files = sorted(path.name for path in ground.home.received.rglob("*") if path.is_file())
    assert files == sorted(rows)
    return uids, files


def test_everything_after_the_last_sync_is_lost_at_a_hundred_moments_and_no_answered_image(
    history: tuple[Path, list[Step]], tmp_path: Path
) -> None:
    home, steps = history
    first = next(number for number, step in enumerate(steps) if step.what == "rows") + 1
    moments = range(first, len(steps) + 1)
    assert len(moments) >= CUTS
    for cut in [*random.Random(7).sample(moments, CUTS - 1), len(steps)]:
        left_after(home, steps, cut, tmp_path)
        ground = restarted(tmp_path)
        uids, _ = kept(ground)
        answered = {step.held.decode() for step in steps[:cut] if step.what == "answered"}
        assert answered <= set(uids), f"cut behind step {cut}, {steps[cut - 1].what}"
        assert len(uids) == len(set(uids))
        ground.engine.dispose()


def test_a_node_that_answered_before_its_sync_would_be_found_out(
    history: tuple[Path, list[Step]], tmp_path: Path
) -> None:
    home, steps = history
    careless = [step for step in steps if step.what not in {"synced", "rows", "moved"}]
    first_rows = next(step for step in steps if step.what == "rows")
    left_after(home, [first_rows, *careless], len(careless) + 1, tmp_path / "home")
    ground = restarted(tmp_path / "home")
    uids, _ = kept(ground)
    assert len(uids) < len({step.held for step in careless if step.what == "answered"})
    ground.engine.dispose()


def test_a_beginning_that_looks_whole_is_not_taken_for_an_image(
    history: tuple[Path, list[Step]], tmp_path: Path
) -> None:
    home, steps = history
    end = next(number for number, step in enumerate(steps) if step.what == "synced")
    writes = [number for number in range(end) if steps[number].what == "more"]
    hole = replace(steps[writes[1]], held=bytes(len(steps[writes[1]].held)))
    rows = next(step for step in steps if step.what == "rows")
    broken = [rows, *(hole if number == writes[1] else step for number, step in enumerate(steps[: end + 1]))]
    left_after(home, broken, len(broken), tmp_path / "home")
    ground = restarted(tmp_path / "home")
    assert kept(ground) == ([], [])
    ground.engine.dispose()
