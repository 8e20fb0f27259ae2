"""The states of an assignment, walked through the whole table; and of a project."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from node.labeling import project
from node.labeling.assignment import LEASE, MOVES, Assignment, AssignmentState, check_move, lease_runs
from node.labeling.errors import AssignmentClosed, LeaseLapsed, ProjectStateRefused

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
S = AssignmentState


@pytest.mark.parametrize(("current", "wanted"), list(product(S, S)))
def test_every_move_is_allowed_or_refused_as_the_table_says(current: AssignmentState, wanted: AssignmentState) -> None:
    if wanted in MOVES[current]:
        check_move(current, wanted)
        return
    with pytest.raises(LeaseLapsed if current in {S.LAPSED, S.REASSIGNED} else AssignmentClosed):
        check_move(current, wanted)


def test_what_was_declined_or_taken_by_the_lead_never_moves_again() -> None:
    assert MOVES[S.DECLINED] == MOVES[S.REASSIGNED] == frozenset()


def test_what_was_submitted_moves_only_to_be_read_anew() -> None:
    assert MOVES[S.SUBMITTED] == {S.REQUEUED}
    assert [state for state in S if S.REQUEUED in MOVES[state]] == [S.SUBMITTED, S.LAPSED]


def test_a_lease_runs_until_its_end_and_only_while_held() -> None:
    held = Assignment("a", "p", "c", "r", S.HELD, NOW + LEASE)
    assert lease_runs(held, NOW)
    assert not lease_runs(held, NOW + LEASE)
    assert not lease_runs(Assignment("a", "p", "c", "r", S.SUBMITTED, NOW + timedelta(days=1)), NOW)


@pytest.mark.parametrize(("current", "wanted"), list(product(project.ProjectState, project.ProjectState)))
def test_a_project_moves_as_its_table_says(current: project.ProjectState, wanted: project.ProjectState) -> None:
    if wanted in project.MOVES[current]:
        project.check_move(current, wanted)
        return
    with pytest.raises(ProjectStateRefused):
        project.check_move(current, wanted)
