"""Patients in private plans: whom an approval binds, whether all of them can bear it, what a training is charged.

An approval of a private plan freezes the patients it trains on; a training is charged to all of them in one
transaction, before it starts. A charge is of one attempt: the same attempt asked for again, after a crash or a failure,
is found and not charged twice; another attempt is charged anew where it has to train anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from node.ground.audit import AuditEvent
from node.release.asked import Asked
from node.release.patients import (
    Charge,
    History,
    check_cap,
    check_members,
    check_promise,
    check_room,
    delta_of,
    forecast,
    is_private,
    spend_of,
)
from node.release.plan_words import PrivacyHere
from node.release.refusals import CohortTooSmall, InstructionRefused
from node.training.privacy import RECORD_KEY_BYTES
from protocols.errors import RefusalCode
from protocols.plans import TrainingPlan


@dataclass(frozen=True, slots=True)
class Spending:
    """What a cohort's members spent: one history for all who share it; and how often this plan trained already."""

    histories: frozenset[History]
    trainings: int


class PatientBook(Protocol):
    """Where the patients of private plans and what they spent are kept."""

    def frozen(self, plan_id: str) -> frozenset[int] | None:
        """The patients of a private plan; nothing before its first approval."""
        ...

    def spending(self, plan_id: str, patients: frozenset[int]) -> Spending:
        """What these patients spent, by every plan, and how often this plan trained."""
        ...

    def charge(self, plan: TrainingPlan, asked: Asked, event: AuditEvent, *, key: bytes, cap: float) -> Charge:
        """The charge of one training, durably, or the one it has already.

        Raises:
            CohortTooSmall: the plan has no patients here.
            BudgetExhausted: the plan or one of its patients would exceed.
        """
        ...


@dataclass(frozen=True, slots=True)
class PatientBudget:
    """The hospital's rule about its patients' privacy."""

    book: PatientBook
    training_patients: Callable[[TrainingPlan], frozenset[int]]
    """Whom a plan would train on today."""
    cap: float
    """The epsilon no patient may exceed over all plans together."""

    def patients_of(self, plan: TrainingPlan) -> frozenset[int]:
        """The patients of a private plan: those frozen, or those it would be today."""
        held = self.book.frozen(plan.plan_id)
        return self.training_patients(plan) if held is None else held

    def bound_by(self, plan: TrainingPlan, *, rounds: int, epsilon_cap: float | None = None) -> frozenset[int] | None:
        """The patients an approval of so many rounds binds; nothing where the plan is not private.

        An approval's own `epsilon_cap` may end the plan before its rounds are over, but has room for one more.

        Raises:
            CohortTooSmall, PromiseNotKept: what the plan promises does not hold with the patients here.
            NoRoomForNoise: its norm bound is shorter than its own noise.
            BudgetExhausted: one of them would exceed the hospital's cap.
            EpsilonTooSmall: not one round fits into the approval's own.
        """
        if not is_private(plan):
            return None
        patients = self.patients_of(plan)
        check_promise(plan, len(patients), rounds=rounds)
        check_room(plan, len(patients))
        held = self.book.spending(plan.plan_id, patients)
        check_cap(plan, len(patients), trainings=held.trainings + 1, cap=epsilon_cap)
        left = spend_of(plan, len(patients), rounds=max(0, rounds - held.trainings))
        check_members(held.histories, left, delta=delta_of(plan.privacy), cap=self.cap)
        return patients

    def here(self, plan: TrainingPlan) -> PrivacyHere | None:
        """What a private plan comes to with the patients here; nothing where it is not private or has none."""
        try:
            patients = len(self.patients_of(plan)) if is_private(plan) else 0
            epsilon = forecast(plan, patients, rounds=plan.rounds) if patients else 0.0
        except CohortTooSmall:
            return None
        return PrivacyHere(patients, epsilon, _code(self.obstacle(plan))) if patients else None

    def obstacle(self, plan: TrainingPlan) -> InstructionRefused | None:
        """Why a private plan could not be approved as far as it goes with the patients here; nothing where it can."""
        try:
            self.bound_by(plan, rounds=plan.rounds)
        except InstructionRefused as refusal:
            return refusal
        return None

    def charge(self, plan: TrainingPlan, asked: Asked, event: AuditEvent) -> Charge | None:
        """What this training may spend, reserved durably; nothing where the plan is not private.

        Raises:
            CohortTooSmall, BudgetExhausted: as the book says.
        """
        if not is_private(plan):
            return None
        return self.book.charge(plan, asked, event, key=os.urandom(RECORD_KEY_BYTES), cap=self.cap)


def _code(refusal: InstructionRefused | None) -> RefusalCode | None:
    return None if refusal is None else refusal.code
