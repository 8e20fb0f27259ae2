"""Success means durable: order of steps, group commit, and what each failure leaves behind."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes.instances import StoppedClock, dicom_file, instance
from fakes.intake import MemoryBytes, MemoryIntake

from node.flows.receive import Receiving
from node.flows.receive_parts import ReceiveLimits, ReceiveParts
from node.ground.audit import Actor, ActorKind
from node.ground.keyring import make_keys
from node.intake.errors import InstanceTooLarge, StoreFailed, StoreFull
from node.intake.lookups import Lookups
from node.intake.part10 import opened
from node.intake.received import NewReceived, Outcome
from node.intake.sealing import Sealer

PEER = Actor(ActorKind.PEER, "CT3")
LIMITS = ReceiveLimits(reserve_bytes=1 << 20, max_instance_bytes=1 << 16)


class Steps(MemoryBytes):
    """Bytes and rows that write down their order together."""

    def __init__(self) -> None:
        super().__init__()
        self.intake = MemoryIntake()

    def add(self, batch: Sequence[NewReceived]) -> list[Outcome]:
        self.done.append("rows")
        return self.intake.add(batch)

    def holds(self, received_ids: Sequence[str]) -> frozenset[str]:
        return self.intake.holds(received_ids)


@pytest.fixture(scope="module")
def lookups(tmp_path_factory: pytest.TempPathFactory) -> Lookups:
    return Lookups(make_keys(tmp_path_factory.mktemp("keys")))


def receiving(stores: Steps, lookups: Lookups, limits: ReceiveLimits = LIMITS) -> Receiving:
    return Receiving(ReceiveParts(stores, stores, stores, lookups, Sealer(bytes(32)), limits, StoppedClock()))


def test_success_follows_bytes_then_names_then_row(lookups: Lookups) -> None:
    stores = Steps()
    assert receiving(stores, lookups).receive(instance(), PEER) is Outcome.STORED
    assert stores.done == ["write", "settle", "rows", "place"]


def test_what_is_stored_is_the_whole_file_as_it_was_sent(lookups: Lookups) -> None:
    stores = Steps()
    receiving(stores, lookups).receive(instance(), PEER)
    (contents,) = stores.kept.values()
    assert opened(contents) == instance()


def test_a_duplicate_is_a_success_and_leaves_no_second_copy(lookups: Lookups) -> None:
    stores = Steps()
    taking = receiving(stores, lookups)
    assert [taking.receive(instance(), PEER) for _ in range(2)] == [Outcome.STORED, Outcome.DUPLICATE]
    assert (len(stores.kept), len(stores.intake.rows), len(stores.intake.jobs)) == (1, 1, 1)


def test_the_same_uid_with_other_bytes_is_kept_beside_the_first_in_quarantine(lookups: Lookups) -> None:
    stores = Steps()
    taking = receiving(stores, lookups)
    assert [taking.receive(instance(fill=fill), PEER) for fill in (1, 2)] == [Outcome.STORED, Outcome.CONFLICT]
    assert len(stores.kept) == 2
    assert sorted(row.reason for row in stores.intake.rows.values()) == ["", "intake.same_uid_other_bytes"]


def test_nothing_is_written_when_the_reserve_would_be_touched(lookups: Lookups) -> None:
    class NearlyFull(Steps):
        def free_bytes(self) -> int:
            return LIMITS.reserve_bytes + 100

    stores = NearlyFull()
    with pytest.raises(StoreFull, match="1 MiB"):
        receiving(stores, lookups).receive(instance(), PEER)
    assert (stores.done, stores.kept, stores.intake.rows) == ([], {}, {})


def test_an_instance_above_the_limit_is_refused_for_good(lookups: Lookups) -> None:
    stores = Steps()
    with pytest.raises(InstanceTooLarge):
        receiving(stores, lookups, ReceiveLimits(0, 100)).receive(instance(), PEER)
    assert stores.done == []


@pytest.mark.parametrize("error", [StoreFull(reserve_mib=0), StoreFailed(), RuntimeError("unforeseen")])
def test_a_commit_that_fails_reaches_the_sender_and_leaves_nothing(lookups: Lookups, error: Exception) -> None:
    class Failing(Steps):
        def add(self, batch: Sequence[NewReceived]) -> list[Outcome]:
            raise error

    stores = Failing()
    with pytest.raises(type(error)):
        receiving(stores, lookups).receive(instance(), PEER)
    assert (stores.kept, stores.intake.rows) == ({}, {})


def test_bytes_are_kept_when_the_commit_failed_but_the_row_is_there(lookups: Lookups) -> None:
    class Doubtful(Steps):
        def add(self, batch: Sequence[NewReceived]) -> list[Outcome]:
            super().add(batch)
            raise StoreFailed

    stores = Doubtful()
    with pytest.raises(StoreFailed):
        receiving(stores, lookups).receive(instance(), PEER)
    assert stores.kept.keys() == stores.intake.rows.keys()


def test_whoever_waits_while_a_commit_runs_goes_into_the_next_one_together(lookups: Lookups) -> None:
    running, others_wait = threading.Event(), threading.Event()
    batches: list[int] = []

    class Slow(Steps):
        def add(self, batch: Sequence[NewReceived]) -> list[Outcome]:
            batches.append(len(batch))
            running.set()
            others_wait.wait(5)
            return super().add(batch)

    stores = Slow()
    taking = receiving(stores, lookups)
    with ThreadPoolExecutor(5) as senders:
        first = senders.submit(taking.receive, instance("1.1"), PEER)
        running.wait(5)
        rest = [senders.submit(taking.receive, instance(f"1.{number}"), PEER) for number in range(2, 6)]
        while len(stores.written) < 5:
            pass
        threading.Timer(0.05, others_wait.set).start()
        assert [one.result(5) for one in [first, *rest]] == [Outcome.STORED] * 5
    assert batches == [1, 4]


def test_every_sender_of_a_failed_batch_learns_of_it(lookups: Lookups) -> None:
    class Failing(Steps):
        def settle(self) -> None:
            raise StoreFull(reserve_mib=0)

    taking = receiving(Failing(), lookups)

    def refused(number: int) -> bool:
        try:
            taking.receive(instance(f"1.{number}"), PEER)
        except StoreFull:
            return True
        return False

    with ThreadPoolExecutor(4) as senders:
        assert all(senders.map(refused, range(12)))


def test_a_row_names_its_image_by_nothing_of_the_hospital(lookups: Lookups, tmp_path: Path) -> None:
    stores = Steps()
    taking = receiving(stores, lookups)
    taking.receive(instance("1.2.826.77"), PEER)
    taking.set_aside(dicom_file()[:140], PEER)
    told = repr(stores.intake.rows) + repr(stores.intake.events) + repr(stores.intake.jobs) + repr(list(stores.kept))
    assert [word for word in ("1.2.826.77", "P-77", "Canary") if word in told] == []
