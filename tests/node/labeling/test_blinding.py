"""Who may see whose work."""

from datetime import UTC, datetime

import pytest

from node.labeling.assignment import Assignment, AssignmentState
from node.labeling.blinding import Viewer, own, visible_readings, withheld
from node.labeling.errors import AssignmentUnknown
from node.labeling.reading import Answer, Reading, ReadingContent
from node.readers.roles import Role

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SAID = ReadingContent(answers=(Answer(question="abnormal", option="present"),), seconds_active=5)
READINGS = [Reading(f"r-{person}", f"a-{person}", "p", "c", person, NOW, SAID) for person in ("own", "other")]


def test_another_readers_assignment_is_answered_like_one_that_does_not_exist() -> None:
    theirs = Assignment("a", "p", "c", "other", AssignmentState.HELD, NOW)
    answers = set()
    for assignment in (theirs, None):
        with pytest.raises(AssignmentUnknown) as refused:
            own(assignment, Viewer("own", {Role.READER}))
        answers.add(str(refused.value))
    assert len(answers) == 1


def test_a_case_is_withheld_from_whoever_may_still_come_to_read_it() -> None:
    places = [Assignment(state, "p", state, "own", state, None) for state in AssignmentState]
    assert withheld(places) == {"waiting", "held", "lapsed", "requeued"}


@pytest.mark.parametrize("closed", [True, False])
def test_a_reader_sees_own_readings_only_even_when_all_are_in(closed: bool) -> None:
    seen = visible_readings(READINGS, Viewer("own", {Role.READER}), case_closed=closed)
    assert [reading.person_id for reading in seen] == ["own"]


def test_a_lead_sees_all_readings_of_a_closed_case_and_none_of_an_open_one() -> None:
    lead = Viewer("lead", {Role.LEAD})
    assert len(visible_readings(READINGS, lead, case_closed=True)) == 2
    assert visible_readings(READINGS, lead, case_closed=False) == ()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LEAD}))
def test_no_other_role_sees_anyones_readings(role: Role) -> None:
    assert visible_readings(READINGS, Viewer("someone", {role}), case_closed=True) == ()


def test_a_lead_who_also_reads_would_see_own_readings_only() -> None:
    both = Viewer("own", {Role.LEAD, Role.READER})
    assert [reading.person_id for reading in visible_readings(READINGS, both, case_closed=True)] == ["own"]
