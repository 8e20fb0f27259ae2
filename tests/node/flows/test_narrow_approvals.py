"""An approval that is narrower than its plan: fewer figures leave, and less of a patient's privacy is spent."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from factories import PLAN, a_cohort
from fakes.asking import answer, evaluate, refusal, result, train, update
from fakes.wall import Wall
from fakes.wall_cast import PERSON, a_real_plan

from node.flows.approve import approve
from node.release.bounds import Offer
from node.release.patients import delta_of, spend_of
from node.release.refusals import EpsilonTooSmall, OutsideApproval
from node.release.wish import ApprovalWish
from node.storage.wall_patients import WallPatients
from node.training.accounting import epsilon_of
from protocols.approvals import Approval, Bounds
from protocols.errors import RefusalCode
from protocols.plans import LocalTraining, MetricName, Privacy, PrivacyMechanism, TrainingPlan
from protocols.updates import Metric

LOSS, AUC, TRAINING, MEMBERSHIP = (
    MetricName.VALIDATION_LOSS,
    MetricName.VALIDATION_AUC,
    MetricName.TRAINING_LOSS,
    MetricName.MEMBERSHIP_AUC,
)


def private_plan(**changes: Any) -> TrainingPlan:
    privacy = Privacy(
        mechanism=PrivacyMechanism.DP_SGD, clip_norm=1.0, noise_multiplier=4.0, epsilon_cap=5.0, delta_cap=1e-3
    )
    fields: dict[str, Any] = {
        "privacy": privacy,
        "training": LocalTraining(local_steps=4, batch_size=4, learning_rate=0.1),
        "cohort": a_cohort(min_cases=10, max_cases=100),
        "rounds": 3,
        "update_norm_bound": 500.0,
    }
    return a_real_plan(**{**fields, **changes})


def approved(wall: Wall, offered: Offer, **narrower: Any) -> Approval:
    plan = offered.plan
    bounds = Bounds(max_rounds=plan.rounds, max_attempts_per_round=3, max_cases=plan.cohort.max_cases)
    until = wall.clock.now() + timedelta(days=30)
    return approve(wall.stewardship, ApprovalWish(offered.sha256, bounds, True, until, **narrower), PERSON)


def epsilon_of_rounds(wall: Wall, plan: TrainingPlan, rounds: int) -> float:
    patients = len(wall.exports.training_patients(plan))
    return epsilon_of([spend_of(plan, patients)] * rounds, delta=delta_of(plan.privacy))


def names(told: Collection[Metric]) -> set[MetricName]:
    return {metric.name for metric in told}


def test_without_a_narrower_word_the_plans_own_figures_leave(wall: Wall) -> None:
    given = approved(wall, wall.offer())
    assert (given.epsilon_cap, given.metrics) == (None, None)
    assert names(update(answer(wall, train()))[0].metrics) == {LOSS, AUC, TRAINING}


def test_only_the_figures_that_were_approved_leave(wall: Wall) -> None:
    approved(wall, wall.offer(), metrics=(AUC,))
    assert names(update(answer(wall, train()))[0].metrics) == {AUC}
    assert names(result(answer(wall, evaluate(round=2))).metrics) == {AUC}
    assert names(result(answer(wall, evaluate(final=True))).metrics) == {AUC}


def test_an_empty_list_lets_no_figure_leave(wall: Wall) -> None:
    approved(wall, wall.offer(), metrics=())
    assert update(answer(wall, train()))[0].metrics == ()
    told = result(answer(wall, evaluate(final=True)))
    assert (told.metrics, told.cases) == ((), 20)


def test_what_was_kept_under_a_wider_approval_leaves_under_the_narrower(wall: Wall) -> None:
    offered = wall.offer()
    approved(wall, offered)
    wall.fit.meanwhile = lambda: void(wall.stop(offered))
    assert refusal(answer(wall, train())).code is RefusalCode.APPROVAL_WITHDRAWN
    wall.fit.meanwhile = lambda: None
    wall.lift(offered)
    approved(wall, offered, metrics=(LOSS,))
    assert names(update(answer(wall, train(attempt=2)))[0].metrics) == {LOSS}


@pytest.mark.parametrize(
    ("narrower", "plan"),
    [
        ({"metrics": (LOSS, MEMBERSHIP)}, a_real_plan(metrics=(LOSS, AUC))),
        ({"epsilon_cap": 1.0}, a_real_plan()),
        ({"epsilon_cap": 5.1}, private_plan()),
    ],
    ids=["a figure the plan has not", "an epsilon where there is none", "more epsilon than the plan"],
)
def test_an_approval_is_never_wider_than_its_plan(wall: Wall, narrower: dict[str, Any], plan: TrainingPlan) -> None:
    with pytest.raises(OutsideApproval):
        approved(wall, wall.offer(plan), **narrower)
    assert wall.ledger.head().number == 0


def test_the_approvals_epsilon_ends_the_trainings_before_the_plans(wall: Wall) -> None:
    plan = private_plan()
    cap = (epsilon_of_rounds(wall, plan, 1) + epsilon_of_rounds(wall, plan, 2)) / 2
    assert cap < epsilon_of_rounds(wall, plan, 3) < 5.0, "the plan's own epsilon would take all rounds"
    approved(wall, wall.offer(plan), epsilon_cap=cap)
    update(answer(wall, train()))
    assert refusal(answer(wall, train(round=2))).code is RefusalCode.BUDGET_EXHAUSTED
    assert WallPatients(wall.engine).spending(PLAN, frozenset()).trainings == 1
    assert wall.fit.trained == 1


def test_an_epsilon_that_exactly_so_many_rounds_cost_is_enough_for_them(wall: Wall) -> None:
    plan = private_plan()
    approved(wall, wall.offer(plan), epsilon_cap=epsilon_of_rounds(wall, plan, 2))
    for number in (1, 2):
        update(answer(wall, train(round=number)))
    assert refusal(answer(wall, train(round=3))).code is RefusalCode.BUDGET_EXHAUSTED


def test_an_epsilon_without_room_for_one_round_is_not_approved(wall: Wall) -> None:
    plan = private_plan()
    offered = wall.offer(plan)
    with pytest.raises(EpsilonTooSmall):
        approved(wall, offered, epsilon_cap=epsilon_of_rounds(wall, plan, 1) / 2)


def test_what_an_earlier_approval_spent_counts_under_the_next(wall: Wall) -> None:
    plan = private_plan()
    offered = wall.offer(plan)
    approved(wall, offered)
    update(answer(wall, train()))
    wall.stop(offered)
    wall.lift(offered)
    with pytest.raises(EpsilonTooSmall):
        approved(wall, offered, epsilon_cap=epsilon_of_rounds(wall, plan, 1))
    approved(wall, offered, epsilon_cap=epsilon_of_rounds(wall, plan, 2))
    update(answer(wall, train(round=2)))
    assert refusal(answer(wall, train(round=3))).code is RefusalCode.BUDGET_EXHAUSTED


def void(_: object) -> None:
    """Whatever was done, nothing is said of it."""
