"""A PACS asked and fetched from over real associations on loopback, both ways of sending, and every trouble's code."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from fakes.instances import dataset
from fakes.pacs import PlayedPacs, free_port
from fakes.receiving_node import intake_ground

from node.edges.dicom.query_retrieve import PacsSource
from node.edges.dicom.server import ReceiveServer
from node.flows.pull_ports import ListedInstance
from node.flows.receive import Receiving
from node.ground.config import Dicom, DicomPeer, DicomSource, Retrieve
from node.intake.cohort_query import CohortQuery
from node.intake.errors import SourceTrouble, StoreFull
from node.storage.intake_overview import IntakeOverview
from node.storage.intake_parts import IntakeGround, receive_parts

DAY = CohortQuery(first_day=date(2025, 3, 14), last_day=date(2025, 3, 14))
FILMS = [dataset("1.5.1", study="1.5"), dataset("1.5.2", study="1.5"), dataset("1.6.1", study="1.6")]
for _film in FILMS:
    _film.AccessionNumber = f"A-{_film.StudyInstanceUID}"


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[IntakeGround]:
    ground = intake_ground(tmp_path / "home")
    yield ground
    ground.engine.dispose()


Play = Callable[..., PlayedPacs]


@pytest.fixture
def play() -> Iterator[Play]:
    played: list[PlayedPacs] = []

    def start(**how: int | None) -> PlayedPacs:
        played.append(PlayedPacs(FILMS, **how))  # type: ignore[arg-type]  # each test names what it needs
        return played[-1]

    yield start
    for pacs in played:
        pacs.stop()


def source_of(
    ground: IntakeGround, port: int, retrieve: Retrieve = Retrieve.GET, *, own: Dicom | None = None
) -> PacsSource:
    dicom = own or Dicom(free_space_reserve_mib=1)
    source = DicomSource(
        name="pacs", ae_title="PACS", host="127.0.0.1", port=port, retrieve=retrieve, answer_seconds=10
    )
    return PacsSource(source, dicom, Receiving(receive_parts(ground, dicom)))


def waiting(ground: IntakeGround) -> int:
    return IntakeOverview(ground.engine).counts().waiting


def test_studies_are_found_by_day_and_by_accession_number(ground: IntakeGround, play: Play) -> None:
    source = source_of(ground, play().port)
    assert sorted(source.find(DAY)) == ["1.5", "1.6"]
    assert list(source.find(CohortQuery(accession_numbers=("A-1.6", "A-none")))) == ["1.6"]


def test_the_images_of_wanted_series_are_listed_with_their_classes(ground: IntakeGround, play: Play) -> None:
    source = source_of(ground, play().port)
    listed = source.instances("1.5", DAY)
    assert [(one.series_uid, one.instance_uid) for one in listed] == [("1.5.1", "1.5.1"), ("1.5.1", "1.5.2")]
    assert {one.class_uid for one in listed} == {FILMS[0].SOPClassUID}
    assert source.instances("1.5", CohortQuery(("CT",), first_day=DAY.first_day, last_day=DAY.last_day)) == []


@pytest.mark.parametrize(("whole", "count"), [(True, 2), (False, 1)])
def test_images_come_by_c_get_on_the_line_that_asked(ground: IntakeGround, play: Play, whole: bool, count: int) -> None:
    pacs = play()
    source = source_of(ground, pacs.port)
    source.fetch("1.5", source.instances("1.5", DAY)[:count], whole=whole)
    assert waiting(ground) == count
    assert pacs.asked[-1].QueryRetrieveLevel == ("STUDY" if whole else "IMAGE")


def test_images_come_by_c_move_to_the_nodes_own_port(ground: IntakeGround, play: Play) -> None:
    own = Dicom(port=free_port(), peers=(DicomPeer(ae_title="PACS"),), free_space_reserve_mib=1)
    server = ReceiveServer(own, Receiving(receive_parts(ground, own)))
    server.start()
    try:
        source = source_of(ground, play(moves_to=own.port).port, Retrieve.MOVE, own=own)
        source.fetch("1.5", source.instances("1.5", DAY), whole=True)
    finally:
        server.stop()
    assert waiting(ground) == 2


def missing(study: str = "1.5") -> list[ListedInstance]:
    return [ListedInstance("1.5.1", "1.5.1", FILMS[0].SOPClassUID)]


def test_a_pacs_that_does_not_know_the_node_is_told_by_its_code(ground: IntakeGround, play: Play) -> None:
    with pytest.raises(SourceTrouble, match="move_a801"):
        source_of(ground, play().port, Retrieve.MOVE).fetch("1.5", missing(), whole=True)


def test_a_pacs_that_fails_in_the_middle_is_told_by_its_code(ground: IntakeGround, play: Play) -> None:
    with pytest.raises(SourceTrouble, match="get_a702"):
        source_of(ground, play(status=0xA702).port).fetch("1.5", missing(), whole=True)


def test_a_pacs_that_is_not_there_is_unreachable(ground: IntakeGround) -> None:
    with pytest.raises(SourceTrouble, match="unreachable"):
        list(source_of(ground, free_port()).find(DAY))


def test_a_full_disk_ends_a_c_get_as_what_it_is(ground: IntakeGround, play: Play) -> None:
    own = Dicom(free_space_reserve_mib=1 << 30)
    with pytest.raises(StoreFull):
        source_of(ground, play().port, own=own).fetch("1.5", missing(), whole=True)
    assert waiting(ground) == 0
