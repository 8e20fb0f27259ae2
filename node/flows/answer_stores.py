"""The ports of answering: budget, stored answers, round vectors, models, verdicts to be reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from node.flows.patients import PatientBudget
from node.flows.plan_book import PlanBook
from node.flows.secure_steps import SecureParts
from node.flows.send import SendUnit
from node.ground.audit import AuditEvent
from node.release.asked import Asked
from node.release.budget import Reservation
from node.release.metrics import FigurePart, Figures
from node.release.secure.next_models import RoundShelf
from node.release.update import RoundVector
from protocols.approvals import Approval
from protocols.plans import Privacy


class Budget(Protocol):
    """Where room is reserved."""

    def reserve(self, asked: Asked, approval: Approval, event: AuditEvent, *, privacy: Privacy) -> Reservation:
        """Room for one exchange, durably, or the room it has already.

        Raises:
            AttemptOutdated, ModelRefused, BudgetExhausted: there is none.
        """
        ...


class StoredAnswers(Protocol):
    """What was answered before."""

    def answer_to(self, asked: Asked) -> bytes | None:
        """The bytes released for this exchange. Raises: AnswerEmptied when they are no longer kept."""
        ...


class RoundVectors(Protocol):
    """The one vector of a round; a second attempt sends the same."""

    def keep(self, asked: Asked, vector: RoundVector) -> RoundVector:
        """The vector kept for the round: this one, or the one that was there first."""
        ...

    def kept(self, asked: Asked) -> RoundVector | None:
        """The vector of the round and its received model."""
        ...


class FirstFigures(Protocol):
    """What was measured of each model the first time."""

    def keep(self, asked: Asked, part: FigurePart, figures: Figures) -> Figures:
        """The figures kept for this plan, model and part: these, or those that were there first."""
        ...


class VerdictQueue(Protocol):
    """Benefit verdicts to be reached."""

    def ask(self, asked: Asked, event: AuditEvent) -> None:
        """The run's verdict is waiting to be reached, or was asked for already."""
        ...


@dataclass(frozen=True, slots=True)
class AnswerStores:
    """Where answering reads and writes."""

    plans: PlanBook
    budget: Budget
    patients: PatientBudget
    answers: StoredAnswers
    unit: SendUnit
    vectors: RoundVectors
    figures: FirstFigures
    models: RoundShelf
    verdicts: VerdictQueue
    secure: SecureParts | None = None
    """What secure rounds need; a node without it refuses every plan that asks for them."""
