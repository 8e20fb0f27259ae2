"""Repeats on SQLite and on PostgreSQL: under other names, paid alike, never an opinion on the case."""

from datetime import timedelta
from decimal import Decimal

import pytest
from fakes.ward_books import ACT, NOW, project, read_all, reader, viewer
from sqlalchemy import Engine

from node.flows import read
from node.flows.act import Act
from node.flows.case_orders import CaseMark, mark_cases
from node.flows.concerns import Press, raise_concern
from node.flows.deal_out import deal_out_due
from node.flows.destroy_readings import destroy_readings
from node.flows.projects import add_cases, closed_cases, make_project, progress
from node.flows.rates import set_rate_card
from node.flows.repeat_cases import images_behind, own_agreement, set_repeats
from node.ground.ids import new_id
from node.labeling.assignment import Assignment
from node.labeling.blinding import Viewer
from node.labeling.case_rules import Difficulty, Urgency
from node.labeling.chain import DestroyReason
from node.labeling.concern import ConcernKind
from node.labeling.project import NewProject
from node.labeling.repeats import Repeats
from node.pay.card import CardLine, RateCard
from node.readers.person import Person
from node.readers.rate import Rate
from node.readers.roles import Role
from node.storage.engine import Database
from node.storage.ward_store import WardStore

DATABASE = Database.WARD
LATER = NOW + timedelta(days=8)
SECOND = Act(ACT.by, LATER)
LEAD = Viewer("lead", {Role.LEAD})


class NoHolds:
    def holds_case(self, image_ids: list[str]) -> bool:
        return False


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


def repeated(engine: Engine, *, films: int, share: float = 0.2) -> tuple[str, Person]:
    """One reader read everything a week ago, and the next deal has been."""
    ward = WardStore(engine)
    person = reader(ward, "one")
    project_id = project(engine, films=films, reads=1)
    set_repeats(ward, project_id, Repeats(share, 7), ACT)
    read_all(ward, person, lambda _: "present")
    deal_out_due(ward, SECOND)
    return project_id, person


def waiting(ward: WardStore, person: Person) -> list[Assignment]:
    with ward.reading() as work:
        return [one for one in work.assignments.of_person(person.person_id) if one.state == "waiting"]


def test_a_repeat_has_other_names_and_the_same_pictures(engine: Engine, ward: WardStore) -> None:
    _, person = repeated(engine, films=5)
    with ward.reading() as work:
        seen = {one.case_id for one in work.assignments.of_person(person.person_id) if one.state == "submitted"}
        first_images = {image.image_id for case in seen for image in work.sheets.images_of(case)}
    sheet = read.next_case(ward, person, None, LATER)
    assert sheet is not None
    (image,) = sheet.images
    assert sheet.assignment.case_id not in seen
    assert image.image_id not in first_images
    assert set(images_behind(ward, [image.image_id]).values()) <= first_images
    behind = read.check_frame(ward, viewer(person), sheet.assignment.assignment_id, image_id=image.image_id, number=1)
    assert behind in first_images
    deal_out_due(ward, SECOND)
    assert len(waiting(ward, person)) == 0


def test_a_repeat_counts_in_no_consensus_progress_or_project(engine: Engine, ward: WardStore) -> None:
    project_id, person = repeated(engine, films=10)
    before = closed_cases(ward, project_id, LEAD, after_case_id="", limit=20)
    assert len(read_all(ward, person, lambda _: "absent", LATER)) == 2
    assert closed_cases(ward, project_id, LEAD, after_case_id="", limit=20) == before
    found = progress(ward, project_id)
    assert (found.cases, found.readings, found.closed) == (10, 10, 10)
    again = make_project(ward, NewProject("again", "", "chest-film-abnormal", 1), ACT, project_id=new_id())
    assert add_cases(ward, again.project_id, ["DX"], ACT) == 10


def test_a_repeat_is_paid_like_the_first_reading(engine: Engine, ward: WardStore) -> None:
    person = reader(ward, "one")
    project_id = project(engine, films=5, reads=1)
    card = RateCard(Rate(Decimal(1000), "KRW", NOW), (CardLine(None, Difficulty.HARD, Decimal(3000)),))
    set_rate_card(ward, project_id, card, ACT)
    with ward.reading() as work:
        cases = sorted(work.project_cases.case_ids(project_id))
    mark_cases(ward, project_id, CaseMark(cases, Difficulty.HARD, Urgency()), ACT)
    set_repeats(ward, project_id, Repeats(0.2, 7), ACT)
    read_all(ward, person, lambda _: "present")
    deal_out_due(ward, SECOND)
    sheet = read.next_case(ward, person, None, LATER)
    assert sheet is not None
    assert sheet.rate is not None
    assert sheet.rate.amount == Decimal(3000)
    read_all(ward, person, lambda _: "present", LATER)
    with ward.reading() as work:
        owed = work.rates.owed(NOW, LATER + timedelta(days=1), person.person_id)
    assert [one.amount for one in owed] == [Decimal(3000)] * 6


def test_the_own_agreement_is_told_from_ten_pairs_on_and_up_to_monday(engine: Engine, ward: WardStore) -> None:
    _, person = repeated(engine, films=50)
    turns = iter(["absent", *["present"] * 9])
    assert len(read_all(ward, person, lambda _: next(turns), LATER)) == 10
    assert own_agreement(ward, person.person_id, LATER).figures == []
    (figure,) = own_agreement(ward, person.person_id, LATER + timedelta(days=7)).figures
    assert (figure.voted, figure.cases, figure.share) == ("abnormal", 10, 0.9)
    other = reader(ward, "two")
    assert own_agreement(ward, other.person_id, LATER + timedelta(days=7)).figures == []


def test_nine_pairs_tell_nothing(engine: Engine, ward: WardStore) -> None:
    _, person = repeated(engine, films=45)
    read_all(ward, person, lambda _: "present", LATER)
    assert own_agreement(ward, person.person_id, LATER + timedelta(days=7)).figures == []


def test_an_identity_seen_in_a_repeat_withdraws_the_case_under_every_name(engine: Engine, ward: WardStore) -> None:
    project_id, person = repeated(engine, films=5)
    sheet = read.next_case(ward, person, None, LATER)
    assert sheet is not None
    name = sheet.assignment.assignment_id
    raised = raise_concern(ward, viewer(person), name, Press(ConcernKind.IDENTITY_VISIBLE, new_id()), LATER)
    with ward.reading() as work:
        assert raised.case_id in work.project_cases.case_ids(project_id)
        assert work.assignments.by_id(name) is None
        assert raised.case_id not in work.deals.open_case_ids(project_id)
    assert progress(ward, project_id).cases == 4


def test_destroying_a_cases_readings_destroys_those_of_its_repeats(engine: Engine, ward: WardStore) -> None:
    project_id, person = repeated(engine, films=5)
    (again,) = read_all(ward, person, lambda _: "present", LATER)
    with ward.reading() as work:
        case_id = work.repeats.original(again)
    assert destroy_readings(ward, NoHolds(), case_id, DestroyReason.PATIENT_ASKED, SECOND) == 2
    assert len(closed_cases(ward, project_id, LEAD, after_case_id="", limit=9)) == 5


def test_nothing_is_repeated_where_the_lead_ended_it(engine: Engine, ward: WardStore) -> None:
    person = reader(ward, "one")
    project_id = project(engine, films=10, reads=1)
    set_repeats(ward, project_id, Repeats(0.2, 7), ACT)
    read_all(ward, person, lambda _: "present")
    set_repeats(ward, project_id, None, ACT)
    deal_out_due(ward, SECOND)
    assert waiting(ward, person) == []
