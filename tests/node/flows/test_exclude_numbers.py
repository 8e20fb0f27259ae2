"""An exclusion counts by any number that a header has for a patient, and its end says what does not come back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.excluding_node import STEWARD, Node
from fakes.instances import dataset, dicom_file, instance
from pydicom import Dataset
from sqlalchemy import select

from node.ground.audit import AuditEvent
from node.intake.part10 import opened
from node.intake.received import Instance
from node.storage.engine import Database, reading
from node.storage.intake_tables import RECEIVED
from node.storage.retained_rows import RetainedRowsStore


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path / "home")
    yield made
    for database in (Database.INTAKE, Database.WARD):
        made.place.engine(database).dispose()


def with_other_number(number: str, *, as_sequence: bool) -> Instance:
    """An image of P-77 whose header has another number of the patient."""
    image = dataset("1.7")
    if as_sequence:
        item = Dataset()
        item.PatientID, item.IssuerOfPatientID = number, "OLD-HIS"
        image.OtherPatientIDsSequence = [item]
    else:
        image.OtherPatientIDs = ["X-1", number]
    return opened(dicom_file(image))


@pytest.mark.parametrize("as_sequence", [False, True])
@pytest.mark.parametrize("first", ["image", "exclusion"])
def test_a_patient_is_excluded_by_a_number_of_an_earlier_system(node: Node, first: str, *, as_sequence: bool) -> None:
    image = with_other_number("K 00-4711", as_sequence=as_sequence)
    if first == "image":
        node.receive(image)
        node.work()
        assert node.standing() == {"files": 1, "cases": 1, "clean": 1, "held": 0}
    node.exclude("k004711")
    node.receive(image)
    node.receive(instance("1.8", patient_id="P-77"))
    node.work()
    assert node.standing() == {"files": 0, "cases": 0, "clean": 0, "held": 2}
    told = node.lift("K004711")
    assert (told.changed, told.again, told.gone) == (1, 2, 0)
    node.work()
    assert (node.standing()["files"], node.standing()["clean"]) == (2, 2)


def test_no_other_number_is_readable_in_the_home(node: Node) -> None:
    node.receive(with_other_number("CANARY-4711", as_sequence=True))
    node.work()
    contents = [path.read_bytes() for path in node.home.rglob("*") if path.is_file()]
    assert [found for found in contents if b"CANARY-4711" in found] == []


def test_lifting_tells_which_images_are_gone_for_good(node: Node) -> None:
    node.receive(instance("1.1"), instance("1.9"))
    node.work()
    node.exclude("P-77")
    node.work()
    with reading(node.place.engine(Database.INTAKE)) as connection:
        gone = connection.scalars(select(RECEIVED.c.received_id).limit(1)).one()
    event = AuditEvent(node.clock.now(), STEWARD, "received.dropped", f"received:{gone}")
    RetainedRowsStore(node.place.engine(Database.INTAKE)).mark_dropped([gone], [event])
    told = node.lift("P-77")
    assert (told.changed, told.again, told.gone) == (1, 1, 1)
    node.work()
    assert (node.standing()["clean"], node.standing()["held"]) == (1, 1)
