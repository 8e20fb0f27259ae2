"""Figures and counts as they may leave: of the plan's list, rounded, and hidden when cells are small.

A count below `MIN_COUNT` leaves as nothing, and so does every figure over so few cases. Other counts leave rounded to
`WEIGHT_BAND`, so that two answers cannot be differenced into one patient.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from node.release.refusals import GateRefused
from protocols.plans import MetricName
from protocols.results import MIN_COUNT
from protocols.updates import WEIGHT_BAND, Metric

METRIC_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, unrounded, over so many cases; a figure that could not be measured is absent."""

    cases: int
    values: Mapping[MetricName, float]


def banded(count: int) -> int:
    """The count rounded half up to the band, at least one band."""
    return max(WEIGHT_BAND, (count + WEIGHT_BAND // 2) // WEIGHT_BAND * WEIGHT_BAND)


def released_count(count: int) -> int | None:
    """The count as it may leave: banded, or nothing when the cell is small."""
    return None if count < MIN_COUNT else banded(count)


def released_figures(figures: Figures, allowed: tuple[MetricName, ...]) -> tuple[Metric, ...]:
    """The figures as they may leave, in the order of the plan's list; none of them over a small cell.

    Raises:
        GateRefused: by `metrics`, for a figure outside the plan's list or one that is not finite.
    """
    outside = set(figures.values) - set(allowed)
    if outside:
        raise GateRefused("metrics", f"{len(outside)} figure(s) outside the plan's list")
    if not all(math.isfinite(value) for value in figures.values.values()):
        raise GateRefused("metrics", "a figure is not finite")
    if figures.cases < MIN_COUNT:
        return ()
    present = [name for name in allowed if name in figures.values]
    return tuple(Metric(name=name, value=round(figures.values[name], METRIC_DECIMALS)) for name in present)


def check_released(metrics: tuple[Metric, ...], allowed: tuple[MetricName, ...]) -> None:
    """Return when figures about to leave are of the plan's list, once each, finite and rounded.

    Raises:
        GateRefused: by `metrics`.
    """
    names = [metric.name for metric in metrics]
    if set(names) - set(allowed) or len(set(names)) != len(names):
        raise GateRefused("metrics", "a figure outside the plan's list, or twice")
    for metric in metrics:
        if not math.isfinite(metric.value) or round(metric.value, METRIC_DECIMALS) != metric.value:
            raise GateRefused("metrics", f"{metric.name.value} is not rounded")
