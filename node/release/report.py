"""The two small messages of a run as they may leave: figures over the validation part, and refusals."""

from __future__ import annotations

from node.release.asked import Asked
from node.release.budget import Reservation
from node.release.metrics import Figures, released_count, released_figures
from protocols.errors import RefusalCode
from protocols.plans import TrainingPlan
from protocols.results import ErrorReport, EvaluationResult


def evaluation_result(
    reservation: Reservation, figures: Figures, plan: TrainingPlan, *, site_id: str
) -> EvaluationResult:
    """The result message: counts hidden or rounded, figures of the plan's list.

    Raises:
        GateRefused: by `metrics`.
    """
    asked = reservation.asked
    return EvaluationResult(
        site_id=site_id,
        plan_id=asked.plan_id,
        run_id=asked.run_id,
        round=asked.round,
        attempt=asked.attempt,
        model_sha256=asked.model_sha256,
        cases=released_count(figures.cases),
        metrics=released_figures(figures, plan.metrics),
    )


def error_report(site_id: str, code: RefusalCode, asked: Asked | None) -> ErrorReport:
    """The refusal message; it repeats identifiers only where the instruction was the coordinator's own."""
    return ErrorReport(
        site_id=site_id,
        plan_id=None if asked is None else asked.plan_id,
        run_id=None if asked is None else asked.run_id,
        round=None if asked is None else asked.round,
        attempt=None if asked is None else asked.attempt,
        code=code,
    )
