"""The send as one transaction: killed between any two of its steps, it leaves all or nothing."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread

import pytest
from factories import a_train_instruction
from fakes.wall import Wall, a_wall
from fakes.wall_cast import START_BLOB, START_SHA256, PlayedFit, instruct
from sqlalchemy import Engine

from node.flows.send import Sending
from node.ground.audit import AuditEvent
from node.release.approvals import HeldApproval
from node.release.ledger import verify_stored
from node.release.outbox import Parcel
from node.storage.wall_send import WallUnit
from protocols.receipts import LedgerEntry

STEPS = ("opened", "approval checked", "bytes looked for", "bytes in the outbox", "entry in the ledger", "committed")
LEAVES_SOMETHING = {"committed"}


class Killed(BaseException):
    """The process ended here."""


class FragileSending:
    """A send's transaction that ends the process after one of its steps."""

    def __init__(self, door: Sending, die: Callable[[str], None]) -> None:
        self._door = door
        self._die = die

    def held_approval(self, plan_id: str) -> HeldApproval | None:
        held = self._door.held_approval(plan_id)
        self._die("approval checked")
        return held

    def stored(self, parcel: Parcel) -> bytes | None:
        stored = self._door.stored(parcel)
        self._die("bytes looked for")
        return stored

    def put(self, parcel: Parcel) -> None:
        self._door.put(parcel)
        self._die("bytes in the outbox")

    def enter(self, parcel: Parcel, event: AuditEvent) -> LedgerEntry:
        entry = self._door.enter(parcel, event)
        self._die("entry in the ledger")
        return entry


class FragileUnit:
    """Opens transactions that end the process after one of their steps, or just after they ended well."""

    def __init__(self, engine: Engine, die: Callable[[str], None]) -> None:
        self._unit = WallUnit(engine)
        self._die = die

    @contextmanager
    def sending(self) -> Iterator[Sending]:
        with self._unit.sending() as door:
            self._die("opened")
            yield FragileSending(door, self._die)
        self._die("committed")


def train(**changes: object) -> bytes:
    return instruct(a_train_instruction(**{"model_sha256": START_SHA256, **changes}))


def dying_at(step: str, how: Callable[[], None]) -> Callable[[Engine], FragileUnit]:
    def die(reached: str) -> None:
        if reached == step:
            how()

    return lambda engine: FragileUnit(engine, die)


def raise_killed() -> None:
    raise Killed


def end_process() -> None:
    os._exit(9)


def released(wall: Wall) -> list[tuple[str, str]]:
    """What was released of updates: digests in ledger and outbox, which are always the same."""
    entries = [row.entry.sent_sha256 for row in wall.ledger.page(0, 100) if row.entry.message_kind == "model-update"]
    with wall.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT sent_sha256 FROM outbox WHERE message_kind = 'model-update'")
        boxed = [row[0] for row in rows]
    assert sorted(entries) == sorted(boxed)
    return [(entry, "released") for entry in entries]


@pytest.mark.parametrize("step", STEPS)
def test_killed_between_any_two_steps_the_same_bytes_leave_after_a_restart_or_none_did(
    tmp_path: Path, step: str
) -> None:
    before = a_wall(tmp_path)
    before.approve(before.offer())
    dying = a_wall(tmp_path, unit=dying_at(step, raise_killed))
    with pytest.raises(Killed):
        dying.answering.answer("train", train())
    assert bool(released(before)) == (step in LEAVES_SOMETHING)
    assert (
        verify_stored(before.ledger.stored(before.ledger.head().number), before.ledger.head())
        == before.ledger.head().number
    )

    after = a_wall(
        tmp_path, fit=PlayedFit(update=lambda start: {name: tensor * 0 + 0.5 for name, tensor in start.items()})
    )
    sealed = after.answering.answer("train", train())
    assert after.answering.answer("train", train()) == sealed
    assert len(released(after)) == 1
    assert after.fit.trained == 0, "the round's vector was kept before the send, so nothing is trained twice"
    assert verify_stored(after.ledger.stored(after.ledger.head().number), after.ledger.head()) == 2


@pytest.mark.parametrize("step", STEPS)
def test_a_process_that_really_dies_there_leaves_a_ledger_without_a_gap(tmp_path: Path, step: str) -> None:
    before = a_wall(tmp_path)
    before.approve(before.offer())
    before.engine.dispose()
    before.round_engine.dispose()
    child = os.fork()
    if child == 0:
        a_wall(tmp_path, unit=dying_at(step, end_process)).answering.answer("train", train())
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    after = a_wall(tmp_path)
    assert bool(released(after)) == (step in LEAVES_SOMETHING)
    first = after.answering.answer("train", train())
    assert after.answering.answer("train", train()) == first
    assert verify_stored(after.ledger.stored(after.ledger.head().number), after.ledger.head()) == 2


def test_two_requests_at_once_for_the_last_round_get_one_room(tmp_path: Path) -> None:
    wall = a_wall(tmp_path)
    wall.approve(wall.offer(), max_rounds=1)
    start, answers = Barrier(2), []

    def ask(run_id: str) -> None:
        start.wait()
        answers.append(wall.answering.answer("train", train(run_id=run_id)))

    runs = ["33333333-3333-4333-8333-333333333333", "33333333-3333-4333-8333-333333333334"]
    threads = [Thread(target=ask, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kinds = sorted(row.entry.message_kind for row in wall.ledger.page(0, 100))
    assert kinds == ["approval", "error-report", "model-update"]
    with wall.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM reservation").scalar() == 1


def test_the_same_request_twice_at_once_is_answered_with_the_same_bytes(tmp_path: Path) -> None:
    wall = a_wall(tmp_path)
    wall.approve(wall.offer())
    together, answers = Barrier(2), []
    wall.fit.meanwhile = lambda: None if together.broken else void(together.wait(10))

    def ask() -> None:
        answers.append(wall.answering.answer("train", train()))

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers[0] == answers[1]
    assert wall.fit.trained == 2
    assert len(released(wall)) == 1


def void(_: object) -> None:
    return None


def test_the_ledger_says_what_the_outbox_holds_byte_for_byte(tmp_path: Path) -> None:
    wall = a_wall(tmp_path)
    wall.approve(wall.offer())
    sealed = wall.answering.answer("train", instruct(a_train_instruction(model_sha256=START_SHA256), START_BLOB))
    with wall.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT sealed FROM outbox WHERE message_kind = 'model-update'").scalar()
    assert stored == sealed
