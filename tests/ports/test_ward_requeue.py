"""What is read anew because guideline or schema changed, on SQLite and on PostgreSQL."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.ward_books import ACT, NOW, project, read_all, reader, said, viewer
from sqlalchemy import Engine

from node.flows import read
from node.flows.act import Act
from node.flows.amend import AmendedSubmission, amend, own_reading
from node.flows.destroy_readings import prove_readings
from node.flows.people import set_licence
from node.flows.project_life import freeze
from node.flows.projects import open_project, progress
from node.flows.revise import NewGuideline, Revised, set_guideline, set_schema
from node.labeling import schema_shelf
from node.labeling.assignment import LEASE, AssignmentState
from node.labeling.errors import (
    AnswersRefused,
    AssignmentUnknown,
    CaseUnknown,
    NothingToAmend,
    ProjectStateRefused,
    RevisionRefused,
    SchemaUnknown,
)
from node.labeling.reading import AmendReason, Reading
from node.labeling.requeue import GuidelineChange
from node.storage.engine import Database
from node.storage.ward_store import WardStore

DATABASE = Database.WARD
PRESENT = GuidelineChange("abnormal", frozenset({"present"}))
S = AssignmentState


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


@pytest.fixture
def second_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A shelf whose chest film schema has a second version: whoever said "present" had one option less to choose."""
    first = json.loads((schema_shelf._DIRECTORY / "chest-film-abnormal.v1.json").read_text(encoding="utf-8"))
    (tmp_path / "chest-film-abnormal.v1.json").write_text(json.dumps(first), encoding="utf-8")
    first["schema_version"] = 2
    first["questions"][0]["options"] = [
        option for option in first["questions"][0]["options"] if option["code"] != "absent"
    ] + [{"code": "clear", "text": {"en": "Clear", "ko": "정상"}}]
    (tmp_path / "chest-film-abnormal.v2.json").write_text(json.dumps(first), encoding="utf-8")
    monkeypatch.setattr(schema_shelf, "_DIRECTORY", tmp_path)
    schema_shelf.schemas.cache_clear()
    yield
    schema_shelf.schemas.cache_clear()


def new_guideline(
    ward: WardStore, project_id: str, *changes: GuidelineChange, cases: frozenset[str] = frozenset()
) -> Revised:
    with ward.reading() as work:
        version = work.projects.by_id(project_id).guideline_version
    return set_guideline(ward, project_id, NewGuideline(f"after {version}", changes, cases), ACT)


def counting(ward: WardStore, project_id: str) -> dict[str, str | None]:
    """What counts, by reader."""
    with ward.reading() as work:
        cases = sorted(work.project_cases.case_ids(project_id))
        found: list[Reading] = work.readings.of_cases(project_id, cases)
    return {one.person_id: one.content.answers[0].option for one in found}


def states(ward: WardStore, project_id: str) -> dict[str, AssignmentState]:
    with ward.reading() as work:
        return {one.person_id: one.state for one in work.deals.of_project(project_id)}


def test_only_the_touched_reading_is_set_aside_and_its_closed_case_waits_for_that_reader(
    ward: WardStore, engine: Engine
) -> None:
    project_id = project(engine, films=1)
    people = [reader(ward, name) for name in ("one", "two", "three")]
    for person, option in zip(people, ("present", "absent", "absent"), strict=True):
        read_all(ward, person, lambda _case, option=option: option)  # type: ignore[misc]  # holds the value
    assert progress(ward, project_id).closed == 1
    revised = new_guideline(ward, project_id, PRESENT)
    assert (revised.readings, revised.cases, revised.project.guideline_version) == (1, 1, 2)
    assert progress(ward, project_id).closed == 0
    assert progress(ward, project_id).readings == 2
    assert states(ward, project_id) == dict(
        zip((one.person_id for one in people), (S.REQUEUED, S.SUBMITTED, S.SUBMITTED), strict=True)
    )
    assert set(counting(ward, project_id)) == {people[1].person_id, people[2].person_id}
    assert read_all(ward, people[1], lambda _case: "present") == []
    assert len(read_all(ward, people[0], lambda _case: "absent")) == 1
    assert progress(ward, project_id).closed == 1
    assert counting(ward, project_id) == {one.person_id: "absent" for one in people}
    assert prove_readings(ward).head.number == 4
    with ward.reading() as work:
        (closed,) = work.consensus.closed_cases(project_id, after_case_id="", limit=9)
        trail = {(event.action, event.reason) for event in work.audit.latest(50)}
    assert (closed.consensus[0].option, closed.consensus[0].votes) == ("absent", 3)
    assert {
        ("reading.set-aside", "guideline"),
        ("case.reopened", "guideline"),
        ("reading.submitted", "read-anew"),
    } <= trail


def test_the_new_reading_is_blind_to_the_older_one_which_stays_in_the_chain(ward: WardStore, engine: Engine) -> None:
    project_id = project(engine, films=1, reads=1)
    person = reader(ward, "one")
    sheet = read.next_case(ward, person, None, NOW)
    assert sheet is not None
    assignment_id, who = sheet.assignment.assignment_id, viewer(person)
    first = said("present")
    keyed = read.Submission(first.reading_id, first.content, "key-1234")
    read.submit(ward, who, assignment_id, keyed, NOW)
    amended = AmendedSubmission(said("present"), AmendReason.MISTAKE)
    amend(ward, who, assignment_id, amended, NOW)
    assert new_guideline(ward, project_id, PRESENT).readings == 1
    assert read.submit(ward, who, assignment_id, keyed, NOW) == first.reading_id
    with pytest.raises(AssignmentUnknown):
        own_reading(ward, who, assignment_id)
    again = read.next_case(ward, person, None, NOW)
    assert again is not None
    assert again.assignment.assignment_id == assignment_id
    assert read.draft_of(ward, who, assignment_id).content == "{}"
    with pytest.raises(NothingToAmend):
        own_reading(ward, who, assignment_id)
    with pytest.raises(NothingToAmend):
        amend(ward, who, assignment_id, amended, NOW)
    assert counting(ward, project_id) == {}
    anew = said("absent")
    read.submit(ward, who, assignment_id, anew, NOW)
    assert own_reading(ward, who, assignment_id).reading_id == anew.reading_id
    with ward.reading() as work:
        versions = work.readings.versions(assignment_id)
    assert [one.amendment and one.amendment.reason for one in versions] == [
        None,
        AmendReason.MISTAKE,
        AmendReason.READ_ANEW,
    ]
    assert counting(ward, project_id) == {person.person_id: "absent"}
    assert new_guideline(ward, project_id, GuidelineChange("abnormal")).readings == 1
    assert counting(ward, project_id) == {}


def test_a_guideline_that_names_nothing_touches_nothing_and_a_named_case_is_read_anew_by_all(
    ward: WardStore, engine: Engine
) -> None:
    project_id = project(engine, films=2, reads=2)
    people = [reader(ward, name) for name in ("one", "two")]
    cases, _ = [read_all(ward, person, lambda _case: "absent") for person in people]
    assert new_guideline(ward, project_id).readings == 0
    assert progress(ward, project_id).closed == 2
    assert new_guideline(ward, project_id, cases=frozenset({cases[0]})).readings == 2
    assert [read_all(ward, person, lambda _case: "absent") for person in people] == [[cases[0]]] * 2
    assert progress(ward, project_id).closed == 2


def test_another_version_of_the_schema_sets_aside_what_does_not_stand_under_it(
    ward: WardStore, engine: Engine, second_version: None
) -> None:
    project_id = project(engine, films=1, reads=1)
    person = reader(ward, "one")
    (case_id,) = read_all(ward, person, lambda _case: "absent")
    revised = set_schema(ward, project_id, 2, ACT)
    assert (revised.project.schema_version, revised.readings) == (2, 1)
    assert set_schema(ward, project_id, 2, ACT).readings == 0
    sheet = read.next_case(ward, person, None, NOW)
    assert sheet is not None
    assert sheet.project.schema_version == 2
    with pytest.raises(AnswersRefused):
        read.submit(ward, viewer(person), sheet.assignment.assignment_id, said("absent"), NOW)
    assert read_all(ward, person, lambda _case: "clear") == [case_id]
    with ward.reading() as work:
        basis = work.readings.of_case(project_id, case_id)[0].basis
    assert basis is not None
    assert basis.schema_version == 2


def test_who_lets_the_new_lease_run_out_or_may_no_longer_read_is_followed_by_another(
    ward: WardStore, engine: Engine
) -> None:
    project_id = project(engine, films=1, reads=1)
    person = reader(ward, "one")
    read_all(ward, person, lambda _case: "present")
    new_guideline(ward, project_id, PRESENT)
    read.next_case(ward, person, None, NOW)
    later = Act(ACT.by, NOW + LEASE + timedelta(minutes=1))
    open_project(ward, project_id, later)
    other = reader(ward, "two")
    open_project(ward, project_id, later)
    assert states(ward, project_id) == {person.person_id: S.LAPSED, other.person_id: S.WAITING}
    set_licence(ward, other.person_id, None, later)
    assert states(ward, project_id) == {person.person_id: S.REQUEUED}
    set_licence(ward, person.person_id, None, later)
    assert states(ward, project_id) == {person.person_id: S.LAPSED}


def test_a_place_with_work_in_it_is_never_removed_by_a_deal(ward: WardStore, engine: Engine) -> None:
    """Found while places were to be read anew: a draft from before a lapsed lease kept any deal from being made."""
    project_id = project(engine, films=1, reads=1)
    late = reader(ward, "late")
    sheet = read.next_case(ward, late, None, NOW)
    assert sheet is not None
    read.save_draft(ward, viewer(late), sheet.assignment.assignment_id, read.DraftEdit(0, '{"a":1}'), NOW)
    later = Act(ACT.by, NOW + LEASE)
    freeze(ward, project_id, later)
    open_project(ward, project_id, later)
    assert states(ward, project_id) == {late.person_id: S.WAITING}
    set_licence(ward, late.person_id, None, later)
    assert states(ward, project_id) == {late.person_id: S.LAPSED}
    assert read.draft_of(ward, viewer(late), sheet.assignment.assignment_id).content == '{"a":1}'


def test_what_cannot_be_revised_so_is_refused_and_changes_nothing(ward: WardStore, engine: Engine) -> None:
    project_id = project(engine, films=1, reads=1)
    person = reader(ward, "one")
    read_all(ward, person, lambda _case: "present")
    with pytest.raises(RevisionRefused):
        new_guideline(ward, project_id, GuidelineChange("other"))
    with pytest.raises(CaseUnknown):
        new_guideline(ward, project_id, cases=frozenset({"elsewhere"}))
    with pytest.raises(SchemaUnknown):
        set_schema(ward, project_id, 9, ACT)
    freeze(ward, project_id, ACT)
    with pytest.raises(ProjectStateRefused):
        new_guideline(ward, project_id, PRESENT)
    with ward.reading() as work:
        assert work.projects.by_id(project_id).guideline_version == 1
    assert counting(ward, project_id) == {person.person_id: "present"}
