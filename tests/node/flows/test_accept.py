"""Accepted means durable before its row: order of steps, the row that follows, and what a failure leaves behind."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes.instances import StoppedClock, instance
from fakes.intake import MemoryBytes, MemoryIntake
from waiting import patient

from node.flows.accept import Accepting, Head
from node.flows.receive_parts import ReceiveLimits, ReceiveParts
from node.ground.audit import Actor, ActorKind
from node.ground.keyring import make_keys
from node.intake.errors import InstanceTooLarge, StoreFailed, StoreFull
from node.intake.lookups import Lookups
from node.intake.part10 import opened
from node.intake.received import NewReceived, Outcome
from node.intake.sealing import Sealer

PEER = Actor(ActorKind.PEER, "CT3")


class Stores(MemoryBytes):
    """Bytes, records and rows that write down their order together; rows fail while `error` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.intake = MemoryIntake()
        self.error: Exception | None = None
        self.room = 1 << 30

    def add(self, batch: Sequence[NewReceived]) -> list[Outcome]:
        if self.error is not None:
            raise self.error
        self.done.append("rows")
        return self.intake.add(batch)

    def holds(self, received_ids: Sequence[str]) -> frozenset[str]:
        return self.intake.holds(received_ids)

    def free_bytes(self) -> int:
        return self.room


@pytest.fixture(scope="module")
def lookups(tmp_path_factory: pytest.TempPathFactory) -> Lookups:
    return Lookups(make_keys(tmp_path_factory.mktemp("keys")))


@pytest.fixture
def stores() -> Stores:
    return Stores()


@pytest.fixture
def accepting(stores: Stores, lookups: Lookups) -> Accepting:
    limits = ReceiveLimits(reserve_bytes=1 << 20, max_instance_bytes=1 << 16)
    clock, sealer = StoppedClock(), Sealer(bytes(32))
    return Accepting(ReceiveParts(stores, stores, stores, lookups, sealer, limits, clock))


def accept(accepting: Accepting, uid: str = "1.1", *, fill: int = 7) -> None:
    sent = instance(uid, fill=fill)
    arriving = accepting.begin(Head(sent.sop_class_uid, sent.sop_instance_uid, sent.transfer_syntax_uid), PEER)
    for at in range(0, len(sent.data_set), 100):
        arriving.take(sent.data_set[at : at + 100])
    arriving.accept()


def test_an_answer_follows_bytes_and_record_and_the_row_comes_after(accepting: Accepting, stores: Stores) -> None:
    accept(accepting)
    assert (stores.done, [new.received_id for new in stores.recorded]) == (["write"], list(stores.kept))
    assert [opened(contents) for contents in stores.kept.values()] == [instance("1.1")]
    assert accepting.wait_for_rows(0)
    accepting.follow()
    assert stores.done == ["write", "rows", "place"]
    assert len(stores.intake.rows) == 1
    assert not accepting.wait_for_rows(0)


def test_pieces_have_the_digest_of_the_whole(accepting: Accepting, lookups: Lookups, stores: Stores) -> None:
    accept(accepting)
    (row,) = stores.recorded
    assert row.content_digest == lookups.content(instance("1.1"))
    assert row.byte_count == len(instance("1.1").data_set)


def test_a_duplicate_is_answered_and_leaves_no_second_copy(accepting: Accepting, stores: Stores) -> None:
    for fill in (7, 7, 9):
        accept(accepting, fill=fill)
    accepting.follow()
    assert (len(stores.kept), len(stores.intake.rows), len(stores.intake.jobs)) == (2, 2, 1)


def test_without_room_nothing_is_begun_and_what_filled_the_disk_is_not_kept(
    accepting: Accepting, stores: Stores
) -> None:
    head = Head("1.2", "1.1", "1.2.840.10008.1.2.1")
    arriving = accepting.begin(head, PEER)
    stores.room = 100
    with pytest.raises(StoreFull, match="1 MiB"):
        arriving.accept()
    with pytest.raises(StoreFull):
        accepting.begin(head, PEER)
    assert (stores.kept, stores.recorded) == ({}, [])


def test_an_instance_above_the_limit_is_refused_for_good_as_soon_as_it_is_too_large(accepting: Accepting) -> None:
    arriving = accepting.begin(Head("1.2", "1.1", "1.2.840.10008.1.2.1"), PEER)
    arriving.take(bytes(1 << 16))
    with pytest.raises(InstanceTooLarge):
        arriving.take(b"1")


@pytest.mark.parametrize("error", [StoreFull(reserve_mib=0), StoreFailed(), RuntimeError("unforeseen")])
def test_a_sync_that_fails_reaches_its_sender_and_leaves_nothing(
    accepting: Accepting, stores: Stores, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def failing(_name: str, _contents: bytes) -> None:
        raise error

    monkeypatch.setattr(stores, "write", failing)
    with pytest.raises(type(error)):
        accept(accepting)
    assert stores.kept == {}
    accepting.follow()
    assert stores.intake.rows == {}


def test_while_rows_cannot_follow_nothing_is_accepted_and_what_was_answered_is_tried_again(
    accepting: Accepting, stores: Stores
) -> None:
    accept(accepting)
    stores.error = StoreFailed()
    with pytest.raises(StoreFailed):
        accepting.follow()
    with pytest.raises(StoreFailed):
        accept(accepting, "1.2")
    assert accepting.wait_for_rows(0)
    stores.error = None
    accepting.follow()
    accept(accepting, "1.2")
    accepting.follow()
    assert len(stores.intake.rows) == len(stores.kept) == 2


def test_rows_that_were_made_although_the_index_failed_are_not_taken_for_duplicates(
    accepting: Accepting, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(accepting)
    add = stores.intake.add

    def doubtful(batch: Sequence[NewReceived]) -> list[Outcome]:
        add(batch)
        raise StoreFailed

    monkeypatch.setattr(stores.intake, "add", doubtful)
    with pytest.raises(StoreFailed):
        accepting.follow()
    monkeypatch.setattr(stores.intake, "add", add)
    accepting.follow()
    assert stores.kept.keys() == stores.intake.rows.keys()


def test_nobody_waits_for_the_sync_of_another(
    accepting: Accepting, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_there, write = threading.Barrier(4), stores.write

    def slow(name: str, contents: bytes) -> None:
        all_there.wait(5)
        write(name, contents)

    monkeypatch.setattr(stores, "write", slow)
    with ThreadPoolExecutor(4) as senders:
        for one in [senders.submit(accept, accepting, f"1.{number}") for number in range(4)]:
            one.result(5)
    accepting.follow()
    assert len(stores.intake.rows) == 4


def test_rows_gather_while_somebody_sends_and_no_longer(accepting: Accepting) -> None:
    assert accepting.gather(0)
    with accepting.sender():
        with accepting.sender():
            assert not accepting.gather(0)
        assert not accepting.gather(0)
    assert accepting.gather(0)


def test_the_last_sender_to_go_wakes_who_lets_rows_gather(accepting: Accepting) -> None:
    begun = threading.Event()

    def gather() -> bool:
        begun.set()
        return accepting.gather(patient(60))

    with ThreadPoolExecutor(1) as rows:
        with accepting.sender():
            gathered = rows.submit(gather)
            assert begun.wait(patient(5))
        assert gathered.result(patient(5))


def test_a_sender_that_ends_in_an_error_no_longer_sends(accepting: Accepting) -> None:
    with pytest.raises(OSError, match="cut off"), accepting.sender():
        raise OSError("cut off")
    assert accepting.gather(0)


def test_an_image_answered_while_rows_are_made_gets_its_row_with_the_next(
    accepting: Accepting, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(accepting, "1.1")
    add = stores.intake.add

    def meanwhile(batch: Sequence[NewReceived]) -> list[Outcome]:
        monkeypatch.setattr(stores.intake, "add", add)
        accept(accepting, "1.2")
        return add(batch)

    monkeypatch.setattr(stores.intake, "add", meanwhile)
    accepting.follow()
    assert (len(stores.intake.rows), accepting.wait_for_rows(0)) == (1, True)
    accepting.follow()
    assert len(stores.intake.rows) == 2


def test_a_row_names_its_image_by_nothing_of_the_hospital(accepting: Accepting, stores: Stores, tmp_path: Path) -> None:
    accept(accepting, "1.2.826.77")
    told = repr(stores.recorded) + repr(list(stores.kept))
    assert [word for word in ("1.2.826.77", "P-77", "Canary") if word in told] == []
