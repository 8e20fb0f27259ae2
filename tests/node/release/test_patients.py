"""What a private plan costs a patient, and when a cohort cannot bear it."""

import pytest
from factories import a_cohort
from fakes.wall_cast import a_real_plan

from node.release.asked import Asked, Exchange
from node.release.patients import (
    History,
    charged,
    check_members,
    check_promise,
    forecast,
    is_private,
    noise_of,
    reservation_name,
    spend_of,
)
from node.release.refusals import BudgetExhausted, CohortTooSmall, OutsideApproval
from node.training.accounting import Spend, epsilon_of
from protocols.plans import LocalTraining, Privacy, PrivacyMechanism, TrainingPlan

PATIENTS = 200


def private_plan(**privacy: float) -> TrainingPlan:
    numbers = {"clip_norm": 1.0, "noise_multiplier": 2.0, "epsilon_cap": 4.0, "delta_cap": 1e-4}
    return a_real_plan(
        privacy=Privacy(mechanism=PrivacyMechanism.DP_SGD, **{**numbers, **privacy}),
        training=LocalTraining(local_steps=20, batch_size=20, learning_rate=0.1),
        cohort=a_cohort(min_cases=10, max_cases=1000),
        rounds=3,
    )


PLAN = private_plan()
ASKED = Asked(PLAN.plan_id, "run", Exchange.TRAIN, 1, 1, "ab" * 32)


def test_a_plan_without_a_mechanism_is_not_private() -> None:
    assert not is_private(a_real_plan())
    assert is_private(PLAN)


def test_a_round_costs_its_steps_at_the_rate_of_the_frozen_cohort() -> None:
    assert spend_of(PLAN, PATIENTS) == Spend(2.0, 0.1, 20)
    assert spend_of(PLAN, PATIENTS, rounds=3) == Spend(2.0, 0.1, 60)
    assert noise_of(PLAN, PATIENTS).expected_patients == 20.0


def test_the_forecast_is_the_accountants_and_fewer_patients_pay_more() -> None:
    assert forecast(PLAN, PATIENTS, rounds=3) == epsilon_of([Spend(2.0, 0.1, 60)], delta=1e-4)
    assert forecast(PLAN, 100, rounds=3) > forecast(PLAN, PATIENTS, rounds=3)


def test_a_plan_that_keeps_its_promise_is_taken() -> None:
    check_promise(PLAN, PATIENTS, rounds=3)


def test_a_delta_above_one_in_ten_times_the_patients_is_refused() -> None:
    check_promise(private_plan(delta_cap=1 / 2000), PATIENTS, rounds=1)
    with pytest.raises(OutsideApproval, match="delta"):
        check_promise(private_plan(delta_cap=1.001 / 2000), PATIENTS, rounds=1)


def test_noise_too_small_for_the_plans_epsilon_is_refused() -> None:
    with pytest.raises(OutsideApproval, match="noise"):
        check_promise(private_plan(noise_multiplier=0.5), PATIENTS, rounds=3)


def test_nobody_to_train_on_is_refused() -> None:
    with pytest.raises(CohortTooSmall):
        check_promise(PLAN, 0, rounds=1)


def test_every_member_must_bear_the_spend_and_how_many_cannot_is_not_said() -> None:
    spend = spend_of(PLAN, PATIENTS)
    fresh, tired = History((), 1.0), History((Spend(1.0, 0.1, 100),), 1e-4)
    alone = epsilon_of([spend], delta=1e-4)
    together = epsilon_of([*tired.spends, spend], delta=1e-4)
    check_members([fresh], spend, delta=1e-4, cap=alone)
    check_members([fresh, tired], spend, delta=1e-4, cap=together)
    with pytest.raises(BudgetExhausted) as one:
        check_members([fresh, tired], spend, delta=1e-4, cap=0.999 * together)
    with pytest.raises(BudgetExhausted) as all_of_them:
        check_members([tired, tired, fresh], spend, delta=1e-4, cap=0.999 * alone)
    assert str(one.value) == str(all_of_them.value)
    assert not any(sign.isdigit() for sign in str(one.value))


def test_a_patients_epsilon_is_taken_at_the_smallest_delta() -> None:
    spend, strict = spend_of(PLAN, PATIENTS), History((Spend(2.0, 0.1, 20),), 1e-7)
    both = [*strict.spends, spend]
    check_members([strict], spend, delta=1e-4, cap=epsilon_of(both, delta=1e-7))
    with pytest.raises(BudgetExhausted):
        check_members([strict], spend, delta=1e-4, cap=epsilon_of(both, delta=1e-4))


def test_a_charge_says_the_plans_epsilon_so_far_and_is_for_one_exchange() -> None:
    earlier = [spend_of(PLAN, PATIENTS)]
    charge = charged(PLAN, ASKED, patients=PATIENTS, earlier=earlier, key=bytes(32))
    assert charge.epsilon == epsilon_of([Spend(2.0, 0.1, 40)], delta=1e-4)
    assert (charge.steps, charge.delta, charge.order.noise) == (20, 1e-4, noise_of(PLAN, PATIENTS))
    assert charge.order.reservation == reservation_name(ASKED)


def test_a_plan_never_spends_more_than_its_own_epsilon() -> None:
    cap = forecast(PLAN, PATIENTS, rounds=2)
    plan = private_plan(epsilon_cap=cap)
    charged(plan, ASKED, patients=PATIENTS, earlier=[spend_of(plan, PATIENTS)], key=bytes(32))
    with pytest.raises(BudgetExhausted):
        charged(plan, ASKED, patients=PATIENTS, earlier=[spend_of(plan, PATIENTS, rounds=2)], key=bytes(32))
