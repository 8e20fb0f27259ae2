"""What patients had a part in: every way a run can stand, and what may be said and advised of it."""

import pytest
from factories import PLAN, RUN

from node.release.asked import Exchange
from node.release.taking_part import Advice, ReleasePart, Role, RoundPart, RunKnown, part_in_run, unrecorded
from protocols.inbox import RunState


def learnt(*rounds: int) -> list[RoundPart]:
    return [RoundPart(PLAN, RUN, number, Exchange.TRAIN, Role.LEARNT) for number in rounds]


def measured(*rounds: int) -> list[RoundPart]:
    return [RoundPart(PLAN, RUN, number, Exchange.EVALUATE, Role.MEASURED) for number in rounds]


def known(
    state: RunState | None = RunState.FINISHED, *left: int, released: int | None = 3, private: bool = False
) -> RunKnown:
    return RunKnown(state, 5, released, frozenset(left), private=private)


def test_rounds_are_told_once_in_their_order_and_those_that_left_apart() -> None:
    run = part_in_run([*learnt(3, 1, 2, 2), *measured(4)], known(RunState.RUNNING, 1, 3, 9))
    assert (run.learnt, run.left, run.measured) == ((1, 2, 3), (1, 3), (4,))


@pytest.mark.parametrize(
    ("parts", "state", "part", "advice"),
    [
        (learnt(2, 4), known(RunState.FINISHED, 2, 4), ReleasePart.LEARNT, Advice.RETRAIN),
        (learnt(2, 4), known(RunState.FINISHED, 2, 4, private=True), ReleasePart.LEARNT, Advice.KEEP_BOUNDED),
        (learnt(2, 4), known(RunState.FINISHED, 4), ReleasePart.UNTOUCHED, Advice.KEEP),
        (learnt(4) + measured(1), known(RunState.FINISHED, 4), ReleasePart.MEASURED, Advice.KEEP),
        (learnt(2), known(RunState.FINISHED, 2, released=None), ReleasePart.PERHAPS, Advice.RETRAIN),
        (learnt(2), known(RunState.FINISHED, released=None), ReleasePart.UNTOUCHED, Advice.KEEP),
        (measured(2), known(RunState.FINISHED, 2), ReleasePart.MEASURED, Advice.KEEP),
        (learnt(2), known(RunState.ENDED, 2, released=None), ReleasePart.NONE, Advice.KEEP),
        (learnt(2), known(RunState.RUNNING, 2, released=None), ReleasePart.RUNNING, Advice.STOP),
        (learnt(2), known(RunState.RUNNING, 2, private=True), ReleasePart.RUNNING, Advice.KEEP_BOUNDED),
        (learnt(2), known(RunState.RUNNING), ReleasePart.RUNNING, Advice.KEEP),
        (learnt(2), known(None, 2, released=None), ReleasePart.RUNNING, Advice.STOP),
    ],
)
def test_a_release_is_told_and_advised_upon_by_what_left_before_it(
    parts: list[RoundPart], state: RunKnown, part: ReleasePart, advice: Advice
) -> None:
    run = part_in_run(parts, state)
    assert (run.released, run.advice) == (part, advice)


def test_rounds_without_a_record_are_named_and_no_others() -> None:
    runs = {RUN: RunKnown(RunState.RUNNING, 3, None, frozenset({1, 2, 5}), private=False)}
    assert unrecorded(runs, {RUN: frozenset({2, 3})}) == {RUN: (1, 5)}
    assert unrecorded(runs, {RUN: frozenset({1, 2, 3, 5})}) == {}
