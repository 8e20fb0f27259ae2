"""What reading led to, on SQLite and on PostgreSQL: consensus for the lead, rows for training."""

from dataclasses import replace

from fakes.hospital import film
from fakes.ward_books import ACT, ANY, Originals, admit, project, read_all, reader
from sqlalchemy import Engine, text

from node.flows.project_life import set_permission
from node.flows.projects import Reference, add_cases, closed_cases, make_project, set_holdout
from node.ground.ids import new_id
from node.labeling.blinding import Viewer
from node.labeling.cohort_row import CohortAsked
from node.labeling.permission import Permission, PermittedUse
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


def test_a_case_is_known_with_its_patient_and_one_that_is_not_here_is_not(engine: Engine) -> None:
    first, second = admit(engine, film(1), film(2))
    cases = [first, second, new_id(), *(new_id() for _ in range(1200))]
    assert WardCohort(engine).patients_of(cases) == {first: 1, second: 2}
    assert WardCohort(engine).patients_of([]) == {}


def _option(letter: str) -> str:
    return {"p": "present", "a": "absent", "i": "present"}[letter]


def cohort(engine: Engine, *, min_readings: int = 3, modalities: tuple[str, ...] = ("dx",), partner: str = "p"):  # type: ignore[no-untyped-def]  # the port says it
    asked = CohortAsked("chest-film-abnormal", 1, "abnormal", modalities, min_readings, partner)
    return WardCohort(engine).rows(asked)


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
    new = NewProject("second", "", "chest-film-abnormal", 1, 1, permission=ANY)
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


def test_a_plan_uses_only_readings_whose_permission_covers_its_partner(engine: Engine) -> None:
    ward = WardStore(engine)
    person = reader(ward, "one")
    project_id = project(engine, films=2, reads=1)
    read_all(ward, person, lambda _: "present")
    assert len(cohort(engine, min_readings=1, partner="a")) == 2
    set_permission(ward, project_id, Permission(PermittedUse.NAMED, frozenset({"a"})), ACT)
    everything = frozenset(admit(engine, film(1), film(2)))
    assert len(cohort(engine, min_readings=1, partner="a")) == 2
    assert cohort(engine, min_readings=1, partner="b") == []
    assert (WardCohort(engine).withheld("a"), WardCohort(engine).withheld("b")) == (frozenset(), everything)
    asked = CohortAsked("chest-film-abnormal", 1, "abnormal", ("dx",), 1, "a")
    permitted = [
        WardCohort(engine).permitted(one)
        for one in (asked, replace(asked, partner_id="b"), replace(asked, schema_version=2))
    ]
    assert permitted == [True, False, False]


def test_a_holdout_of_a_project_that_permits_nothing_is_neither_scored_nor_learnt_from(engine: Engine) -> None:
    ward = WardStore(engine)
    person = reader(ward, "one")
    project(engine, films=2, reads=1)
    read_all(ward, person, lambda _: "present")
    own = make_project(ward, NewProject("own", "", "chest-film-abnormal", 1, 1), ACT, project_id=new_id()).project_id
    add_cases(ward, own, ["DX"], ACT)
    set_holdout(ward, Originals(), own, [Reference("1.2.1", "absent")], ACT)
    assert [row.image_ids[0] for row in cohort(engine, min_readings=1)] == [film(2).image_id]


def test_a_project_of_a_release_without_permissions_permits_what_that_permitted(engine: Engine) -> None:
    ward = WardStore(engine)
    person = reader(ward, "one")
    project_id = project(engine, films=1, reads=1)
    read_all(ward, person, lambda _: "present")
    with engine.begin() as connection:
        connection.execute(text("UPDATE project SET permitted_use = NULL, permitted_partners = NULL"))
    assert len(cohort(engine, min_readings=1, partner="whoever")) == 1
    with ward.reading() as work:
        assert work.projects.by_id(project_id).permission == ANY
