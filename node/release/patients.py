"""The privacy budget of patients: what a plan costs each of them, and whether every one of them can bear it.

Rules: the patients of a plan are frozen with its first approval, and only their gradients are ever used for it; the
sampling rate follows from their number and stays, also when some of them are taken out later. Every training begun is
charged to all of them, durably and before it starts, and nothing is ever given back: work that failed may have been
observed. A patient's epsilon is composed over all plans, at the smallest delta among them. Where a single member would
exceed the hospital's cap the whole cohort is refused, and how many would is said nowhere: a number would tell who took
part in what.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from node.release.asked import Asked
from node.release.refusals import BudgetExhausted, CohortTooSmall, EpsilonTooSmall, NoRoomForNoise, PromiseNotKept
from node.training.accounting import Spend, epsilon_of, largest_delta
from node.training.noise_length import Steps, noise_length
from node.training.privacy import PatientNoise, PrivateOrder, patient_noise
from protocols.plans import Privacy, PrivacyMechanism, TrainingPlan


@dataclass(frozen=True, slots=True)
class History:
    """What was spent of a patient so far, and the smallest delta of the plans that spent it; 1 where there is none."""

    spends: tuple[Spend, ...]
    delta: float


@dataclass(frozen=True, slots=True)
class Charge:
    """What one training may spend of each patient of its cohort, reserved before it starts."""

    order: PrivateOrder
    steps: int
    epsilon: float
    """Of the plan so far, this training included, at its delta."""
    delta: float


def is_private(plan: TrainingPlan) -> bool:
    """Whether the plan bounds what an update tells of a patient."""
    return plan.privacy.mechanism is PrivacyMechanism.DP_SGD


def delta_of(privacy: Privacy) -> float:
    """The delta a private plan claims."""
    return privacy.delta_cap or 0.0


def noise_of(plan: TrainingPlan, patients: int) -> PatientNoise:
    """How a private plan trains on a cohort of so many patients.

    Raises:
        CohortTooSmall: there is no patient.
    """
    privacy = plan.privacy
    if not patients:
        raise CohortTooSmall("no patient is left to train on")
    return patient_noise(
        privacy.clip_norm or 0.0,
        privacy.noise_multiplier or 0.0,
        patients_a_step=plan.training.batch_size,
        patients=patients,
    )


def spend_of(plan: TrainingPlan, patients: int, *, rounds: int = 1) -> Spend:
    """What so many rounds of a private plan cost a patient of such a cohort. Raises: CohortTooSmall."""
    noise = noise_of(plan, patients)
    return Spend(noise.noise_multiplier, noise.sampling_rate, rounds * plan.training.local_steps)


def forecast(plan: TrainingPlan, patients: int, *, rounds: int) -> float:
    """The epsilon, at the plan's delta, of so many rounds. Raises: CohortTooSmall."""
    return epsilon_of([spend_of(plan, patients, rounds=rounds)], delta=delta_of(plan.privacy))


def check_promise(plan: TrainingPlan, patients: int, *, rounds: int) -> None:
    """Return when so many rounds on so many patients keep what the plan promises.

    Raises:
        CohortTooSmall: there is no patient.
        PromiseNotKept: the delta is too large for so few patients, or the noise too small for the epsilon.
    """
    if delta_of(plan.privacy) > largest_delta(patients):
        raise PromiseNotKept("the plan's delta is more than one in ten times the patients here")
    if forecast(plan, patients, rounds=rounds) > (plan.privacy.epsilon_cap or 0.0):
        raise PromiseNotKept("the plan's noise is too small for its epsilon with the patients here")


def check_cap(plan: TrainingPlan, patients: int, *, trainings: int, cap: float | None) -> None:
    """Return when so many trainings of a private plan spend no more of a patient than an approval's cap, if it has one.

    Raises:
        CohortTooSmall: there is no patient.
        EpsilonTooSmall: they do.
    """
    if cap is None or not trainings:
        return
    if epsilon_of([spend_of(plan, patients)] * trainings, delta=delta_of(plan.privacy)) > cap:
        raise EpsilonTooSmall("the epsilon this approval would allow leaves no room for a round")


def check_room(plan: TrainingPlan, patients: int) -> None:
    """Return when the plan's norm bound leaves room for the noise of a round.

    Raises:
        CohortTooSmall: there is no patient.
        NoRoomForNoise: the noise alone is longer.
    """
    numbers = sum(math.prod(spec.shape) for spec in plan.model.tensors)
    training = plan.training
    steps = Steps(training.local_steps, training.learning_rate, training.weight_decay)
    length = noise_length(noise_of(plan, patients), steps, numbers=numbers)
    if length > plan.update_norm_bound:
        raise NoRoomForNoise(f"noise alone has a norm of {length:.4g}, the plan allows {plan.update_norm_bound:.4g}")


def check_members(histories: Iterable[History], spend: Spend, *, delta: float, cap: float) -> None:
    """Return when every patient can bear this spend on top of what was spent before.

    Raises:
        BudgetExhausted: one of them cannot; which and how many is not said.
    """
    for held in set(histories):
        if epsilon_of([*held.spends, spend], delta=min(delta, held.delta)) > cap:
            raise BudgetExhausted("the privacy budget of this cohort does not allow it")


def charged(plan: TrainingPlan, asked: Asked, *, patients: int, earlier: Sequence[Spend], key: bytes) -> Charge:
    """The charge of one training, given what this plan spent before.

    Raises:
        BudgetExhausted: the plan would exceed its own epsilon.
    """
    spend = spend_of(plan, patients)
    epsilon = epsilon_of([*earlier, spend], delta=delta_of(plan.privacy))
    if epsilon > (plan.privacy.epsilon_cap or 0.0):
        raise BudgetExhausted("the plan's epsilon is spent")
    order = PrivateOrder(noise_of(plan, patients), reservation_name(asked), key.hex())
    return Charge(order, spend.steps, epsilon, delta_of(plan.privacy))


def reservation_name(asked: Asked) -> str:
    """What a record says it is for."""
    return f"{asked.plan_id}/{asked.run_id}/{asked.exchange.value}/{asked.round}/{asked.attempt}/{asked.model_sha256}"
