"""Storage commitment: who gets it, what is committed, and reports that are tried again, given up, or lost."""

import random
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.instances import COMPUTED_RADIOGRAPHY, StoppedClock, instance
from sqlalchemy import select

from node.flows.commit import (
    COMMITMENT_KIND,
    MAX_ATTEMPTS,
    MAX_PENDING,
    Commitment,
    CommitParts,
    Reporting,
    ReportLine,
    ReportNotTaken,
    take,
)
from node.flows.jobs import Lease
from node.flows.receive import Receiving
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.config import ConfigInvalid, load_config, new_config
from node.intake.commitment import (
    CommitmentReason,
    CommitmentRequest,
    CommitmentState,
    Failure,
    Judged,
    Referenced,
)
from node.storage.commitment_rows import CommitmentRowsStore
from node.storage.engine import reading
from node.storage.intake_parts import receive_parts
from node.storage.intake_tables import RECEIVED
from node.storage.job_queue import JobQueueStore
from node.storage.retained_rows import RetainedRowsStore
from node.wiring.beginning import make_home
from node.wiring.commitments import commit_parts, forget_lost_lines
from node.wiring.images import intake_ground

PEER = Actor(ActorKind.PEER, "CT3")
CT = "1.2.840.10008.5.1.4.1.1.2"


class Line:
    """A peer that takes reports, or does not."""

    def __init__(self, code: str = "") -> None:
        self.code, self.told = code, list[tuple[str, Judged]]()

    def report(self, transaction_uid: str, judged: Judged) -> None:
        if self.code:
            raise ReportNotTaken(self.code)
        self.told.append((transaction_uid, judged))


class Archive:
    """A node that is the archive of one peer and holds two images."""

    def __init__(self, home: Path, *, without_end: bool = True) -> None:
        self.clock = StoppedClock()
        settings = {"name": "Example hospital", "retention": {"without_end": without_end}}
        self.place = make_home(home, new_config(settings))
        self.place.clock = self.clock
        ground = intake_ground(self.place)
        receiving = Receiving(receive_parts(ground, self.place.config.dicom))
        for uid in ("1.1", "1.2"):
            receiving.receive(instance(uid), PEER)
        self.engine = ground.engine
        self.rows = CommitmentRowsStore(self.engine)

    @property
    def parts(self) -> CommitParts:
        return commit_parts(self.place)

    def ask(self, *instances: tuple[str, str], archive: bool = True, by_jobs: bool = True) -> object:
        request = CommitmentRequest("1.9", tuple(Referenced(*one) for one in instances))
        return take(self.parts, "CT3", request, archive=archive, by_jobs=by_jobs)

    def work(self, line: ReportLine | None) -> int:
        """Every due report was tried once; how many there were."""
        now = self.clock.now()
        jobs = JobQueueStore(self.engine).lease(COMMITMENT_KIND, 9, Lease("x", now, now + timedelta(minutes=1)))
        back = Reporting(self.parts, lambda _peer: line, random.Random(7))(jobs)
        JobQueueStore(self.engine).put_back(back)
        return len(jobs)

    def latest(self) -> tuple[CommitmentState, str, int, int]:
        found = self.rows.latest()[0]
        return found.state, found.reason, found.instances, found.failed


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "home")


BOTH = ((COMPUTED_RADIOGRAPHY, "1.1"), (COMPUTED_RADIOGRAPHY, "1.2"))


def test_what_is_held_whole_is_committed_reported_and_protected_from_every_retention(archive: Archive) -> None:
    assert isinstance(archive.ask(*BOTH), Commitment)
    line = Line()
    assert archive.work(line) == 0  # rows of images answered a moment ago may still follow
    archive.clock.move(timedelta(seconds=3))
    assert archive.work(line) == 1
    (told,) = line.told
    assert told == ("1.9", Judged(tuple(Referenced(*one) for one in BOTH), ()))
    assert archive.latest() == (CommitmentState.REPORTED, "", 2, 0)
    with reading(archive.engine) as connection:
        assert list(connection.scalars(select(RECEIVED.c.protected))) == [True, True]
        connection.execute(RECEIVED.update().values(state="clean", settled_at=archive.clock.now()))
    assert RetainedRowsStore(archive.engine).droppable(archive.clock.now() + timedelta(days=999), 9) == []


def test_what_is_not_held_not_whole_or_of_another_class_fails_with_its_reason(archive: Archive) -> None:
    archive.ask((COMPUTED_RADIOGRAPHY, "1.1"), (CT, "1.2"), (CT, "7.7"), (COMPUTED_RADIOGRAPHY, "1.1"))
    with reading(archive.engine) as connection:
        names = list(connection.scalars(select(RECEIVED.c.received_id)))
    archive.clock.move(timedelta(seconds=3))
    line = Line()
    archive.work(line)
    assert [why for _, why in line.told[0][1].failed] == [Failure.CLASS_CONFLICT, Failure.NO_SUCH_OBJECT]
    assert archive.latest() == (CommitmentState.REPORTED, "", 4, 2)
    for path in (archive.place.home.path / "received").rglob("*"):
        if path.name in names:
            path.write_bytes(path.read_bytes()[:-1] + b"x")
    archive.ask(*BOTH)
    archive.clock.move(timedelta(seconds=3))
    archive.work(line)
    assert [why for _, why in line.told[1][1].failed] == [Failure.PROCESSING] * 2


@pytest.mark.parametrize(
    ("class_uid", "failure"),
    [
        ("1.2.840.10008.1.1", Failure.CLASS_UNSUPPORTED),  # verification
        ("1.2.840.10008.1.20.1", Failure.CLASS_UNSUPPORTED),  # storage commitment itself
        ("1.2.840.10008.1.3.10", Failure.CLASS_UNSUPPORTED),  # a media directory
        ("1.2.840.10008.1.2.1", Failure.CLASS_UNSUPPORTED),  # a transfer syntax
        ("1.2.840.10008.5.1.4.1.2.2.1", Failure.CLASS_UNSUPPORTED),  # find
        (CT, Failure.NO_SUCH_OBJECT),
        ("1.2.840.10008.5.1.4.1.1.66.4", Failure.NO_SUCH_OBJECT),
        ("1.2.840.10008.5.1.4.34.7", Failure.NO_SUCH_OBJECT),  # RT Beams Delivery Instruction Storage
        ("1.3.12.2.1107.5.9.1", Failure.NO_SUCH_OBJECT),  # private
        ("1.2.3.4", Failure.NO_SUCH_OBJECT),
    ],
)
def test_a_class_that_is_never_stored_here_is_told_from_an_instance_that_is_not(
    archive: Archive, class_uid: str, failure: Failure
) -> None:
    archive.ask((class_uid, "7.7"))
    archive.clock.move(timedelta(seconds=3))
    line = Line()
    archive.work(line)
    assert [why for _, why in line.told[0][1].failed] == [failure]


def test_a_transaction_uid_that_stands_commits_to_nothing_a_second_time(archive: Archive) -> None:
    archive.ask(*BOTH)
    archive.ask(BOTH[0], (CT, "7.7"))
    archive.clock.move(timedelta(seconds=3))
    line = Line()
    assert archive.work(line) == 2
    first, second = (judged for _, judged in line.told)
    assert (len(first.committed), first.failed) == (2, ())
    assert (second.committed, [why for _, why in second.failed]) == ((), [Failure.DUPLICATE_TRANSACTION] * 2)
    assert archive.latest() == (CommitmentState.REPORTED, "", 2, 2)


def test_a_transaction_uid_is_free_again_once_its_report_was_taken_or_given_up(archive: Archive) -> None:
    line = Line()
    for way in (line, None, line):
        archive.ask(*BOTH)
        archive.clock.move(timedelta(seconds=3))
        archive.work(way)
    assert [(len(judged.committed), judged.failed) for _, judged in line.told] == [(2, ())] * 2


def test_two_peers_may_name_their_transactions_alike(archive: Archive) -> None:
    archive.ask(*BOTH)
    request = CommitmentRequest("1.9", (Referenced(*BOTH[0]),))
    take(archive.parts, "MR1", request, archive=True, by_jobs=True)
    archive.clock.move(timedelta(seconds=3))
    line = Line()
    archive.work(line)
    assert [judged.failed for _, judged in line.told] == [(), ()]


def test_dropped_or_deleted_bytes_are_not_committed(archive: Archive) -> None:
    with reading(archive.engine) as connection:
        first, second = connection.scalars(select(RECEIVED.c.received_id))
    event = AuditEvent(archive.clock.now(), PEER, "received.dropped", "x")
    RetainedRowsStore(archive.engine).mark_dropped([first, second], [event, event])
    archive.ask(*BOTH)
    archive.clock.move(timedelta(seconds=3))
    line = Line()
    archive.work(line)
    assert [why for _, why in line.told[0][1].failed] == [Failure.NO_SUCH_OBJECT] * 2


def test_a_report_that_is_not_taken_is_tried_with_growing_pauses_and_then_given_up(archive: Archive) -> None:
    archive.ask(*BOTH)
    archive.clock.move(timedelta(seconds=3))
    begun, tried = archive.clock.now(), 0
    while archive.rows.pending("CT3"):
        tried += archive.work(Line("unreachable"))
        archive.clock.move(timedelta(minutes=30))
    assert tried == MAX_ATTEMPTS
    assert timedelta(hours=10) < archive.clock.now() - begun < timedelta(hours=30)
    assert archive.latest() == (CommitmentState.GIVEN_UP, "intake.commitment_report_not_taken", 2, 0)
    assert archive.work(Line()) == 0


def test_a_report_goes_out_once_the_peer_is_there_again(archive: Archive) -> None:
    archive.ask(*BOTH)
    archive.clock.move(timedelta(seconds=3))
    archive.work(Line("rejected"))
    archive.clock.move(timedelta(minutes=5))
    line = Line()
    assert (archive.work(line), len(line.told)) == (1, 1)


def test_a_peer_that_left_the_configuration_is_not_looked_for(archive: Archive) -> None:
    archive.ask(*BOTH)
    archive.clock.move(timedelta(seconds=3))
    archive.work(None)
    assert archive.latest()[0] is CommitmentState.GIVEN_UP


def test_who_is_no_archive_or_keeps_bytes_for_a_while_only_refuses_and_says_why(tmp_path: Path) -> None:
    for_a_while = Archive(tmp_path / "a", without_end=False)
    assert for_a_while.ask(*BOTH) is CommitmentReason.RETENTION_ENDS
    assert for_a_while.latest() == (CommitmentState.REFUSED, "intake.commitment_retention_ends", 0, 0)
    assert for_a_while.ask(*BOTH, archive=False) is CommitmentReason.NOT_AN_ARCHIVE
    unread = take(Archive(tmp_path / "b").parts, "CT3", None, archive=True, by_jobs=True)
    assert unread is CommitmentReason.REQUEST_UNREADABLE


def test_a_peer_cannot_pile_up_requests(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CommitmentRowsStore, "pending", lambda _self, _peer: MAX_PENDING)
    assert archive.ask(*BOTH) is CommitmentReason.TOO_MANY_PENDING


def test_a_request_whose_line_ended_with_the_process_is_given_up_at_the_next_start(archive: Archive) -> None:
    archive.ask(*BOTH, by_jobs=False)
    archive.ask(*BOTH)
    forget_lost_lines(archive.parts, archive.place)
    assert [one.state for one in archive.rows.latest()] == [CommitmentState.ACCEPTED, CommitmentState.GIVEN_UP]


def test_no_uid_of_a_request_is_readable_in_the_home(archive: Archive) -> None:
    archive.ask((COMPUTED_RADIOGRAPHY, "1.2.826.0.77.4711"))
    contents = [path.read_bytes() for path in archive.place.home.path.rglob("*") if path.is_file()]
    assert [found for found in contents if b"4711" in found] == []


@pytest.mark.parametrize(
    "rule",
    [
        'ae_title = "*"\narchive = true',
        'ae_title = "CT3"\narchive = true\nreport_port = 104\naddress = "10.1.0.0/16"',
    ],
)
def test_an_archive_is_for_one_peer_that_can_be_called(tmp_path: Path, rule: str) -> None:
    (tmp_path / "node.toml").write_text(f'name = "x"\n[[dicom.peers]]\n{rule}\n', encoding="utf-8")
    with pytest.raises(ConfigInvalid, match="commitment"):
        load_config(tmp_path)
