"""Storage commitment on the wire, asked by pynetdicom: on the same association, on a new one, and every refusal."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep

import pytest
from fakes.instances import COMPUTED_RADIOGRAPHY, instance
from fakes.pacs import free_port
from pydicom import Dataset
from pydicom.config import disable_value_validation
from pynetdicom import AE, build_context, evt
from pynetdicom.association import Association
from pynetdicom.events import Event, EventHandlerType

from node.edges.dicom import commitment
from node.edges.dicom.commitment import reporting_lines
from node.edges.dicom.server import ReceiveServer
from node.flows.commit import COMMITMENT_KIND, Reporting
from node.flows.jobs import Lease
from node.flows.receive import Receiving
from node.ground.audit import Actor, ActorKind
from node.ground.clock import SystemClock
from node.ground.config import Dicom, NodeConfig, new_config
from node.intake.commitment import MODEL, WELL_KNOWN_INSTANCE, CommitmentState
from node.storage.commitment_rows import CommitmentRowsStore
from node.storage.engine import Database
from node.storage.intake_parts import receive_parts
from node.storage.job_queue import JobQueueStore
from node.wiring.beginning import make_home
from node.wiring.commitments import commit_parts
from node.wiring.images import intake_ground
from node.wiring.place import Place

PEER = "CT3"


@dataclass
class Modality:
    """Hears reports, and keeps the association open until it did."""

    status: int = 0
    reports: list[tuple[int | None, Dataset]] = field(default_factory=list)
    heard: threading.Event = field(default_factory=threading.Event)

    def hear(self, event: Event) -> tuple[int, None]:
        self.reports.append((event.event_type, event.event_information))
        self.heard.set()
        return self.status, None

    def ask(self, port: int, asked: Dataset | None, *, wait: bool = True, action: int = 1) -> int:
        entity = AE(PEER)
        events: list[EventHandlerType] = [(evt.EVT_N_EVENT_REPORT, self.hear)]
        line = entity.associate("127.0.0.1", port, [build_context(MODEL)], ae_title="INTRAMUROS", evt_handlers=events)
        assert line.is_established
        status, _ = line.send_n_action(asked, action, MODEL, WELL_KNOWN_INSTANCE)
        if wait:
            assert self.heard.wait(90)
        _release(line)
        return int(status.Status)


def _release(line: Association) -> None:
    line.release()
    line.join(5)


def request(*instances: tuple[str, str], transaction: str = "1.9.9") -> Dataset:
    asked = Dataset()
    asked.TransactionUID = transaction
    asked.ReferencedSOPSequence = []
    for class_uid, instance_uid in instances:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = class_uid, instance_uid
        asked.ReferencedSOPSequence.append(item)
    return asked


@dataclass
class Archive:
    """A node with two images and an open DICOM port."""

    place: Place
    server: ReceiveServer

    def work(self) -> None:
        """One round of reporting, as if the pause after a request were over."""
        queue = JobQueueStore(self.place.engine(Database.INTAKE))
        now = self.place.clock.now() + timedelta(seconds=9)
        jobs = queue.lease(COMMITMENT_KIND, 9, Lease("x", now, now + timedelta(minutes=1)))
        lines = reporting_lines(self.place.config.dicom)
        queue.put_back(Reporting(commit_parts(self.place), lines.get, random.Random(1))(jobs))

    def settled(self) -> tuple[CommitmentState, str, int]:
        """The latest request once its report was answered: the peer hears of it before the node notes it."""
        for _ in range(600):
            if self.latest()[0] is not CommitmentState.ACCEPTED:
                break
            sleep(0.05)
        return self.latest()

    def latest(self) -> tuple[CommitmentState, str, int]:
        found = CommitmentRowsStore(self.place.engine(Database.INTAKE)).latest()[0]
        return found.state, found.reason.removeprefix("intake.commitment_"), found.failed


Maker = Callable[..., Archive]


@pytest.fixture
def archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """Opens a node as often as a test likes."""
    monkeypatch.setattr(commitment, "_ROWS_FOLLOW_SECONDS", 0.0)
    opened: list[Archive] = []

    def make(*, archive: bool = True, without_end: bool = True, report_port: int | None = None) -> Archive:
        peer = {"ae_title": PEER, "archive": archive, "report_port": report_port}
        dicom = {"port": free_port(), "peers": [peer]}
        config: NodeConfig = new_config({"name": "x", "dicom": dicom, "retention": {"without_end": without_end}})
        bare = config.model_copy(update={"dicom": Dicom(port=config.dicom.port)})
        place = make_home(tmp_path / f"home{len(opened)}", bare)
        place.config = config
        receiving = Receiving(receive_parts(intake_ground(place), config.dicom))
        for uid in ("1.1", "1.2"):
            receiving.receive(instance(uid), Actor(ActorKind.PEER, PEER))
        server = ReceiveServer(config.dicom, receiving, commit=commit_parts(place))
        server.start()
        opened.append(Archive(place, server))
        return opened[-1]

    yield make
    for one in opened:
        one.server.stop()


BOTH = ((COMPUTED_RADIOGRAPHY, "1.1"), (COMPUTED_RADIOGRAPHY, "1.2"))


def test_the_report_comes_on_the_association_that_asked(archives: Maker) -> None:
    archive, modality = archives(), Modality()
    assert modality.ask(archive.server.port, request(*BOTH)) == 0
    ((event_type, told),) = modality.reports
    assert (event_type, told.TransactionUID) == (1, "1.9.9")
    assert [one.ReferencedSOPInstanceUID for one in told.ReferencedSOPSequence] == ["1.1", "1.2"]
    assert "FailedSOPSequence" not in told
    assert archive.settled() == (CommitmentState.REPORTED, "", 0)


def test_what_failed_is_listed_with_its_reason(archives: Maker) -> None:
    archive, modality = archives(), Modality()
    modality.ask(
        archive.server.port, request(BOTH[0], (COMPUTED_RADIOGRAPHY, "7.7"), ("1.2.840.10008.5.1.4.1.1.2", "1.2"))
    )
    ((event_type, told),) = modality.reports
    failed = [(one.ReferencedSOPInstanceUID, one.FailureReason) for one in told.FailedSOPSequence]
    assert (event_type, failed) == (2, [("7.7", 0x0112), ("1.2", 0x0119)])
    assert archive.settled() == (CommitmentState.REPORTED, "", 2)


def test_a_duplicate_transaction_and_an_unsupported_class_are_told_on_the_wire(archives: Maker) -> None:
    port, modality = free_port(), Modality()
    archive = archives(report_port=port)
    for asked in (request(("1.2.840.10008.1.1", "7.7")), request(*BOTH)):
        assert modality.ask(archive.server.port, asked, wait=False) == 0
    entity = AE(PEER)
    entity.add_supported_context(MODEL, scu_role=True, scp_role=True)
    listening = entity.start_server(
        ("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, modality.hear)]
    )
    archive.work()
    assert listening is not None
    listening.shutdown()
    failed = [[one.FailureReason for one in told.FailedSOPSequence] for _, told in modality.reports]
    assert failed == [[0x0122], [0x0131, 0x0131]]
    assert [event_type for event_type, _ in modality.reports] == [2, 2]


def test_a_peer_with_a_port_is_called_back_and_tried_again_while_it_does_not_answer(archives: Maker) -> None:
    port, modality = free_port(), Modality()
    archive = archives(report_port=port)
    assert modality.ask(archive.server.port, request(*BOTH), wait=False) == 0
    archive.work()
    assert archive.latest()[0] is CommitmentState.ACCEPTED
    entity = AE(PEER)
    entity.add_supported_context(MODEL, scu_role=True, scp_role=True)
    listening = entity.start_server(
        ("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, modality.hear)]
    )
    archive.place.clock = Later()
    archive.work()
    assert listening is not None
    listening.shutdown()
    assert [(event_type, len(told.ReferencedSOPSequence)) for event_type, told in modality.reports] == [(1, 2)]
    assert archive.latest() == (CommitmentState.REPORTED, "", 0)


def test_a_report_the_peer_answers_with_a_failure_is_not_taken(archives: Maker) -> None:
    archive, modality = archives(), Modality(status=0x0110)
    modality.ask(archive.server.port, request(*BOTH))
    assert archive.settled() == (CommitmentState.GIVEN_UP, "report_not_taken", 0)


@pytest.mark.parametrize(
    ("rule", "status", "reason"),
    [({"archive": False}, 0x0124, "not_an_archive"), ({"without_end": False}, 0x0124, "retention_ends")],
)
def test_who_may_not_rely_on_this_node_is_refused_and_the_page_says_why(
    archives: Maker, rule: dict[str, bool], status: int, reason: str
) -> None:
    archive = archives(**rule)
    assert Modality().ask(archive.server.port, request(*BOTH), wait=False) == status
    assert archive.latest() == (CommitmentState.REFUSED, reason, 0)


def test_a_request_that_names_nothing_or_is_no_request_is_refused(archives: Maker) -> None:
    archive, without_items = archives(), request()
    for asked in (without_items, None):
        assert Modality().ask(archive.server.port, asked, wait=False) == 0x0115
    assert Modality().ask(archive.server.port, request(*BOTH), wait=False, action=2) == 0x0123
    with disable_value_validation():
        for transaction in ("1." * 40, "none"):
            asked = request(*BOTH, transaction=transaction)
            assert Modality().ask(archive.server.port, asked, wait=False) == 0x0115
    assert archive.latest() == (CommitmentState.REFUSED, "request_unreadable", 0)


class Later:
    """A clock on which the first pause is over."""

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(minutes=2)

    def monotonic_seconds(self) -> float:
        return 0.0
