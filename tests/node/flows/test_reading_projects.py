"""Projects and people as the command line and the demo use them, without HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.hospital import Hospital, film, hospital_at, saying

from node.flows import read
from node.flows.people import set_active, set_licence
from node.flows.projects import Reference, add_cases, open_project, progress, set_holdout
from node.ground.ids import new_id
from node.labeling.assignment import AssignmentState
from node.labeling.blinding import Viewer
from node.labeling.errors import HoldoutRefused, LeaseLapsed, ProjectUnknown
from node.labeling.reading import ReadingContent
from node.readers.errors import NameTaken, PersonUnknown
from node.readers.person import Person
from node.readers.roles import Role


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    with hospital_at(tmp_path) as made:
        yield made


def places_of(hospital: Hospital, person: Person, project_id: str) -> int:
    with hospital.ward.reading() as work:
        places = list(work.deals.of_project(project_id))
    return sum(place.person_id == person.person_id and place.state is AssignmentState.WAITING for place in places)


def test_a_reader_who_joins_later_is_dealt_a_share_of_open_projects(hospital: Hospital) -> None:
    readers = [hospital.reader(f"판독의 {number}") for number in range(2)]
    project_id = hospital.project(films=120, reads_per_case=1)
    assert sum(places_of(hospital, person, project_id) for person in readers) == 120
    newcomer = hospital.reader("새 판독의")
    assert 12 < places_of(hospital, newcomer, project_id) < 80
    assert sum(places_of(hospital, person, project_id) for person in [*readers, newcomer]) == 120


def test_cases_added_to_an_open_project_are_dealt_at_once(hospital: Hospital) -> None:
    reader = hospital.reader("판독의")
    project_id = hospital.project(films=1)
    hospital.admit(film(2), film(3))
    assert add_cases(hospital.ward, project_id, ["DX"], hospital.act()) == 2
    assert places_of(hospital, reader, project_id) == 3


def test_a_licence_taken_back_takes_the_cases_with_it(hospital: Hospital) -> None:
    reader = hospital.reader("판독의")
    project_id = hospital.project(films=2)
    sheet = read.next_case(hospital.ward, reader, None, hospital.clock.now())
    assert sheet is not None
    set_licence(hospital.ward, reader.person_id, None, hospital.act())
    assert places_of(hospital, reader, project_id) == 0
    content = ReadingContent.model_validate(saying())
    viewer = Viewer(reader.person_id, reader.roles)
    with pytest.raises(LeaseLapsed):
        read.submit(
            hospital.ward,
            viewer,
            sheet.assignment.assignment_id,
            read.Submission(new_id(), content, None),
            hospital.clock.now(),
        )


def test_a_lead_is_never_dealt_a_case(hospital: Hospital) -> None:
    lead = hospital.person("책임자", Role.LEAD)
    project_id = hospital.project(films=2)
    assert places_of(hospital, lead, project_id) == 0
    assert read.next_case(hospital.ward, lead, None, hospital.clock.now()) is None


def test_a_new_holdout_replaces_the_one_before_and_gives_its_cases_back(hospital: Hospital) -> None:
    reader = hospital.reader("판독의")
    project_id = hospital.project(films=3)
    hospital.originals.image_of_uid = {f"1.{number}": film(number).image_id for number in (1, 2, 3)}
    first = [Reference("1.1", "present"), Reference("1.2", "present")]
    set_holdout(hospital.ward, hospital.originals, project_id, first, hospital.act())
    assert places_of(hospital, reader, project_id) == 1
    set_holdout(hospital.ward, hospital.originals, project_id, [Reference("1.3", "absent")], hospital.act())
    assert places_of(hospital, reader, project_id) == 2
    assert progress(hospital.ward, project_id).holdout == 1


def test_a_reference_without_a_target_is_refused(hospital: Hospital) -> None:
    project_id = hospital.project(films=1)
    with pytest.raises(HoldoutRefused):
        set_holdout(hospital.ward, hospital.originals, project_id, [Reference("1.1", "maybe")], hospital.act())


def test_a_name_can_be_used_once(hospital: Hospital) -> None:
    hospital.reader("김 영상")
    with pytest.raises(NameTaken):
        hospital.reader("김  영상")


def test_what_does_not_exist_is_refused(hospital: Hospital) -> None:
    with pytest.raises(ProjectUnknown):
        open_project(hospital.ward, new_id(), hospital.act())
    with pytest.raises(PersonUnknown):
        set_active(hospital.ward, new_id(), hospital.act(), active=True)
