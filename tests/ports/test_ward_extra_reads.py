"""Extra reads on SQLite and on PostgreSQL: asked while consensus is unsure, closed in deals, hidden among others."""

from collections import Counter
from itertools import cycle

import pytest
from fakes.ward_books import ACT, NOW, project, read_all, reader, viewer
from sqlalchemy import Engine

from node.consensus.errors import AdaptiveReadsRefused
from node.flows import read
from node.flows.deal_out import deal_out_due
from node.flows.extra_reads import Asked, extra_reads_of, set_extra_reads
from node.flows.project_life import archive, freeze
from node.flows.projects import closed_cases, open_project, progress
from node.labeling.assignment import Assignment, AssignmentState, DeclineReason
from node.labeling.blinding import Viewer
from node.labeling.errors import ProjectStateRefused
from node.readers.person import Person
from node.readers.roles import Role
from node.storage.engine import Database
from node.storage.ward_store import WardStore

DATABASE = Database.WARD
LEAD = Viewer("lead", {Role.LEAD})
NEVER = 1e-12
"""A share by chance that draws none: keys and people are random, and 0 is refused."""


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


def crowd(ward: WardStore, many: int) -> list[Person]:
    return [reader(ward, f"reader {number}") for number in range(many)]


def adaptive(
    engine: Engine, *, films: int, reads: int = 2, by_chance: float = NEVER, at_most: int = 4, places_each: int = 1
) -> str:
    """A project that asks while it is less sure than what two of two readers give (0.97)."""
    project_id = project(engine, films=films, reads=reads)
    set_extra_reads(WardStore(engine), project_id, Asked(0.95, at_most, by_chance, places_each), ACT)
    return project_id


def all_read(ward: WardStore, people: list[Person]) -> None:
    """Everybody reads everything they have, and says the same."""
    for person in people:
        read_all(ward, person, lambda _: "present")


def places(ward: WardStore, project_id: str) -> list[Assignment]:
    with ward.reading() as work:
        return list(work.deals.of_project(project_id))


def counts(ward: WardStore, project_id: str) -> Counter[int]:
    """How many cases have how many readings."""
    per_case = Counter(one.case_id for one in places(ward, project_id) if one.state is AssignmentState.SUBMITTED)
    return Counter(per_case.values())


def for_doubt(ward: WardStore, project_id: str) -> Counter[str]:
    """How many extra places each case was given because it was unsure."""
    with ward.reading() as work:
        asked = work.adaptive.places(project_id)
    return Counter(one.case_id for one in places(ward, project_id) if asked.get(one.assignment_id))


def test_no_readers_act_closes_a_case_and_a_deal_closes_the_sure_ones(engine: Engine, ward: WardStore) -> None:
    people = crowd(ward, 4)
    project_id = adaptive(engine, films=6)
    all_read(ward, people)
    assert progress(ward, project_id).closed == 0
    deal_out_due(ward, ACT)
    assert progress(ward, project_id).closed == 6
    assert counts(ward, project_id) == {2: 6}


def test_an_unsure_case_is_asked_of_one_reader_more_at_a_time_up_to_the_most(engine: Engine, ward: WardStore) -> None:
    people = crowd(ward, 6)
    project_id = adaptive(engine, films=1)
    turns, after_each_deal = cycle(["absent", "present"]), []
    for _ in range(4):
        for person in people:
            read_all(ward, person, lambda _: next(turns))
        deal_out_due(ward, ACT)
        after_each_deal.append((for_doubt(ward, project_id).total(), progress(ward, project_id).closed))
    assert after_each_deal[0] == (1, 0)
    assert after_each_deal[-1][1] == 1


def test_the_extra_reading_decides_and_only_unsure_cases_get_one_for_doubt(engine: Engine, ward: WardStore) -> None:
    people = crowd(ward, 5)
    project_id = adaptive(engine, films=8, places_each=8)
    disputed: set[str] = set()

    def first(case_id: str) -> str:
        disputed.add(case_id)
        return "absent"

    read_all(ward, people[0], first)
    for person in people[1:]:
        read_all(ward, person, lambda _: "present")
    deal_out_due(ward, ACT)
    assert progress(ward, project_id).closed == 8 - len(disputed)
    assert for_doubt(ward, project_id) == Counter(disputed)
    for person in people:
        read_all(ward, person, lambda _: "present")
    deal_out_due(ward, ACT)
    assert progress(ward, project_id).closed == 8


def test_after_every_deal_each_reader_has_as_many_extra_places_whatever_was_said(
    engine: Engine, ward: WardStore
) -> None:
    people = crowd(ward, 4)
    project_id = adaptive(engine, films=30, by_chance=0.5, places_each=2)
    turns = cycle(["absent", "present", "present"])
    for person in people[1:]:
        read_all(ward, person, lambda _: next(turns))
    for _ in range(2):
        deal_out_due(ward, ACT)
        with ward.reading() as work:
            asked = work.adaptive.places(project_id)
        extra = [one for one in places(ward, project_id) if one.assignment_id in asked]
        assert Counter(one.person_id for one in extra) == {person.person_id: 2 for person in people}
    assert extra_reads_of(ward, project_id).places == 8


def test_by_chance_a_case_is_read_once_more_however_sure(engine: Engine, ward: WardStore) -> None:
    people = crowd(ward, 5)
    project_id = adaptive(engine, films=6, by_chance=1.0)
    deal_out_due(ward, ACT)
    given = extra_reads_of(ward, project_id).places
    assert given > 0
    all_read(ward, people)
    deal_out_due(ward, ACT)
    assert sum(many * cases for many, cases in counts(ward, project_id).items()) == 6 * 2 + given
    assert progress(ward, project_id).closed == 6
    assert extra_reads_of(ward, project_id).told == 0.0
    assert len(closed_cases(ward, project_id, LEAD, after_case_id="", limit=10)) == 6


def test_a_place_dealt_is_not_taken_back_and_reads_on_after_its_case_was_closed(
    engine: Engine, ward: WardStore
) -> None:
    people = crowd(ward, 4)
    project_id = adaptive(engine, films=3, by_chance=1.0)
    all_read(ward, people)
    deal_out_due(ward, ACT)
    before = {one.assignment_id for one in places(ward, project_id)}
    assert progress(ward, project_id).closed == 3
    open_project(ward, project_id, ACT)
    assert {one.assignment_id for one in places(ward, project_id)} == before
    found = closed_cases(ward, project_id, LEAD, after_case_id="", limit=10)
    for person in people:
        read_all(ward, person, lambda _: "absent")
    after = closed_cases(ward, project_id, LEAD, after_case_id="", limit=10)
    assert [one.consensus for one in after] == [one.consensus for one in found]


def test_what_a_reader_gave_back_is_asked_of_another_by_an_extra_place(engine: Engine, ward: WardStore) -> None:
    people = crowd(ward, 3)
    project_id = adaptive(engine, films=1)
    sheets = [(person, read.next_case(ward, person, None, NOW)) for person in people]
    given = next((person, sheet) for person, sheet in sheets if sheet is not None)
    read.decline(ward, viewer(given[0]), given[1].assignment.assignment_id, DeclineReason.NO_TIME, NOW)
    deal_out_due(ward, ACT)
    assert for_doubt(ward, project_id).total() == 1
    (other,) = [person for person, sheet in sheets if sheet is None]
    assert read.next_case(ward, other, None, NOW) is not None
    assert read.next_case(ward, given[0], None, NOW) is None


def test_without_the_setting_cases_with_all_their_readings_are_closed_at_once(engine: Engine, ward: WardStore) -> None:
    people = crowd(ward, 3)
    project_id = adaptive(engine, films=3)
    all_read(ward, people)
    assert set_extra_reads(ward, project_id, None, ACT).setting is None
    assert progress(ward, project_id).closed == 3
    deal_out_due(ward, ACT)
    assert counts(ward, project_id) == {2: 3}


def test_settings_that_cannot_be_are_refused_and_an_archived_project_keeps_its_own(
    engine: Engine, ward: WardStore
) -> None:
    project_id = project(engine, films=1, reads=3)
    for wrong in (Asked(0.4, 5, 0.1, 1), Asked(0.9, 3, 0.1, 1), Asked(0.9, 5, 0.0, 1), Asked(0.9, 21, 0.1, 1)):
        with pytest.raises(AdaptiveReadsRefused):
            set_extra_reads(ward, project_id, wrong, ACT)
    freeze(ward, project_id, ACT)
    archive(ward, project_id, ACT)
    with pytest.raises(ProjectStateRefused):
        set_extra_reads(ward, project_id, Asked(0.9, 5, 0.1, 1), ACT)
