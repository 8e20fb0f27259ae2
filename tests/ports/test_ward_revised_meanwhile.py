"""What others do while a revision is prepared, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest
from fakes.ward_books import ACT, NOW, project, read_all, reader, said, viewer
from sqlalchemy import Engine

from node.flows.amend import AmendedSubmission, amend
from node.flows.destroy_readings import destroy_readings
from node.flows.revise import NewGuideline, set_guideline
from node.labeling.assignment import Assignment, AssignmentState
from node.labeling.chain import DestroyReason
from node.labeling.reading import AmendReason
from node.labeling.requeue import GuidelineChange
from node.storage.engine import Database
from node.storage.ward_store import WardRows, WardStore

DATABASE = Database.WARD
PRESENT = GuidelineChange("abnormal", frozenset({"present"}))
S = AssignmentState


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


@dataclass(frozen=True)
class BusyWard:
    """A ward in which somebody acts between what is read and what is written."""

    ward: WardStore
    meanwhile: list[Callable[[], object]]

    def reading(self) -> AbstractContextManager[WardRows]:
        return self.ward.reading()

    def writing(self) -> AbstractContextManager[WardRows]:
        while self.meanwhile:
            self.meanwhile.pop()()
        return self.ward.writing()


def test_what_is_read_while_a_revision_is_prepared_is_touched_too_and_what_was_amended_is_asked_anew(
    engine: Engine, ward: WardStore
) -> None:
    people = [reader(ward, name) for name in ("early", "late", "changes")]
    project_id = project(engine, films=1, reads=3)
    read_all(ward, people[0], lambda _: "present")
    read_all(ward, people[2], lambda _: "present")
    changed = AmendedSubmission(said("absent"), AmendReason.MISTAKE)
    place = next(one.assignment_id for one in _places(ward, project_id) if one.person_id == people[2].person_id)
    busy = BusyWard(
        ward,
        [
            lambda: read_all(ward, people[1], lambda _: "present"),
            lambda: amend(ward, viewer(people[2]), place, changed, NOW),
        ],
    )
    revised = set_guideline(busy, project_id, NewGuideline("new", (PRESENT,)), ACT)
    assert (revised.readings, revised.cases) == (2, 1)
    states = {one.person_id: one.state for one in _places(ward, project_id)}
    assert [states[person.person_id] for person in people] == [S.REQUEUED, S.REQUEUED, S.SUBMITTED]


def test_what_is_set_aside_or_destroyed_while_a_revision_is_prepared_is_not_set_aside_again(
    engine: Engine, ward: WardStore
) -> None:
    project_id = project(engine, films=2, reads=1)
    first, second = read_all(ward, reader(ward, "one"), lambda _: "present")
    busy = BusyWard(
        ward,
        [
            lambda: set_guideline(ward, project_id, NewGuideline("before", (), frozenset({first})), ACT),
            lambda: destroy_readings(ward, NoHolds(), second, DestroyReason.PATIENT_ASKED, ACT),
        ],
    )
    revised = set_guideline(busy, project_id, NewGuideline("new", (PRESENT,)), ACT)
    assert (revised.readings, revised.cases) == (0, 0)
    with ward.reading() as work:
        assert sum(event.action == "reading.set-aside" for event in work.audit.latest(50)) == 1


class NoHolds:
    def holds_case(self, image_ids: list[str]) -> bool:
        return False


def _places(ward: WardStore, project_id: str) -> list[Assignment]:
    with ward.reading() as work:
        return list(work.deals.of_project(project_id))
