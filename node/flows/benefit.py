"""The benefit verdict: the hospital learns, inside its walls, whether the shared model serves it better than its own.

It is reached once for every run that ended with a final model. Own and shared model score the same holdout, whose
labels stay here; nothing of it leaves. Where no verdict is possible, the reason is the verdict and nothing is trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from node.flows.answer import final_name
from node.flows.cohort import Exports
from node.flows.cohort_rows import cohort_rows
from node.flows.fit_rooms import MakeChild
from node.flows.plan_book import PlanBook
from node.flows.round_work import child_maker_arguments, plan_settings
from node.flows.send import WALL
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.ground.errors import NodeError
from node.ground.logs import log
from node.labeling.cohort_row import TrainingCases
from node.release.bounds import Terms
from node.release.secure.next_models import start_name
from node.training.benefit import BenefitVerdict, HoldoutCases, Unmeasurable, benefit_verdict
from node.training.catalog import starting_tensors
from node.training.ports import FitChild, FitCode, FitFailed
from node.training.weights import Tensors
from protocols.plans import TrainingPlan

TRIES = 3


class ModelMissing(NodeError):
    """The run's final model is not on the shelf."""


@dataclass(frozen=True, slots=True)
class VerdictTask:
    """A verdict to be reached, and how often that was tried."""

    run_id: str
    plan_id: str
    tries: int


class VerdictBook(Protocol):
    """Verdicts, reached and waiting."""

    def next_waiting(self) -> VerdictTask | None:
        """The verdict that waits longest; asking counts as a try."""
        ...

    def reached(self, task: VerdictTask, verdict: BenefitVerdict, event: AuditEvent) -> None:
        """The run has its verdict."""
        ...

    def given_up(self, task: VerdictTask, event: AuditEvent) -> None:
        """No verdict will be reached for the run; people see that it failed."""
        ...


class ModelsKept(Protocol):
    """The shelf of models that came back."""

    def kept(self, name: str) -> Tensors | None:
        """The model of this name."""
        ...


@dataclass(frozen=True, slots=True)
class VerdictParts:
    """What reaching a verdict needs."""

    book: VerdictBook
    plans: PlanBook
    models: ModelsKept
    exports: Exports
    cases: TrainingCases
    make_child: MakeChild
    clock: Clock


def reach_next(parts: VerdictParts) -> bool:
    """Whether a verdict was waiting; it is reached now, or was tried once more."""
    task = parts.book.next_waiting()
    if task is None:
        return False
    try:
        verdict = reach(parts, task)
    except NodeError as failure:
        log().warning("verdict not reached", run_id=task.run_id, error_type=type(failure).__name__, count=task.tries)
        if task.tries >= TRIES:
            parts.book.given_up(task, _event(parts, "verdict.failed", task))
        return True
    parts.book.reached(task, verdict, _event(parts, "verdict.reached", task))
    log().info("verdict", run_id=task.run_id, verdict=verdict.benefit.value)
    return True


def reach(parts: VerdictParts, task: VerdictTask) -> BenefitVerdict:
    """The verdict of one run.

    Raises:
        ModelMissing: the plan or the run's final model is not held any more.
        NodeError: the export could not be made or the fit child failed.
    """
    known = parts.plans.approved(task.plan_id)
    final = parts.models.kept(final_name(task.run_id))
    if known is None or known.held is None or final is None:
        raise ModelMissing("the plan or its final model is not held here")
    plan = known.offered.plan
    holdout = _holdout(parts.cases, plan)
    beforehand = benefit_verdict(holdout, own=None, federated={}, seed=0)
    if beforehand.reason is not Unmeasurable.NO_OWN_MODEL:
        return beforehand
    _, export = parts.exports.of(Terms(known.offered, known.held.approval))
    return _compared(parts, plan, export, holdout=holdout, final=final)


def _compared(
    parts: VerdictParts, plan: TrainingPlan, export: Path, *, holdout: HoldoutCases, final: Tensors
) -> BenefitVerdict:
    child = parts.make_child(plan, export)
    try:
        federated = child.score_holdout(final)
        scored = _scored_only(holdout, federated)
        own = _own_scores(child, plan, parts.models)
        return benefit_verdict(scored, own=own, federated=federated, seed=plan.training.seed)
    finally:
        child.close()


def _own_scores(child: FitChild, plan: TrainingPlan, models: ModelsKept) -> Mapping[str, float] | None:
    start = models.kept(start_name(plan.plan_id))
    if start is None:
        architecture, numbers = child_maker_arguments(plan)
        start = starting_tensors(architecture, numbers, seed=plan.starting_weights.seed or 0)
    try:
        own = child.train_own(start, plan_settings(plan), rounds=plan.rounds)
    except FitFailed as failed:
        if failed.code in {FitCode.NOTHING_TO_TRAIN, FitCode.DIVERGED}:
            return None
        raise
    return child.score_holdout(own.tensors)


def _holdout(cases: TrainingCases, plan: TrainingPlan) -> HoldoutCases:
    rows = [row for row in cohort_rows(cases, plan) if row.holdout]
    return HoldoutCases(
        case_ids=tuple(row.case_id for row in rows),
        labels=np.array([row.label for row in rows], dtype=np.int64),
        patients=np.array([row.patient_number for row in rows], dtype=np.int64),
    )


def _scored_only(holdout: HoldoutCases, scores: Mapping[str, float]) -> HoldoutCases:
    places = [place for place, case_id in enumerate(holdout.case_ids) if case_id in scores]
    return HoldoutCases(
        case_ids=tuple(holdout.case_ids[place] for place in places),
        labels=holdout.labels[places],
        patients=holdout.patients[places],
    )


def _event(parts: VerdictParts, action: str, task: VerdictTask) -> AuditEvent:
    return AuditEvent(at=parts.clock.now(), actor=WALL, action=action, subject=f"run:{task.run_id}")
