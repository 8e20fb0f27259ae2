"""The choice of the best round by validation, and the tests a model passes before it may be published."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from coordinator.acceptance.pooled import pooled, value_of
from coordinator.rounds.run import Measurement, RoundAttempt
from coordinator.rounds.states import EndReason, RunEnds
from protocols.plans import MetricName, TrainingPlan

_START = 0


class ModelNotAccepted(RunEnds):
    """A model that is not published; the run ends for the same reason."""


def choose_round(measurements: Iterable[Measurement], rounds: int) -> int:
    """The round, 1 to `rounds`, with the lowest validation loss; equal loss: the higher AUC; equal again: the earlier.

    Every site measures a loss, also one with a single class, and over small validation parts it moves less from round
    to round than an AUC does. A model without a loss stands behind every model with one.

    Raises:
        ModelNotAccepted: no model was measured, or the best is worse than the starting weights.
    """
    held = list(measurements)
    auc, loss = {}, {}
    for number in range(_START, rounds + 1):
        figures = pooled(held, round_number=number)
        auc[number] = value_of(figures, MetricName.VALIDATION_AUC)
        loss[number] = value_of(figures, MetricName.VALIDATION_LOSS)
    measured = [number for number in range(1, rounds + 1) if auc[number] is not None or loss[number] is not None]
    if not measured:
        raise ModelNotAccepted(EndReason.NOT_MEASURED)
    best = max(measured, key=lambda number: (_rank(auc[number], loss[number]), -number))
    if _worse(auc[best], auc[_START], loss[best], loss[_START]):
        raise ModelNotAccepted(EndReason.WORSE_THAN_START)
    return best


def check_model(blob: bytes, attempts: Sequence[RoundAttempt], plan: TrainingPlan) -> None:
    """Return when the model is finite and no round moved it further than one update may.

    Raises:
        ModelNotAccepted: otherwise.
    """
    if not bool(np.isfinite(np.frombuffer(blob, dtype="<f4")).all()):
        raise ModelNotAccepted(EndReason.NOT_FINITE)
    rounding = math.sqrt(len(blob) / 4) / 2**plan.aggregation.scale_bits
    if any((attempt.update_norm or 0.0) > plan.update_norm_bound + rounding for attempt in attempts):
        raise ModelNotAccepted(EndReason.NORM_EXCEEDED)


def _rank(auc: float | None, loss: float | None) -> tuple[float, float]:
    return (-math.inf if loss is None else -loss, -math.inf if auc is None else auc)


def _worse(auc: float | None, auc_before: float | None, loss: float | None, loss_before: float | None) -> bool:
    if loss is not None and loss_before is not None:
        return loss > loss_before
    return auc is not None and auc_before is not None and auc < auc_before
