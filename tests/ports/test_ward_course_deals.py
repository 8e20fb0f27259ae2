"""What a course does to worklists and to gold taken from elsewhere, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest
from fakes.course_acts import labeler, learnt, passed, taught
from fakes.hospital import film
from fakes.teaching import CODE, TASK, course_value
from fakes.ward import HandClock
from fakes.ward_books import ACT, ANY, NOW, Originals, admit, project
from sqlalchemy import Engine

from node.flows.courses import take_gold, write_draft
from node.flows.deal_out import deal_out_certified
from node.flows.fusing import set_gold
from node.flows.labelers import sign_pledge
from node.flows.projects import Reference, add_cases, make_project, open_project
from node.ground.ids import new_id
from node.labeling.project import NewProject
from node.readers.pledge import PLEDGE_VERSION
from node.storage.engine import Database
from node.storage.ward_store import WardStore
from node.teaching.gold import Use
from node.wiring.dealing import CertifiedDeals

DATABASE = Database.WARD


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


def test_a_case_of_practice_is_none_of_the_exam_though_gold_was_taken_elsewhere_meanwhile(
    engine: Engine, ward: WardStore
) -> None:
    first = taught(engine, films=20)

    def cases() -> dict[str, Use]:
        with ward.reading() as work:
            return {one.case_id: one.use for one in work.teaching_cases.of_course(CODE)}

    practised = {case_id for case_id, use in cases().items() if use is Use.PRACTICE}
    other = project(engine, films=21)
    set_gold(ward, Originals(), other, [Reference("1.2.21", "present")], ACT)
    take_gold(ward, CODE, other, ACT)
    assert not practised & cases().keys()
    write_draft(ward, course_value(), ACT)
    take_gold(ward, CODE, first, ACT)
    assert {cases()[case_id] for case_id in practised} == {Use.PRACTICE}


def test_passing_an_exam_deals_nothing_and_the_next_deal_gives_cases(engine: Engine, ward: WardStore) -> None:
    taught(engine)
    person = labeler(ward)
    sign_pledge(ward, person.person_id, PLEDGE_VERSION, ACT)
    given = open_for_labelers(engine)
    learnt(ward, person)
    passed(ward, person)

    def places() -> int:
        with ward.reading() as work:
            return sum(one.person_id == person.person_id for one in work.deals.of_project(given))

    assert places() == 0
    deal_out_certified(ward, NOW + timedelta(seconds=1), ACT)
    assert places() == 0
    deal_out_certified(ward, NOW, ACT)
    assert places() > 0


def test_a_certificate_that_is_stored_after_the_look_is_dealt_at_the_next(engine: Engine, ward: WardStore) -> None:
    """It bears the time at which it was asked for, which is before the look."""
    taught(engine)
    person = labeler(ward)
    sign_pledge(ward, person.person_id, PLEDGE_VERSION, ACT)
    given = open_for_labelers(engine)
    learnt(ward, person)
    clock = HandClock(NOW + timedelta(seconds=10))
    deals = CertifiedDeals(ward, clock)
    deals()
    passed(ward, person)
    clock.forward(seconds=300)
    deals()
    with ward.reading() as work:
        assert any(one.person_id == person.person_id for one in work.deals.of_project(given))


def open_for_labelers(engine: Engine) -> str:
    """An open project of the task for lay labelers, of films that the course does not have."""
    ward = WardStore(engine)
    admit(engine, *(film(number) for number in range(101, 105)))
    new = NewProject("lay", "", TASK, 1, 1, labelers=True, permission=ANY)
    project_id = make_project(ward, new, ACT, project_id=new_id()).project_id
    add_cases(ward, project_id, ["DX"], ACT)
    open_project(ward, project_id, ACT)
    return project_id
