"""The choice of the best round by validation, and the tests a model passes before it may be published."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

import numpy as np

from coordinator.acceptance.pooled import pooled, value_of
from coordinator.rounds.run import Measurement, RoundAttempt
from coordinator.rounds.states import EndReason, RunEnds
from protocols.plans import MetricName, TrainingPlan
from protocols.sparse import longest_mean

_START = 0


class ModelNotAccepted(RunEnds):
    """A model that is not published; the run ends for the same reason."""


def choose_round(measurements: Iterable[Measurement], rounds: int) -> int:
    """The round, 1 to `rounds`, whose validation loss is lowest in the mean over it and the rounds beside it; equal:
    the one with the higher AUC; equal again: the earlier. A round that is worse than the start is never chosen.

    One low loss over small validation parts is luck more often than a better model: a round whose neighbours are good
    too is one that training had come to. Every site measures a loss, also one with a single class, and it moves less
    from round to round than an AUC does. A model without a loss stands behind every model with one.

    Raises:
        ModelNotAccepted: no model was measured, or each is worse than the starting weights.
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
    good = [number for number in measured if not _worse(auc[number], auc[_START], loss[number], loss[_START])]
    if not good:
        raise ModelNotAccepted(EndReason.WORSE_THAN_START)
    return max(good, key=lambda number: (_rank(auc[number], _around(loss, number)), -number))


def _around(loss: Mapping[int, float | None], number: int) -> float | None:
    """The mean loss of the round and the trained ones beside it; none where the round itself has none."""
    if loss[number] is None:
        return None
    beside = (loss.get(near) for near in range(max(number - 1, 1), number + 2))
    return fmean(one for one in beside if one is not None)


def check_model(blob: bytes, attempts: Sequence[RoundAttempt], plan: TrainingPlan) -> None:
    """Return when the model is finite and no round's mean was longer than it may be.

    Raises:
        ModelNotAccepted: otherwise.
    """
    if not bool(np.isfinite(np.frombuffer(blob, dtype="<f4")).all()):
        raise ModelNotAccepted(EndReason.NOT_FINITE)
    rounding = math.sqrt(len(blob) / 4) / 2**plan.aggregation.scale_bits
    if any((attempt.update_norm or 0.0) > longest_mean(plan) + rounding for attempt in attempts):
        raise ModelNotAccepted(EndReason.NORM_EXCEEDED)


def _rank(auc: float | None, loss: float | None) -> tuple[float, float]:
    return (-math.inf if loss is None else -loss, -math.inf if auc is None else auc)


def _worse(auc: float | None, auc_before: float | None, loss: float | None, loss_before: float | None) -> bool:
    if loss is not None and loss_before is not None:
        return loss > loss_before
    return auc is not None and auc_before is not None and auc < auc_before
