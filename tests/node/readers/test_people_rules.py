"""Who may hold which roles, and who may be given cases."""

import pytest

from node.ground.texts import Language
from node.readers.departments import check_department, departments
from node.readers.errors import DepartmentUnknown, RolesConflict
from node.readers.person import Person, may_be_given_cases, name_key
from node.readers.roles import Role, check_roles_separate


def someone(**changes: object) -> Person:
    values = {
        "person_id": "p",
        "name": "김영상",
        "roles": frozenset({Role.READER}),
        "department": "radiology",
        "language": Language.KO,
        "licence_verified": True,
        "active": True,
    }
    return Person(**(values | changes))  # type: ignore[arg-type]  # a test's changes are of the right types


@pytest.mark.parametrize("seeing", [Role.LEAD, Role.AUDITOR, Role.IT])
def test_nobody_reads_blind_who_can_see_what_others_did(seeing: Role) -> None:
    with pytest.raises(RolesConflict):
        check_roles_separate({Role.READER, seeing})


def test_every_other_pair_of_roles_may_be_held_together() -> None:
    for role in set(Role) - {Role.LEAD, Role.AUDITOR, Role.IT}:
        check_roles_separate({Role.READER, role})
    check_roles_separate({Role.LEAD, Role.AUDITOR, Role.IT})


def test_a_verified_active_reader_of_the_department_may_be_given_cases() -> None:
    assert may_be_given_cases(someone(), "radiology")
    assert may_be_given_cases(someone(), None)


@pytest.mark.parametrize(
    "lacking",
    [
        {"licence_verified": False},
        {"active": False},
        {"roles": frozenset({Role.ADJUDICATOR})},
        {"department": "neurology"},
    ],
)
def test_whoever_lacks_one_of_these_is_given_none(lacking: dict[str, object]) -> None:
    assert not may_be_given_cases(someone(**lacking), "radiology")


def test_the_26_legal_specialties_and_dentistry_are_known_by_code() -> None:
    names = [department.ko for code, department in departments().items() if code != "dentistry"]
    assert len(names) == 26
    assert {"영상의학과", "심장혈관흉부외과", "결핵과", "응급의학과"} <= set(names)
    assert all(department.en for department in departments().values())


def test_a_department_nobody_knows_is_refused() -> None:
    check_department(None)
    with pytest.raises(DepartmentUnknown):
        check_department("astrology")


def test_names_that_look_the_same_are_the_same() -> None:
    assert name_key("  Kim  Young-Sang ") == name_key("KIM YOUNG-SANG")
    assert name_key("\u1100\u1175\u11b7") == name_key("김")
