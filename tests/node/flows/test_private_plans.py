"""A private plan from approval to the ledger: who is frozen, what is charged when, and what the gate refuses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from factories import PLAN, RUN, a_cohort
from fakes.asking import answer, refusal, train, update
from fakes.wall import Wall, a_wall
from fakes.wall_cast import a_real_plan, some_rows
from fakes.wall_desk import a_desk
from sqlalchemy import text

from node.flows.desk import DeskProblem, DeskRefused
from node.flows.wall_views import ApprovalForm
from node.release.bounds import Offer, Terms
from node.release.patients import forecast
from node.release.plan_words import Topic
from node.release.refusals import BudgetExhausted, CohortTooSmall, NoProjectPermits, NoRoomForNoise, OutsideApproval
from node.storage.wall_patients import WallPatients
from node.training.ports import FitCode, FitFailed
from node.training.privacy import PrivacyRecord, PrivateOrder
from node.training.samples import read_export
from node.training.weights import Tensors
from protocols.errors import RefusalCode
from protocols.plans import LocalTraining, MetricName, Privacy, PrivacyMechanism, TrainingPlan

PERSON = "77777777-7777-4777-8777-777777777777"
ROUNDS = 3


def private_plan(**changes: Any) -> TrainingPlan:
    numbers = {"clip_norm": 1.0, "noise_multiplier": 4.0, "epsilon_cap": 5.0, "delta_cap": 1e-3}
    privacy = Privacy(mechanism=PrivacyMechanism.DP_SGD, **{**numbers, **changes.pop("privacy", {})})
    fields: dict[str, Any] = {
        "privacy": privacy,
        "training": LocalTraining(local_steps=4, batch_size=4, learning_rate=0.1),
        "cohort": a_cohort(min_cases=10, max_cases=100),
        "rounds": ROUNDS,
        "metrics": tuple(MetricName),
        "update_norm_bound": 500.0,
    }
    return a_real_plan(**{**fields, **changes})


def offered(wall: Wall, **changes: Any) -> Offer:
    return wall.offer(private_plan(**changes))


def terms(wall: Wall) -> Terms:
    known = wall.plans.approved(PLAN)
    assert known is not None
    assert known.held is not None
    return Terms(known.offered, known.held.approval)


def charges(wall: Wall) -> int:
    with wall.engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM private_charge")).scalar() or 0


def members(wall: Wall) -> frozenset[int]:
    return WallPatients(wall.engine).frozen(PLAN) or frozenset()


def test_an_approval_freezes_the_patients_that_train_and_no_others(wall: Wall) -> None:
    wall.approve(offered(wall))
    assert members(wall) == wall.exports.training_patients(private_plan())
    assert members(wall) < {row.patient_number for row in wall.cases.held if not row.holdout}


def test_a_plan_without_privacy_freezes_nobody_and_charges_nothing(wall: Wall) -> None:
    wall.approve(wall.offer())
    update(answer(wall, train()))
    assert WallPatients(wall.engine).frozen(PLAN) is None
    assert charges(wall) == 0
    assert wall.fit.settings is not None
    assert wall.fit.settings.private is None


def test_a_private_round_is_trained_as_ordered_charged_once_and_leaves(wall: Wall) -> None:
    wall.approve(offered(wall))
    message, _ = update(answer(wall, train()))
    ordered = wall.fit.settings
    assert ordered is not None
    assert ordered.private is not None
    noise = ordered.private.noise
    assert (noise.clip_norm, noise.noise_multiplier) == (1.0, 4.0)
    assert noise.sampling_rate == pytest.approx(4 / len(members(wall)))
    assert charges(wall) == 1
    assert MetricName.TRAINING_LOSS not in {metric.name for metric in message.metrics}


def test_the_rate_stays_that_of_the_approval_when_a_patient_is_taken_out(wall: Wall) -> None:
    wall.approve(offered(wall))
    frozen = len(members(wall))
    update(answer(wall, train()))
    gone = next(row for row in wall.cases.held if row.patient_number in members(wall))
    wall.cases.excluded.add(gone.case_id)
    update(answer(wall, train(round=2)))
    assert wall.fit.settings is not None
    assert wall.fit.settings.private is not None
    assert wall.fit.settings.private.noise.sampling_rate == pytest.approx(4 / frozen)


def test_a_patient_labelled_after_the_approval_is_never_trained_on(wall: Wall) -> None:
    wall.approve(offered(wall))
    late = [
        replace(row, case_id=f"late-{row.case_id}", patient_number=row.patient_number + 1000) for row in some_rows()
    ]
    wall.cases.held = [*wall.cases.held, *late[:20]]
    update(answer(wall, train()))
    _, folder = wall.exports.of(terms(wall))
    export = read_export(folder)
    assert not any(case.startswith("late-") for case in export.train.case_ids)
    assert len(export.train) == len(members(wall))


def test_charged_before_training_and_not_given_back_when_training_fails(wall: Wall) -> None:
    wall.approve(offered(wall))
    seen: list[int] = []

    def fails() -> None:
        seen.append(charges(wall))
        raise FitFailed(FitCode.ENDED)

    wall.fit.meanwhile = fails
    answer(wall, train())
    assert seen == [1]
    assert charges(wall) == 1


def test_the_same_attempt_is_charged_once_however_often_it_is_tried(wall: Wall, tmp_path: Path) -> None:
    wall.approve(offered(wall))

    def fails() -> None:
        raise FitFailed(FitCode.ENDED)

    wall.fit.meanwhile = fails
    for _ in range(3):
        answer(wall, train())
    again = a_wall(tmp_path, clock=wall.clock)
    update(answer(again, train()))
    assert charges(again) == 1


def test_a_second_attempt_sends_the_same_vector_and_charges_nothing(wall: Wall) -> None:
    wall.approve(offered(wall))
    first, again = update(answer(wall, train())), update(answer(wall, train(attempt=2)))
    assert first[1] == again[1]
    assert charges(wall) == 1


def test_a_second_attempt_that_has_to_train_anew_is_charged_anew(wall: Wall) -> None:
    wall.approve(offered(wall))

    def fails() -> None:
        raise FitFailed(FitCode.ENDED)

    wall.fit.meanwhile = fails
    answer(wall, train())
    wall.fit.meanwhile = lambda: None
    update(answer(wall, train(attempt=2)))
    assert charges(wall) == 2


def test_a_spent_plan_is_refused_with_a_code_and_trains_no_more(wall: Wall) -> None:
    probe = private_plan()
    two = forecast(probe, len(wall.exports.training_patients(probe)), rounds=2)
    wall.approve(offered(wall, privacy={"epsilon_cap": two}), max_rounds=2)
    for number in (1, 2):
        update(answer(wall, train(round=number)))
    trained = wall.fit.trained
    assert refusal(answer(wall, train(run_id=RUN[:-1] + "4"))).code is RefusalCode.BUDGET_EXHAUSTED
    assert wall.fit.trained == trained


def test_noise_too_small_for_the_promise_cannot_be_approved(wall: Wall) -> None:
    with pytest.raises(OutsideApproval):
        wall.approve(offered(wall, privacy={"epsilon_cap": 0.1}))
    with pytest.raises(OutsideApproval):
        wall.approve(offered(wall, privacy={"delta_cap": 0.01}))
    assert WallPatients(wall.engine).frozen(PLAN) is None


def test_a_bound_that_leaves_no_room_for_noise_is_refused_before_it_is_approved(wall: Wall) -> None:
    offer = offered(wall, update_norm_bound=10.0)
    with pytest.raises(NoRoomForNoise) as refused:
        wall.approve(offer)
    assert refused.value.code is RefusalCode.OUTSIDE_APPROVAL
    assert WallPatients(wall.engine).frozen(PLAN) is None
    desk = a_desk(wall)
    shown = desk.plan(offer.sha256)
    assert shown.cannot_take_part is RefusalCode.OUTSIDE_APPROVAL
    assert shown.obstacle is not None
    assert "noise" in shown.obstacle.en
    assert "잡음" in shown.obstacle.ko
    form = ApprovalForm(max_rounds=1, max_cases=100, expires_at=wall.clock.now() + timedelta(days=1))
    with pytest.raises(DeskRefused) as told:
        desk.approve(offer.sha256, form, person_id=PERSON)
    assert told.value.problem is DeskProblem.CANNOT_TAKE_PART


def test_a_partner_whom_no_project_permits_is_told_apart_inside_and_not_outside(wall: Wall) -> None:
    wall.cases.not_permitted = {row.case_id for row in wall.cases.held}
    offer = offered(wall)
    with pytest.raises(NoProjectPermits) as refused:
        wall.approve(offer)
    assert refused.value.code is RefusalCode.COHORT_TOO_SMALL
    shown = a_desk(wall).plan(offer.sha256)
    assert shown.obstacle is not None
    assert "permits this partner" in shown.obstacle.en
    assert [line.topic for line in shown.lines if line.warns and "permits this partner" in line.text.en] == [
        Topic.CASES
    ]


def test_a_plan_without_privacy_warns_where_no_project_permits_its_partner(wall: Wall) -> None:
    offer = wall.offer()
    cases = {line.topic: line for line in a_desk(wall).plan(offer.sha256).lines}[Topic.CASES]
    assert not cases.warns
    wall.cases.not_permitted = {row.case_id for row in wall.cases.held}
    desk = a_desk(wall)
    cases = {line.topic: line for line in desk.plan(offer.sha256).lines}[Topic.CASES]
    assert cases.warns
    assert "협력사" in cases.text.ko
    wall.approve(offer)
    assert refusal(answer(wall, train())).code is RefusalCode.COHORT_TOO_SMALL


def test_a_hospitals_cap_refuses_the_approval_without_a_number(tmp_path: Path) -> None:
    wall = a_wall(tmp_path, patient_epsilon=0.01)
    with pytest.raises(BudgetExhausted) as refused:
        wall.approve(offered(wall))
    assert not any(sign.isdigit() for sign in str(refused.value))


def test_a_second_plan_over_the_same_patients_is_refused_once_the_cap_is_reached(tmp_path: Path) -> None:
    probe = private_plan()
    home = tmp_path / "hospital"
    home.mkdir()
    wall = a_wall(home)
    one = forecast(probe, len(wall.exports.training_patients(probe)), rounds=ROUNDS)
    wall = a_wall(home, patient_epsilon=1.01 * one)
    wall.approve(offered(wall))
    for number in range(1, ROUNDS + 1):
        update(answer(wall, train(round=number)))
    with pytest.raises(BudgetExhausted):
        wall.approve(offered(wall, plan_id=PLAN[:-1] + "7"))


def test_a_withdrawal_gives_no_budget_back(wall: Wall) -> None:
    offer = offered(wall)
    wall.approve(offer)
    update(answer(wall, train()))
    wall.stop(offer)
    wall.lift(offer)
    wall.approve(offer)
    assert charges(wall) == 1


@pytest.mark.parametrize("record", ["none", "unsigned", "other update"])
def test_an_update_without_the_accountants_record_never_leaves(wall: Wall, record: str) -> None:
    honest = wall.fit.record
    played: dict[str, Callable[[PrivateOrder, int, Tensors], PrivacyRecord | None]] = {
        "none": lambda order, steps, made: None,
        "unsigned": lambda order, steps, made: honest(replace(order, key="00" * 32), steps, made),
        "other update": lambda order, steps, made: honest(order, steps, {n: t + 1 for n, t in made.items()}),
    }
    wall.fit.record = played[record]
    wall.approve(offered(wall))
    assert refusal(answer(wall, train())).code is RefusalCode.GATE_REFUSED


def test_a_plan_says_what_it_comes_to_here_before_it_is_approved(wall: Wall) -> None:
    plan = private_plan()
    budget = wall.stewardship.patients
    here = budget.here(plan)
    assert here is not None
    assert here.patients == len(wall.exports.training_patients(plan))
    assert here.epsilon == forecast(plan, here.patients, rounds=ROUNDS)
    assert here.refused is None
    assert budget.here(a_real_plan()) is None
    quiet = budget.here(private_plan(privacy={"noise_multiplier": 0.2}))
    assert quiet is not None
    assert quiet.refused is RefusalCode.OUTSIDE_APPROVAL
    spent = replace(budget, cap=0.01).here(plan)
    assert spent is not None
    assert spent.refused is RefusalCode.BUDGET_EXHAUSTED


def test_a_hospital_without_cases_has_no_forecast(wall: Wall) -> None:
    wall.cases.held = some_rows(open_cases=2)
    assert wall.stewardship.patients.here(private_plan()) is None
    assert type(wall.stewardship.patients.obstacle(private_plan())) is CohortTooSmall
