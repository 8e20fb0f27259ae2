"""Fit children: how long one lives, and that the end of a run never ends work."""

from pathlib import Path

import pytest
from factories import a_plan
from fakes.wall_cast import PlayedFit

from node.flows.fit_rooms import FitRooms
from node.training.ports import FitChild
from protocols.inbox import RunNotice, RunState
from protocols.plans import TrainingPlan

RUN = "5c1c0001-0000-4000-8000-000000000001"
OTHER_RUN = "5c1c0001-0000-4000-8000-000000000002"
EXPORT = Path("export")


class Nursery:
    """Makes children and remembers them."""

    def __init__(self) -> None:
        self.born: list[PlayedFit] = []
        self.rooms = FitRooms(self._make)

    def _make(self, _plan: TrainingPlan, _export: Path) -> FitChild:
        self.born.append(PlayedFit())
        return self.born[-1]


@pytest.fixture
def nursery() -> Nursery:
    return Nursery()


def said(state: RunState, run_id: str = RUN) -> list[RunNotice]:
    return [RunNotice(run_id=run_id, plan_id=a_plan().plan_id, state=state, rounds_done=1)]


def work(nursery: Nursery) -> None:
    with nursery.rooms.child(a_plan(), EXPORT):
        pass


def test_one_child_serves_every_round_of_a_plan(nursery: Nursery) -> None:
    work(nursery)
    nursery.rooms.hear(said(RunState.RUNNING))
    work(nursery)
    assert [child.closed for child in nursery.born] == [False]


@pytest.mark.parametrize("state", [RunState.FINISHED, RunState.ENDED])
def test_no_idle_child_is_left_of_a_run_that_is_over(nursery: Nursery, state: RunState) -> None:
    work(nursery)
    nursery.rooms.hear(said(state))
    assert [child.closed for child in nursery.born] == [True]


def test_a_child_that_still_works_when_its_run_is_over_ends_after_its_work(nursery: Nursery) -> None:
    with nursery.rooms.child(a_plan(), EXPORT):
        nursery.rooms.hear(said(RunState.FINISHED))
        assert not nursery.born[0].closed
    assert nursery.born[0].closed


def test_an_end_that_was_heard_before_ends_no_child_of_a_later_run(nursery: Nursery) -> None:
    nursery.rooms.hear(said(RunState.ENDED))
    work(nursery)
    nursery.rooms.hear(said(RunState.ENDED) + said(RunState.RUNNING, OTHER_RUN))
    assert [child.closed for child in nursery.born] == [False]


def test_a_withdrawn_plans_child_is_ended_in_the_middle_of_its_work(nursery: Nursery) -> None:
    with nursery.rooms.child(a_plan(), EXPORT):
        nursery.rooms.end(a_plan().plan_id)
        assert nursery.born[0].closed
    work(nursery)
    assert [child.closed for child in nursery.born] == [True, False]


def test_a_child_that_was_given_another_cohort_has_ended(nursery: Nursery) -> None:
    for cohort in ("a" * 64, "a" * 64, "b" * 64):
        with nursery.rooms.child(a_plan(), EXPORT, cohort):
            pass
    assert [child.closed for child in nursery.born] == [True, False]
