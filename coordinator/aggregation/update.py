"""One site's update, checked against the plan before it may enter a sum.

An update is fixed-point integers, so it cannot hold NaN or infinity; it can lie about its size, which the norm stops.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from coordinator.ground.errors import CoordinatorError
from protocols.errors import TensorsRefused
from protocols.models import Dtype, TensorSpec, check_blob
from protocols.plans import MetricName, TrainingPlan
from protocols.updates import WEIGHT_BAND, Metric, ModelUpdate

Integers = npt.NDArray[np.int32]
_UNIT_METRICS = frozenset({MetricName.VALIDATION_AUC, MetricName.MEMBERSHIP_AUC})


class UpdateReason(StrEnum):
    """Why an update does not enter the sum."""

    TENSORS_DIFFER = "tensors-differ"
    LENGTH_DIFFERS = "length-differs"
    SCALE_DIFFERS = "scale-differs"
    WEIGHT_BEYOND_APPROVAL = "weight-beyond-approval"
    NORM_OVER_BOUND = "norm-over-bound"
    METRIC_OUT_OF_RANGE = "metric-out-of-range"


class UpdateRefused(CoordinatorError):
    """An update that does not enter the sum, with the reason."""

    def __init__(self, reason: UpdateReason) -> None:
        super().__init__(f"update refused: {reason.value}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Contribution:
    """One site's checked update: whole numbers `values` (int32, all tensors in order), its weight, its norm."""

    site_id: str
    weight: int
    values: Integers
    norm: float


def check_update(update: ModelUpdate, blob: bytes, plan: TrainingPlan, *, max_cases: int) -> Contribution:
    """The update as a contribution. `max_cases` is what the site approved.

    Raises:
        UpdateRefused: by reason.
    """
    if update.tensors != _update_specs(plan):
        raise UpdateRefused(UpdateReason.TENSORS_DIFFER)
    if update.scale_bits != plan.aggregation.scale_bits:
        raise UpdateRefused(UpdateReason.SCALE_DIFFERS)
    if update.weight > _banded(min(max_cases, plan.cohort.max_cases)):
        raise UpdateRefused(UpdateReason.WEIGHT_BEYOND_APPROVAL)
    check_metrics(update.metrics)
    try:
        check_blob(update.tensors, blob)
    except TensorsRefused:
        raise UpdateRefused(UpdateReason.LENGTH_DIFFERS) from None
    values = np.frombuffer(blob, dtype="<i4")
    norm = fixed_point_norm(values, update.scale_bits)
    if norm > plan.update_norm_bound + rounding_norm(values.size, update.scale_bits):
        raise UpdateRefused(UpdateReason.NORM_OVER_BOUND)
    return Contribution(update.site_id, update.weight, values, norm)


def check_metrics(metrics: tuple[Metric, ...]) -> None:
    """Return when every figure lies where such a figure can lie, each named once. Raises: UpdateRefused."""
    if len({metric.name for metric in metrics}) != len(metrics) or any(_out_of_range(metrics)):
        raise UpdateRefused(UpdateReason.METRIC_OUT_OF_RANGE)


def fixed_point_norm(values: Integers, scale_bits: int) -> float:
    """The Euclidean norm of fixed-point numbers, as a real number."""
    return math.sqrt(float(np.sum(np.square(values, dtype=np.float64)))) / 2.0**scale_bits


def rounding_norm(count: int, scale_bits: int) -> float:
    """By how much rounding each of `count` numbers to the grid can lengthen them: half a step in every direction."""
    return math.sqrt(count) * 0.5 / 2.0**scale_bits


def _out_of_range(metrics: tuple[Metric, ...]) -> Iterator[bool]:
    for metric in metrics:
        yield metric.value < 0 or (metric.name in _UNIT_METRICS and metric.value > 1)


def _update_specs(plan: TrainingPlan) -> tuple[TensorSpec, ...]:
    return tuple(TensorSpec(name=spec.name, shape=spec.shape, dtype=Dtype.INT32) for spec in plan.model.tensors)


def _banded(cases: int) -> int:
    return math.ceil(cases / WEIGHT_BAND) * WEIGHT_BAND
