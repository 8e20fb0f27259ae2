"""Readings of other sources on SQLite and on PostgreSQL."""

import pytest
from fakes.hospital import film
from fakes.ward_books import ACT, admit, project
from sqlalchemy import Engine

from node.labeling.outside import OutsideReading
from node.labeling.reading import Answer
from node.labeling.shapes import Keypoint, Mark
from node.storage.engine import Database
from node.storage.ward_exclusions import WardExclusions
from node.storage.ward_store import WardStore
from protocols.label_rules import ShapeKind

DATABASE = Database.WARD


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


def said(case_id: str, author: str, *, source: str = "team-b") -> OutsideReading:
    point = Keypoint(shape=ShapeKind.KEYPOINT, point=(1.5, 2.25))
    mark = Mark(mark="m1", of="t1", image_id=film(1).image_id, shape=point)
    answers = (Answer(question="abnormal", option="present", confidence=0.5), Answer(question="where", marks=(mark,)))
    return OutsideReading(source, author, case_id, answers)


def test_a_source_is_kept_as_it_came_replaced_as_a_whole_and_hidden_with_its_patient(
    engine: Engine, ward: WardStore
) -> None:
    project_id = project(engine, films=2)
    first, second = admit(engine, film(1), film(2))
    readings = sorted((said(one, author) for one in (first, second) for author in "ab"), key=lambda one: one.case_id)
    event = ACT.event("project.readings-imported", f"project:{project_id}", "team-b")
    with ward.writing() as work:
        work.outside.set(project_id, "team-b", readings, event)
        work.outside.set(project_id, "team-c", [said(first, "c", source="team-c")], event)
    with ward.reading() as work:
        assert work.outside.of_source(project_id, "team-b") == readings
        assert [one.source for one in work.outside.of_cases(project_id, [first])] == ["team-b", "team-b", "team-c"]
        told = [(one.source, one.readers, one.cases, one.readings) for one in work.outside.sources(project_id)]
    assert told == [("team-b", 2, 2, 4), ("team-c", 1, 1, 1)]
    WardExclusions(engine).set_excluded([1])
    with ward.writing() as work:
        assert {one.case_id for one in work.outside.of_source(project_id, "team-b")} == {second}
        work.outside.set(project_id, "team-b", [], event)
        assert work.outside.sources(project_id) == []
