"""How projects fuse, on SQLite and on PostgreSQL: the default, estimates, gold, and cases that close under them."""

import pytest
from fakes.hospital import film
from fakes.ward_books import ACT, NOW, Originals, project, read_all, reader
from sqlalchemy import Engine

from node.consensus.errors import GoldRefused
from node.consensus.vote import READER_ACCURACY
from node.consensus.way import Fusing, Method
from node.flows.fusing import set_gold, set_way, way_of
from node.flows.projects import Reference, add_cases
from node.labeling.errors import ProjectUnknown
from node.readers.person import Person
from node.storage.engine import Database
from node.storage.ward_cases import WardAdmission
from node.storage.ward_store import WardStore

DATABASE = Database.WARD


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


def gold_reference(number: int, option: str = "present") -> Reference:
    return Reference(f"1.2.{number}", option)


def read_apart(ward: WardStore, people: list[Person]) -> None:
    """The first says present to everything, the others absent."""
    for person in people:
        option = "present" if person is people[0] else "absent"
        read_all(ward, person, lambda _case, option=option: option)  # type: ignore[misc]  # the default holds the value


def test_a_project_votes_until_its_lead_says_otherwise(ward: WardStore, engine: Engine) -> None:
    project_id = project(engine, films=1)
    with ward.reading() as work:
        assert work.fusions.of_project(project_id) == Fusing()
    found = way_of(ward, project_id)
    assert (found.method, found.cases, found.gold_cases, found.estimated_at) == (Method.VOTE, 0, 0, None)


def test_what_is_estimated_is_kept_and_the_next_case_closes_with_it(ward: WardStore, engine: Engine) -> None:
    project_id = project(engine, films=12)
    people = [reader(ward, name) for name in ("one", "two", "three")]
    assert set_gold(ward, Originals(), project_id, [gold_reference(number) for number in range(1, 11)], ACT) == (10, 0)
    read_apart(ward, people)
    found = set_way(ward, project_id, Method.DAWID_SKENE, ACT)
    assert (found.method, found.cases, found.gold_cases, found.estimated_at) == (Method.DAWID_SKENE, 12, 10, NOW)
    for number in (50, 51):
        WardAdmission(engine).admit(film(number), ACT.event("case.admitted", "image:x"))
    assert add_cases(ward, project_id, ["DX"], ACT) == 2
    with ward.reading() as work:
        before = {case.case_id for case in work.consensus.closed_cases(project_id, after_case_id="", limit=50)}
    read_apart(ward, people)
    with ward.reading() as work:
        cases = work.consensus.closed_cases(project_id, after_case_id="", limit=50)
    new = [case.consensus[0] for case in cases if case.case_id not in before]
    assert [one.option for one in new] == ["present", "present"]
    assert all(0.5 < one.posterior < 1 and one.dissent == 2 for one in new)
    old = [case.consensus[0] for case in cases if case.case_id in before]
    assert all(one.option == "absent" and one.posterior == pytest.approx(READER_ACCURACY) for one in old)


def test_going_back_to_the_vote_forgets_the_estimates_and_keeps_the_gold(ward: WardStore, engine: Engine) -> None:
    project_id = project(engine, films=2)
    read_all(ward, reader(ward, "one"), lambda _case: "present")
    set_gold(ward, Originals(), project_id, [gold_reference(1)], ACT)
    set_way(ward, project_id, Method.WEIGHTED, ACT)
    found = set_way(ward, project_id, Method.VOTE, ACT)
    assert (found.method, found.gold_cases) == (Method.VOTE, 1)
    with ward.reading() as work:
        assert work.fusions.of_project(project_id) == Fusing()


def test_gold_is_the_whole_list_and_names_only_cases_of_the_project(ward: WardStore, engine: Engine) -> None:
    project_id = project(engine, films=3)
    assert set_gold(ward, Originals(), project_id, [gold_reference(1), gold_reference(999)], ACT) == (1, 1)
    assert set_gold(ward, Originals(), project_id, [gold_reference(2, "absent")], ACT) == (1, 0)
    with ward.reading() as work:
        assert list(work.fusions.gold(project_id).values()) == ["absent"]


@pytest.mark.parametrize(
    "references", [[gold_reference(1, "perhaps")], [gold_reference(1), gold_reference(1, "absent")]]
)
def test_gold_that_does_not_fit_is_refused_and_changes_nothing(
    ward: WardStore, engine: Engine, references: list[Reference]
) -> None:
    project_id = project(engine, films=2)
    set_gold(ward, Originals(), project_id, [gold_reference(2)], ACT)
    with pytest.raises(GoldRefused):
        set_gold(ward, Originals(), project_id, references, ACT)
    assert way_of(ward, project_id).gold_cases == 1


def test_an_unknown_project_has_no_way(ward: WardStore) -> None:
    with pytest.raises(ProjectUnknown):
        way_of(ward, "x")
    with pytest.raises(ProjectUnknown):
        set_way(ward, "x", Method.VOTE, ACT)
