"""Rate cards and the rates bound to assignments, on SQLite and on PostgreSQL."""

from datetime import timedelta
from decimal import Decimal

import pytest
from fakes.ward_books import ACT, NOW, project, reader, said, viewer
from sqlalchemy import Engine

from node.flows import read
from node.flows.act import Act
from node.flows.amend import AmendedSubmission, amend
from node.flows.rates import rate_card_of, set_rate_card
from node.labeling.case_rules import Difficulty, Urgency
from node.labeling.deal import Deal
from node.labeling.errors import ProjectUnknown
from node.labeling.reading import AmendReason
from node.pay.card import BoundRate, CardLine, KeptCard, OwedReading, RateCard
from node.pay.fairness import PayOf, TimedPay
from node.readers.errors import DepartmentUnknown
from node.readers.rate import Rate
from node.storage.engine import Database
from node.storage.ward_store import WardStore

DATABASE = Database.WARD
EVENT = ACT.event("test", "test")
LINES = (
    CardLine("radiology", Difficulty.HARD, Decimal("1500.25")),
    CardLine(None, Difficulty.HARD, Decimal("1200.0001")),
)


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


def card(amount: str = "1000.10", *lines: CardLine) -> RateCard:
    return RateCard(Rate(Decimal(amount), "KRW", NOW), lines)


def test_a_card_is_followed_by_a_later_one_and_keeps_its_lines_exactly(ward: WardStore, engine: Engine) -> None:
    project_id = project(engine, films=1)
    assert rate_card_of(ward, project_id) is None
    assert set_rate_card(ward, project_id, card("1000.10", *LINES), ACT) == KeptCard(1, card("1000.10", *LINES))
    assert rate_card_of(ward, project_id) == KeptCard(1, card("1000.10", *LINES))
    set_rate_card(ward, project_id, card("900.05"), ACT)
    assert rate_card_of(ward, project_id) == KeptCard(2, card("900.05"))


def test_a_card_names_departments_of_this_hospital_and_a_project(ward: WardStore, engine: Engine) -> None:
    project_id = project(engine, films=1)
    with pytest.raises(DepartmentUnknown):
        set_rate_card(ward, project_id, card("1", CardLine("none-such", None, Decimal(1))), ACT)
    with pytest.raises(ProjectUnknown):
        set_rate_card(ward, "none-such", card(), ACT)
    assert rate_card_of(ward, project_id) is None


def test_a_case_is_bound_to_what_its_lead_said_of_it_when_it_was_taken(ward: WardStore, engine: Engine) -> None:
    project_id = project(engine, films=2)
    set_rate_card(ward, project_id, card("1000.10", *LINES), ACT)
    person = reader(ward, "one")
    first = read.next_case(ward, person, None, NOW)
    assert first is not None
    assert first.rate == Rate(Decimal("1000.10"), "KRW", NOW)
    with ward.writing() as work:
        work.orders.mark(project_id, list(work.project_cases.case_ids(project_id)), Difficulty.HARD, Urgency(), EVENT)
        assert work.rates.difficulty(project_id, first.assignment.case_id) is Difficulty.HARD
    assignment_id = first.assignment.assignment_id
    assert read.sheet(ward, viewer(person), assignment_id).rate == first.rate
    read.submit(ward, viewer(person), assignment_id, said("present"), NOW)
    second = read.next_case(ward, person, None, NOW)
    assert second is not None
    assert second.rate == Rate(Decimal("1200.0001"), "KRW", NOW)


def test_a_card_that_follows_changes_no_case_that_was_taken(ward: WardStore, engine: Engine) -> None:
    project_id = project(engine, films=2)
    set_rate_card(ward, project_id, card(), ACT)
    person = reader(ward, "one")
    taken = read.next_case(ward, person, None, NOW)
    assert taken is not None
    later = Act(ACT.by, NOW + timedelta(hours=1))
    set_rate_card(ward, project_id, card("1"), later)
    again = read.next_case(ward, person, None, later.now)
    assert again is not None
    assert (again.assignment.assignment_id, again.rate) == (taken.assignment.assignment_id, taken.rate)
    with ward.reading() as work:
        assert work.rates.bound(taken.assignment.assignment_id) == BoundRate(card().rate, 1, NOW)


def test_a_case_that_was_taken_before_there_was_a_card_is_owed_nothing(ward: WardStore, engine: Engine) -> None:
    project_id = project(engine, films=1)
    person = reader(ward, "one")
    taken = read.next_case(ward, person, None, NOW)
    assert taken is not None
    set_rate_card(ward, project_id, card(), ACT)
    again = read.next_case(ward, person, None, NOW)
    assert (taken.rate, again and again.rate) == (None, None)


def test_a_place_whose_lease_ran_out_may_be_dealt_away_though_it_was_bound(ward: WardStore, engine: Engine) -> None:
    project_id = project(engine, films=1)
    set_rate_card(ward, project_id, card(), ACT)
    taken = read.next_case(ward, reader(ward, "one"), None, NOW)
    assert taken is not None
    assignment_id = taken.assignment.assignment_id
    with ward.writing() as work:
        for moved in (Deal(lapsed=[assignment_id]), Deal(revived=[assignment_id]), Deal(dropped=[assignment_id])):
            work.deals.apply(project_id, moved, EVENT)
    with ward.reading() as work:
        assert list(work.deals.of_project(project_id)) == []


def test_what_is_bound_anew_takes_the_place_of_what_was(ward: WardStore, engine: Engine) -> None:
    project(engine, films=1)
    taken = read.next_case(ward, reader(ward, "one"), None, NOW)
    assert taken is not None
    with ward.writing() as work:
        for version in (1, 2):
            work.rates.bind(taken.assignment.assignment_id, BoundRate(card(str(version)).rate, version, NOW))
        found = work.rates.bound(taken.assignment.assignment_id)
        assert found == BoundRate(card("2").rate, 2, NOW)
        assert work.rates.bound("none such") is None


def test_a_reading_is_owed_what_its_case_was_bound_to_and_an_amended_one_nothing_more(
    ward: WardStore, engine: Engine
) -> None:
    project_id = project(engine, films=2)
    set_rate_card(ward, project_id, card(), ACT)
    person, other = reader(ward, "one"), reader(ward, "two")
    taken = read.next_case(ward, person, None, NOW)
    assert taken is not None
    set_rate_card(ward, project_id, card("1"), ACT)
    assignment_id = taken.assignment.assignment_id
    reading_id = read.submit(ward, viewer(person), assignment_id, said("present"), NOW)
    amended = AmendedSubmission(said("absent"), AmendReason.MISTAKE)
    amend(ward, viewer(person), assignment_id, amended, NOW)
    later = NOW + timedelta(seconds=1)
    with ward.reading() as work:
        (owed,) = work.rates.owed(NOW, later)
        assert owed == OwedReading(reading_id, person.person_id, project_id, NOW, Decimal("1000.10"), "KRW", 1)
        assert work.rates.owed(NOW, later, person.person_id) == [owed]
        assert work.rates.owed(NOW, later, other.person_id) == work.rates.owed(NOW - timedelta(days=1), NOW) == []

    with ward.reading() as work:
        found = [TimedPay(person.person_id, "KRW", Decimal("1000.10"), 2)]
        assert work.rates.timed(NOW, later, of=PayOf(project_id=project_id)) == found
        assert work.rates.timed(NOW, later, of=PayOf(person_id=person.person_id)) == found
        for nothing in (PayOf(project_id="none such"), PayOf(person_id=other.person_id)):
            assert work.rates.timed(NOW, later, of=nothing) == []
