"""The benefit verdict as the wall reaches it: once a run, inside the walls, with a reason where it cannot be."""

from dataclasses import replace

import pytest
from factories import PLAN, RUN, an_evaluate_instruction
from fakes.wall import Wall
from fakes.wall_cast import START_BLOB, START_SHA256, instruct, some_rows

from node.flows.benefit import TRIES, VerdictParts, reach_next
from node.flows.desk_ports import VerdictState
from node.training.benefit import Benefit, Unmeasurable
from node.training.ports import FitCode, FitFailed


@pytest.fixture
def ended(wall: Wall) -> Wall:
    """A wall that answered the final instruction of a run."""
    wall.approve(wall.offer())
    wall.answering.answer(
        "evaluate", instruct(an_evaluate_instruction(model_sha256=START_SHA256, final=True), START_BLOB)
    )
    return wall


def parts(wall: Wall) -> VerdictParts:
    return VerdictParts(
        wall.verdicts, wall.plans, wall.models, wall.exports, wall.cases, lambda _plan, _export: wall.fit, wall.clock
    )


def test_own_and_shared_model_are_compared_on_the_holdout_once(ended: Wall) -> None:
    assert reach_next(parts(ended))
    (held,) = ended.verdicts.verdicts()
    assert (held.run_id, held.plan_id, held.state) == (RUN, PLAN, VerdictState.REACHED)
    assert held.verdict is not None
    assert (held.verdict.benefit, held.verdict.cases) == (Benefit.WORSE, 20)
    assert not reach_next(parts(ended))
    assert (ended.fit.owned, ended.fit.closed) == (1, True)


def test_a_holdout_of_one_class_is_a_reason_and_nothing_is_trained(ended: Wall) -> None:
    ended.cases.held = [replace(row, label=1) if row.holdout else row for row in some_rows()]
    reach_next(parts(ended))
    (held,) = ended.verdicts.verdicts()
    assert held.verdict is not None
    assert (held.verdict.benefit, held.verdict.reason) == (Benefit.CANNOT_BE_MEASURED, Unmeasurable.ONE_CLASS_ONLY)
    assert ended.fit.owned == 0


def test_a_hospital_without_a_holdout_is_told_so(ended: Wall) -> None:
    ended.cases.held = some_rows(holdout=0)
    reach_next(parts(ended))
    (held,) = ended.verdicts.verdicts()
    assert held.verdict is not None
    assert held.verdict.reason is Unmeasurable.NO_HOLDOUT


def test_a_failing_fit_child_is_tried_again_and_then_given_up(ended: Wall) -> None:
    def fails(*_: object, **__: object) -> object:
        raise FitFailed(FitCode.OUT_OF_MEMORY)

    ended.fit.train_own = fails  # type: ignore[method-assign,assignment] # the played child fails here
    for _ in range(TRIES):
        assert reach_next(parts(ended))
    assert not reach_next(parts(ended))
    assert ended.verdicts.verdicts()[0].state is VerdictState.FAILED


def test_nothing_leaves_for_a_verdict(ended: Wall) -> None:
    before = ended.ledger.head()
    reach_next(parts(ended))
    assert ended.ledger.head() == before


def test_a_verdict_is_reached_also_after_the_approval_was_withdrawn(ended: Wall) -> None:
    known = ended.plans.approved(PLAN)
    assert known is not None
    ended.stop(known.offered)
    reach_next(parts(ended))
    assert ended.verdicts.verdicts()[0].state is VerdictState.REACHED
