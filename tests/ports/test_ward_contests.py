"""Gold verdicts and objections to them, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from fakes.ward_books import ACT, NOW, Originals, project, read_all, reader, said, viewer
from sqlalchemy import Engine

from node.flows.act import Act
from node.flows.amend import AmendedSubmission, amend
from node.flows.contests import Objection, contest, contests_of, decide_contest, own_verdicts
from node.flows.fusing import set_gold
from node.flows.months import PayDesk, close_month
from node.flows.projects import Reference, add_cases, make_project, open_project
from node.ground.ids import new_id
from node.labeling.project import NewProject
from node.labeling.reading import AmendReason
from node.pay.contest import ContestReason, ContestState
from node.pay.errors import (
    ContestsOpen,
    ContestStands,
    ContestUnknown,
    MonthClosed,
    MonthRunning,
    VerdictUnknown,
)
from node.pay.month import Month
from node.readers.person import Person
from node.storage.engine import Database
from node.storage.ward_store import WardStore
from protocols.signing import Identity

DATABASE = Database.WARD
MARCH = Month("2026-03")
LATER = Act(ACT.by, datetime(2026, 4, 5, 9, tzinfo=UTC))


class Place(NamedTuple):
    """Three films, two of them gold: one present, one absent; the reader said present to all, in March."""

    desk: PayDesk
    ward: WardStore
    person: Person
    project_id: str

    def wrong(self) -> Objection:
        (found,) = [
            one for one in own_verdicts(self.desk, self.person.person_id, MARCH, LATER).verdicts if not one.right
        ]
        return Objection(found.reading_id, found.voted, ContestReason.GOLD_WRONG)

    def contest(self, objection: Objection, act: Act = LATER, person_id: str | None = None) -> None:
        contest(self.desk, person_id or self.person.person_id, MARCH, objection, act)


@pytest.fixture
def place(engine: Engine) -> Place:
    ward = WardStore(engine)
    project_id = project(engine, films=3)
    person = reader(ward, "one")
    set_gold(ward, Originals(), project_id, [Reference("1.2.1", "present"), Reference("1.2.2", "absent")], ACT)
    read_all(ward, person, lambda _case: "present")
    return Place(PayDesk(ward, ZoneInfo("Asia/Seoul"), Identity.generate), ward, person, project_id)


def test_verdicts_are_told_once_their_month_is_over_and_to_their_reader_alone(place: Place) -> None:
    with pytest.raises(MonthRunning):
        own_verdicts(place.desk, place.person.person_id, MARCH, ACT)
    with pytest.raises(MonthRunning):
        place.contest(Objection("x", "abnormal", ContestReason.GOLD_WRONG), ACT)
    found = own_verdicts(place.desk, place.person.person_id, MARCH, LATER).verdicts
    assert sorted((one.voted, one.said, one.known, one.right) for one in found) == [
        ("abnormal", "present", "absent", False),
        ("abnormal", "present", "present", True),
    ]
    other = reader(place.ward, "two").person_id
    assert own_verdicts(place.desk, other, MARCH, LATER).verdicts == []
    with pytest.raises(VerdictUnknown):
        place.contest(place.wrong(), person_id=other)


def test_what_was_amended_later_changes_no_verdict(place: Place) -> None:
    wrong = place.wrong()
    with place.ward.reading() as work:
        (assignment_id,) = [
            one.assignment_id
            for one in work.contests.gold_read(place.person.person_id, *MARCH.bounds(place.desk.zone))
            if one.reading_id == wrong.reading_id
        ]
    amend(place.ward, viewer(place.person), assignment_id, AmendedSubmission(said("absent"), AmendReason.MISTAKE), NOW)
    assert place.wrong() == wrong


def test_a_case_the_reader_may_still_be_given_elsewhere_is_left_out(place: Place) -> None:
    new = NewProject("again", "", "chest-film-abnormal", 1, 1)
    again = make_project(place.ward, new, ACT, project_id=new_id()).project_id
    assert add_cases(place.ward, again, ["DX"], ACT) == 3
    open_project(place.ward, again, ACT)
    assert own_verdicts(place.desk, place.person.person_id, MARCH, LATER).verdicts == []


def test_an_objection_waits_for_the_lead_and_the_month_for_the_decision(place: Place) -> None:
    wrong = place.wrong()
    place.contest(wrong)
    (waiting,) = contests_of(place.desk, place.project_id)
    assert (waiting.state, waiting.reason, waiting.month) == (ContestState.OPEN, ContestReason.GOLD_WRONG, "2026-03")
    with pytest.raises(ContestsOpen):
        close_month(place.desk, MARCH, LATER)
    decide_contest(place.desk, place.project_id, (wrong.reading_id, wrong.voted), ContestState.UPHELD, LATER)
    (told,) = own_verdicts(place.desk, place.person.person_id, MARCH, LATER).contests
    assert told.state is ContestState.UPHELD
    close_month(place.desk, MARCH, LATER)


def test_a_verdict_is_contested_once_and_decided_once(place: Place) -> None:
    wrong = place.wrong()
    place.contest(wrong)
    with pytest.raises(ContestStands):
        place.contest(wrong)
    verdict = (wrong.reading_id, wrong.voted)
    with pytest.raises(ContestUnknown):
        decide_contest(place.desk, "another project", verdict, ContestState.UPHELD, LATER)
    decide_contest(place.desk, place.project_id, verdict, ContestState.REJECTED, LATER)
    with pytest.raises(ContestUnknown):
        decide_contest(place.desk, place.project_id, verdict, ContestState.UPHELD, LATER)
    with pytest.raises(ContestStands):
        place.contest(wrong)


def test_a_right_reading_is_nothing_to_contest_and_a_closed_month_is_too_late(place: Place) -> None:
    wrong = place.wrong()
    found = own_verdicts(place.desk, place.person.person_id, MARCH, LATER).verdicts
    (right,) = [one for one in found if one.right]
    with pytest.raises(VerdictUnknown):
        place.contest(Objection(right.reading_id, right.voted, ContestReason.IMAGE_POOR))
    with pytest.raises(VerdictUnknown):
        place.contest(Objection(wrong.reading_id, "another question", ContestReason.IMAGE_POOR))
    close_month(place.desk, MARCH, LATER)
    with pytest.raises(MonthClosed):
        place.contest(wrong)
