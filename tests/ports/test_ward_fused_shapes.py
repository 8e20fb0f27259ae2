"""What readers drew is fused once a case is closed, on SQLite and on PostgreSQL."""

from typing import Any

import pytest
from fakes.hospital import film
from fakes.ward_books import ACT, NOW, admit, reader, viewer
from sqlalchemy import Engine

from node.consensus.fused_shapes import NOT_FUSED, ShapeConsensus
from node.consensus.shape_consensus import fuse_shapes
from node.flows import read
from node.flows.destroy_readings import destroy_readings
from node.flows.fuse_shapes import fuse_due_shapes, fused_cases
from node.flows.projects import add_cases, make_project, open_project
from node.flows.revise import NewGuideline, set_guideline
from node.ground.ids import new_id
from node.labeling.blinding import Viewer
from node.labeling.chain import DestroyReason
from node.labeling.outside import GOLD_SOURCE, OutsideReading
from node.labeling.project import NewProject
from node.labeling.reading import Answer, ReadingContent
from node.labeling.shapes import Box, Mark
from node.readers.person import Person
from node.readers.roles import Role
from node.storage.engine import Database
from node.storage.ward_store import WardStore
from protocols.label_rules import ShapeKind

DATABASE = Database.WARD
LEAD = Viewer("lead", {Role.LEAD})


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


def boxed(image_id: str, left: float) -> Answer:
    box = Box(shape=ShapeKind.BOX, upper_left=(left, 0), lower_right=(left + 2, 4))
    return Answer(question="boxes", marks=(Mark(mark="m1", image_id=image_id, shape=box),))


def project_of(engine: Engine, films: int = 2, reads: int = 2) -> str:
    ward = WardStore(engine)
    admit(engine, *(film(number) for number in range(1, films + 1)))
    project_id = make_project(ward, NewProject("t", "", "generic-box", 1, reads), ACT, project_id=new_id()).project_id
    assert add_cases(ward, project_id, ["DX"], ACT) == films
    open_project(ward, project_id, ACT)
    return project_id


def read_all(ward: WardStore, person: Person, left: float = 0.0) -> None:
    while (sheet := read.next_case(ward, person, None, NOW)) is not None:
        content = ReadingContent(answers=(boxed(sheet.images[0].image_id, left),), seconds_active=2)
        submission = read.Submission(new_id(), content, None)
        read.submit(ward, viewer(person), sheet.assignment.assignment_id, submission, NOW)


def fused(ward: WardStore, project_id: str) -> list[bool]:
    found = fused_cases(ward, project_id, LEAD, after_case_id="", limit=50)
    return [one.consensus is not None for one in found]


def test_closed_cases_are_fused_once_and_open_ones_not(engine: Engine, ward: WardStore) -> None:
    people = [reader(ward, name) for name in ("one", "two")]
    project_id = project_of(engine)
    read_all(ward, people[0])
    assert (fuse_due_shapes(ward, ACT), fused(ward, project_id)) == (0, [])
    read_all(ward, people[1])
    assert fused(ward, project_id) == [False, False]
    assert (fuse_due_shapes(ward, ACT), fuse_due_shapes(ward, ACT)) == (2, 0)
    found = fused_cases(ward, project_id, LEAD, after_case_id="", limit=50)
    for one in found:
        assert one.consensus is not None
        (shape,) = one.consensus.shapes
        assert set(shape.drawn_by) == {person.person_id for person in people}
    with ward.reading() as work:
        assert [one.action for one in work.audit.latest(2)] == ["case.shapes-fused"] * 2


def test_a_case_that_is_read_anew_is_fused_anew(engine: Engine, ward: WardStore) -> None:
    people = [reader(ward, name) for name in ("one", "two")]
    project_id = project_of(engine, films=1)
    for person in people:
        read_all(ward, person)
    assert fuse_due_shapes(ward, ACT) == 1
    with ward.reading() as work:
        cases = frozenset(work.project_cases.case_ids(project_id))
    set_guideline(ward, project_id, NewGuideline("changed", (), cases), ACT)
    assert fuse_due_shapes(ward, ACT) == 0
    for person in people:
        read_all(ward, person, 2.0)
    assert fuse_due_shapes(ward, ACT) == 1
    (one,) = fused_cases(ward, project_id, LEAD, after_case_id="", limit=50)
    assert one.consensus is not None
    assert isinstance(one.consensus.shapes[0].shape, Box)
    assert one.consensus.shapes[0].shape.upper_left == (2.0, 0.0)


def test_true_shapes_are_what_a_gold_case_closes_with(engine: Engine, ward: WardStore) -> None:
    people = [reader(ward, name) for name in ("one", "two")]
    project_id = project_of(engine, films=1)
    with ward.writing() as work:
        (case_id,) = work.project_cases.case_ids(project_id)
        true = OutsideReading(GOLD_SOURCE, "R-A", case_id, (boxed(film(1).image_id, 1.0),))
        work.outside.set(project_id, GOLD_SOURCE, [true], ACT.event("x", f"project:{project_id}"))
    for person in people:
        read_all(ward, person)
    assert fuse_due_shapes(ward, ACT) == 1
    (one,) = fused_cases(ward, project_id, LEAD, after_case_id="", limit=50)
    assert one.consensus is not None
    assert [(shape.shape, shape.posterior) for shape in one.consensus.shapes] == [
        (boxed(film(1).image_id, 1.0).marks[0].shape, 1.0)  # type: ignore[index]  # it has one mark
    ]


def test_what_there_was_no_time_for_is_fused_the_next_time(engine: Engine, ward: WardStore) -> None:
    people = [reader(ward, name) for name in ("one", "two")]
    project_id = project_of(engine, films=3)
    for person in people:
        read_all(ward, person)
    asked = iter([True, True, False])
    assert fuse_due_shapes(ward, ACT, goes_on=lambda: next(asked, False)) == 1
    assert fuse_due_shapes(ward, ACT, goes_on=lambda: False) == 0
    assert (fuse_due_shapes(ward, ACT), all(fused(ward, project_id))) == (2, True)


def test_a_case_that_cannot_be_fused_is_doubted_and_holds_up_no_other(
    engine: Engine, ward: WardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [reader(ward, name) for name in ("one", "two")]
    project_id = project_of(engine)
    for person in people:
        read_all(ward, person)
    calls = iter([True])

    def breaks_once(*asked: Any) -> ShapeConsensus:
        if next(calls, False):
            raise ValueError
        return fuse_shapes(*asked)

    monkeypatch.setattr("node.consensus.shape_consensus.fuse_shapes", breaks_once)
    assert (fuse_due_shapes(ward, ACT), fuse_due_shapes(ward, ACT)) == (2, 0)
    found = fused_cases(ward, project_id, LEAD, after_case_id="", limit=50)
    told = [(len(one.consensus.shapes), one.consensus.doubts) for one in found if one.consensus is not None]
    assert told == [(0, (NOT_FUSED,)), (1, ())]


def test_no_fused_shape_outlives_the_readings_it_was_drawn_in(engine: Engine, ward: WardStore) -> None:
    person = reader(ward, "one")
    project_id = project_of(engine, reads=1)
    read_all(ward, person)
    assert fuse_due_shapes(ward, ACT) == 2
    with ward.reading() as work:
        first, second = sorted(work.project_cases.case_ids(project_id))
    destroy_readings(ward, NoHolds(), first, DestroyReason.PATIENT_ASKED, ACT)
    with ward.reading() as work:
        assert set(work.fused_shapes.of_cases(project_id, [first, second])) == {second}
    assert (fuse_due_shapes(ward, ACT), fuse_due_shapes(ward, ACT)) == (1, 0)
    with ward.reading() as work:
        assert work.fused_shapes.of_cases(project_id, [first]) == {first: ShapeConsensus()}


class NoHolds:
    def holds_case(self, image_ids: list[str]) -> bool:
        return False
