"""Who may hold which roles, and who may be given cases."""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest

from node.ground.texts import Language
from node.readers.departments import Department, check_department, department_list, departments, known_departments
from node.readers.eligibility import Demand, may_read, suits
from node.readers.errors import DepartmentListRefused, DepartmentUnknown, RolesConflict, StandingRefused
from node.readers.licence import Licence, NewLicence
from node.readers.person import NewPerson, Person, check_new, name_key
from node.readers.pledge import PLEDGE_VERSION, Pledge
from node.readers.roles import APART, Apart, Role, apart, check_roles_separate

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LICENCE = Licence("12345", "6789", date(2026, 3, 2), "it", NOW)
CHEST = Demand(task="chest-film-abnormal", department="radiology")
LAY = Demand(task="chest-film-abnormal", department="radiology", labelers=True)
APART_PAIRS = {
    "blind": """reader+lead reader+auditor reader+it reader+trainer labeler+lead labeler+auditor labeler+it
        labeler+trainer adjudicator+lead adjudicator+auditor adjudicator+it adjudicator+trainer
        reader+clinician labeler+clinician adjudicator+clinician""",
    "kind": "labeler+reader labeler+adjudicator",
    "own-acts": """auditor+lead auditor+trainer auditor+steward auditor+ethics auditor+it auditor+fund-holder
        ethics+steward ethics+lead auditor+clinician ethics+clinician""",
    "money": "fund-holder+reader fund-holder+labeler fund-holder+adjudicator fund-holder+lead",
    "lets-in": "it+steward it+ethics it+fund-holder it+clinician",
}


def someone(**changes: object) -> Person:
    values = {
        "person_id": "p",
        "name": "김영상",
        "roles": frozenset({Role.READER}),
        "department": "radiology",
        "language": Language.KO,
        "active": True,
        "licence": LICENCE,
        "subspecialty": "thorax",
        "specialist_since": 2020,
    }
    return Person(**(values | changes))  # type: ignore[arg-type]  # a test's changes are of the right types


def labeler(**changes: object) -> Person:
    pledge = Pledge(PLEDGE_VERSION, NOW)
    lay = {"roles": frozenset({Role.LABELER}), "licence": None, "specialist_since": None, "pledge": pledge}
    return someone(**(lay | changes))


def test_the_pairs_of_roles_that_one_person_may_not_hold_are_these_and_no_others() -> None:
    written = {
        frozenset(map(Role, pair.split("+"))): Apart(why)
        for why, pairs in APART_PAIRS.items()
        for pair in pairs.split()
    }
    assert written == APART


@pytest.mark.parametrize("pair", list(combinations(sorted(Role), 2)), ids="+".join)
def test_every_pair_of_roles_is_refused_or_held_as_the_table_says(pair: tuple[Role, Role]) -> None:
    if frozenset(pair) not in APART:
        check_roles_separate(pair)
        return
    with pytest.raises(RolesConflict) as refused:
        check_roles_separate(pair)
    for language in Language:
        told = refused.value.public_text(language)
        assert pair[0].value in told
        assert pair[1].value in told


def test_one_role_goes_with_itself_and_a_third_hides_no_pair() -> None:
    for role in Role:
        check_roles_separate([role])
    assert set(apart({Role.READER, Role.STEWARD, Role.LEAD})) == {frozenset({Role.READER, Role.LEAD})}


def test_a_verified_active_reader_whom_the_case_asks_for_may_be_given_it() -> None:
    assert suits(someone(), CHEST, frozenset(), NOW)
    assert suits(someone(), Demand("x", subspecialty="thorax", min_years=6), frozenset(), NOW)


@pytest.mark.parametrize(
    "lacking",
    [
        {"licence": None},
        {"active": False},
        {"roles": frozenset({Role.ADJUDICATOR})},
        {"department": "neurology"},
        {"licence": Licence("1", "2", date(2026, 3, 1), "it", NOW)},
    ],
)
def test_whoever_lacks_one_of_these_is_given_none(lacking: dict[str, object]) -> None:
    assert not suits(someone(**lacking), CHEST, {CHEST.task}, NOW)


@pytest.mark.parametrize("demand", [Demand("x", subspecialty="abdomen"), Demand("x", min_years=7)])
def test_another_subspecialty_or_more_years_are_asked_for_in_vain(demand: Demand) -> None:
    assert not suits(someone(), demand, frozenset(), NOW)
    assert not suits(someone(specialist_since=None), Demand("x", min_years=1), frozenset(), NOW)


def test_a_licence_holds_until_the_end_of_its_last_day() -> None:
    assert may_read(someone(), NOW.replace(hour=23, minute=59))
    assert not may_read(someone(), NOW + timedelta(days=1))


def test_a_labeler_is_given_cases_of_certified_tasks_that_are_open_to_labelers() -> None:
    assert suits(labeler(), LAY, {LAY.task}, NOW)
    assert not suits(labeler(), LAY, {"another-task"}, NOW)
    assert not suits(labeler(), CHEST, {CHEST.task}, NOW)


@pytest.mark.parametrize("pledge", [None, Pledge(PLEDGE_VERSION - 1, NOW)])
def test_a_labeler_without_the_present_pledge_is_given_none(pledge: Pledge | None) -> None:
    assert not may_read(labeler(pledge=pledge), NOW)


@pytest.mark.parametrize(
    "new",
    [
        NewPerson("x", frozenset({Role.READER}), specialist_since=1949),
        NewPerson("x", frozenset({Role.LABELER}), licence=NewLicence("1", "2", date(2027, 1, 1))),
        NewPerson("x", frozenset({Role.LABELER}), specialist_since=2020),
    ],
)
def test_a_person_cannot_be_so(new: NewPerson) -> None:
    with pytest.raises(StandingRefused):
        check_new(new)


def test_the_26_legal_specialties_and_dentistry_are_known_by_code() -> None:
    names = [department.ko for code, department in departments().items() if code != "dentistry"]
    assert len(names) == 26
    assert {"영상의학과", "심장혈관흉부외과", "결핵과", "응급의학과"} <= set(names)
    assert all(department.en for department in departments().values())


def test_a_department_nobody_knows_is_refused() -> None:
    check_department(None)
    with pytest.raises(DepartmentUnknown):
        check_department("astrology")
    check_department("astrology", [Department("astrology", ko="점성", en="Astrology")])


def test_a_list_of_departments_adds_to_those_of_the_law_and_renames_none_of_them() -> None:
    own = department_list("oral-radiology, 영상치의학과, Oral radiology\n\nradiology,방사선과,X-ray\n")
    known = known_departments(own)
    assert len(known) == len(departments()) + 1
    assert (known["oral-radiology"].ko, known["radiology"].ko) == ("영상치의학과", "영상의학과")


@pytest.mark.parametrize("line", ["x", "x,가", "X,가,a", "x,,a", "x,가,a,b", "x," + "가" * 65 + ",a"])
def test_a_line_that_is_no_department_refuses_the_list(line: str) -> None:
    with pytest.raises(DepartmentListRefused) as refused:
        department_list("a,가,a\n" + line)
    assert refused.value.fields["line"] == 2


def test_names_that_look_the_same_are_the_same() -> None:
    assert name_key("  Kim  Young-Sang ") == name_key("KIM YOUNG-SANG")
    assert name_key("\u1100\u1175\u11b7") == name_key("김")
