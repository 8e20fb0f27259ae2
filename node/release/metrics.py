"""Figures and counts as they may leave: of the plan's list, rounded, hidden when cells are small, measured once.

A count below `MIN_COUNT` leaves as nothing, and so does every figure over so few cases. Other counts leave rounded to
`WEIGHT_BAND`. A model is measured once in a plan: asked for again, in another attempt, round or run, the same figures
leave, whoever came or was taken out since, so that no two answers can be differenced into one patient. How many models
may be asked about is the approval's number of rounds. An answer holds one count and no total, so a hidden one follows
from no other.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

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


class FigurePart(StrEnum):
    """Over whom a figure was measured; figures of one part are measured together, once for each model of a plan."""

    VALIDATION = "validation"
    TRAINING = "training"
    MEMBERSHIP = "membership"


_PARTS = {MetricName.TRAINING_LOSS: FigurePart.TRAINING, MetricName.MEMBERSHIP_AUC: FigurePart.MEMBERSHIP}


def by_part(figures: Figures) -> dict[FigurePart, Figures]:
    """The figures, part by part; a part without figures is absent."""
    parts: dict[FigurePart, dict[MetricName, float]] = {}
    for name, value in figures.values.items():
        parts.setdefault(_PARTS.get(name, FigurePart.VALIDATION), {})[name] = value
    return {part: Figures(figures.cases, values) for part, values in parts.items()}


def together(figures: Iterable[Figures]) -> Figures:
    """Figures of several parts as one; their count is the smallest, so that nothing over a small cell passes."""
    held = list(figures)
    values = {name: value for one in held for name, value in one.values.items()}
    return Figures(min((one.cases for one in held), default=0), values)


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


def narrowed(figures: Figures, allowed: Collection[MetricName]) -> Figures:
    """The figures that an approval left; others were measured, perhaps under a wider one, and stay here."""
    return Figures(figures.cases, {name: value for name, value in figures.values.items() if name in allowed})


def check_released(metrics: tuple[Metric, ...], allowed: tuple[MetricName, ...]) -> None:
    """Return when figures about to leave are of the plan's list, once each, finite and rounded.

    Raises:
        GateRefused: by `metrics`.
    """
    names = [metric.name for metric in metrics]
    if set(names) - set(allowed) or len(set(names)) != len(names):
        raise GateRefused("metrics", "a figure that was not approved, or twice")
    for metric in metrics:
        if not math.isfinite(metric.value) or round(metric.value, METRIC_DECIMALS) != metric.value:
            raise GateRefused("metrics", f"{metric.name.value} is not rounded")
