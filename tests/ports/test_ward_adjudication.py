"""Adjudication on SQLite and on PostgreSQL: who may, what is seen when, and what the verdict does."""

from datetime import timedelta
from decimal import Decimal

import pytest
from fakes.ward_books import ACT, LICENCE, NOW, project, read_all, reader, said, viewer
from sqlalchemy import Engine

from node.consensus.adjudication import AdjudicationState, Reason, Verdict
from node.consensus.errors import AdjudicationRefused
from node.consensus.vote import dissents
from node.flows import read
from node.flows.adjudicate import Call, call_for, decide, of_project, open_to, opinions, take
from node.flows.amend import AmendedSubmission, amend
from node.flows.case_orders import reassign
from node.flows.course_ports import CourseAnswer
from node.flows.destroy_readings import prove_readings
from node.flows.people import add_person
from node.flows.projects import open_project, progress
from node.flows.rates import offered, set_rate_card
from node.flows.revise import NewGuideline, set_guideline
from node.ground.ids import new_id
from node.labeling.assignment import AssignmentState, DeclineReason
from node.labeling.blinding import Viewer
from node.labeling.errors import LeaseLapsed, NothingToAmend
from node.labeling.reading import AmendReason
from node.labeling.requeue import GuidelineChange
from node.pay.card import RateCard
from node.readers.person import NewPerson, Person
from node.readers.rate import Rate
from node.readers.roles import Role
from node.storage.engine import Database
from node.storage.ward_store import WardStore

DATABASE = Database.WARD
LEAD = Viewer("lead", {Role.LEAD})
S = AdjudicationState
VERDICT = Verdict("present", Reason.FINDING_OVERLOOKED)


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


def adjudicator(ward: WardStore, name: str, *more: Role) -> Person:
    new = NewPerson(name, frozenset({Role.ADJUDICATOR, *more}), licence=LICENCE)
    return add_person(ward, new, ACT, person_id=new_id())


def disagreed(ward: WardStore, engine: Engine, films: int = 1) -> tuple[str, list[Person]]:
    """A project all of whose cases were read by three, one of whom says present and two absent."""
    project_id = project(engine, films=films)
    people = [reader(ward, name) for name in ("one", "two", "three")]
    for person in people:
        option = "present" if person is people[0] else "absent"
        read_all(ward, person, lambda _case, option=option: option)  # type: ignore[misc]  # the default holds the value
    assert call_for(ward, project_id, Call(every_dissent=True), ACT) == films
    return project_id, people


def taken(ward: WardStore, person: Person) -> tuple[str, str]:
    """The first adjudication open to the person, in their hands: its identifier, and their place."""
    found = open_to(ward, person.person_id)[0][0].adjudication.adjudication_id
    return found, take(ward, person, found, NOW).assignment.assignment_id


def state_of(ward: WardStore, project_id: str) -> list[AdjudicationState]:
    return [one.adjudication.state for one in of_project(ward, project_id, LEAD)]


def test_a_blind_reading_comes_before_the_opinions_and_the_verdict_is_the_consensus(
    ward: WardStore, engine: Engine
) -> None:
    project_id, people = disagreed(ward, engine)
    judge = adjudicator(ward, "judge")
    found, place = taken(ward, judge)
    for too_early in (
        lambda: opinions(ward, viewer(judge), found),
        lambda: decide(ward, viewer(judge), found, VERDICT, NOW),
    ):
        with pytest.raises(AdjudicationRefused):
            too_early()
    read.submit(ward, viewer(judge), place, said("present"), NOW)
    shown = opinions(ward, viewer(judge), found)
    assert shown.options == ("absent", "present")
    assert sorted(one.answer.option or "" for one in shown.shown) == ["absent", "absent", "present"]
    assert [one.letter for one in shown.shown] == ["A", "B", "C"]
    decide(ward, viewer(judge), found, VERDICT, NOW)
    with ward.reading() as work:
        (case,) = work.consensus.closed_cases(project_id, after_case_id="", limit=9)
        trail = {(event.action, event.reason) for event in work.audit.latest(50)}
    (agreed,) = case.consensus
    assert (agreed.option, agreed.posterior, agreed.votes, agreed.dissent) == ("present", 1.0, 3, 2)
    dissenting = {one.person_id for one in case.readings if dissents(agreed, one)}
    assert dissenting == {person.person_id for person in people[1:]}
    assert ("case.adjudicated", "finding-overlooked") in trail
    assert (progress(ward, project_id).readings, prove_readings(ward).head.number) == (3, 4)
    assert state_of(ward, project_id) == [S.DECIDED]
    assert call_for(ward, project_id, Call(every_dissent=True), ACT) == 0
    with pytest.raises(NothingToAmend):
        amend(ward, viewer(judge), place, AmendedSubmission(said("absent"), AmendReason.MISTAKE), NOW)


def test_nobody_adjudicates_a_case_they_were_given_to_read_and_only_who_holds_it_goes_on(
    ward: WardStore, engine: Engine
) -> None:
    project_id = project(engine, films=1, reads=2)
    both = adjudicator(ward, "both", Role.READER)
    other = reader(ward, "other")
    read_all(ward, both, lambda _case: "present")
    read_all(ward, other, lambda _case: "absent")
    assert call_for(ward, project_id, Call(), ACT) == 1
    found = of_project(ward, project_id, LEAD)[0].adjudication.adjudication_id
    assert open_to(ward, both.person_id) == []
    unverified = add_person(ward, NewPerson("unverified", frozenset({Role.ADJUDICATOR})), ACT, person_id=new_id())
    for person in (both, unverified):
        with pytest.raises(AdjudicationRefused):
            take(ward, person, found, NOW)
    first, second = adjudicator(ward, "first"), adjudicator(ward, "second")
    take(ward, first, found, NOW)
    assert open_to(ward, second.person_id) == []
    for refused in (lambda: take(ward, second, found, NOW), lambda: opinions(ward, viewer(second), found)):
        with pytest.raises(AdjudicationRefused):
            refused()


def test_who_adjudicates_has_no_place_in_worklist_or_deal_and_may_give_the_case_back(
    ward: WardStore, engine: Engine
) -> None:
    project_id, _ = disagreed(ward, engine)
    judge = adjudicator(ward, "judge", Role.READER)
    found, place = taken(ward, judge)
    assert [row.submitted + row.waiting for row in read.worklist(ward, viewer(judge))] == []
    assert read.next_case(ward, judge, None, NOW) is None
    open_project(ward, project_id, ACT)
    assert read.sheet(ward, viewer(judge), place).assignment.state is AssignmentState.HELD
    read.decline(ward, viewer(judge), place, DeclineReason.NO_TIME, NOW)
    assert state_of(ward, project_id) == [S.NEEDED]
    assert open_to(ward, judge.person_id) == []
    another = adjudicator(ward, "another")
    assert taken(ward, another)[0] == found
    with ward.reading() as work:
        (case_id,) = work.project_cases.case_ids(project_id)
    reassign(ward, project_id, case_id, another.person_id, ACT)
    assert state_of(ward, project_id) == [S.NEEDED]


def test_who_saw_the_opinions_is_never_given_the_case_in_another_project(ward: WardStore, engine: Engine) -> None:
    disagreed(ward, engine, films=2)
    judge = adjudicator(ward, "judge", Role.READER)
    _, place = taken(ward, judge)
    seen = read.sheet(ward, viewer(judge), place).assignment.case_id
    elsewhere = project(engine, films=2, reads=4)
    with ward.reading() as work:
        dealt = {one.case_id for one in work.deals.of_project(elsewhere) if one.person_id == judge.person_id}
    assert seen not in dealt
    assert len(dealt) == 1


def test_a_case_read_anew_is_withdrawn_from_adjudication_and_never_dealt_to_its_adjudicator(
    ward: WardStore, engine: Engine
) -> None:
    project_id, people = disagreed(ward, engine)
    judge = adjudicator(ward, "judge", Role.READER)
    _, place = taken(ward, judge)
    about = NewGuideline("new", (GuidelineChange("abnormal", frozenset({"present"})),))
    assert set_guideline(ward, project_id, about, ACT).readings == 1
    assert state_of(ward, project_id) == [S.WITHDRAWN]
    with pytest.raises(LeaseLapsed):
        read.submit(ward, viewer(judge), place, said("present"), NOW)
    assert read.next_case(ward, judge, None, NOW) is None
    assert len(read_all(ward, people[0], lambda _case: "present")) == 1
    assert call_for(ward, project_id, Call(every_dissent=True), ACT) == 1
    assert open_to(ward, judge.person_id) == []


def test_who_was_shown_a_case_in_a_course_is_not_its_adjudicator(ward: WardStore, engine: Engine) -> None:
    disagreed(ward, engine)
    judge = adjudicator(ward, "judge")
    found = open_to(ward, judge.person_id)[0][0].adjudication
    with ward.writing() as work:
        shown = CourseAnswer("item", new_id(), found.case_id, None, NOW)
        work.course_answers.keep(judge.person_id, ("films", 1), shown)
    with pytest.raises(AdjudicationRefused):
        take(ward, judge, found.adjudication_id, NOW)


def test_an_adjudicators_blind_reading_is_paid_by_the_card_in_force_when_the_case_was_taken(
    ward: WardStore, engine: Engine
) -> None:
    project_id, _ = disagreed(ward, engine)
    judge = adjudicator(ward, "judge")
    set_rate_card(ward, project_id, RateCard(Rate(Decimal("7000"), "KRW", NOW)), ACT)
    (waiting,) = [one.adjudication for one, _ in open_to(ward, judge.person_id)]
    (rate,) = offered(ward, judge, [(project_id, waiting.case_id, None)])
    assert rate is not None
    sheet = take(ward, judge, waiting.adjudication_id, NOW)
    assert sheet.rate == rate
    set_rate_card(ward, project_id, RateCard(Rate(Decimal("1"), "KRW", NOW)), ACT)
    place = sheet.assignment.assignment_id
    assert offered(ward, judge, [(project_id, waiting.case_id, place)]) == [rate]
    read.submit(ward, viewer(judge), place, said("present"), NOW)
    with ward.reading() as work:
        owed = work.rates.owed(NOW, NOW + timedelta(days=1), judge.person_id)
    assert [(one.amount, one.currency, one.project_id) for one in owed] == [(Decimal("7000"), "KRW", project_id)]
