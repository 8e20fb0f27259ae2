"""What reading led to, on SQLite and on PostgreSQL: consensus for the lead, rows for training."""

from fakes.hospital import film
from fakes.ward_books import ACT, Originals, admit, project, read_all, reader
from sqlalchemy import Engine

from node.flows.projects import Reference, add_cases, closed_cases, make_project, set_holdout
from node.ground.ids import new_id
from node.labeling.blinding import Viewer
from node.labeling.project import NewProject
from node.readers.roles import Role
from node.storage.engine import Database
from node.storage.ward_cohort import WardCohort
from node.storage.ward_store import WardStore

DATABASE = Database.WARD


def test_the_cohort_has_consensus_labels_for_learning_and_references_for_the_holdout(engine: Engine) -> None:
    ward = WardStore(engine)
    readers = [reader(ward, f"reader {number}") for number in range(3)]
    project_id = project(engine, films=6)
    set_holdout(ward, Originals(), project_id, [Reference("1.2.6", "present")], ACT)
    by_number = dict(zip(admit(engine, *map(film, range(1, 7))), range(1, 7), strict=True))
    options = {1: "ppp", 2: "ppa", 3: "aaa", 4: "aap", 5: "pip"}
    for index, person in enumerate(readers):
        read_all(ward, person, lambda case, index=index: _option(options[by_number[case]][index]))  # type: ignore[misc]  # a default binds the loop's value
    rows = {by_number[row.case_id]: row for row in cohort(engine)}
    assert {number: row.label for number, row in rows.items()} == {1: 1, 2: 1, 3: 0, 4: 0, 5: 1, 6: 1}
    assert [number for number, row in rows.items() if row.holdout] == [6]
    assert (rows[6].posterior, rows[6].readings) == (1.0, 0)
    assert rows[1].posterior > rows[2].posterior > 0.8
    assert rows[3].image_ids == (film(3).image_id,)
    assert rows[3].patient_number == 3


def _option(letter: str) -> str:
    return {"p": "present", "a": "absent", "i": "present"}[letter]


def cohort(engine: Engine, *, min_readings: int = 3, modalities: tuple[str, ...] = ("dx",)):  # type: ignore[no-untyped-def]  # the port says it
    return WardCohort(engine).rows(
        schema_code="chest-film-abnormal",
        schema_version=1,
        question_code="abnormal",
        modalities=modalities,
        min_readings=min_readings,
    )


def test_the_cohort_leaves_out_what_is_open_undecided_too_little_read_or_of_another_modality(engine: Engine) -> None:
    ward = WardStore(engine)
    readers = [reader(ward, f"reader {number}") for number in range(2)]
    project(engine, films=2, reads=2)
    case_a, case_b = admit(engine, film(1), film(2))
    read_all(ward, readers[0], lambda _: "present")
    assert cohort(engine, min_readings=1) == []
    read_all(ward, readers[1], lambda case: "present" if case == case_a else "absent")
    assert [row.case_id for row in cohort(engine, min_readings=2)] == [case_a]
    assert case_b not in {row.case_id for row in cohort(engine, min_readings=1)}
    assert cohort(engine, min_readings=3) == []
    assert cohort(engine, min_readings=2, modalities=("ct",)) == []


def test_a_case_held_out_in_one_project_is_never_learnt_from_through_another(engine: Engine) -> None:
    ward = WardStore(engine)
    person = reader(ward, "one")
    first = project(engine, films=2, reads=1)
    read_all(ward, person, lambda _: "present")
    new = NewProject("second", "", "chest-film-abnormal", 1, 1)
    second = make_project(ward, new, ACT, project_id=new_id()).project_id
    add_cases(ward, second, ["DX"], ACT)
    set_holdout(ward, Originals(), second, [Reference("1.2.1", "absent")], ACT)
    rows = {row.image_ids[0]: row for row in cohort(engine, min_readings=1)}
    assert (rows[film(1).image_id].holdout, rows[film(1).image_id].label) == (True, 0)
    assert not rows[film(2).image_id].holdout
    assert first != second


def test_closed_cases_come_page_by_page_with_consensus_and_dissent_for_the_lead(engine: Engine) -> None:
    ward = WardStore(engine)
    readers = [reader(ward, f"reader {number}") for number in range(3)]
    project_id = project(engine, films=5)
    for number, person in enumerate(readers):
        read_all(ward, person, lambda _, number=number: "absent" if number else "present")  # type: ignore[misc]  # as above
    lead = Viewer("lead", {Role.LEAD})
    first = closed_cases(ward, project_id, lead, after_case_id="", limit=3)
    rest = closed_cases(ward, project_id, lead, after_case_id=first[-1].case_id, limit=3)
    assert [len(first), len(rest)] == [3, 2]
    assert all(case.consensus[0].option == "absent" and case.consensus[0].dissent == 1 for case in [*first, *rest])
    assert all(len(case.readings) == 3 for case in first)
    assert all(
        case.readings == ()
        for case in closed_cases(ward, project_id, Viewer("it", {Role.IT}), after_case_id="", limit=9)
    )
