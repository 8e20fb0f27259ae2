"""What a node does for one instruction inside its walls: train a round, or measure a model; nothing leaves here.

The figures sent with an update are those of the received model. The membership test is run on the final model only.
A failure of the fit child becomes the refusal that leaves in its place; its reason stays in the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from node.flows.cohort import Exports, FrozenCohort
from node.flows.fit_rooms import FitRooms
from node.ground.logs import log
from node.release.asked import Exchange
from node.release.bounds import Terms
from node.release.budget import Reservation
from node.release.metrics import Figures
from node.release.refusals import ArchitectureUnknown, DeadlineExceeded, InstructionRefused, ModelRefused, WorkFailed
from node.release.update import RawUpdate
from node.training.evaluate import Evaluation
from node.training.ports import FitCode, FitDeadlineExceeded, FitFailed, FitReport, FitSettings, RoundFigures
from node.training.privacy import DP_SGD, PrivacyClaim, unclaimed
from node.training.schedule import round_settings
from node.training.weights import Tensors
from protocols.plans import MetricName, TrainingPlan

_REFUSALS: Mapping[FitCode, type[InstructionRefused]] = {
    FitCode.ARCHITECTURE_REFUSED: ArchitectureUnknown,
    FitCode.TENSORS_REFUSED: ModelRefused,
}


@dataclass(frozen=True, slots=True)
class RoundWork:
    """Exports and fit children: what training and measuring need."""

    exports: Exports
    rooms: FitRooms

    def raw_update(self, terms: Terms, reservation: Reservation, model: Tensors) -> RawUpdate:
        """What one round of training changed, with the figures of the received model.

        Raises:
            InstructionRefused: the cohort does not fit, or the fit child refused, ended or was late.
        """
        cohort, export = self.exports.for_round(terms, reservation.asked)
        settings = settings_of(terms.plan, reservation.asked.round)
        if reservation.charge is not None:
            settings = replace(settings, private=reservation.charge.order)
        with _told(terms.plan), self.rooms.child(terms.plan, export, cohort.rows_sha256) as child:
            before = child.evaluate(model)
            report = child.train(model, settings)
        return RawUpdate(
            tensors=report.update,
            weight_cases=cohort.training_cases,
            figures=_validation(before.validation, terms.plan),
            training_figures=_training(report.training_loss, cohort, terms.plan),
            claim=_claim(report, reservation),
        )

    def figures(self, terms: Terms, reservation: Reservation, model: Tensors) -> Figures:
        """What the model is worth on the validation part.

        Raises:
            InstructionRefused: the cohort does not fit, or the fit child refused, ended or was late.
        """
        cohort, export = self.exports.for_round(terms, reservation.asked)
        with _told(terms.plan), self.rooms.child(terms.plan, export, cohort.rows_sha256) as child:
            measured = child.evaluate(model)
        figures = _validation(measured.validation, terms.plan)
        if reservation.asked.exchange is Exchange.FINAL:
            return _with_membership(figures, measured, terms.plan)
        return figures


def settings_of(plan: TrainingPlan, round_number: int) -> FitSettings:
    """The plan's training settings of one round."""
    held = replace(plan_settings(plan), proximal_mu=plan.strategy.mu)
    return round_settings(held, round_number=round_number, rounds=plan.rounds)


def plan_settings(plan: TrainingPlan) -> FitSettings:
    """The plan's training settings, before any round; the hospital's own model is held to nobody else's."""
    training = plan.training
    return FitSettings(
        local_steps=training.local_steps,
        batch_size=training.batch_size,
        learning_rate=training.learning_rate,
        weight_decay=training.weight_decay,
        seed=training.seed,
    )


def child_maker_arguments(plan: TrainingPlan) -> tuple[str, dict[str, float]]:
    """The audited architecture a plan names, and its hyperparameters."""
    return plan.model.architecture, {one.name: float(one.value) for one in plan.model.hyperparameters}


@contextmanager
def _told(plan: TrainingPlan) -> Iterator[None]:
    try:
        yield
    except FitDeadlineExceeded as late:
        log().warning("fit child late", plan_id=plan.plan_id, seconds=late.deadline_seconds)
        raise DeadlineExceeded("the fit child was late") from None
    except FitFailed as failed:
        log().warning("fit child failed", plan_id=plan.plan_id, code=failed.code.value)
        raise _REFUSALS.get(failed.code, WorkFailed)(failed.code.value) from None


def _claim(report: FitReport, reservation: Reservation) -> PrivacyClaim:
    charge = reservation.charge
    if charge is None:
        return unclaimed(report.steps)
    return PrivacyClaim(DP_SGD, charge.epsilon, charge.delta, report.steps, report.record)


def _validation(measured: Evaluation, plan: TrainingPlan) -> Figures:
    found = {MetricName.VALIDATION_LOSS: measured.loss}
    if measured.auc is not None:
        found[MetricName.VALIDATION_AUC] = measured.auc
    return Figures(cases=measured.cases, values=_asked_for(found, plan))


def _training(loss: float | None, cohort: FrozenCohort, plan: TrainingPlan) -> Figures:
    found = {} if loss is None else {MetricName.TRAINING_LOSS: loss}
    return Figures(cases=cohort.training_cases, values=_asked_for(found, plan))


def _with_membership(figures: Figures, measured: RoundFigures, plan: TrainingPlan) -> Figures:
    if measured.membership.auc is None:
        return figures
    found = _asked_for({MetricName.MEMBERSHIP_AUC: measured.membership.auc}, plan)
    return Figures(cases=figures.cases, values={**figures.values, **found})


def _asked_for(found: Mapping[MetricName, float], plan: TrainingPlan) -> dict[MetricName, float]:
    return {name: value for name, value in found.items() if name in plan.metrics}
